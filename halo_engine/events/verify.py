"""Checking the log: every hash, every version, every position. Finds what was changed, removed or inserted by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from halo_engine.errors import Damaged
from halo_engine.events.envelope import chain_hash
from halo_engine.events.model import Event
from halo_engine.events.sqlite import connect
from halo_engine.events.sqlite_log import COLUMNS, SqliteLog

STEPS = 1000


class Fault(msgspec.Struct, frozen=True):
    """One place where the log is not what was written."""

    position: int
    stream: str
    what: str


class Verdict(msgspec.Struct, frozen=True):
    """What a check found."""

    events: int
    streams: int
    faults: list[Fault]


def verify(log: SqliteLog, tell: Callable[[int], None] = lambda _: None) -> Verdict:
    """Check every event. `tell` hears how many are done.

    Raises Damaged, saying what is readable, when the file itself is broken.
    """
    faults: list[Fault] = []
    heads: dict[str, tuple[int, bytes]] = {}
    last = 0
    count = 0
    try:
        for event in log.select(f"SELECT {COLUMNS} FROM events ORDER BY position"):
            faults += _faults(event, last, heads.get(event.stream, (0, b"")))
            heads[event.stream] = event.version, event.hash
            last = event.position
            count += 1
            if count % STEPS == 0:
                tell(count)
        given = log.rows("SELECT seq FROM sqlite_sequence WHERE name = 'events'")
        if given and given[0][0] != last:
            faults.append(Fault(last + 1, "", f"the log ends at {last}, but {given[0][0]} events were appended"))
        broken = [str(row[0]) for row in log.rows("PRAGMA quick_check(5)") if row[0] != "ok"]
    except Damaged as error:
        raise Damaged(f"{error.message}; {readable(log.path)}", error.hint) from error
    faults += [Fault(0, "", f"the file: {text}") for text in broken]
    return Verdict(count, len(heads), faults)


def _faults(event: Event, last: int, head: tuple[int, bytes]) -> Iterator[Fault]:
    version, previous = head
    if event.position != last + 1:
        gap = event.position - last - 1
        yield Fault(last + 1, "", f"{gap} event{'s' * (gap > 1)} removed: position {last + 1} to {event.position - 1}")
    if event.version != version + 1:
        yield Fault(event.position, event.stream, f"version {event.version} follows version {version}")
    elif event.previous_hash != previous:
        yield Fault(
            event.position, event.stream, "does not continue its stream: the event before it was changed or replaced"
        )
    if event.hash != chain_hash(event):
        yield Fault(event.position, event.stream, f"its content was changed after it was written ({event.type})")


def salvage(path: Path) -> Iterator[Event]:
    """Every event that can still be read from a damaged file, in order, whatever lies between."""
    connection = connect(path)
    try:
        position = 0
        top = _top(connection)
        while position < top:
            try:
                for row in connection.execute(
                    f"SELECT {COLUMNS} FROM events WHERE position > ? ORDER BY position", (position,)
                ):
                    position = int(row[0])
                    yield Event(*row)
                return
            except (sqlite3.DatabaseError, OverflowError, TypeError):
                position += 1
    except sqlite3.DatabaseError:
        return
    finally:
        connection.close()


def readable(path: Path) -> str:
    """In words, how much of a damaged file can be read."""
    positions = [event.position for event in salvage(path)]
    if not positions:
        return "no event in it can be read"
    return f"{len(positions):,} events can be read, the last is {positions[-1]:,}"


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
