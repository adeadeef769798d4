"""Folded instances: a tree as one checksummed file, and back again, byte for byte with modes and times."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, cast

import msgspec
from msgspec import Struct

from halo_engine.errors import BadData, Unavailable
from halo_engine.fleet.files import trees
from halo_engine.fleet.files.governance import digest_of
from halo_engine.fleet.files.trees import PIECE

SUFFIX = ".tar.zst"
NANO = 10**9
XATTR = "SCHILY.xattr."
"""What tar calls an extended attribute."""
OWNERS = ("user.", "system.posix_acl_")


class Entry(Struct, frozen=True):
    """What must be the same again."""

    kind: str
    """`file`, `folder` or `link`."""
    mode: int
    mtime: int
    """Nanoseconds since 1970."""
    hash: str
    """SHA-256 of the contents, or of where a link leads; empty for a folder."""
    attributes: dict[str, str] = {}
    """Extended attributes and access lists: name -> value, bytes that are no UTF-8 as surrogates."""
    same_as: str = ""
    """The path before it, in order, that is the same file by a hard link."""


Listing = dict[str, Entry]


def listing(root: Path) -> Listing:
    """Everything of a tree, the folder itself as `.`; sockets and pipes belong to what runs, and are left out."""
    found: Listing = {}
    linked: dict[tuple[int, int], str] = {}
    for path, status in ((Path(), root.lstat()), *trees.entries(root)):
        kind = _kind(status.st_mode)
        if kind:
            content = "" if kind == "folder" else digest_of(root / path, status)
            mtime = 0 if kind == "link" else status.st_mtime_ns
            attributes = {} if kind == "link" else _attributes(root / path)
            one = (status.st_dev, status.st_ino)
            same = linked.setdefault(one, path.as_posix()) if kind == "file" and status.st_nlink > 1 else ""
            same = same if same != path.as_posix() else ""
            found[path.as_posix()] = Entry(kind, stat.S_IMODE(status.st_mode), mtime, content, attributes, same)
    return found


def _attributes(path: Path) -> dict[str, str]:
    """Those that its owner may set again; none on a disk that has none, and on a system that is not Linux."""
    if not hasattr(os, "listxattr"):
        return {}
    try:
        names = [name for name in os.listxattr(path, follow_symlinks=False) if name.startswith(OWNERS)]
        return {name: os.fsdecode(os.getxattr(path, name, follow_symlinks=False)) for name in sorted(names)}
    except OSError as error:
        if error.errno == errno.ENOTSUP:
            return {}
        raise


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISREG, "file"), (stat.S_ISDIR, "folder"), (stat.S_ISLNK, "link"))
    return next((name for is_so, name in kinds if is_so(mode)), "")


def write(root: Path, target: Path) -> Listing:
    """Archive a tree; the file is on the disk when this returns. Returns what went in.

    Raises Unavailable when something changed or vanished meanwhile.
    """
    import zstandard

    before = listing(root)
    with target.open("wb") as file:
        with (
            zstandard.ZstdCompressor().stream_writer(file, closefd=False) as packed,
            tarfile.open(fileobj=cast("IO[bytes]", packed), mode="w|", format=tarfile.PAX_FORMAT) as tar,
        ):
            for path, entry in before.items():
                _add(tar, root, path, entry)
        file.flush()
        os.fsync(file.fileno())
    return before


def _add(tar: tarfile.TarFile, root: Path, path: str, entry: Entry) -> None:
    status = (root / path).lstat()
    info = tarfile.TarInfo(path)
    info.mode, info.uid, info.gid = entry.mode, status.st_uid, status.st_gid
    info.pax_headers = {"mtime": f"{entry.mtime // NANO}.{entry.mtime % NANO:09d}"}
    info.pax_headers |= {XATTR + name: value for name, value in entry.attributes.items()}
    if entry.kind == "folder":
        info.type = tarfile.DIRTYPE
        tar.addfile(info)
    elif entry.kind == "link":
        info.type, info.linkname = tarfile.SYMTYPE, str((root / path).readlink())
        tar.addfile(info)
    elif entry.same_as:
        info.type, info.linkname = tarfile.LNKTYPE, entry.same_as
        tar.addfile(info)
    else:
        info.size = status.st_size
        with _unfollowed(root / path) as file:
            try:
                tar.addfile(info, file)
            except OSError as error:
                raise Unavailable(f"{root / path} changed while it was archived: {error}", "repeat") from error


@contextmanager
def _unfollowed(path: Path) -> Iterator[IO[bytes]]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, so that no link is followed
        yield file


def read(archive: Path) -> Listing:
    """What an archive holds, every byte of it read.

    Raises BadData when it is damaged.
    """
    found: Listing = {}
    with _opened(archive) as tar:
        for info in tar:
            found[info.name] = _same(found, info) if info.islnk() else _entry(tar, info)
    return found


def _same(found: Listing, info: tarfile.TarInfo) -> Entry:
    """Of a hard link: what it is the same as."""
    if info.linkname not in found or found[info.linkname].kind != "file":
        raise BadData(f"the archive holds {info.name[:200]}, a link to what is no file of it before")
    return msgspec.structs.replace(found[info.linkname], same_as=found[info.linkname].same_as or info.linkname)


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    import zstandard

    try:
        with (
            archive.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as plain,
            tarfile.open(fileobj=cast("IO[bytes]", plain), mode="r|") as tar,
        ):
            yield tar
    except (tarfile.TarError, zstandard.ZstdError, EOFError, ValueError) as error:
        raise BadData(f"{archive} is damaged: {error}", "is there a backup? halctl restore") from error


def _entry(tar: tarfile.TarFile, info: tarfile.TarInfo) -> Entry:
    mtime = 0 if info.issym() else _mtime(info)
    attributes = _kept_attributes(info)
    if info.isdir():
        return Entry("folder", info.mode, mtime, "", attributes)
    if info.issym():
        return Entry("link", info.mode, mtime, hashlib.sha256(b"link:" + os.fsencode(info.linkname)).hexdigest())
    found = hashlib.sha256()
    content = tar.extractfile(info)
    if content is None:
        raise BadData(f"the archive holds {info.name}, which is neither file, folder nor link")
    while piece := content.read(PIECE):
        found.update(piece)
    return Entry("file", info.mode, mtime, found.hexdigest(), attributes)


def _kept_attributes(info: tarfile.TarInfo) -> dict[str, str]:
    return {key.removeprefix(XATTR): value for key, value in info.pax_headers.items() if key.startswith(XATTR)}


def _mtime(info: tarfile.TarInfo) -> int:
    seconds, _, rest = info.pax_headers.get("mtime", str(info.mtime)).partition(".")
    return int(seconds) * NANO + int(rest.ljust(9, "0")[:9])


def extract(archive: Path, target: Path) -> Listing:
    """Make the tree again, in a folder that is not there yet; returns its listing.

    Raises BadData for a damaged archive and for one whose paths lead out of the folder.
    """
    modes: list[tuple[Path, tarfile.TarInfo]] = []
    with _opened(archive) as tar:
        for info in tar:
            place = target / _inside(target, info.name)
            _make(tar, info, place, target)
            modes.append((place, info))
    for place, info in reversed(modes):  # folders after what is in them: a file in them would change their time
        _like(place, info)
    return listing(target)


def _inside(target: Path, name: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or trees.through_link(target, name):
        raise BadData(f"the archive holds {name[:200]}, which leads out of it: nothing was brought back")
    return path


def _make(tar: tarfile.TarFile, info: tarfile.TarInfo, place: Path, target: Path) -> None:
    if info.isdir():
        place.mkdir()
    elif info.issym():
        place.symlink_to(info.linkname)
    elif info.islnk():
        os.link(target / _inside(target, info.linkname), place, follow_symlinks=False)
    elif content := tar.extractfile(info):
        trees.pour(content, place)


def _like(place: Path, info: tarfile.TarInfo) -> None:
    if info.islnk():
        return  # it is the file that it links to
    if os.geteuid() == 0:
        os.lchown(place, info.uid, info.gid)
    if not info.issym():
        for name, value in _kept_attributes(info).items():
            os.setxattr(place, name, os.fsencode(value))
        place.chmod(info.mode)
        os.utime(place, ns=(_mtime(info), _mtime(info)))


def checksum(archive: Path) -> str:
    with archive.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
