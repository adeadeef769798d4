"""A module's store: rows in a SQLite file that can be thrown away, since the log has everything."""

from __future__ import annotations

import gc
import os
import sqlite3
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from halo_engine import console
from halo_engine.errors import Damaged
from halo_engine.events.projection import Fold, Load, Projection
from halo_engine.events.sqlite import connect, explained
from halo_engine.events.table import Row, table_of

if TYPE_CHECKING:
    from halo_engine.workspace import Workspace

R = TypeVar("R", bound=Row)
BATCH = 150_000
"""Rows held in memory before they are written."""
CHUNK = 10_000
"""Events between two looks at how many rows are held."""
META = "CREATE TABLE checkpoint (position INTEGER NOT NULL, shape INTEGER NOT NULL)"
PAST_KEPT = 8


class Store:
    """An open store, caught up with the log. Close it, or use it in a `with`."""

    def __init__(self, connection: sqlite3.Connection, position: int) -> None:
        self.connection = connection
        self.position = position
        """Of the last event of the log that the rows contain."""

    def get(self, row: type[R], key: Any) -> R | None:
        table = table_of(row)
        found = self.connection.execute(f"{table.select} WHERE {table.key} = ?", (key,)).fetchone()
        return table.from_values(found) if found else None

    def select(self, row: type[R], clause: str = "", values: Sequence[Any] = ()) -> list[R]:
        """The rows that a clause (`WHERE ... ORDER BY ... LIMIT ...`) leaves."""
        table = table_of(row)
        return [table.from_values(found) for found in self.connection.execute(f"{table.select} {clause}", values)]

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, values).fetchall()


@contextmanager
def opened(workspace: Workspace, projection: Projection) -> Iterator[Store]:
    """The module's store, caught up with the log; rebuilt, with a word on stderr, when it cannot be used."""
    path = _path(workspace, projection)
    try:
        connection = _mended(workspace, projection, path)
    except sqlite3.Error as error:
        raise explained(error, path) from error
    try:
        yield Store(connection, _position(connection))
    except sqlite3.Error as error:
        raise explained(error, path) from error
    finally:
        connection.close()


def rebuild(workspace: Workspace, projection: Projection) -> int:
    """Drop the rows and fold the whole log again, in one transaction; readers see the old rows until it is done.

    Returns the position reached.
    """
    path = _path(workspace, projection)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        return _rebuild(workspace, projection, path)
    except sqlite3.DatabaseError as error:
        if not isinstance(explained(error, path), Damaged):
            raise explained(error, path) from error
        _remove(path)
        return _rebuild(workspace, projection, path)


def shape(projection: Projection) -> int:
    """A number that changes with the tables or the projection's revision: a store of another shape is rebuilt."""
    statements = [statement for row in projection.rows for statement in (table_of(row).create, *table_of(row).index)]
    return zlib.crc32(repr((projection.revision, statements)).encode())


def state(workspace: Workspace, projection: Projection) -> tuple[str, int]:
    """`current`, `behind`, `missing`, `old` or `damaged`, and the position reached. Changes nothing."""
    path = _path(workspace, projection)
    if not path.exists():
        return "missing", 0
    try:
        connection = connect(path)
        try:
            position, found = _checkpoint(connection)
        finally:
            connection.close()
    except sqlite3.DatabaseError:
        return "damaged", 0
    if found != shape(projection):
        return "old", position
    return ("behind" if workspace.log.head(projection.module) > position else "current"), position


def _path(workspace: Workspace, projection: Projection) -> Path:
    if workspace.moment is not None:
        return workspace.run / "past" / f"{projection.name}-{workspace.moment}.db"
    return workspace.store / f"{projection.name}.db"


def _mended(workspace: Workspace, projection: Projection, path: Path) -> sqlite3.Connection:
    """See `_caught_up`; a damaged store is thrown away and made again."""
    try:
        return _caught_up(workspace, projection, path)
    except sqlite3.DatabaseError as error:
        if not isinstance(explained(error, path), Damaged):
            raise
        console.note(f"{path.name} was damaged ({error}); rebuilding it from the log")
        _remove(path)
        return _caught_up(workspace, projection, path)


