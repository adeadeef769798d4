"""A copy of an instance's tree while it is in use: SQLite files as of one moment, everything else as it is found."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

from msgspec import Struct

from halo_engine.errors import BadData, Unavailable
from halo_engine.events import sqlite as engine
from halo_engine.fleet.files import trees
from halo_engine.fleet.files.credentials import is_channel_key, is_credential

LEFT_OUT = frozenset({Path("run"), Path("node_modules"), Path(".git")})
"""What is made anew: sockets and signs of life, what the build brings, and the history that the prime has."""
MAGIC = b"SQLite format 3\0"
COMPANIONS = ("-wal", "-shm", "-journal")


class Copied(Struct, frozen=True):
    """What is in a copy, and what was left out of it on purpose."""

    databases: list[str]
    left_out: list[str]
    """Credentials."""


def copy(root: Path, target: Path, *, credentials: bool) -> Copied:
    """Copy a tree into a new folder, following nothing. With `credentials` also what is one.

    Raises BadData for a damaged database, Unavailable for a file that cannot be read.
    """
    databases, left_out = [], []
    for path, status in trees.entries(root, LEFT_OUT):
        if not credentials and (is_credential(path) or is_channel_key(path)):
            left_out.append(path.as_posix())
        elif stat.S_ISDIR(status.st_mode):
            (target / path).mkdir(parents=True, exist_ok=True)
        elif stat.S_ISLNK(status.st_mode):
            (target / path).symlink_to((root / path).readlink())
        elif stat.S_ISREG(status.st_mode) and (target / path).parent.is_dir() and _file(root, path, target):
            databases.append(path.as_posix())
    _like(root, target)
    return Copied(databases, left_out)


def _file(root: Path, path: Path, target: Path) -> bool:
    """Copy one file; whether it is a database."""
    try:
        with open(os.open(root / path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as source:  # noqa: PTH123 - no link followed
            is_database = source.read(len(MAGIC)) == MAGIC
            if not is_database and _is_companion(root / path):
                return False
            source.seek(0)
            if not is_database:
                trees.pour(source, target / path)
    except FileNotFoundError:  # rotated away meanwhile
        return False
    except OSError as error:
        if error.filename == str(target / path):
            raise
        raise Unavailable(f"{root / path} cannot be read: {error.strerror}", "nothing was changed") from error
    if is_database:
        _database(root / path, target / path)
    shutil.copystat(root / path, target / path, follow_symlinks=False)
    return is_database


def _is_companion(path: Path) -> bool:
    """Whether a file belongs to a database beside it, whose copy has what is in it."""
    for ending in COMPANIONS:
        if path.name.endswith(ending) and path.with_name(path.name.removesuffix(ending)).exists():
            return True
    return False


def _database(source: Path, target: Path) -> None:
    """The database as of one moment, in one file, checked."""
    try:
        with closing(engine.reader(source)) as live, closing(sqlite3.connect(target)) as made:
            engine.patiently(lambda: live.backup(made))
            made.execute("PRAGMA journal_mode = DELETE")
            made.execute("PRAGMA synchronous = FULL")
        fault = damage(target)
    except sqlite3.Error as error:
        if engine.is_of_disk(error):
            raise Unavailable(
                f"{source} cannot be copied to {target}: {error}", "is a disk full, or failing?"
            ) from error
        fault = str(error)
    if fault:
        raise BadData(f"{source} is damaged: {fault}", "an earlier backup may be sound: halctl restore")


def damage(path: Path) -> str:
    """What SQLite finds wrong with a file that nobody uses; empty when it is sound."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
            faults = engine.looked_over(connection).faults
    except sqlite3.Error as error:
        return str(error)
    return faults[0] if faults else ""


def _like(root: Path, target: Path) -> None:
    """Folders' modes and times, now that nothing is written into them any more; the innermost first."""
    folders = [path for path, status in trees.entries(target) if stat.S_ISDIR(status.st_mode)]
    for path in (*reversed(folders), Path()):
        shutil.copystat(root / path, target / path)
