"""Copying, moving and removing trees of files without ever following a link out of them."""

from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from halo_engine.errors import BadData, NotAllowed
from halo_engine.fleet.faults import point
from halo_engine.ids import new_id

PIECE = 1 << 20
"""Bytes of a file that are held at a time."""


def copy(source: Path, target: Path, excluded: Collection[str]) -> int:
    """Copy a tree, links as links; returns how many files. `excluded`: paths below the root, not names.

    Raises BadData for a link that leads out of the tree, and for what is neither file, folder nor link.
    """
    refuse_leaving(source, excluded)
    target.mkdir(parents=True)
    left_out = {Path(each) for each in excluded}
    count = 0
    for path, status in entries(source, left_out):
        to = target / path
        if stat.S_ISDIR(status.st_mode):
            to.mkdir()
        elif stat.S_ISLNK(status.st_mode):
            to.symlink_to((source / path).readlink())
        else:
            _copy_file(source / path, to)
            to.chmod(0o755 if status.st_mode & 0o111 else 0o644)
        count += not stat.S_ISDIR(status.st_mode)
    return count


def _copy_file(source: Path, to: Path) -> None:
    descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:  # noqa: PTH123 - a descriptor, so that no link is followed
        pour(file, to)


def pour(file: IO[bytes], to: Path) -> None:
    """Copy what is left of an open file into a new one. What is empty of a sparse one stays a hole: it may be larger
    than the disk.

    Raises OSError, with the new one's name when it is the writing that failed: the two may lie on different disks.
    """
    with to.open("xb") as made:
        while piece := file.read(PIECE):
            with _named(to):
                if piece == bytes(len(piece)):
                    made.seek(len(piece), os.SEEK_CUR)
                else:
                    made.write(piece)
        with _named(to):
            made.truncate()


@contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error


def refuse_leaving(source: Path, excluded: Collection[str]) -> None:
    """Raises BadData when a tree cannot be copied as a whole; nothing is written."""
    left_out = {Path(each) for each in excluded}
    for path, status in entries(source, left_out):
        if stat.S_ISLNK(status.st_mode):
            refuse_link(source, path)
        elif not stat.S_ISDIR(status.st_mode) and not stat.S_ISREG(status.st_mode):
            raise BadData(f"{source / path} is neither a file, a folder nor a link", "take it out of the tree")


def refuse_link(source: Path, path: Path) -> None:
    """Raises BadData for a link that leads out of the tree; by its text alone, as nothing is followed."""
    leads = (source / path).readlink()
    inside = Path(os.path.normpath(path.parent / leads))
    if leads.is_absolute() or inside.parts[:1] == ("..",):
        raise BadData(f"{source / path} is a link out of the tree, to {leads}", "take it out, or copy what it means")


def entries(root: Path, left_out: Collection[Path] = ()) -> Iterator[tuple[Path, os.stat_result]]:
    """Everything below a folder, folders before what is in them, in order; links are not followed."""
    yield from _below(root, Path(), left_out)


def _below(root: Path, at: Path, left_out: Collection[Path]) -> Iterator[tuple[Path, os.stat_result]]:
    for name in sorted(each.name for each in (root / at).iterdir()):
        path = at / name
        if path in left_out:
            continue
        status = os.lstat(root / path)
        yield path, status
        if stat.S_ISDIR(status.st_mode):
            yield from _below(root, path, left_out)


LARGEST = 1 << 20
"""Bytes that `read_plain` reads at most."""


def read_plain(path: Path) -> bytes:
    """The beginning of a file that somebody else may have put there: no link is followed, no pipe is waited for.

    Raises OSError, also for what is no plain file.
    """
    with plain(path) as file:
        return os.read(file, LARGEST)


@contextmanager
def plain(path: Path) -> Iterator[int]:
    """The descriptor, to read, of a file that somebody else may have put there, as `read_plain` opens it.

    Raises OSError, also for what is no plain file.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no plain file", str(path))
        yield descriptor
    finally:
        os.close(descriptor)


def through_link(root: Path, path: str) -> bool:
    """Whether the way from a tree's root to what is in it leads over a link."""
    at = str(root)
    for part in ("", *Path(path).parts[:-1]):
        at = f"{at}/{part}" if part else at
        if os.path.islink(at):  # noqa: PTH114 (asked for every governed item of the whole fleet)
            return True
    return False


def guard(base: Path, place: Path) -> None:
    """Whether a folder may be deleted, moved or governed: it lies below the base, and no link is on the way.

    Raises NotAllowed, saying why not.
    """
    real = base.resolve()
    if not place.is_absolute() or ".." in place.parts:
        raise NotAllowed(f"{place} is not a plain path: nothing was changed", "mend its path in FLEET.yaml")
    if place.is_symlink():
        raise NotAllowed(f"{place} is a symbolic link: nothing was changed", "remove the link yourself")
    inside = place.parent.resolve() / place.name
    if real not in inside.parents:
        raise NotAllowed(
            f"{place} lies outside the fleet's base {real}: nothing was changed", "see `base` in halctl.yaml"
        )


def discard(base: Path, staging: Path, place: Path) -> None:
    """Remove a tree: first moved aside in one step, so that half of it is never seen. Nothing when it is not there.

    Raises NotAllowed as `guard`.
    """
    if not os.path.lexists(place):
        return
    guard(base, place)
    staging.mkdir(parents=True, exist_ok=True)
    aside = staging / f"trash-{new_id()}"
    move(place, aside)
    point("trees.aside")
    erase(aside)


def sweep(staging: Path) -> None:
    """Remove what a killed command had moved aside."""
    if staging.is_dir():
        for each in staging.glob("trash-*"):
            erase(each)


def erase(place: Path) -> None:
    """Remove a tree, read-only folders too, following nothing; another command may be removing it as well."""
    if place.is_symlink() or not place.is_dir():
        place.unlink(missing_ok=True)
        return
    with suppress(FileNotFoundError):
        place.chmod(0o700)
    for folder, names, _ in os.walk(place):
        for each in (Path(folder, name) for name in names):
            with suppress(FileNotFoundError):
                if not each.is_symlink():
                    each.chmod(0o700)
    while place.exists():
        with suppress(FileNotFoundError):
            shutil.rmtree(place)


def move(source: Path, target: Path) -> None:
    """Rename a file or folder within a disk; a read-only folder too, which keeps its mode."""
    mode = stat.S_IMODE(os.lstat(source).st_mode)
    sealed = source.is_dir() and not source.is_symlink() and not mode & stat.S_IWUSR
    if sealed:  # only who may write into a folder can give it another parent
        source.chmod(mode | stat.S_IWUSR)
    source.rename(target)
    if sealed:
        target.chmod(mode)
