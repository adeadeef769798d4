"""JSON lines counted by the thousand: decoded together, and looked at once for each level and instance that they have.

Counting asks every line there is, so whatever can be done for many lines is not done for each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from msgspec import UNSET

from halo_engine.logs.files import LogFile
from halo_engine.logs.formats.json_lines import INSTANCE, LEVEL, MESSAGE, TIME, JsonLines
from halo_engine.logs.levels import NAMES, level_of
from halo_engine.logs.query import Query
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.scan import Judge
from halo_engine.logs.stamps import extremes
from halo_engine.logs.tally import KEYS, By, Group, Tally, note
from halo_engine.logs.templates import templates

HELD = 50_000
"""Lines after which the times that were kept are folded into their groups."""
NO_LEVEL = {bool, dict, list}
NEW: Any = object()
Bucket = tuple[Group, list[Any]]
"""A group, and the times, as they are written, of records with one level and instance."""


def fits(query: Query, file: LogFile) -> bool:
    """Whether a query can be counted so: it asks for level and instance, or for nothing."""
    narrow = query.bounded or query.where or query.text or query.regex or query.trace
    return isinstance(file.format, JsonLines) and not narrow


def tallied(file: LogFile, query: Query, by: By, start: int, end: int) -> Tally:
    """Everything between two offsets counted, as `tally.tallied` does."""
    counting = Counting(file, query, by)
    for _, block in file.blocks(start, end):
        lines = block.split(b"\n")
        counting.add(lines if lines[-1] else lines[:-1])
    return counting.total()


class Counting:
    """A tally as it is made."""

    def __init__(self, file: LogFile, query: Query, by: By) -> None:
        assert isinstance(file.format, JsonLines)
        self._format = file.format
        self._judge = Judge(query, file)
        self._key = KEYS[by]
        self._leveled = by == "level" or query.levels is not None
        self._templates = by == "template"
        self._wanted = (TIME, INSTANCE, *[LEVEL] * self._leveled, *[MESSAGE] * self._templates)
        self._tally = Tally()
        self._malformed: Counter[str] = Counter()
        self._held = 0
        self._buckets: dict[tuple[Any, ...], Bucket | None] = {}
        """None for records that the query does not ask for."""

    def add(self, lines: list[bytes]) -> None:
        """Count these."""
        form, buckets = self._format, self._buckets
        firsts, other = form.firsts(TIME, INSTANCE), form.other
        heads = form.heads(lines, self._wanted)
        for line, head, level, name in zip(lines, heads, self._levels(heads), self._named(heads), strict=True):
            if head is None:
                self._odd(line)
                continue
            time, instance = firsts(head)
            if time is UNSET or time is None:
                time, _ = other(head, TIME)
            if type(instance) is not str:
                instance = form.instance_of(
                    other(head, INSTANCE)[0] if instance is UNSET or instance is None else instance
                )
            key = (level, instance, type(time), name)
            bucket = buckets.get(key, NEW)
            if bucket is NEW:
                bucket = buckets[key] = self._begun(line)
            if bucket is not None:
                bucket[1].append(time)
        self._tally.lines += len(lines)
        self._held += len(lines)
        if self._held > HELD:
            self._fold()

    def _levels(self, heads: list[Any]) -> Sequence[Any]:
        """What is the same for two decoded heads only where their level is, if it is asked for."""
        if not self._leveled:
            return [None] * len(heads)
        first = self._format.firsts(LEVEL)
        said = [None if head is None else first(head) for head in heads]
        return [
            (self._further(head) if level is UNSET or level is None else None if type(level) in NO_LEVEL else level)
            for level, head in zip(said, heads, strict=True)
        ]

    def _further(self, head: Any) -> Any:
        meant = None if head is None else level_of(*self._format.other(head, LEVEL))
        return NAMES[meant] if meant else None

    def _named(self, heads: list[Any]) -> Sequence[str]:
        """The templates of what decoded heads say, if they are asked for."""
        if not self._templates:
            return [""] * len(heads)
        say = self._format.message_of
        return templates(["" if head is None else say(head) for head in heads])

    def total(self) -> Tally:
        """What was counted."""
        self._fold()
        self._tally.malformed = dict(self._malformed)
        self._tally.records = self._tally.lines - self._malformed.total()
        return self._tally

    def _begun(self, line: bytes) -> Bucket | None:
        """A bucket for a line that is the first of its sort."""
        record = self._format.head(line)
        assert isinstance(record, Record)
        return (self._tally.begun(self._key(record), record), []) if self._judge.admits(record, line) else None

    def _odd(self, line: bytes) -> None:
        """Count a line that has to be looked at by itself."""
        record = self._format.whole(line)
        if isinstance(record, Malformed):
            self._malformed[record.kind] += 1
        elif self._judge.admits(record, line):
            self._tally.matched += 1
            note(self._tally.begun(self._key(record), record), record)

    def _fold(self) -> None:
        for bucket in self._buckets.values():
            if bucket is not None and bucket[1]:
                group, times = bucket
                first, last = extremes(times, self._format.zone)
                self._tally.matched += len(times)
                group.add(Group(len(times), first, last))
        self._buckets.clear()
        self._held = 0
