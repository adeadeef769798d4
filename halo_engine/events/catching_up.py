"""Bringing a store up to the log: what is new folded into its rows, or all of it into new ones."""

from __future__ import annotations

import gc
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from halo_engine.events import apart
from halo_engine.events.log import ALL, Share
from halo_engine.events.projection import Fold, Projection
from halo_engine.events.sqlite import PAGES, begin, closed_on_error, connect, patiently
from halo_engine.events.table import Row, table_of

if TYPE_CHECKING:
    from halo_engine.events.log import EventLog
    from halo_engine.workspace import Workspace

HELD = 4_000_000
"""Bytes of rows held in memory before they are written: thousands of short ones."""
CHUNK = 1000
"""Events between two looks at how much is held."""
META = "CREATE TABLE checkpoint (position INTEGER NOT NULL, event TEXT NOT NULL, shape INTEGER NOT NULL)"
TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"


class Checkpoint(NamedTuple):
    """How far a store has come, and what it looks like."""

    position: int = 0
    event: str = ""
    """Id of the event at that position, which tells this log from another."""
    shape: int = 0
    """See `shape`; 0 for a file without tables."""


def shape(projection: Projection) -> int:
    """A number that changes with the tables or the projection's revision: a store of another shape is rebuilt."""
    statements = [statement for row in projection.rows for statement in (table_of(row).create, *table_of(row).index)]
    return zlib.crc32(repr((projection.revision, META, statements)).encode())


def checkpoint(connection: sqlite3.Connection) -> Checkpoint:
    try:
        found = connection.execute("SELECT position, event, shape FROM checkpoint").fetchone()
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "no such column" in str(error):
            return Checkpoint()
        raise
    return Checkpoint(*found) if found else Checkpoint()


def is_of(log: EventLog, at: Checkpoint) -> bool:
    """Whether a store with this checkpoint was made from this log, as far as it has come."""
    return _id_at(log, at.position) == at.event


def connected(path: Path) -> sqlite3.Connection:
    """A store's file, opened, and made when it is not there."""
    connection = connect(path)
    with closed_on_error(connection):
        connection.execute("PRAGMA busy_timeout = 10000")
        if patiently(lambda: connection.execute("PRAGMA journal_mode").fetchone())[0] != "wal":
            connection.execute(f"PRAGMA {PAGES}")
            patiently(lambda: connection.execute("PRAGMA journal_mode = WAL"))  # another may do so at this moment
        connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def advance(workspace: Workspace, projection: Projection, connection: sqlite3.Connection, *, anew: bool = False) -> int:
    """Apply what the log has and the store has not, in one transaction with the checkpoint; returns the position.

    A store of another shape, or with `anew` any, is emptied first.
    """
    begin(connection)
    try:
        at = checkpoint(connection)
        until = workspace.log.head()
        if anew or at.shape != shape(projection):
            _rebuild(workspace, projection, connection, until)
        else:
            fold(workspace.log, projection, connection, after=at.position, until=until)
        reached = (until, _id_at(workspace.log, until))
        connection.execute("UPDATE checkpoint SET position = ?, event = ?", reached)
        connection.execute("COMMIT")
        return until
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def in_memory(workspace: Workspace, projection: Projection) -> sqlite3.Connection:
    """The rows, folded for this once."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    advance(workspace, projection, connection)
    return connection


def read_only(workspace: Workspace, projection: Projection, path: Path) -> sqlite3.Connection:
    """In a workspace that cannot be written: the store if it is current, else the rows folded in memory."""
    if path.exists():
        connection = connect(path)
        try:
            at = checkpoint(connection)
            head = workspace.log.head(projection.module)
            if at.shape == shape(projection) and at.position >= head and is_of(workspace.log, at):
                return connection
        except sqlite3.DatabaseError:
            pass  # damaged, or its own log cannot be recovered here: all the same
        connection.close()
    return in_memory(workspace, projection)


def clear(connection: sqlite3.Connection, projection: Projection) -> None:
    """Empty tables, and a checkpoint at the beginning."""
    for (table,) in connection.execute(TABLES).fetchall():
        connection.execute(f"DROP TABLE {table}")
    connection.execute(META)
    connection.execute("INSERT INTO checkpoint VALUES (0, '', ?)", (shape(projection),))
    for row in projection.rows:
        connection.execute(table_of(row).create)


def _rebuild(workspace: Workspace, projection: Projection, connection: sqlite3.Connection, until: int) -> None:
    log = workspace.log
    if apart.worthwhile(projection, connection, until):
        with apart.Other(workspace, projection, connection, until) as other:
            clear(connection, projection)
            fold(log, projection, connection, until=until, share=other.ours)
            if not other.hand_over(projection):
                fold(log, projection, connection, until=until, share=other.theirs)
    else:
        clear(connection, projection)
        fold(log, projection, connection, until=until)
    for row in projection.rows:
        for statement in table_of(row).index:
            connection.execute(statement)


def fold(
    log: EventLog,
    projection: Projection,
    connection: sqlite3.Connection,
    *,
    after: int = 0,
    until: int,
    share: Share = ALL,
) -> None:
    """Fold events of a share of the streams into the rows of a store."""

    def stored(row: type[Row], key: Any) -> Row | None:
        table = table_of(row)
        found = connection.execute(f"{table.select} WHERE {table.key} = ?", (key,)).fetchone()
        return table.from_values(found) if found else None

    reached = 1
    with closing(log.facts(projection.module, after=after, until=until, share=share)) as facts, _undisturbed():
        while reached:
            batch = Fold(projection, stored)
            while batch.weight < HELD and (reached := batch.apply(islice(facts, CHUNK))):
                pass
            for kind, rows in batch.changes():
                table = table_of(kind)
                connection.executemany(table.upsert, sorted(map(table.values, rows), key=itemgetter(0)))


def _id_at(log: EventLog, position: int) -> str:
    """Id of the event at a position; empty where there is none."""
    return next((event.id for event in log.read(position - 1, until=position)), "")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Without the garbage collector: folding makes many rows and no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
