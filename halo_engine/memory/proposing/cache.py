"""What was found out about the notes' texts, so that the next run looks only at what has changed: `store/proposals.db`.
It can be thrown away.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from halo_engine.events.sqlite import begin, closed_on_error, connect, explained, is_damage
from halo_engine.workspace import Workspace

FILE = "proposals.db"
FORMAT = 3
"""To be raised with the weights, too."""
SCHEMA = (
    """CREATE TABLE said (id TEXT PRIMARY KEY, hash TEXT, called TEXT, terms BLOB, counts BLOB, place INTEGER)
    WITHOUT ROWID""",
    "CREATE UNIQUE INDEX said_place ON said (place)",
    "CREATE TABLE trait (key TEXT, at INTEGER, note TEXT, PRIMARY KEY (key, at, note)) WITHOUT ROWID",
    "CREATE TABLE posting (term INTEGER PRIMARY KEY, holders INTEGER, places BLOB, weights BLOB)",
    "CREATE TABLE mention (source TEXT, target TEXT, key TEXT, data BLOB, PRIMARY KEY (source, target)) WITHOUT ROWID",
    "CREATE TABLE proposal (one TEXT, other TEXT, source TEXT, target TEXT, score REAL, reason TEXT)",
    "CREATE TABLE fact (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
)
LATER = {
    "trait_note": "CREATE INDEX trait_note ON trait (note)",
    "mention_target": "CREATE INDEX mention_target ON mention (target)",
    "mention_key": "CREATE INDEX mention_key ON mention (key)",
    "proposal_one": "CREATE INDEX proposal_one ON proposal (one, other)",
    "proposal_other": "CREATE INDEX proposal_other ON proposal (other)",
    "proposal_score": "CREATE INDEX proposal_score ON proposal (score DESC)",
}
"""Indexes that are cheaper made when the tables are full."""
TABLES = ("said", "trait", "posting", "mention", "proposal", "fact")
MOST = 500
"""Values in one statement."""
Key = tuple[Any, ...]


class Cache:
    """An open cache."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def all(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[Any]:
        return self.connection.execute(sql, values).fetchall()

    def some(self, sql: str, values: Iterable[Any]) -> Iterator[Any]:
        """The rows of a statement with a list of values at its `{}`, however many they are."""
        every = list(values)
        for start in range(0, len(every), MOST):
            part = every[start : start + MOST]
            yield from self.all(sql.format(", ".join("?" * len(part))), part)

    def put(self, table: str, rows: Iterable[Key]) -> None:
        """Rows of the width of the table."""
        width = len(self.all(f"PRAGMA table_info({table})"))
        marks = ", ".join("?" * width)
        self.connection.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", rows)

    def forget(self, ids: Sequence[str]) -> None:
        """Everything that was found out from these texts, and what was proposed for them."""
        each = [(note,) for note in ids]
        places = (
            "said WHERE id",
            "trait WHERE note",
            "mention WHERE source",
            "proposal WHERE one",
            "proposal WHERE other",
        )
        for statement in places:
            self.connection.executemany(f"DELETE FROM {statement} = ?", each)

    def empty(self) -> None:
        """Begin again, without indexes: `finish` makes them."""
        for name in LATER:
            self.connection.execute(f"DROP INDEX IF EXISTS {name}")
        for table in TABLES:
            self.connection.execute(f"DELETE FROM {table}")

    def finish(self) -> None:
        for statement in LATER.values():
            self.connection.execute(statement)


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
            for statement in (*SCHEMA, *LATER.values()):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -32000")
    return connection
