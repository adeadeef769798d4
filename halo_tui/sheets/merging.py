"""Several logs as one, by time: which line is the n-th of all, without looking at all.

Each log gives a checkpoint every 64 KiB; what lies between two is read when it is asked for. Lines keep the order of
their file: one without a time, or with an earlier one than a line before it, counts as of that line's time; and none
as later than the next checkpoint.
"""

from __future__ import annotations

import heapq
from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from itertools import islice

from halo_engine.logs.record import Record
from halo_engine.logs.stamps import Nanoseconds
from halo_tui.sheets.chain import Chain, Place

BLOCKS = 128
"""Blocks of lines, between two checkpoints, of which the times are kept."""
LATEST = 1 << 63
Dated = tuple[Nanoseconds, int]
"""A line: its time, and its offset."""


class Track:
    """One log: its checkpoints, from the earliest line to the latest that was counted."""

    def __init__(self, number: int, chain: Chain) -> None:
        self._number, self._chain = number, chain
        self.times: list[Nanoseconds] = []
        self.lines: list[int] = []
        """The number of the line at each checkpoint, over all files."""
        self.count = 0
        self.end = 0
        """Where in the newest file the lines end that are counted here."""
        self._places: list[Place] = []
        self._blocks: OrderedDict[int, list[Dated]] = OrderedDict()

    def made(self) -> Iterator[None]:
        """Take in the checkpoints, one at a time."""
        last = 0
        for file in reversed(range(len(self._chain.views))):
            view = self._chain.views[file]
            for number, offset, time in view.checkpoints():
                last = max(last, time or 0)
                self.times.append(last)
                self.lines.append(self.count + number)
                self._places.append(Place(self._number, file, offset))
                yield
            lines, self.end = view.whole_lines
            self.count += view.line_count if file else lines

    def before(self, time: Nanoseconds, *, too: bool) -> int:
        """How many lines are earlier than a time, or of that time `too`."""
        bisect = bisect_right if too else bisect_left
        block = bisect(self.times, time) - 1
        return 0 if block < 0 else self.lines[block] + bisect(self.block(block), time, key=lambda dated: dated[0])

    def block(self, number: int) -> list[Dated]:
        """The lines from a checkpoint to the next."""
        if number in self._blocks:
            self._blocks.move_to_end(number)
            return self._blocks[number]
        place = self._places[number]
        last_one = number + 1 == len(self.lines)
        until, latest = (self.count, LATEST) if last_one else (self.lines[number + 1], self.times[number + 1])
        view = self._chain.views[place.file]
        found, last = [], self.times[number]
        for line in view.lines(place.offset, until - self.lines[number]):
            record = view.file.format.head(line.text)
            last = min(latest, max(last, record.time or 0)) if isinstance(record, Record) else last
            found.append((last, line.start))
        self._blocks[number] = found
        if len(self._blocks) > BLOCKS:
            self._blocks.popitem(last=False)
        return found

    def on(self, line: int) -> Iterator[tuple[Nanoseconds, int, int, Place]]:
        """The lines from one on: time, log, number and place."""
        number = bisect_right(self.lines, line) - 1
        while 0 <= number < len(self.lines):
            first, place = self.lines[number], self._places[number]
            for at, (time, offset) in enumerate(self.block(number)[max(0, line - first) :], max(first, line)):
                yield time, self._number, at, place._replace(offset=offset)
            number += 1

    def at(self, place: Place) -> tuple[Nanoseconds, int] | None:
        """Time and number of the line at a place."""
        number = bisect_right(self._places, _height(place), key=_height) - 1
        found = self.block(number) if number >= 0 else []
        inside = bisect_left(found, place.offset, key=lambda dated: dated[1])
        if inside == len(found) or found[inside][1] != place.offset:
            return None
        return found[inside][0], self.lines[number] + inside


def _height(place: Place) -> tuple[int, int]:
    """What the places of a log are ordered by: older files have higher numbers."""
    return -place.file, place.offset


class Merging:
    """Of several logs the order of all lines: by time, then by log, then by line."""

    def __init__(self, chains: Sequence[Chain]) -> None:
        self._tracks = [Track(number, chain) for number, chain in enumerate(chains)]
        self._steps = iter([step for track in self._tracks for step in [track.made()]])
        self._going: Iterator[None] | None = next(self._steps, None)
        self._checkpoints: list[tuple[Nanoseconds, int, int]] = []

    def step(self) -> bool:
        """Go on making it; True when it is made."""
        if self._going is None:
            return True
        if next(self._going, self) is not self:
            return False
        self._going = next(self._steps, None)
        if self._going is None:
            self._checkpoints = sorted(
                (time, number, line)
                for number, track in enumerate(self._tracks)
                for time, line in zip(track.times, track.lines, strict=True)
            )
        return self._going is None

    @property
    def count(self) -> int:
        """How many lines there are."""
        return sum(track.count for track in self._tracks)

    @property
    def ends(self) -> list[int]:
        """Where in the newest file of each log the lines end that are counted here."""
        return [track.end for track in self._tracks]

    def places(self, first: int, count: int) -> list[Place]:
        """Where so many rows stand, from one on."""
        near = bisect_right(self._checkpoints, first, key=lambda checkpoint: sum(self._cuts(*checkpoint))) - 1
        cuts = self._cuts(*self._checkpoints[max(0, near)])
        lines = heapq.merge(*(track.on(cut) for track, cut in zip(self._tracks, cuts, strict=True)))
        passed = first - sum(cuts)
        return [place for _, _, _, place in islice(lines, passed, passed + count)]

    def row(self, place: Place) -> int | None:
        """The row of a place."""
        found = self._tracks[place.source].at(place)
        return None if found is None else sum(self._cuts(found[0], place.source, found[1]))

    def _cuts(self, time: Nanoseconds, number: int, line: int) -> list[int]:
        """How many lines of each log come before a line."""
        return [
            line if other == number else track.before(time, too=other < number)
            for other, track in enumerate(self._tracks)
        ]
