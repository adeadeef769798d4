"""SQLite as Halo uses it: nothing is committed by itself, waiting is fair, and errors say what to do next."""

from __future__ import annotations

import math
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, TypeVar

from halo_engine.errors import Damaged, HaloError, Unavailable

T = TypeVar("T")
PAGES = "page_size = 8192"
"""Of stores: their rows are long, and a rebuild writes and reads back half as many pages."""
PATIENCE = 60.0
"""Seconds that a writer waits for its turn, and a reader for a file that is being mended, before they give up."""
PAUSE, SHORTEST, TIRED = 0.004, 0.0003, 0.03
"""Seconds between two tries: at most, at least, and how long until a writer tries twice as often."""
BROKEN = frozenset({sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_DATA, sqlite3.SQLITE_IOERR_CORRUPTFS})
"""Input errors that are of the file; all others are of the disk, which may only be full."""
OF_DISK = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR})
STEPS = 10_000
"""Of SQLite's own machine, between two looks at the clock."""
BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
SPOILT = ("Could not decode to UTF-8", "no such table", "no such column")
"""Words of errors over a file that somebody has changed by hand."""


class Connection(sqlite3.Connection):
    """One that closes when nobody refers to it any more, as when its thread has ended."""

    def __del__(self) -> None:
        with suppress(sqlite3.ProgrammingError):  # it was never opened
            self.close()


def connect(path: Path, *, reading: bool = False) -> sqlite3.Connection:
    """A connection that waits for nobody and commits nothing by itself.

    With `reading`, or where nothing can be written, the file is left as it is.
    """
    where = path.absolute().as_uri()
    if reading or not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        where += "?mode=ro" if path.with_name(path.name + "-wal").exists() else "?mode=ro&immutable=1"
    return sqlite3.connect(
        where,
        uri=True,
        timeout=0,
        isolation_level=None,
        check_same_thread=False,
        cached_statements=64,
        factory=Connection,
    )


def at_rest(path: Path) -> sqlite3.Connection | None:
    """A file that nobody writes, to be read as it stands: where there is no room for what SQLite makes to read it.

    None when its newest part is still in its write-ahead log.
    """
    ahead = path.with_name(path.name + "-wal")
    if ahead.exists() and ahead.stat().st_size:
        return None
    where = path.absolute().as_uri() + "?mode=ro&immutable=1"
    return sqlite3.connect(where, uri=True, isolation_level=None, check_same_thread=False, factory=Connection)


def reader(path: Path) -> sqlite3.Connection:
    """A connection that can read, also where a full disk has no room for what SQLite makes to read.

    Nor does it fold in a write-ahead log that somebody left, as one that may write does when it is closed as the last:
    a file that may be damaged stays as it is.
    """
    connection = connect(path, reading=path.with_name(path.name + "-wal").exists())
    try:
        patiently(lambda: connection.execute("PRAGMA user_version").fetchone())
    except sqlite3.Error as error:
        connection.close()
        found = at_rest(path) if is_of_disk(error) else None
        if found is None:
            raise
        return found
    return connection


class Looked(NamedTuple):
    """What SQLite finds wrong with a file."""

    faults: list[str]
    """The first few; empty when it is sound."""
    whole: bool
    """Whether there was time to look at all of it."""


def looked_over(connection: sqlite3.Connection, seconds: float = math.inf) -> Looked:
    """SQLite's integrity check, of as much of a file as can be looked at in so many seconds."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        found = [line for row in connection.execute("PRAGMA integrity_check(5)") for line in str(row[0]).splitlines()]
    except sqlite3.OperationalError as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return Looked([], whole=False)
        return Looked([str(error)], whole=True)
    except sqlite3.Error as error:
        return Looked([str(error)], whole=True)
    finally:
        connection.set_progress_handler(None, STEPS)
    return Looked([each for each in found if each != "ok" and not each.startswith("***")], whole=True)


@contextmanager
def closed_on_error(connection: sqlite3.Connection) -> Iterator[None]:
    """A connection that is being made ready: what raises closes it, so that no file stays open behind it."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


def begin(connection: sqlite3.Connection) -> None:
    patiently(lambda: connection.execute("BEGIN IMMEDIATE"))


def patiently(step: Callable[[], T]) -> T:
    """Retry while another process has the lock. SQLite's own waits grow to 100 ms and are unfair; these shrink, so that
    who has waited longest tries most often.
    """
    begun = time.monotonic()
    while True:
        try:
            return step()
        except sqlite3.OperationalError as error:
            waited = time.monotonic() - begun
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in BUSY or waited > PATIENCE:
                raise
            time.sleep(random.uniform(0.5, 1) * max(PAUSE / (1 + waited / TIRED), SHORTEST))


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the file itself is broken."""
    code = getattr(error, "sqlite_errorcode", 0)
    if code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB} or code in BROKEN:
        return True
    return str(error).startswith(SPOILT)


def is_of_disk(error: sqlite3.Error) -> bool:
    """Whether it is the disk: full, read-only or failing."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in OF_DISK and not is_damage(error)


def explained(error: sqlite3.Error, path: Path) -> HaloError:
    """The same error, as one that tells the user what happened and what to do next."""
    if is_damage(error):
        return Damaged(
            f"the event log {path} is damaged ({error}); it was left as it is",
            "`halo-engine events verify` says what is readable, `halo-engine events export --salvage FILE` saves it",
        )
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Unavailable(f"the disk that holds {path} is full; nothing was recorded", "make room and repeat")
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}:
        return Unavailable(f"{path} cannot be written", "make the workspace writable; nothing was recorded")
    if code in BUSY:
        return Unavailable(
            f"{path} stayed locked for {PATIENCE:.0f} s; nothing was recorded", "see who holds it, repeat"
        )
    if code == sqlite3.SQLITE_IOERR:
        return Unavailable(f"{path} cannot be read or written ({error})", "is the disk full, or failing?")
    return Unavailable(f"{path}: {error}")
