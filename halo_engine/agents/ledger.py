"""What has been read: `store/transcripts.db`. Files with how far they were read, and every reply once.

It can be thrown away: everything that still exists is read again then, and comes to the same.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from itertools import starmap
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import clock, console
from halo_engine.agents.events import Slot
from halo_engine.agents.replies import BANDS, Replies, Reply
from halo_engine.agents.tally import Facts
from halo_engine.clock import Timestamp
from halo_engine.events.sqlite import begin, connect, explained, is_damage
from halo_engine.workspace import Workspace

FILE = "transcripts.db"
FORMAT = 3
ROWS = """
CREATE TABLE file (
    path TEXT PRIMARY KEY, source TEXT, device INTEGER, inode INTEGER, size INTEGER, changed INTEGER,
    offset INTEGER, mark BLOB, carry BLOB, lines INTEGER, damaged INTEGER, unknown TEXT, fault TEXT);
CREATE TABLE part (session TEXT, path TEXT, facts BLOB, PRIMARY KEY (session, path)) WITHOUT ROWID;
CREATE TABLE reply (
    id INTEGER, request INTEGER, session TEXT, time INTEGER, model TEXT, side INTEGER, tier TEXT, input INTEGER,
    output INTEGER, cache_read INTEGER, cache_write_5m INTEGER, cache_write_1h INTEGER, cost REAL);
CREATE TABLE verdict (session TEXT PRIMARY KEY, key BLOB, judgement BLOB) WITHOUT ROWID;
CREATE INDEX part_path ON part (path)"""
REPLY_INDEXES = {
    "reply_id": "CREATE UNIQUE INDEX reply_id ON reply (id, request)",
    "reply_session": "CREATE INDEX reply_session ON reply (session)",
}
SCHEMA = ";\n".join([ROWS, *REPLY_INDEXES.values()])
TABLES = ("file", "part", "reply", "verdict")
CONTEXT = "input + cache_read + cache_write_5m + cache_write_1h"
BAND = " ".join(f"WHEN {CONTEXT} > {band} THEN {band}" for band in reversed(BANDS))
SLOTS = f"""
SELECT time / 900000 * 900, model, tier, CASE {BAND} ELSE 0 END, cost IS NOT NULL, count(*), sum(input), sum(output),
    sum(cache_read), sum(cache_write_5m), sum(cache_write_1h), total(cost), min(time), max(time),
    sum(side), sum(side * ({CONTEXT} + output))
