"""What every query knows: the record. Formats make it from bytes; nothing else looks at bytes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

import msgspec

from halo_engine.logs.levels import NAMES, Level
from halo_engine.logs.stamps import Nanoseconds, iso


class Record(msgspec.Struct, gc=False):
    """One entry of a log."""

    time: Nanoseconds | None = None
    """None when the entry carries none (or a time of day without a date)."""
    level: Level | None = None
    instance: str = ""
    message: str = ""
    fields: dict[str, Any] | None = None
    """All fields as they were written; None where only the above was asked for, or the format has no fields."""


class Malformed(msgspec.Struct, frozen=True):
    """A line that is no record, and why: `cut`, `json`, `text`, `nul`, `utf8`, `deep`, `blank`."""

    kind: str


Reach = tuple[Nanoseconds | None, Nanoseconds | None]
"""The earliest and the latest time of some records; None where none has one."""


def reach(found: Iterable[Record | Malformed]) -> Reach:
    """That of records that are decoded."""
    times = [each.time for each in found if isinstance(each, Record) and each.time is not None]
    return min(times, default=None), max(times, default=None)


class Format(Protocol):
    """One way of writing records. A file a format; queries do not know which it was."""

    name: str
    multiline: bool
    """Whether a record can go on over several lines."""
    looks_back: bool
    """Whether it takes what stands above a line to tell if that begins a record."""

    def begins(self, line: bytes, before: bytes) -> bool:
        """Whether a line begins a record; `before`: what stands above it, 64 KiB at most, where that `looks_back`."""
        ...

    def head(self, lines: bytes) -> Record | Malformed:
        """Time, level, instance and message; no more work than that."""
        ...

    def reach(self, records: list[bytes]) -> Reach:
        """The earliest and the latest time of these records."""
        ...

    def whole(self, lines: bytes) -> Record | Malformed:
        """The record with all its fields."""
        ...


@runtime_checkable
class Spanning(Protocol):
    """A format whose records are not simply one below the other."""

    def spans(self, block: bytes) -> list[tuple[int, int]]:
        """Where each record of a block begins and ends; in the order of their beginnings, they may overlap."""
        ...


class Entry(msgspec.Struct):
    """A record and where it stands."""

    source: str
    path: str
    start: int
    """Offset of its first byte in the (unpacked) file."""
    end: int
    record: Record
    context: bool = False
    """It was not sought: it stands beside what was."""

    def readable(self) -> dict[str, Any]:
        """For a program: our names for what every record has, and the fields as they were written."""
        record = self.record
        shown: dict[str, Any] = {
            "time": None if record.time is None else iso(record.time),
            "level": NAMES[record.level] if record.level else None,
            "instance": record.instance or None,
            "message": record.message,
            "source": self.source,
            "file": self.path,
            "offset": self.start,
            "fields": record.fields or {},
        }
        if self.context:
            shown["context"] = True
        return shown


class Oddity(msgspec.Struct, frozen=True):
    """A malformed line and where it stands."""

    source: str
    path: str
    start: int
    kind: str
    text: str
    """Its first 500 characters; bytes that are not UTF-8 replaced."""
