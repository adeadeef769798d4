"""An event log with the standard library and nothing else, as durable as Halo's."""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path

SCHEMA = """CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    payload BLOB NOT NULL,
    UNIQUE (stream, version)
)"""
INSERT = "INSERT INTO events (id, stream, version, payload) VALUES (?, ?, ?, ?)"
PAYLOAD = b'{"text":"looked at it again, a part of it is left"}'


class PlainLog:
    """One connection: WAL, full sync, thirty seconds of patience."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        self.connection.execute("PRAGMA journal_mode = WAL")
        self.connection.execute("PRAGMA synchronous = FULL")
        self.connection.execute(SCHEMA)

    def append(self, stream: str, version: int) -> None:
        """One event in a transaction of its own."""
        self.connection.execute("BEGIN IMMEDIATE")
        self.connection.execute(INSERT, (os.urandom(16).hex(), stream, version, PAYLOAD))
        self.connection.execute("COMMIT")


if __name__ == "__main__":
    PlainLog(Path(sys.argv[1])).append(f"task/T-{os.getpid()}-{os.urandom(4).hex()}", 1)
