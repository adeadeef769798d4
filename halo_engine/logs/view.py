"""One log file to scroll in: any line at once, whatever the size; found by search; followed as it grows.

A view belongs to one thread at a time: let a worker ask, and hand what it got to the screen. Offsets are beginnings of
lines; they stay valid while the file grows. Lines can be asked for by offset at once, and by number as far as they
have been counted: `count_lines` in a worker counts thirty million a second where the file is in memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from itertools import islice
from typing import NamedTuple

import msgspec
from stringzilla import count

from halo_engine.logs import seek
from halo_engine.logs.files import LogFile
from halo_engine.logs.follow import replaced
from halo_engine.logs.levels import Level
from halo_engine.logs.packed import BLOCK
from halo_engine.logs.query import Query
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.scan import Judge, backwards, hits
from halo_engine.logs.stamps import Nanoseconds

STEP = 65_536
"""Bytes between two counts of lines."""
STRIDE = 16 << 20
"""Bytes that `find` looks through between two questions whether to go on."""
NEAR = 2_048
"""Bytes in which the time of a checkpoint is looked for."""
TRIED = 8
"""Lines that are tried for the time at which a block begins."""
LONGEST_LINE = 65_536
"""Bytes of a line that `lines` gives; `record` gives all of it."""


class Line(msgspec.Struct, frozen=True):
    """A line as it is written."""

    start: int
    """Offset of its first byte."""
    end: int
    """Offset behind its newline: where the next begins."""
    text: bytes
    """Without its newline; at most `LONGEST_LINE` bytes."""


class Checkpoint(NamedTuple):
    """A line of those that were counted."""

    number: int
    offset: int
    time: Nanoseconds | None
    """Of its record, or of the next that has one near it."""


class Matched(NamedTuple):
    """What a block of a file answered."""

    hits: list[tuple[int, Nanoseconds | None]]
    """Offset and time of each record, the last first."""
    start: int
    """Where the block begins."""
    time: Nanoseconds | None
    """The first time in it."""


class Bucket(msgspec.Struct):
    """A stretch of time in the histogram."""

    since: Nanoseconds
    counts: dict[Level | None, int]


class LogView:
    """Lines of a file by offset or number. `opener` opens the file of that name anew, for `grown`.

    Raises OSError where the disk fails; nothing else.
    """

    def __init__(self, source: str, file: LogFile, opener: Callable[[], LogFile]) -> None:
        self.source = source
        self.file = file
        self._opener = opener
        self._newlines = [0]
        """How many newlines stand before each `STEP` bytes."""
        self._counted = 0

    def close(self) -> None:
        self.file.close()

    @property
    def size(self) -> int:
        """Bytes, as of the last `grown`."""
        return self.file.size

    def grown(self) -> bool:
        """Take in what was appended; True when the file was rotated or cut short, so that all begins anew."""
        if replaced(self.file):
            anew = self._opener()
            self.file.close()
            self.file, self._newlines, self._counted = anew, [0], 0
            return True
        self.file.grown()
        return False

    # By offset

    def lines(self, start: int, most: int) -> list[Line]:
        """So many lines from a beginning of a line on; fewer at the end of the file."""
        found: list[Line] = []
        at, block, base = start, b"", start
        while len(found) < most and at < self.size:
            end = block.find(b"\n", at - base) + 1
            if not end:
                base, block = at, self.file.read(at, min(at + STEP, self.size))
                end = block.find(b"\n") + 1
            stop = base + end if end else self.file.line_end(at)
            text = block[at - base : min(stop - base, at - base + LONGEST_LINE)]
            found.append(Line(at, stop, text.rstrip(b"\r\n")))
            at = stop
        return found

    def lines_before(self, end: int, count: int) -> list[Line]:
        """So many lines that stand before a beginning of a line, the first of them first."""
        start = end
        for _ in range(count):
            if start <= 0:
                break
            start = self.file.line_start(start - 1)
        found = self.lines(start, count) if start < end else []
        return [line for line in found if line.start < end]

    def line_start(self, offset: int) -> int:
        """The beginning of the line that holds any offset: for a scroll bar, and for `time`."""
        return self.file.line_start(offset)

    def record(self, start: int) -> Record | Malformed:
        """The record that begins at an offset, with all its fields."""
        return self.file.format.whole(self.file.read(start, self.file.align(start + 1)).rstrip(b"\r\n"))

    # By number

    @property
    def counted(self) -> float:
        """Which part of the file has been counted, 0 to 1."""
        return self._counted / self.size if self.size else 1.0

    def count_lines(self, most: int = 64 * BLOCK) -> bool:
        """Count on for at most so many bytes; True when all is counted."""
        end = min(self.size, self._counted + most)
        while self._counted < end:
            begun = self._counted - self._counted % STEP
            block = self.file.read(self._counted, min(begun + STEP, self.size))
            if not block:
                break
            del self._newlines[begun // STEP + 1 :]
            here = self._newlines[-1] if self._counted == begun else self._partial
            self._partial = here + count(block, b"\n")
            self._counted += len(block)
            if self._counted == begun + STEP:
                self._newlines.append(self._partial)
        return self._counted >= self.size

    _partial = 0

    @property
    def line_count(self) -> int:
        """Lines so far counted; an unfinished last one is one too. With `counted` below 1 the whole can be guessed."""
        total = self._partial if self._counted % STEP else self._newlines[-1]
        ends = self._counted == 0 or self.file.read(self._counted - 1, self._counted) == b"\n"
        return total + (not ends)

    @property
    def whole_lines(self) -> tuple[int, int]:
        """Of what was counted: how many lines have an end, and where the last of them ends."""
        total = self._partial if self._counted % STEP else self._newlines[-1]
        return total, self.file.line_start(self._counted)

    def offset_of(self, number: int) -> int:
        """Where the line of that number begins, the first being 0; the last counted for a larger one."""
        number = max(0, min(number, self.line_count - 1))
        if number == 0:
            return 0
        place = bisect_right(self._newlines, number - 1) - 1
        start, left = place * STEP, number - self._newlines[place]
        block, at = self.file.read(start, min(start + STEP, self.size)), -1
        for _ in range(left):
            at = block.find(b"\n", at + 1)
        return start + at + 1

    def number_of(self, offset: int) -> int:
        """The number of the line that holds an offset that has been counted."""
        place = min(offset // STEP, len(self._newlines) - 1)
        start = place * STEP
        return self._newlines[place] + int(count(self.file.read(start, offset), b"\n"))

    def checkpoints(self) -> Iterator[Checkpoint]:
        """Of what was counted, about every `STEP` bytes a line: with its number, its offset and its time."""
        for place, newlines in enumerate(self._newlines):
            begun = place * STEP
            offset = self.file.line_end(begun - 1) if begun else 0
            if offset // STEP == place and offset < self._counted:
                yield Checkpoint(
                    newlines + (offset > begun), offset, self._time_of(self.file.read(offset, offset + NEAR))
                )

    # By content and time

    def find(
        self, query: Query, start: int, *, forward: bool = True, stopped: Callable[[], bool] = lambda: False
    ) -> int | None:
        """The first record that answers from an offset on, or the last before it; None when there is none.

        `stopped` is asked every `STRIDE` bytes whether the answer is still wanted.
        """
        at, bound = self.file.align(start), self.size if forward else 0
        judge = Judge(query, self.file)
        while at != bound and not stopped():
            if forward:
                end = self.file.align(min(at + STRIDE, bound))
                found, at = hits(self.file, judge, at, end), end
            else:
                end = self.file.align(at - STRIDE)
                end = end if end < at else 0
                found, at = backwards(self.file, judge, at, end), end
            place = next((begin for begin, _, _ in found), None)
            if place is not None:
                return place
        return None

    def matches(self, query: Query, end: int | None = None) -> Iterator[Matched]:
        """All records that answer, from the end backwards, a block at a time: the latest are there at once.

        Blocks without any come too, so that a worker can stop between them.
        """
        judge = Judge(query, self.file)
        for offset, block in self.file.blocks_before(self.size if end is None else end):
            found = [(first, judge.answers(block[first:last])) for first, last in judge.spans(block)]
            hits = [(offset + first, record.time) for first, record in reversed(found) if record is not None]
            yield Matched(hits, offset, self._time_of(block))

    def _time_of(self, block: bytes) -> Nanoseconds | None:
        """The first time among the first lines of a block."""
        for first, last in islice(self.file.spans(block), TRIED):
            record = self.file.format.head(block[first:last])
            if isinstance(record, Record) and record.time is not None:
                return record.time
        return None

    def after(self, query: Query, start: int) -> list[int]:
        """Offsets of the records that answer from an offset on: for what has been appended."""
        return [begin for begin, _, _ in hits(self.file, Judge(query, self.file), start, self.size)]

    def time_at(self, offset: int) -> Nanoseconds | None:
        """The time of the first record from an offset on that has one, at most a mebibyte on."""
        return seek.time_at(self.file, offset, BLOCK)

    def offset_at(self, time: Nanoseconds) -> int:
        """Where the first record of that time or later stands, by bisection; the size when there is none."""
        window = seek.window(self.file, time, None)
        found = self.find(Query(since=time), window.start)
        return self.size if found is None else found

    def last_time(self) -> Nanoseconds | None:
        """The time of the last record that has one, among the last hundred."""
        found = backwards(self.file, Judge(Query(), self.file), self.size, 0, STEP)
        return next((record.time for _, _, record in islice(found, 100) if record.time is not None), None)

    def histogram(self, since: Nanoseconds, until: Nanoseconds, buckets: int) -> list[Bucket]:
        """Records by level in so many equal stretches of a time: what is outside of it is not read."""
        width = max(1, -(-(until - since) // buckets))
        made = [Bucket(since + width * place, {}) for place in range(buckets)]
        query = Query(since=since, until=until - 1)
        window = seek.window(self.file, query.since, query.until)
        for _, _, record in hits(self.file, Judge(query, self.file), window.start, window.end):
            assert record.time is not None
            counts = made[(record.time - since) // width].counts
            counts[record.level] = counts.get(record.level, 0) + 1
        return made
