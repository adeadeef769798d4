"""The files of one log, one after the other: the one that is written to now, and those rotated from it."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from halo_engine.errors import HaloError
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.sources import Source
from halo_engine.logs.view import LONGEST_LINE, Line, LogView

WALK = 2_000
"""Lines that a record of several lines is looked back for."""
FILES, OFFSETS = 12, 40
"""Bits of a packed place: for the file, and for the offset in it (a tebibyte)."""


class Place(NamedTuple):
    """Where a line stands."""

    source: int
    file: int
    """0 is the file that is written to now, 1 the one before it."""
    offset: int

    def packed(self) -> int:
        """As one number, for arrays."""
        return (self.source << FILES | self.file) << OFFSETS | self.offset

    @classmethod
    def of(cls, packed: int) -> Place:
        """What was packed."""
        front = packed >> OFFSETS
        return cls(front >> FILES, front & (1 << FILES) - 1, packed & (1 << OFFSETS) - 1)


class Chain:
    """`views` are the files that are open, the newest first; `more` opens the next older one."""

    def __init__(self, find: Callable[[], Source], view: Callable[[Source, Path], LogView]) -> None:
        self._find, self._view = find, view
        self._left: list[Path] = []
        self.views: list[LogView] = []
        self.begin()

    def begin(self) -> None:
        """Look anew which files there are, and open the newest.

        Raises NotFound, OSError.
        """
        self.source = self._find()
        ordered = self.source.in_order()
        live = self.source.live()[0]
        self.close()
        self.views = [self._view(self.source, live)]
        self._left = [path for path in ordered if path != live]

    @property
    def live(self) -> LogView:
        """The file that is written to now."""
        return self.views[0]

    @property
    def whole(self) -> bool:
        """All files are open."""
        return not self._left

    @property
    def opened(self) -> float:
        """Which part of the files is open, 0 to 1."""
        return len(self.views) / (len(self.views) + len(self._left))

    def more(self) -> LogView | None:
        """The next older file, unpacked when it was packed; None for one that cannot be read."""
        try:
            return self._view(self.source, self._left.pop())
        except (HaloError, OSError):
            return None

    def close(self) -> None:
        for view in self.views:
            view.close()

    def beginning(self, file: int, offset: int) -> int:
        """Where the record begins that a line belongs to."""
        view = self.views[file]
        form = view.file.format
        if not form.multiline:
            return offset
        for _ in range(WALK):
            before = view.lines_before(offset, 1)
            if not before or form.begins(alone(view, offset), before[0].text):
                break
            offset = before[0].start
        return offset


def within(budget: float, step: Callable[[], bool]) -> bool:
    """Repeat until it says that it is done, or so many seconds are over; returns whether it is done."""
    end = time.monotonic() + budget
    while not step():
        if time.monotonic() >= end:
            return False
    return True


def line_at(view: LogView, offset: int) -> Line:
    """The record that begins at an offset, of an overlong one the beginning."""
    end = min(view.file.align(offset + 1), offset + LONGEST_LINE) if view.file.format.multiline else 0
    if end:
        return Line(offset, end, view.file.read(offset, end).rstrip(b"\r\n"))
    found = view.lines(offset, 1)
    return found[0] if found else Line(offset, offset, b"")


def alone(view: LogView, offset: int) -> bytes:
    """The line at an offset, without those that belong to it."""
    found = view.lines(offset, 1)
    return found[0].text if found else b""


def parsed(view: LogView, line: Line, *, whole: bool = False) -> Record | Malformed:
    """What a line says; of an overlong one that is shown in a list, only that it is one."""
    if whole and line.end - line.start > LONGEST_LINE:
        return view.record(line.start)
    return view.file.format.whole(line.text)


def time_of(view: LogView, line: Line) -> int:
    """When a line was written; 0 when it does not say."""
    record = view.file.format.head(line.text)
    return record.time or 0 if isinstance(record, Record) else 0
