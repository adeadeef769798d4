"""From a time to an offset, by bisection: logs are appended, so they are nearly in the order of their times.

Nearly: writers are late by seconds, so the window is widened by a slack; and clocks jump, so what lies outside of it is
sampled, and where a sample contradicts, the whole file is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from halo_engine.logs.files import LogFile
from halo_engine.logs.record import Malformed, Reach
from halo_engine.logs.stamps import MINUTE, Nanoseconds

SMALL = 32 << 20
"""Bytes of a file that is read whole in any case."""
NEAR = 65_536
"""Bytes at which bisection stops."""
SAMPLE = 4096
BIG_SAMPLE = 1 << 20
SAMPLES = 192
SLACK = MINUTE


class Window(NamedTuple):
    """Where in a file the times sought are: two beginnings of records."""

    start: int
    end: int
    ordered: bool = True
    """False: the times are out of order, so that the window is the whole file."""


def window(file: LogFile, since: Nanoseconds | None, until: Nanoseconds | None, slack: Nanoseconds = SLACK) -> Window:
    """The part of a file that holds all records from `since` to `until`."""
    whole = Window(0, file.size)
    if (since is None and until is None) or file.size <= SMALL:
        return whole
    start = 0 if since is None else _first(file, since - slack)
    end = file.size if until is None else max(start, _first(file, until + slack + 1, over=True))
    if _contradicted(file, start, end, since, until):
        return Window(0, file.size, ordered=False)
    return Window(start, end)


def _first(file: LogFile, wanted: Nanoseconds, *, over: bool = False) -> int:
    """A beginning of a record, at most `NEAR` bytes before (with `over`: behind) the first one of that time."""
    low, high = 0, file.size
    while high - low > NEAR:
        middle = (low + high) // 2
        found = time_at(file, middle)
        if over if found is None else found < wanted:
            low = middle
        else:
            high = middle
    return file.align(high if over else low)


def time_at(file: LogFile, offset: int, most: int = BIG_SAMPLE) -> Nanoseconds | None:
    """The time of the first record at an offset that has one, at most so many bytes on."""
    for lines in _records(file, offset, most):
        for each in lines:
            record = file.format.head(each)
            if not isinstance(record, Malformed) and record.time is not None:
                return record.time
    return None


def _records(file: LogFile, offset: int, most: int) -> Iterator[list[bytes]]:
    """The records that begin in so many bytes from an offset, some at a time."""
    start = file.align(offset)
    end = min(file.size, offset + most)
    for _, block in file.blocks(start, file.align(end) if start < end else start, SAMPLE):
        yield [block[first:last] for first, last in file.spans(block)]


def _contradicted(file: LogFile, start: int, end: int, since: Nanoseconds | None, until: Nanoseconds | None) -> bool:
    """Whether a sample of what would be left out should not be: spread over it, and closer by the window."""
    if since is not None:
        latest = _sampled(file, _places(0, start, nearest=start))[1]
        if latest is not None and latest >= since:
            return True
    if until is not None:
        earliest = _sampled(file, _places(end, file.size, nearest=end))[0]
        if earliest is not None and earliest <= until:
            return True
    return False


def _sampled(file: LogFile, places: list[int]) -> Reach:
    """The earliest and the latest time of the records at these places."""
    return file.format.reach([each for offset in places for lines in _records(file, offset, SAMPLE) for each in lines])


def _places(low: int, high: int, nearest: int) -> list[int]:
    length = high - low
    if length <= 0:
        return []
    spread = {low + length * n // SAMPLES for n in range(SAMPLES)}
    direction = -1 if nearest == high else 1
    close = {nearest + direction * (SAMPLE << n) for n in range(24)}
    return sorted(spread | {place for place in close if low <= place < high - SAMPLE})
