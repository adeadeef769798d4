"""What was found out about the notes' texts, so that the next run looks only at what has changed: `store/proposals.db`.
It can be thrown away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from halo_engine.events.sqlite import begin, closed_on_error, connect, explained, is_damage
from halo_engine.workspace import Workspace

FILE = "proposals.db"
FORMAT = 2
"""To be raised with the weights, too."""
SCHEMA = (
    "CREATE TABLE said (id TEXT PRIMARY KEY, hash TEXT, called TEXT, terms BLOB, counts BLOB) WITHOUT ROWID",
    "CREATE TABLE mention (source TEXT, target TEXT, key TEXT, data BLOB, PRIMARY KEY (source, target)) WITHOUT ROWID",
    "CREATE INDEX mention_target ON mention (target)",
    "CREATE TABLE proposal (one TEXT, other TEXT, source TEXT, target TEXT, score REAL, reason TEXT)",
    "CREATE INDEX proposal_one ON proposal (one, other)",
    "CREATE INDEX proposal_other ON proposal (other)",
    "CREATE INDEX proposal_score ON proposal (score DESC)",
    "CREATE TABLE fact (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
)
TABLES = ("said", "mention", "proposal", "fact")
Key = tuple[Any, ...]


class Cache:
    """An open cache."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def all(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        return self.connection.execute(sql, values).fetchall()

    def put(self, table: str, rows: Sequence[Key]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self.connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)

    def forget(self, ids: Sequence[str]) -> None:
        """Everything that was found out from these texts, and what was proposed for them."""
        each = [(note,) for note in ids]
        for statement in ("said WHERE id", "mention WHERE source", "proposal WHERE one", "proposal WHERE other"):
            self.connection.executemany(f"DELETE FROM {statement} = ?", each)

    def empty(self) -> None:
        for table in TABLES:
            self.connection.execute(f"DELETE FROM {table}")


@contextmanager
def opened(workspace: Workspace, *, change: bool = False) -> Iterator[Cache]:
    """The cache; with `change` in a transaction that ends with the block."""
    path = workspace.store / FILE
    try:
        if workspace.dry_run and not path.exists():
            connection = _made(sqlite3.connect(":memory:", isolation_level=None))
        else:
            connection = _kept(path)
        with closing(connection):
            if change:
                begin(connection)
            yield Cache(connection)
            if change:
                connection.execute("ROLLBACK" if workspace.dry_run else "COMMIT")
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _kept(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _made(connect(path))
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return _made(connect(path))


def _made(connection: sqlite3.Connection) -> sqlite3.Connection:
    with closed_on_error(connection):
        if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
            connection.execute("PRAGMA journal_mode = WAL")
            begin(connection)
            for table in TABLES:
                connection.execute(f"DROP TABLE IF EXISTS {table}")
            for statement in SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection
