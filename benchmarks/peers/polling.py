"""Following a log the simple way: ask SQLite every few milliseconds whether anything was written."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

EVERY = 0.02
"""Seconds between two looks: the mean wait is half of it."""


def follow(path: Path, after: int, until: float) -> Iterator[int]:
    """Positions after a position, as they come, until that moment (monotonic)."""
    connection = sqlite3.connect(path, isolation_level=None)
    while time.monotonic() < until:
        found = connection.execute("SELECT position FROM events WHERE position > ?", (after,)).fetchall()
        for (position,) in found:
            yield position
            after = position
        time.sleep(EVERY)
    connection.close()
