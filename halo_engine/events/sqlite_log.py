"""The event log in one SQLite file: `store/events.db`, WAL, full sync."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from itertools import starmap
from pathlib import Path
from typing import Any, TypeVar
from weakref import WeakSet

import msgspec

from halo_engine.errors import Conflict, NotAllowed, Unavailable
from halo_engine.events.envelope import conflict, drafts, placed
from halo_engine.events.log import ALL, Share, bounds
from halo_engine.events.model import Event, New
from halo_engine.events.sqlite import at_rest, begin, connect, explained, is_of_disk, patiently

T = TypeVar("T")
PAGE = 256
"""Events read at a time. In between nothing is open that would keep this thread from appending."""
SAMPLE = 500
"""Events that are looked at to divide a module's streams."""
CACHE = 16_000
"""KiB of pages kept at most: the events of one stream lie apart, those of the next beside them."""
SYNCING = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64)
"""Seconds from one look to the next after the file was written: a writer's notice comes before its sync is done, and
only then does its commit show.
"""
FORMAT = 1
PLAIN = "position, id, stream, version, type, schema, time, source, correlation_id, causation_id, payload"
LEAN = "position, '', stream, version, type, schema, time, source, '', NULL, payload"
COLUMNS = f"{PLAIN}, previous_hash, hash"
STREAMS = "sqlite_autoindex_events_2"
"""SQLite's name for the index behind `UNIQUE (stream, version)`."""
SCHEMA = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    stream TEXT NOT NULL,
    version INTEGER NOT NULL,
    type TEXT NOT NULL,
    schema INTEGER NOT NULL,
    time TEXT NOT NULL,
    source TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    causation_id TEXT,
    payload BLOB NOT NULL,
    previous_hash BLOB NOT NULL,
    hash BLOB NOT NULL,
    module TEXT GENERATED ALWAYS AS (substr(stream, 1, instr(stream, '/') - 1)) VIRTUAL,
    UNIQUE (stream, version)
);
CREATE INDEX events_module ON events (module, position);
CREATE INDEX events_correlation ON events (correlation_id) WHERE correlation_id <> id;
CREATE INDEX events_causation ON events (causation_id) WHERE causation_id IS NOT NULL;
"""


class SqliteLog:
    """See `EventLog`. One object may be used by many threads: each has a connection of its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._connections: WeakSet[sqlite3.Connection] = WeakSet()

    @property
    def index(self) -> SqliteLog:
        return self

    # reading

    def read(
        self, after: int = 0, *, until: int | None = None, module: str | None = None, limit: int | None = None
    ) -> Iterator[Event]:
        """See `EventLog.read`; without the hashes, which only `verify` wants."""
        where, values = ("module = ? AND ", [module]) if module else ("", [])
        upto, bound = (" AND position <= ?", [until]) if until is not None else ("", [])
        sql = f"SELECT {PLAIN} FROM events WHERE {where}position > ?{upto} ORDER BY position LIMIT ?"
        while limit is None or limit > 0:
            wanted = PAGE if limit is None else min(limit, PAGE)
            page = self.rows(sql, [*values, after, *bound, wanted])
            yield from starmap(Event, page)
            if len(page) < wanted:
                return
            after = page[-1][0]
            limit = None if limit is None else limit - wanted

    def facts(self, module: str, *, after: int = 0, until: int, share: Share = ALL) -> Generator[Event, None, None]:
        """See `EventLog.facts`. A whole history is read along the index on streams, what is new is sorted."""
        if after:
            index, where, values = "events_module", "module = ? AND position > ?", [module, after]
        else:
            index, where, values = STREAMS, "stream >= ? AND stream < ?", [*bounds(module, share)]
        sql = f"""SELECT {LEAN} FROM events INDEXED BY {index} WHERE {where} AND position <= ?
            ORDER BY stream, version"""
        return self.select(sql, [*values, until])

    def divided(self, module: str, part: float) -> str:
        """See `EventLog.divided`; of a few hundred events, evenly spread."""
        head = self.head()
        spread = range(1, head + 1, max(1, head // SAMPLE))
        marks = ", ".join("?" * len(spread))
        sql = f"SELECT stream FROM events WHERE position IN ({marks}) AND module = ? ORDER BY stream"
        found = self.rows(sql, [*spread, module])
        return str(found[int(len(found) * part)][0]) if found else bounds(module, ALL).end

    def select(self, sql: str, values: Sequence[object] = ()) -> Generator[Event, None, None]:
        """Events that a query over `COLUMNS` finds; for this package's own queries."""
        with self._explained():
            connection = self._open()
            if connection is None:
                return
            yield from starmap(Event, patiently(lambda: connection.execute(sql, values)))

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Bare rows of a query; for this package's own queries."""
        with self._explained():
            connection = self._open()
            return patiently(lambda: connection.execute(sql, values).fetchall()) if connection else []

    def stream(self, name: str) -> list[Event]:
        return list(self.select(f"SELECT {COLUMNS} FROM events WHERE stream = ? ORDER BY version", [name]))

    def head(self, module: str | None = None) -> int:
        where, values = ("WHERE module = ?", [module]) if module else ("", [])
        found = self.rows(f"SELECT position FROM events {where} ORDER BY position DESC LIMIT 1", values)
        return int(found[0][0]) if found else 0

    def follow(
        self, after: int, *, idle: float | None = None, ended: threading.Event | None = None
    ) -> Iterator[list[Event]]:
        from halo_engine.events.wake import Wake

        with Wake(self.path, ended) as wake:
            looks: Iterator[float] = iter(())
            while ended is None or not ended.is_set():
                batch = list(self.read(after, limit=1000))
                if batch:
                    after, looks = batch[-1].position, iter(SYNCING)
                    yield batch
                    continue
                soon = next(looks, None)
                if wake.wait(idle if soon is None else soon):
                    looks = iter(SYNCING)
                elif soon is None:
                    yield []

    # writing

    def append(self, new: Sequence[New]) -> list[Event]:
        """See `EventLog.append`."""
        events = drafts(new)

        def write(connection: sqlite3.Connection) -> list[Event]:
            heads: dict[str, tuple[int, bytes]] = {}
            position = _last_position(connection)
            made = []
            for item, event in zip(new, events, strict=True):
                version, previous = heads.get(item.stream) or _head(connection, item.stream)
                if item.expected is not None and item.stream not in heads and item.expected != version:
                    raise conflict(item, version)
                position += 1
                made.append(placed(event, position, version + 1, previous))
                heads[item.stream] = made[-1].version, made[-1].hash
            _insert(connection, made)
            return made

        return self._write(write)

    def unknown(self, events: Sequence[Event]) -> list[Event]:
        """Those whose id is not in this log, each once."""
        once = {event.id: event for event in events}
        return [event for event in once.values() if not self.rows("SELECT 1 FROM events WHERE id = ?", [event.id])]

    def restore(self, events: Sequence[Event]) -> list[Event]:
        """Append events that come from another log, with their ids, times and sources kept.

        Those whose id is here already are passed over; versions and hashes are given anew, in the order given.
        Returns what was added.
        """

        def write(connection: sqlite3.Connection) -> list[Event]:
            heads: dict[str, tuple[int, bytes]] = {}
            position = _last_position(connection)
            added = []
            for event in self.unknown(events):
                version, previous = heads.get(event.stream) or _head(connection, event.stream)
                if event.version != version + 1:
                    raise Conflict(
                        f"{event.stream} is at version {version} here, and the event to import is its {event.version}",
                        "import into an empty workspace, or export from the last common event on",
                    )
                position += 1
                added.append(placed(event, position, version + 1, previous))
                heads[event.stream] = added[-1].version, added[-1].hash
            _insert(connection, added)
            return added

        return self._write(write)

    def _write(self, write: Callable[[sqlite3.Connection], T]) -> T:
        with self._explained():
            connection = self._open(create=True)
            assert connection is not None
            begin(connection)
            try:
                result = write(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            return result

    # the file

    def _open(self, *, create: bool = False) -> sqlite3.Connection | None:
        """This thread's connection; None when there is no log yet and none is to be made."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is not None:
            return connection
        if create:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        elif not self.path.exists() or not self.path.stat().st_size:
            return None
        connection = connect(self.path)
        try:
            self._prepare(connection)
        except BaseException as error:
            connection.close()
            full = not create and isinstance(error, sqlite3.Error) and is_of_disk(error)
            if full and (found := at_rest(self.path)):
                return found  # for this once: there may be room the next time
            raise
        self._local.connection = connection
        self._connections.add(connection)
        return connection

    def _prepare(self, connection: sqlite3.Connection) -> None:
        """Make the table, once, whoever comes first.

        Raises NotAllowed for a file that this Halo does not understand.
        """
        version = patiently(lambda: _format(connection))
        if version > FORMAT:
            raise NotAllowed(f"{self.path} was written by a newer Halo (format {version})", "update this Halo")
        if version == 0:
            patiently(lambda: connection.execute("PRAGMA journal_mode = WAL"))
            begin(connection)
            if _format(connection) == 0:
                for statement in SCHEMA.strip().split(";\n"):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {FORMAT}")
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"PRAGMA cache_size = -{CACHE}")

    def close(self) -> None:
        for connection in list(self._connections):
            connection.close()
        self._connections.clear()
        self._local = threading.local()

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """SQLite's errors, in words, with what to do next."""
        try:
            yield
        except sqlite3.Error as error:
            raise explained(error, self.path) from error
        except OSError as error:
            raise Unavailable(f"{self.path.parent}: {error.strerror}", "make the workspace writable") from error


def _format(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _last_position(connection: sqlite3.Connection) -> int:
    found = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
    return int(found[0]) if found else 0


def _head(connection: sqlite3.Connection, stream: str) -> tuple[int, bytes]:
    found = connection.execute(
        "SELECT version, hash FROM events WHERE stream = ? ORDER BY version DESC LIMIT 1", (stream,)
    ).fetchone()
    return found or (0, b"")


def _insert(connection: sqlite3.Connection, events: Sequence[Event]) -> None:
    marks = ", ".join("?" * 13)
    connection.executemany(
        f"INSERT INTO events ({COLUMNS}) VALUES ({marks})", [msgspec.structs.astuple(event) for event in events]
    )
