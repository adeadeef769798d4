"""Counting: lines, records, what is malformed, and groups by level, instance or template."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable
from typing import Literal

import msgspec

from halo_engine.logs.files import LogFile
from halo_engine.logs.levels import NAMES
from halo_engine.logs.query import Query
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.scan import Judge
from halo_engine.logs.stamps import Nanoseconds
from halo_engine.logs.templates import template

By = Literal["level", "instance", "template"]
MOST = 100_000
"""Groups that are kept apart; what comes later is counted as `OTHERS`."""
EXAMPLE = 500
"""Characters of a message that are kept."""
OTHERS = "(others)"
NONE = "(none)"


class Group(msgspec.Struct):
    """Records that are alike."""

    count: int = 0
    first: Nanoseconds | None = None
    last: Nanoseconds | None = None
    example: str = ""
    """The message of the first, its beginning."""
    instances: set[str] = msgspec.field(default_factory=set)

    def add(self, other: Group) -> None:
        """Count in what was found elsewhere."""
        self.count += other.count
        self.first = earliest(self.first, other.first)
        self.last = latest(self.last, other.last)
        self.example = self.example or other.example
        self.instances |= other.instances


class Tally(msgspec.Struct):
    """What was counted. `records` and what is malformed and `continued` make up `lines`."""

    lines: int = 0
    records: int = 0
    malformed: dict[str, int] = msgspec.field(default_factory=dict)
    """By kind."""
    continued: int = 0
    """Lines that go on with a record that began above."""
    matched: int = 0
    """Records that answer the query."""
    undated: int = 0
    groups: dict[str, Group] = msgspec.field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Count in what was found elsewhere."""
        self.lines += other.lines
        self.records += other.records
        self.continued += other.continued
        self.matched += other.matched
        self.undated += other.undated
        for kind, count in other.malformed.items():
            self.malformed[kind] = self.malformed.get(kind, 0) + count
        for key, group in other.groups.items():
            self.into(key).add(group)

    def into(self, key: str) -> Group:
        """The group of that name, made when it is not there; `OTHERS` when there are too many."""
        group = self.groups.get(key)
        if group is None:
            key = key if len(self.groups) < MOST else OTHERS
            group = self.groups.setdefault(key, Group())
        return group

    def begun(self, key: str, record: Record) -> Group:
        """The same; a new one takes its example from the record."""
        known = len(self.groups)
        group = self.into(key)
        if len(self.groups) > known:
            group.example = record.message[:EXAMPLE]
        if record.instance and record.instance not in group.instances and len(group.instances) < 1000:
            group.instances.add(sys.intern(record.instance))
        return group


def earliest(one: Nanoseconds | None, other: Nanoseconds | None) -> Nanoseconds | None:
    return other if one is None else one if other is None else min(one, other)


def latest(one: Nanoseconds | None, other: Nanoseconds | None) -> Nanoseconds | None:
    return other if one is None else one if other is None else max(one, other)


KEYS: dict[By, Callable[[Record], str]] = {
    "level": lambda record: NAMES[record.level] if record.level else NONE,
    "instance": lambda record: record.instance or NONE,
    "template": lambda record: template(record.message),
}


def tallied(file: LogFile, query: Query, by: By, start: int, end: int) -> Tally:
    """Everything between two offsets counted: each line is decoded."""
    judge, tally, key = Judge(query, file), Tally(), KEYS[by]
    malformed: dict[str, int] = defaultdict(int)
    read, answers = judge.parse, judge.admits
    for _, block in file.blocks(start, end):
        tally.lines += block.count(b"\n") + (not block.endswith(b"\n"))
        for first, last in file.spans(block):
            lines = block[first:last]
            record = read(lines)
            if type(record) is Malformed:
                malformed[record.kind] += 1 + lines.count(b"\n")
                continue
            assert isinstance(record, Record)
            tally.records += 1
            if not answers(record, lines):
                continue
            tally.matched += 1
            note(tally.begun(key(record), record), record)
    tally.malformed = dict(malformed)
    tally.continued = tally.lines - tally.records - sum(malformed.values())
    tally.undated = judge.met.undated
    return tally


def grouped(file: LogFile, query: Query, by: By, start: int, end: int) -> Tally:
    """Only the records that answer, in groups: lines that cannot answer go by undecoded and uncounted."""
    judge, tally, key = Judge(query, file), Tally(), KEYS[by]
    for _, block in file.blocks(start, end):
        for first, last in judge.spans(block):
            record = judge.answers(block[first:last])
            if record is None:
                continue
            tally.matched += 1
            note(tally.begun(key(record), record), record)
    tally.undated = judge.met.undated
    if judge.met.malformed:
        tally.malformed = {"candidates": judge.met.malformed}
    return tally


def note(group: Group, record: Record) -> None:
    """Count a record in."""
    group.count += 1
    time = record.time
    if time is not None:
        if group.first is None or time < group.first:
            group.first = time
        if group.last is None or time > group.last:
            group.last = time
