"""Several sources in one, by time."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator

from halo_engine.logs.record import Entry
from halo_engine.logs.stamps import Nanoseconds

Timed = tuple[Nanoseconds, Entry]


def merged(streams: Iterable[Iterable[Entry]]) -> Iterator[Entry]:
    """Entries by time. Each source keeps its own order: what is late, or has no time, stays behind what it followed."""
    return (item for _, item in heapq.merge(*map(_placed, streams), key=_time))


def _placed(stream: Iterable[Entry]) -> Iterator[Timed]:
    reached = 0
    for item in stream:
        reached = max(reached, item.record.time or 0)
        yield reached, item


def _time(timed: Timed) -> Nanoseconds:
    return timed[0]
