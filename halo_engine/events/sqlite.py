"""SQLite as Halo uses it: nothing is committed by itself, waiting is fair, and errors say what to do next."""

from __future__ import annotations

import os
import random
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from halo_engine.errors import Damaged, HaloError, Unavailable

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds that a writer waits for its turn, and a reader for a file that is being mended, before they give up."""
BROKEN = frozenset({sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_DATA, sqlite3.SQLITE_IOERR_CORRUPTFS})
"""Input errors that are of the file; all others are of the disk, which may only be full."""


class Connection(sqlite3.Connection):
    """One that closes when nobody refers to it any more, as when its thread has ended."""

    def __del__(self) -> None:
        self.close()


def connect(path: Path) -> sqlite3.Connection:
    """A connection that waits for nobody and commits nothing by itself. A folder that cannot be written is read."""
    where = path.absolute().as_uri()
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
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


def begin(connection: sqlite3.Connection) -> None:
    patiently(lambda: connection.execute("BEGIN IMMEDIATE"))


def patiently(step: Callable[[], T]) -> T:
    """Retry while another process has the lock, every 1 to 4 ms: SQLite's own waits grow to 100 ms and are unfair."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return step()
        except sqlite3.OperationalError as error:
            busy = getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
            if not busy or time.monotonic() > deadline:
                raise
            time.sleep(random.uniform(0.001, 0.004))


def explained(error: sqlite3.Error, path: Path) -> HaloError:
    """The same error, as one that tells the user what happened and what to do next."""
    text = str(error)
    if "full" in text:
        return Unavailable(f"the disk that holds {path} is full; nothing was changed", "make room and repeat")
    if "readonly" in text or "unable to open" in text or "attempt to write" in text:
        return Unavailable(f"{path} cannot be written", "make the workspace writable; nothing was changed")
    if "locked" in text or "busy" in text:
        return Unavailable(
            f"{path} stayed locked for {PATIENCE:.0f} s; nothing was changed", "see who holds it, repeat"
        )
    code = getattr(error, "sqlite_errorcode", 0)
    if "disk I/O" in text and code not in BROKEN:
        return Unavailable(f"{path} cannot be read or written ({text})", "is the disk full, or failing?")
    if code in BROKEN or "malformed" in text or "not a database" in text:
        return Damaged(
            f"the event log {path} is damaged ({text}); it was left as it is",
            "`halo-engine events verify` says what is readable, `halo-engine events export --salvage FILE` saves it",
        )
    return Unavailable(f"{path}: {text}")