FROM reply WHERE session = ? GROUP BY 1, 2, 3, 4, 5
"""


class File(msgspec.Struct):
    """A file that has been read, and how far."""

    path: str
    source: str
    device: int
    inode: int
    size: int
    changed: int
    """Modification time in nanoseconds."""
    offset: int = 0
    mark: bytes = b""
    carry: bytes = b""
    lines: int = 0
    damaged: int = 0
    unknown: str = "{}"
    """JSON: type of line -> how many."""
    fault: str = ""


class Ledger:
    """An open ledger, in one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def files(self) -> dict[str, File]:
        return {row[0]: File(*row) for row in self.connection.execute("SELECT * FROM file")}

    def keep(self, file: File) -> None:
        marks = ", ".join("?" * len(File.__struct_fields__))
        self.connection.execute(f"INSERT OR REPLACE INTO file VALUES ({marks})", msgspec.structs.astuple(file))

    def move(self, old: str, new: str) -> None:
        """A file has another name now."""
        self.connection.execute("DELETE FROM file WHERE path = ?", (old,))
        self.connection.execute("UPDATE OR REPLACE part SET path = ? WHERE path = ?", (new, old))

    def parts(self, path: str) -> dict[str, Facts]:
        """What a file says, session by session."""
        found = self.connection.execute("SELECT session, facts FROM part WHERE path = ?", (path,))
        return {session: _facts(raw) for session, raw in found}

    def parts_of(self, session: str) -> list[tuple[str, Facts]]:
        """What each file says of a session, by path."""
        found = self.connection.execute("SELECT path, facts FROM part WHERE session = ? ORDER BY path", (session,))
        return [(path, _facts(raw)) for path, raw in found]

    def paths(self) -> dict[str, list[str]]:
        """Session -> its files, by path."""
        found: dict[str, list[str]] = {}
        for session, path in self.connection.execute("SELECT session, path FROM part ORDER BY session, path"):
            found.setdefault(session, []).append(path)
        return found

    def verdicts(self) -> dict[str, tuple[bytes, bytes]]:
        """Session -> what it looked like and how it was judged, and what was found."""
        return {row[0]: (row[1], row[2]) for row in self.connection.execute("SELECT * FROM verdict")}

    def keep_verdicts(self, rows: Iterable[tuple[str, bytes, bytes]]) -> None:
        self.connection.executemany("INSERT OR REPLACE INTO verdict VALUES (?, ?, ?)", rows)

    def keep_parts(self, path: str, parts: dict[str, Facts]) -> None:
        rows = [(session, path, _encode(facts)) for session, facts in parts.items()]
        self.connection.executemany("INSERT OR REPLACE INTO part VALUES (?, ?, ?)", rows)

    def forget_parts(self, path: str) -> None:
        self.connection.execute("DELETE FROM part WHERE path = ?", (path,))

    def source_of(self, session: str) -> str:
        """The source of a session's first file."""
        found = self.connection.execute(
            "SELECT source FROM file JOIN part USING (path) WHERE session = ? ORDER BY path LIMIT 1", (session,)
        ).fetchone()
        return str(found[0]) if found else ""

    def lines_of(self, session: str) -> tuple[int, int]:
        """Lines and damaged lines of a session's files."""
        found = self.connection.execute(
            "SELECT sum(lines), sum(damaged) FROM file JOIN part USING (path) WHERE session = ?", (session,)
        ).fetchone()
        return int(found[0] or 0), int(found[1] or 0)

    def changed(self, session: str) -> Timestamp:
        """When the last of a session's files was written."""
        sql = "SELECT max(changed) / 1e9 FROM file JOIN part USING (path) WHERE session = ?"
        return clock.stamp(datetime.fromtimestamp(self.connection.execute(sql, (session,)).fetchone()[0], UTC))

    def known(self, identities: Iterable[int]) -> Iterator[Reply]:
        """What is kept of the replies with these message ids."""
        wanted = list(identities)
        for start in range(0, len(wanted), 500):
            some = wanted[start : start + 500]
            marks = ", ".join("?" * len(some))
            rows = self.connection.execute(f"SELECT * FROM reply WHERE id IN ({marks}) ORDER BY time", some)
            yield from starmap(Reply, rows)

    def is_empty(self) -> bool:
        """Whether no reply is kept."""
        return self.connection.execute("SELECT 1 FROM reply LIMIT 1").fetchone() is None

    def slots(self, session: str) -> tuple[list[Slot], int, int]:
        """A session's replies added up by quarter of an hour, model, tier, size of context and who says the cost; and
        how many replies and tokens of them were beside the main conversation.
        """
        rows = self.connection.execute(SLOTS, (session,)).fetchall()
        slots = [_slot(*row[:-2]) for row in rows]
        return slots, sum(row[-2] for row in rows), sum(row[-1] for row in rows)

    def keep_replies(self, replies: Replies) -> None:
        """Write the replies that have changed."""
        old = replies.changed & replies.kept
        self.connection.executemany("DELETE FROM reply WHERE id = ?", ((each,) for each in old))
        self._insert(replies)

    def keep_first_replies(self, replies: Replies) -> None:
        """Write the replies to a ledger that has none: they are put in order once, at the end."""
        for name in REPLY_INDEXES:
            self.connection.execute(f"DROP INDEX {name}")
        self._insert(replies)
        for statement in REPLY_INDEXES.values():
            self.connection.execute(statement)

    def _insert(self, replies: Replies) -> None:
        marks = ", ".join("?" * len(Reply.__struct_fields__))
        self.connection.executemany(f"INSERT INTO reply VALUES ({marks})", map(msgspec.structs.astuple, replies.news()))
        replies.kept |= replies.changed
        replies.changed.clear()


def _slot(start: int, model: str, tier: str, band: int, paid: int, *counts: Any) -> Slot:
    return Slot(start, model, tier, band, bool(paid), *counts)


_encode = msgspec.msgpack.Encoder().encode
_facts = msgspec.msgpack.Decoder(Facts).decode


@contextmanager
def opened(workspace: Workspace) -> Iterator[Ledger]:
    """The ledger, alone, in a transaction that ends with the block; nothing is kept when the block raises, or in a
    dry run.
    """
    path = workspace.store / FILE
    try:
        if not workspace.dry_run:
            path.parent.mkdir(parents=True, exist_ok=True)
        with closing(_as_it_stands(path) if workspace.dry_run and not path.exists() else _mended(path)) as connection:
            begin(connection)
            yield Ledger(connection)
            connection.execute("ROLLBACK" if workspace.dry_run else "COMMIT")
    except sqlite3.Error as error:
        raise explained(error, path) from error


@contextmanager
def read(workspace: Workspace) -> Iterator[Ledger]:
    """The ledger as it stands, to look at; an empty one where there is none."""
    path = workspace.store / FILE
    try:
        with closing(_as_it_stands(path)) as connection:
            yield Ledger(connection)
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _as_it_stands(path: Path) -> sqlite3.Connection:
    if path.exists():
        connection = connect(path, reading=True)
        if _format(connection) == FORMAT:
            return connection
        connection.close()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.executescript(SCHEMA)
    return connection


def _format(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _mended(path: Path) -> sqlite3.Connection:
    """A connection; a damaged ledger is thrown away and begun again."""
    try:
        return _connected(path)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        console.note(f"{path.name} was damaged ({error}); reading all sessions again")
        for ending in ("", "-wal", "-shm"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA cache_size = -24000")
    if _format(connection) != FORMAT:
        begin(connection)
        if _format(connection) != FORMAT:
            for name in TABLES:
                connection.execute(f"DROP TABLE IF EXISTS {name}")
            for statement in SCHEMA.split(";\n"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {FORMAT}")
        connection.execute("COMMIT")
    return connection