def _caught_up(workspace: Workspace, projection: Projection, path: Path) -> sqlite3.Connection:
    if not os.access(path.parent if path.parent.exists() else workspace.root, os.W_OK):
        return _read_only(workspace, projection, path)
    fresh = not path.exists()
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = _connect(path)
    try:
        position, found = _checkpoint(connection)
        if found != shape(projection):
            if not fresh and found:
                console.note(f"{path.name} is of an older Halo; rebuilding it from the log")
            elif workspace.moment is None and workspace.log.head(projection.module):
                console.note(f"{path.name} is missing; rebuilding it from the log")
            connection.close()
            _rebuild(workspace, projection, path)
            _forget_old_pasts(workspace)
            return _connect(path)
        head = workspace.log.head(projection.module)
        if head > position:
            _advance(workspace, projection, connection)
        elif workspace.log.head() < position:
            raise Damaged(
                f"the event log ends at {workspace.log.head()}, but {path.name} has seen event {position}",
                f"was an older log put back? `halo-engine events rebuild {projection.name}` accepts it as it is",
            )
    except BaseException:
        connection.close()
        raise
    return connection


def _advance(workspace: Workspace, projection: Projection, connection: sqlite3.Connection) -> None:
    """Apply what the log has and the store has not, in one transaction with the checkpoint."""
    _begin(connection)
    try:
        _fold(workspace, projection, connection, after=_checkpoint(connection)[0])
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _rebuild(workspace: Workspace, projection: Projection, path: Path) -> int:
    connection = _connect(path)
    try:
        _begin(connection)
        for (table,) in connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        ).fetchall():
            connection.execute(f"DROP TABLE {table}")
        connection.execute(META)
        connection.execute("INSERT INTO checkpoint VALUES (0, ?)", (shape(projection),))
        for row in projection.rows:
            connection.execute(table_of(row).create)
        position = _fold(workspace, projection, connection, after=0)
        for row in projection.rows:
            for statement in table_of(row).index:
                connection.execute(statement)
        connection.execute("COMMIT")
        return position
    finally:
        connection.close()


def _fold(workspace: Workspace, projection: Projection, connection: sqlite3.Connection, *, after: int) -> int:
    until = workspace.log.head()
    store = Store(connection, after)
    events = workspace.log.read(after, until=until, module=projection.module)
    load: Load = store.get if after else _nothing
    reached = 1
    with _undisturbed():
        while reached:
            fold = Fold(projection, load)
            while len(fold) < BATCH and (reached := fold.apply(islice(events, CHUNK))):
                pass
            for kind, rows in fold.changes():
                table = table_of(kind)
                connection.executemany(table.upsert, map(table.values, rows))
            load = store.get
    connection.execute("UPDATE checkpoint SET position = ?", (until,))
    return until


def _nothing(row: type[Row], key: Any) -> None:
    """A store that is still empty need not be asked."""


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


def _read_only(workspace: Workspace, projection: Projection, path: Path) -> sqlite3.Connection:
    """In a workspace that cannot be written: the store if it is current, else the rows folded in memory."""
    if path.exists():
        connection = connect(path)
        position, found = _checkpoint(connection)
        if found == shape(projection) and workspace.log.head(projection.module) <= position:
            return connection
        connection.close()
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.execute(META)
    connection.execute("INSERT INTO checkpoint VALUES (0, ?)", (shape(projection),))
    for row in projection.rows:
        for statement in (table_of(row).create, *table_of(row).index):
            connection.execute(statement)
    _fold(workspace, projection, connection, after=0)
    return connection


def _connect(path: Path) -> sqlite3.Connection:
    connection = connect(path)
    connection.execute("PRAGMA busy_timeout = 10000")
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _begin(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")


def _checkpoint(connection: sqlite3.Connection) -> tuple[int, int]:
    """Position and shape; (0, 0) for a file without tables."""
    try:
        position, found = connection.execute("SELECT position, shape FROM checkpoint").fetchone() or (0, 0)
    except sqlite3.OperationalError as error:
        if "no such table" in str(error) or "no such column" in str(error):
            return 0, 0
        raise
    return position, found


def _position(connection: sqlite3.Connection) -> int:
    return _checkpoint(connection)[0]


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _forget_old_pasts(workspace: Workspace) -> None:
    """Keep the stores of the last few moments that were looked at."""
    if workspace.moment is None:
        return
    kept = sorted((workspace.run / "past").glob("*.db"), key=lambda file: file.stat().st_mtime, reverse=True)
    for path in kept[PAST_KEPT:]:
        if time.time() - path.stat().st_mtime > 60:
            _remove(path)
