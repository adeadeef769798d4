"""The governed files of an instance: which they are, their hashes, locking them, and whether the lock holds.

The lock is the file mode: 444 for files (555 where they were executable), 555 for folders, the instance's own folder
too, so that nothing can be moved aside. Whoever owns the files can lift it again; what it stops is another user, a
slip, and a tool that respects it. That somebody did lift it shows in the hashes.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from halo_engine.fleet.files.primes import Prime
from halo_engine.fleet.files.trees import PIECE, through_link

OWN = ("store", "memory", "groups", "data", "logs", "run", "mounts")
"""Folders that the instance writes into, and `mounts`: never governed, never copied from a prime, never touched by a
push.
"""
FILE = 0o444
"""The mode of a locked file that nobody runs."""


class Drift(Struct, frozen=True):
    """How governed files differ from what was locked."""

    changed: list[str] = []
    missing: list[str] = []
    added: list[str] = []
    loosened: list[str] = []
    """Files and folders that are not read-only any more."""

    def __bool__(self) -> bool:
        return bool(self.changed or self.missing or self.added or self.loosened)

    def __or__(self, other: Drift) -> Drift:
        ours, theirs = msgspec.structs.astuple(self), msgspec.structs.astuple(other)
        return Drift(*(one + more for one, more in zip(ours, theirs, strict=True)))

    def words(self) -> str:
        """`changed CLAUDE.md; writable .claude`, the first few of each."""
        kinds = (("changed", self.changed), ("missing", self.missing), ("new", self.added), ("writable", self.loosened))
        return "; ".join(f"{kind} {_some(paths)}" for kind, paths in kinds if paths)


def _some(paths: list[str]) -> str:
    return ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")


def items(root: Path, prime: Prime) -> list[str]:
    """The governed files and folders that there are, relative to the root: what `lock` and `mirrors` name."""
    named = dict.fromkeys((*prime.lock, *prime.mirrors))
    return [each for each in named if os.path.lexists(root / each) and not through_link(root, each)]


def swapped(root: Path, prime: Prime) -> tuple[str, ...]:
    """What came from the prime into a tree: all but the instance's own folders, and the mirrors in those."""
    top = sorted(each.name for each in root.iterdir() if each.name not in OWN)
    return (*top, *(each for each in prime.mirrors if Path(each).parts[0] in OWN and os.path.lexists(root / each)))


def walk(root: Path, prime: Prime) -> Iterator[tuple[str, os.stat_result]]:
    """Everything that is governed, folders before what is in them; links are themselves and are not followed."""
    writable = {Path(each).as_posix() for each in prime.writable}
    for each in items(root, prime):
        yield from _below(str(root), Path(each).as_posix(), writable)


def _below(root: str, path: str, writable: set[str]) -> Iterator[tuple[str, os.stat_result]]:
    """Paths are plain strings: a table of two hundred instances walks two hundred trees."""
    if path in writable:
        return
    status = os.lstat(f"{root}/{path}")
    yield path, status
    if stat.S_ISDIR(status.st_mode):
        for name in sorted(os.listdir(f"{root}/{path}")):  # noqa: PTH208
            yield from _below(root, f"{path}/{name}", writable)


def hashes(root: Path, prime: Prime) -> dict[str, str]:
    """Path -> SHA-256 of every governed file; of a link, of where it leads."""
    return {
        path: digest_of(root / path, status) for path, status in walk(root, prime) if not stat.S_ISDIR(status.st_mode)
    }


def digest_of(path: Path, status: os.stat_result) -> str:
    """The SHA-256 of a file's contents, of a link's target; what else it may be is named."""
    if stat.S_ISLNK(status.st_mode):
        return hashlib.sha256(b"link:" + os.fsencode(path.readlink())).hexdigest()
    if not stat.S_ISREG(status.st_mode):
        return f"not a file ({stat.S_IFMT(status.st_mode):o})"
    found = hashlib.sha256()
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as file:  # noqa: PTH123 - a descriptor, so that no link is followed
        while piece := file.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def digest(files: Mapping[str, str]) -> str:
    """One hash for all of them."""
    return hashlib.sha256("".join(f"{path}\0{each}\n" for path, each in sorted(files.items())).encode()).hexdigest()


