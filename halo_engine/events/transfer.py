"""Events out to JSON Lines, and in again: ids, times, sources and order kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from halo_engine.errors import BadData
from halo_engine.events.model import Event
from halo_engine.events.sqlite_log import SqliteLog

BATCH = 2000
CARRIED = (
    "position",
    "id",
    "stream",
    "version",
    "type",
    "schema",
    "time",
    "source",
    "correlation_id",
    "causation_id",
)


class Line(msgspec.Struct, frozen=True):
    """An event as one line of a file. Hashes are not carried: they are made anew, over the same contents."""

    position: int
    id: str
    stream: str
    version: int
    type: str
    schema: int
    time: str
    source: str
    correlation_id: str
    payload: msgspec.Raw
    causation_id: str | None = None


def to_lines(events: Iterable[Event]) -> Iterator[str]:
    """One line an event."""
    for event in events:
        line = {name: getattr(event, name) for name in CARRIED} | {"payload": msgspec.Raw(event.payload)}
        yield msgspec.json.encode(line).decode()


def from_lines(lines: Iterable[str]) -> Iterator[Event]:
    """Events from lines.

    Raises BadData naming the line.
    """
    decoder = msgspec.json.Decoder(Line)
    for number, text in enumerate(lines, 1):
        if not text.strip():
            continue
        try:
            line = decoder.decode(text)
        except (msgspec.MsgspecError, UnicodeEncodeError) as error:
            raise BadData(f"line {number}: not an event: {error}", "nothing was imported from this line on") from error
        carried: dict[str, Any] = {name: getattr(line, name) for name in CARRIED}
        yield Event(**carried, payload=bytes(line.payload))


def take_in(log: SqliteLog, events: Iterable[Event]) -> tuple[int, int]:
    """Append events from elsewhere that are not here yet; returns how many were added, and how many were here.

    Raises Conflict when a stream here went another way. Whole batches are kept; a repeated import goes on from there.
    """
    added = seen = 0
    batch: list[Event] = []
    for event in events:
        batch.append(event)
        if len(batch) == BATCH:
            done = len(log.restore(batch))
            added, seen, batch = added + done, seen + len(batch) - done, []
    done = len(log.restore(batch)) if batch else 0
    return added + done, seen + len(batch) - done
