"""A module's store: rows in a SQLite file that can be thrown away, since the log has everything."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from halo_engine import console
from halo_engine.errors import Damaged
from halo_engine.events import catching_up
from halo_engine.events.catching_up import checkpoint, is_of, shape
from halo_engine.events.projection import Projection
from halo_engine.events.sqlite import closed_on_error, connect, explained, is_damage, is_of_disk
from halo_engine.events.table import Row, table_of

if TYPE_CHECKING:
    from halo_engine.events.log import EventLog
    from halo_engine.workspace import Workspace

R = TypeVar("R", bound=Row)
PAST_KEPT = 8
Renew = Callable[[sqlite3.DatabaseError], sqlite3.Connection]


class Store:
    """An open store, caught up with the log."""

    def __init__(self, connection: sqlite3.Connection, renew: Renew, log: EventLog) -> None:
        self.connection = connection
        self.log = log
        """What the rows are made from."""
        self._renew = renew
        """What to do about a page that turns out to be damaged; raises what cannot be mended."""

    def get(self, row: type[R], key: Any) -> R | None:
        table = table_of(row)
        found = self.all(f"{table.select} WHERE {table.key} = ?", (key,))
        return table.from_values(found[0]) if found else None

    def select(self, row: type[R], clause: str = "", values: Sequence[Any] = ()) -> list[R]:
        """The rows that a clause (`WHERE ... ORDER BY ... LIMIT ...`) leaves."""
        table = table_of(row)
        return [table.from_values(found) for found in self.all(f"{table.select} {clause}", values)]

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        try:
            return self.connection.execute(sql, values).fetchall()
        except sqlite3.DatabaseError as error:
            self.connection = self._renew(error)
            return self.connection.execute(sql, values).fetchall()


@contextmanager
def opened(workspace: Workspace, projection: Projection) -> Iterator[Store]:
    """The module's store, caught up with the log; rebuilt, with a word on stderr, when it cannot be used.

    Where the disk is full or read-only the rows are folded in memory. Raises Damaged when the log is damaged, or is
    not the one that the store was made from.
    """
    path = _path(workspace, projection)

    def renew(error: sqlite3.DatabaseError) -> sqlite3.Connection:
        if is_damage(error):
            console.note(f"{path.name} was damaged ({error}); rebuilding it from the log")
            _remove(path)
            return _caught_up(workspace, projection, path, tell=lambda _: None)
        if is_of_disk(error):
            console.note(f"{path.name} cannot be brought up to date ({error}); reading the log instead")
            return catching_up.in_memory(workspace, projection)
        raise error

    store: Store | None = None
    try:
        try:
            connection = _caught_up(workspace, projection, path)
        except sqlite3.DatabaseError as error:
            connection = renew(error)
        store = Store(connection, renew, workspace.log)
        yield store
    except sqlite3.Error as error:
        raise explained(error, path) from error
    finally:
        if store is not None:
            store.connection.close()


def rebuild(workspace: Workspace, projection: Projection) -> int:
    """Drop the rows and fold the whole log again, in one transaction; readers see the old rows until it is done.

    Returns the position reached.
    """
    path = _path(workspace, projection)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        try:
            with closing(catching_up.connected(path)) as connection:
                return catching_up.advance(workspace, projection, connection, anew=True)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            _remove(path)
            with closing(catching_up.connected(path)) as connection:
                return catching_up.advance(workspace, projection, connection, anew=True)
    except sqlite3.Error as error:
        raise explained(error, path) from error


def state(workspace: Workspace, projection: Projection) -> tuple[str, int]:
    """`current`, `behind`, `missing`, `old`, `damaged` or `of another log`, and the position reached.

    Changes nothing.
    """
    path = _path(workspace, projection)
    if not path.exists():
        return "missing", 0
    try:
        with closing(connect(path)) as connection:
            at = checkpoint(connection)
    except sqlite3.DatabaseError:
        return "damaged", 0
    if at.shape != shape(projection):
        return "old", at.position
    if not is_of(workspace.log, at):
        return "of another log", at.position
    return ("behind" if workspace.log.head(projection.module) > at.position else "current"), at.position


def _path(workspace: Workspace, projection: Projection) -> Path:
    if workspace.moment is not None:
        return workspace.run / "past" / f"{projection.name}-{workspace.moment}.db"
    return workspace.store / f"{projection.name}.db"


def _caught_up(
    workspace: Workspace, projection: Projection, path: Path, tell: Callable[[str], None] = console.note
) -> sqlite3.Connection:
    if not os.access(path.parent if path.parent.exists() else workspace.root, os.W_OK):
        return catching_up.read_only(workspace, projection, path)
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = catching_up.connected(path)
    with closed_on_error(connection):
        at = checkpoint(connection)
        if at.shape != shape(projection):
            if workspace.moment is None and workspace.log.head(projection.module):
                why = "is of an older Halo" if at.shape else "is missing"
                tell(f"{path.name} {why}; rebuilding it from the log")
            catching_up.advance(workspace, projection, connection)
            _forget_old_pasts(workspace)
        elif not is_of(workspace.log, at):
            raise Damaged(
                f"{path.name} was made from {at.position:,} events of another log than the one that is there now, "
                f"which ends at {workspace.log.head():,}",
                f"was an older log put back? `halo-engine events rebuild {projection.name}` accepts it as it is",
            )
        elif workspace.log.head(projection.module) > at.position:
            catching_up.advance(workspace, projection, connection)
    return connection


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