def lock(root: Path, prime: Prime) -> dict[str, str]:
    """Make everything governed read-only; returns `hashes`. Nothing when it is so already."""
    for path, status in walk(root, prime):
        if not stat.S_ISLNK(status.st_mode):
            _chmod(root / path, status, _locked_mode(status))
    seal(root)
    return hashes(root, prime)


def unlock(root: Path, prime: Prime) -> None:
    """Let the owner write again: before a swap, and before the tree is removed."""
    unseal(root)
    for path, status in walk(root, prime):
        if not stat.S_ISLNK(status.st_mode):
            _chmod(root / path, status, stat.S_IMODE(status.st_mode) | stat.S_IWUSR)


def seal(root: Path) -> None:
    root.chmod(0o555)


def unseal(root: Path) -> None:
    root.chmod(0o755)


@contextmanager
def unsealed(root: Path) -> Iterator[None]:
    """The instance's own folder writable for a moment, for the supervisor's files and a swap."""
    sealed = not root.stat().st_mode & stat.S_IWUSR
    unseal(root)
    try:
        yield
    finally:
        if sealed:
            seal(root)


def _locked_mode(status: os.stat_result) -> int:
    if stat.S_ISDIR(status.st_mode) or status.st_mode & 0o111:
        return 0o555
    return FILE


def _chmod(path: Path, status: os.stat_result, mode: int) -> None:
    if stat.S_IMODE(status.st_mode) != mode:
        path.chmod(mode)


def held(root: Path, recorded: Mapping[str, str]) -> Drift:
    """How single files of a folder differ from what was recorded when they were locked."""
    found = {path: os.lstat(root / path) for path in recorded if os.path.lexists(root / path)}
    return Drift(
        [path for path, status in found.items() if digest_of(root / path, status) != recorded[path]],
        [path for path in recorded if path not in found],
        [],
        [path for path, status in found.items() if status.st_mode & 0o222 and not stat.S_ISLNK(status.st_mode)],
    )


def drift(root: Path, prime: Prime, recorded: Mapping[str, str]) -> Drift:
    """How what is there differs from what was recorded when it was locked."""
    found: dict[str, str] = {}
    loosened = [] if not root.stat().st_mode & 0o222 else ["."]
    for path, status in walk(root, prime):
        if status.st_mode & 0o222 and not stat.S_ISLNK(status.st_mode):
            loosened.append(path)
        if not stat.S_ISDIR(status.st_mode):
            found[path] = digest_of(root / path, status)
    return Drift(
        [path for path, each in recorded.items() if path in found and found[path] != each],
        [path for path in recorded if path not in found],
        [path for path in found if path not in recorded],
        loosened,
    )


def writable(root: Path, prime: Prime, also: Iterable[str] = ()) -> list[str]:
    """What can be written although it is locked, found by trying: as `nobody` where this process is root.

    `also`: single files that are locked too.
    A file is opened for appending, and left as it was; in a folder a file is made, and removed again.
    """
    found = list(walk(root, prime))
    files = [*also, *(path for path, status in found if stat.S_ISREG(status.st_mode))]
    folders = [".", *(path for path, status in found if stat.S_ISDIR(status.st_mode))]
    return sorted(_tried(root, files, folders))


TRY = """
for file in "$@"; do
  if [ "$file" = -- ]; then folders=1; continue; fi
  if [ -n "$folders" ]; then
    if (: > "$file/.halo-lock-$$") 2>/dev/null; then rm -f "$file/.halo-lock-$$"; echo "$file"; fi
  elif (: >> "$file") 2>/dev/null; then echo "$file"; fi
done
"""
AT_A_TIME = 500
NOBODY = 65534


def _tried(root: Path, files: list[str], folders: list[str]) -> Iterable[str]:
    import subprocess

    other = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    found: set[str] = set()
    for start in range(0, max(len(files), len(folders)), AT_A_TIME):
        part = slice(start, start + AT_A_TIME)
        words = [f"./{each}" for each in files[part]] + ["--"] + [f"./{each}" for each in folders[part]]
        done = subprocess.run(
            ["/bin/sh", "-c", TRY, "sh", *words], cwd=root, capture_output=True, check=False, timeout=60, **other
        )  # type: ignore[call-overload]
        found.update(os.fsdecode(done.stdout).splitlines())
    return (each.removeprefix("./") for each in found)
