"""Reading a file for a query, block by block: prefiltered as bytes, then decoded, then asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

import msgspec

from halo_engine.logs.files import SCANNED, LogFile
from halo_engine.logs.prefilter import prefilter
from halo_engine.logs.query import Query, tests
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.stamps import Nanoseconds

Hit = tuple[int, int, Nanoseconds | None]
"""Where a record begins and ends, and its time."""


class Found(msgspec.Struct):
    """What a part of a file answered."""

    hits: list[Hit] = msgspec.field(default_factory=list)
    """The last ones, as many as were to be kept."""
    count: int = 0
    """How many there are in all."""
    looked: int = 0
    """Records that were decoded."""
    malformed: int = 0
    """Lines among them that are no records."""
    undated: int = 0
    """Records that answer but for the time, of which they have none."""

    def add(self, other: Found) -> None:
        """Count in what a later part answered; its hits are the caller's to keep."""
        self.count += other.count
        self.looked += other.looked
        self.malformed += other.malformed
        self.undated += other.undated


class Judge:
    """Whether the record in some bytes answers a query; keeps count of what it met."""

    def __init__(self, query: Query, file: LogFile, *, whole: bool = False) -> None:
        """`whole`: the records that answer shall have all their fields."""
        untimed = msgspec.structs.replace(query, since=None, until=None)
        self._tests, needed = tests(untimed)
        self._since = query.since
        self._until = query.until
        self._bounded = query.bounded
        self.parse = file.format.whole if needed else file.format.head
        self._completed = file.format.whole if whole and not needed else None
        self._spans = file.spans
        self._prefilter = prefilter(query, file.format)
        self.met = Found()

    def spans(self, block: bytes) -> Iterator[tuple[int, int]]:
        """The records of a block that are worth a look."""
        return self._prefilter(block) if self._prefilter else self._spans(block)

    def answers(self, lines: bytes) -> Record | None:
        """The record, when it is one that was sought."""
        met = self.met
        met.looked += 1
        record = self.parse(lines)
        if type(record) is Malformed:
            met.malformed += 1
            return None
        assert isinstance(record, Record)
        if not self.admits(record, lines):
            return None
        if self._completed is None:
            return record
        complete = self._completed(lines)
        return complete if isinstance(complete, Record) else None

    def admits(self, record: Record, lines: bytes) -> bool:
        """Whether a record is one that was sought."""
        for test in self._tests:
            if not test(record, lines):
                return False
        return not self._bounded or self._within(record)

    def _within(self, record: Record) -> bool:
        if record.time is None:
            self.met.undated += 1
            return False
        return (self._since is None or record.time >= self._since) and (
            self._until is None or record.time <= self._until
        )


def hits(file: LogFile, judge: Judge, start: int, end: int, size: int = SCANNED) -> Iterator[tuple[int, int, Record]]:
    """The records between two offsets that answer, in the order of the file; read in blocks of that size."""
    answers = judge.answers
    for offset, block in file.blocks(start, end, size):
        for first, last in judge.spans(block):
            record = answers(block[first:last])
            if record is not None:
                yield offset + first, offset + last, record


def found(file: LogFile, query: Query, start: int, end: int, keep: int) -> Found:
    """What a part of a file answers; the last `keep` hits are kept (0: all)."""
    judge = Judge(query, file)
    kept: deque[Hit] = deque(maxlen=keep or None)
    count = 0
    for first, last, record in hits(file, judge, start, end):
        kept.append((first, last, record.time))
        count += 1
    return msgspec.structs.replace(judge.met, hits=list(kept), count=count)


class Lines(msgspec.Struct):
    """Lines that answer, as they are written, and what was met."""

    text: bytes
    """Each with a newline."""
    met: Found


def written(file: LogFile, query: Query, start: int, end: int) -> Lines:
    """The lines of a part of a file that answer."""
    judge = Judge(query, file)
    parts: list[bytes] = []
    for _, block in file.blocks(start, end):
        parts += [block[first:last] + b"\n" for first, last in judge.spans(block) if judge.answers(block[first:last])]
    return Lines(b"".join(parts), judge.met)


def backwards(
    file: LogFile, judge: Judge, end: int, start: int = 0, size: int = SCANNED
) -> Iterator[tuple[int, int, Record]]:
    """The records before an offset that answer, the last first."""
    for offset, block in file.blocks_before(end, start, size):
        for first, last in reversed(list(judge.spans(block))):
            record = judge.answers(block[first:last])
            if record is not None:
                yield offset + first, offset + last, record
