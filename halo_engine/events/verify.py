"""Checking the log: every hash, every version, every position. Finds what was changed, removed or inserted by hand."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator

import msgspec

from halo_engine.errors import Damaged
from halo_engine.events.envelope import chain_hash
from halo_engine.events.model import Event
from halo_engine.events.salvage import readable, strange
from halo_engine.events.sqlite import explained, reader
from halo_engine.events.sqlite_log import COLUMNS, SqliteLog

STEPS = 1000
Watch = Callable[[int], Callable[[int], None]]
QUICK_CHECK = "PRAGMA quick_check(5)"


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


def verify(log: SqliteLog, watch: Watch = lambda _: lambda _: None) -> Verdict:
    """Check every event. `watch` is told how many there are, and returns what is told how many are done.

    Raises Damaged, saying what is readable, when the file itself is broken.
    """
    try:
        return _verdict(log, watch(log.head()))
    except Damaged as error:
        raise Damaged(f"{error.message}; {readable(log.path)}", error.hint) from error


def _verdict(log: SqliteLog, tell: Callable[[int], None]) -> Verdict:
    check = _Check()
    if not log.head():
        return Verdict(0, 0, list(_missing(log, 0)))
    try:
        connection = reader(log.path)
    except sqlite3.Error as error:
        raise explained(error, log.path) from error
    connection.text_factory = _text
    try:
        for row in connection.execute(f"SELECT {COLUMNS} FROM events ORDER BY position"):
            check.look(Event(*row))
            if check.count % STEPS == 0:
                tell(check.count)
        broken = [Fault(0, "", f"the file: {text}") for (text,) in connection.execute(QUICK_CHECK) if text != "ok"]
        return Verdict(check.count, len(check.heads), [*check.faults, *_missing(log, check.last), *broken])
    except sqlite3.Error as error:
        raise explained(error, log.path) from error
    finally:
        connection.close()


class _Check:
    """What has been seen so far."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.heads: dict[str, tuple[int, bytes]] = {}
        """Version and hash of each stream's last event."""
        self.last = 0
        self.count = 0

    def look(self, event: Event) -> None:
        version, previous = self.heads.get(event.stream, (0, b""))
        if event.position != self.last + 1:
            self._find(self.last + 1, "", _gap(self.last + 1, event.position - 1))
        odd = strange(event)
        if odd:
            self._find(event.position, str(event.stream), f"not what Halo writes: {', '.join(odd)}")
            self.heads[event.stream] = version + 1, event.hash
        else:
            for what in _faults(event, version, previous):
                self._find(event.position, event.stream, what)
            self.heads[event.stream] = event.version, event.hash
        self.last = event.position
        self.count += 1

    def _find(self, position: int, stream: str, what: str) -> None:
        self.faults.append(Fault(position, stream, what))


def _faults(event: Event, version: int, previous: bytes) -> Iterator[str]:
    """What is wrong with an event that follows this version and hash of its stream."""
    if event.version != version + 1:
        yield f"version {event.version} follows version {version}"
    elif event.previous_hash != previous:
        yield "does not continue its stream: the event before it was changed or replaced"
    if event.hash != chain_hash(event):
        yield f"its content or its place was changed after it was written ({event.type})"


def _gap(first: int, last: int) -> str:
    if first == last:
        return f"1 event removed: position {first}"
    return f"{last - first + 1} events removed: position {first} to {last}"


def _missing(log: SqliteLog, last: int) -> Iterator[Fault]:
    """What was removed from the end: SQLite remembers how many there were."""
    for (given,) in log.rows("SELECT seq FROM sqlite_sequence WHERE name = 'events'"):
        if given != last:
            yield Fault(last + 1, "", f"the log ends at {last}, but {given} events were appended")


def _text(raw: bytes) -> str:
    """Text that somebody may have spoilt."""
    return raw.decode(errors="backslashreplace")
