"""Saving what can be read of a damaged log. The file itself is never written."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import get_type_hints

import msgspec

from halo_engine.events.model import Event
from halo_engine.events.sqlite import connect
from halo_engine.events.sqlite_log import COLUMNS

KINDS = get_type_hints(Event)
"""Of the values of an event, as Halo writes them."""


class Salvage:
    """What can be saved. Streams are numbered anew over what is lost, so that another log can take them in."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.lost = 0
        """Events that cannot be read. This and `orphaned` are known when all has been read."""
        self.orphaned = 0
        """Events that are left out since the first one of their stream is lost: they say nothing without it."""

    def events(self) -> Iterator[Event]:
        """Every event that is of use, in order, whatever lies between."""
        heads: Counter[str] = Counter()
        read = 0
        for event in _readable(self._path):
            read += 1
            if heads[event.stream] or event.version == 1:
                heads[event.stream] += 1
                yield msgspec.structs.replace(event, version=heads[event.stream])
        self.orphaned = read - heads.total()
        self.lost = _given(self._path) - read

    def summary(self) -> str:
        """What could not be saved, in words; empty when everything was."""
        lost = f"{self.lost:,} events could not be read" if self.lost > 0 else ""
        orphaned = f"{self.orphaned:,} were left out: the beginning of their stream is lost" if self.orphaned else ""
        return "; ".join(filter(None, (lost, orphaned)))


def readable(path: Path) -> str:
    """In words, how much of a damaged file can be read."""
    positions = [event.position for event in _readable(path)]
    if not positions:
        return "no event in it can be read"
    return f"{len(positions):,} of {max(_given(path), positions[-1]):,} events can be read"


def strange(event: Event) -> list[str]:
    """The fields that hold what Halo never writes there."""
    return [name for name, kind in KINDS.items() if not isinstance(getattr(event, name), kind)]


def _readable(path: Path) -> Iterator[Event]:
    """Every event that can be read, as it stands in the file."""
    with closing(connect(path, reading=True)) as connection:
        connection.execute(
            "PRAGMA writable_schema = ON"
        )  # so that a file which was cut short is read as far as it goes
        position, top = 0, _top(connection)
        while position < top:
            try:
                for row in connection.execute(
                    f"SELECT {COLUMNS} FROM events WHERE position > ? ORDER BY position", (position,)
                ):
                    position = int(row[0])
                    event = Event(*row)
                    if _is_whole(event):
                        yield event
                return
            except (sqlite3.DatabaseError, OverflowError):
                position += 1


def _is_whole(event: Event) -> bool:
    try:
        return not strange(event) and isinstance(msgspec.json.decode(event.payload), dict)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _given(path: Path) -> int:
    with closing(_opened(path)) as connection:
        return _top(connection)


def _opened(path: Path) -> sqlite3.Connection:
    """The file, for reading, also when it was cut short."""
    connection = connect(path, reading=True)
    connection.execute("PRAGMA writable_schema = ON")
    return connection


def _top(connection: sqlite3.Connection) -> int:
    """The highest position that may be there."""
    for sql in ("SELECT seq FROM sqlite_sequence WHERE name = 'events'", "SELECT max(position) FROM events"):
        try:
            found = connection.execute(sql).fetchone()
        except sqlite3.DatabaseError:
            continue
        if found and found[0]:
            return int(found[0])
    return 0
