"""Logs as a table wants them: an order of keys, and rows by key. Nothing of a log is kept but offsets.

A sheet is asked by workers, several at a time; each question holds its lock, and long work is done in small parts:
`advance` works for a moment and says how far it came.
"""

from __future__ import annotations

import threading
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NamedTuple, Protocol

from halo_engine.errors import NotFound, Unavailable
from halo_engine.logs.packed import BLOCK
from halo_engine.logs.query import Query
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.view import LONGEST_LINE, Line, LogView
from halo_tui.present.columns import Cells
from halo_tui.present.log_record import Opened

BUDGET = 0.1
"""Seconds that `advance` works before it says how far it came."""
COUNTED = 16 * BLOCK
FIRST = 1_000
"""Lines at the end that show before all are counted."""
KEPT = 1_000_000
"""Offsets of records that answer a filter: the latest of them, 8 bytes each."""
MERGED = 20_000
"""Records that several sources show together: the latest of them."""
WALK = 2_000
"""Lines that a record of several lines is looked back for."""

Dress = Callable[[Record | Malformed, bytes, bool, str], Cells]
"""From a record, its line, whether it is marked, and its source to a row."""
Place = tuple[int, int]
"""Which view, and the offset in it."""


class Progress(NamedTuple):
    """How far a sheet has come."""

    order: Sequence[Any]
    share: float = 1.0
    """Of the file that has been looked through."""
    changed: bool = True
    at: Any = None
    """What the key that was held is called now; None when it is still called so."""
    full: bool = False
    """There is more than is kept."""


class Closed(NotFound):
    """A worker asked a sheet that shows no more."""


class Sheet(Protocol):
    """What the Logs screen shows of one source, or of all."""

    views: Sequence[LogView]

    def advance(self, held: Any) -> Progress: ...

    def place(self, key: Any) -> Place:
        """Where a row stands."""
        ...

    def rows(self, keys: Sequence[Any], dress: Dress, marks: frozenset[Place]) -> Mapping[Any, Cells]: ...

    def opened(self, key: Any) -> Opened: ...

    def marked(self, key: Any, marks: frozenset[Place], steps: int) -> Any:
        """The key of the next (1) or the last (-1) marked line from a key on; None when there is none."""
        ...

    def close(self) -> None: ...


class _Views:
    """What all sheets share: their files, and the lock that lets one worker at a time have them."""

    def __init__(self, views: Sequence[LogView]) -> None:
        self.views = views
        self._lock = threading.RLock()
        self._closed = False

    def close(self) -> None:
        with self._lock:
            self._closed = True
            for view in self.views:
                view.close()

    @contextmanager
    def _at_work(self) -> Iterator[None]:
        """Hold the files. Raises Closed, and Unavailable for what the disk refuses."""
        with self._lock:
            if self._closed:
                raise Closed("this log is not shown any more")
            try:
                yield
            except OSError as error:
                raise Unavailable(f"the log cannot be read: {error}", "logctl sources") from error

    def place(self, key: Any) -> Place:
        raise NotImplementedError

    def opened(self, key: Any) -> Opened:
        """The record that a row is, or is part of."""
        with self._at_work():
            number, offset = self.place(key)
            view = self.views[number]
            offset = _beginning(view, offset)
            line = _line(view, offset)
            found = _parsed(view, line, whole=True)
            return Opened(view.source, str(view.file.path), offset, found, line.text)

    def marked(self, key: Any, marks: frozenset[Place], steps: int) -> Any:
        with self._at_work():
            here = self._height(self.place(key))
            there = {self._height(place): place for place in marks}
            beyond = [height for height in there if (height > here if steps > 0 else height < here)]
            if not beyond:
                return None
            return self._key(there[min(beyond) if steps > 0 else max(beyond)])

    def _height(self, place: Place) -> tuple[int, ...]:
        """What places are ordered by."""
        return place

    def _key(self, place: Place) -> Any:
        """The key of a place."""
        return place[1]

    def rows(self, keys: Sequence[Any], dress: Dress, marks: frozenset[Place]) -> Mapping[Any, Cells]:
        """Rows by key; empty for what is not there any more."""
        found: dict[Any, Cells] = {}
        with self._at_work():
            for key in keys:
                number, offset = self.place(key)
                view = self.views[number]
                line = _line(view, offset)
                found[key] = dress(_parsed(view, line), line.text, (number, offset) in marks, view.source)
        return found


class Lines(_Views):
    """Every line of a file, by number: a `range`, whatever its size. Until all are counted the last ones show, by
    negative numbers.
    """

    def __init__(self, view: LogView) -> None:
        super().__init__([view])
        self._view = view
        self._tail: list[Line] = []
        self._shown = -1

    def advance(self, held: int | None) -> Progress:
        """Count on, and take in what was appended."""
        with self._at_work():
            if self._view.grown():
                self._tail, self._shown = [], -1
            done = _within(lambda: self._view.count_lines(COUNTED))
            if done:
                return self._numbered(held)
            if not self._tail:
                self._tail = self._view.lines_before(self._view.line_start(self._view.size), FIRST)
                return Progress(range(-len(self._tail), 0), self._view.counted, full=True)
            return Progress(range(-len(self._tail), 0), self._view.counted, changed=False, full=True)

    def _numbered(self, held: int | None) -> Progress:
        count = self._view.line_count
        at = self._view.number_of(self._tail[held].start) if self._tail and held is not None and held < 0 else None
        changed, self._shown = count != self._shown, count
        return Progress(range(count), changed=changed, at=at)

    def place(self, key: int) -> Place:
        with self._at_work():
            return 0, self._tail[key].start if key < 0 else self._view.offset_of(key)

    def rows(self, keys: Sequence[int], dress: Dress, marks: frozenset[Place]) -> Mapping[int, Cells]:
        found: dict[int, Cells] = {}
        with self._at_work():
            for first, count in _runs(sorted(keys)):
                lines = self._tail[first:][:count] if first < 0 else self._some(first, count)
                for key, line in zip(range(first, first + count), lines, strict=False):
                    marked = (0, line.start) in marks
                    found[key] = dress(_parsed(self._view, line), line.text, marked, self._view.source)
        return found

    def _key(self, place: Place) -> int | None:
        tail = [number for number, line in enumerate(self._tail) if line.start == place[1]]
        if self._shown < 0:
            return tail[0] - len(self._tail) if tail else None
        return self._view.number_of(place[1])

    def _some(self, first: int, count: int) -> list[Line]:
        return self._view.lines(self._view.offset_of(first), count)


class Offsets(Sequence[int]):
    """Offsets in order, of which the earlier ones are still being found: a snapshot of two growing arrays."""

    def __init__(self, down: array[int], up: array[int]) -> None:
        self._down, self._up = down, up
        self._downs, self._ups = len(down), len(up)

    def __len__(self) -> int:
        return self._downs + self._ups

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        place += len(self) if place < 0 else 0
        if not 0 <= place < len(self):
            raise IndexError(place)
        return self._down[self._downs - 1 - place] if place < self._downs else self._up[place - self._downs]

    def __contains__(self, offset: object) -> bool:
        place = self._where(offset) if isinstance(offset, int) else len(self)
        return place < len(self) and self[place] == offset

    def index(self, offset: int, start: int = 0, stop: int | None = None) -> int:
        if offset not in self:
            raise ValueError(offset)
        return self._where(offset)

    def _where(self, offset: int) -> int:
        return bisect_left(self, offset)


class Hits(_Views):
    """The records of a file that answer a query, by offset: the latest first to be found, followed as it grows."""

    def __init__(self, view: LogView, query: Query, *, kept: int = KEPT, live: bool = True) -> None:
        super().__init__([view])
        self._view, self._query, self._most, self._live = view, query, kept, live
        self._begin()

    def _begin(self) -> None:
        self._end = self._left = self._view.line_start(self._view.size)
        self._down, self._up = array("Q"), array("Q")
        self._search: Iterator[list[int]] | None = self._view.matches(self._query, self._end)
        self._shown = -1

    def advance(self, held: int | None = None) -> Progress:
        """Look on towards the beginning; once that is reached, through what was appended."""
        with self._at_work():
            if self._live and self._view.grown():
                self._begin()
            if self._live:
                self._follow()
            _within(self._step)
            order = Offsets(self._down, self._up)
            changed, self._shown = len(order) != self._shown, len(order)
            share = 1.0 if self._search is None else 1 - (self._left / self._end if self._end else 0)
            return Progress(order, min(share, 0.99) if self._search else 1.0, changed, full=self.full)

    @property
    def full(self) -> bool:
        """There are more than are kept."""
        return len(self._down) >= self._most

    def _step(self) -> bool:
        found = None if self._search is None or self.full else next(self._search, None)
        if found is None:
            self._search = None
            return True
        self._down.extend(found)
        self._left = max(0, self._left - BLOCK)
        return False

    def _follow(self) -> None:
        end = self._view.line_start(self._view.size)
        if end > self._end:
            self._up.extend(offset for offset in self._view.after(self._query, self._end) if offset < end)
            self._end = end

    def place(self, key: int) -> Place:
        return 0, key


class Merged(_Views):
    """The latest records of several files that answer a query, merged by time."""

    def __init__(self, views: Sequence[LogView], query: Query, *, live: bool = True) -> None:
        super().__init__(views)
        kept = max(500, MERGED // max(1, len(views)))
        self._hits = [Hits(view, query, kept=kept, live=live) for view in views]
        self._times: list[dict[int, int]] = [{} for _ in views]
        self._order: list[Place] = []

    def advance(self, held: Place | None = None) -> Progress:
        """Look on in every file; records without a time stand where the file has them."""
        with self._at_work():
            steps = [hits.advance() for hits in self._hits]
            if any(step.changed for step in steps):
                for number, step in enumerate(steps):
                    self._date(number, step.order)
                dated = [(when, number, at) for number, known in enumerate(self._times) for at, when in known.items()]
                self._order = [(number, at) for _, number, at in sorted(dated)]
            share = min((step.share for step in steps), default=1.0)
            full = any(step.full for step in steps)
            return Progress(self._order, share, any(step.changed for step in steps), full=full)

    def _date(self, number: int, order: Sequence[int]) -> None:
        known, view, dated = self._times[number], self.views[number], {}
        last = 0
        for offset in order:
            when = known.get(offset)
            if when is None:
                found = _parsed(view, _line(view, offset))
                when = found.time if isinstance(found, Record) and found.time is not None else last
            dated[offset] = last = when
        self._times[number] = dated

    def place(self, key: Place) -> Place:
        return key

    def _height(self, place: Place) -> tuple[int, ...]:
        return self._times[place[0]].get(place[1], 0), *place

    def _key(self, place: Place) -> Place:
        return place


def _within(step: Callable[[], bool]) -> bool:
    """Repeat until it says that it is done, or the time is over; returns whether it is done."""
    end = time.monotonic() + BUDGET
    while not step():
        if time.monotonic() >= end:
            return False
    return True


def _line(view: LogView, offset: int) -> Line:
    """The record that begins at an offset, of an overlong one the beginning."""
    end = min(view.file.align(offset + 1), offset + LONGEST_LINE) if view.file.format.multiline else 0
    if end:
        return Line(offset, end, view.file.read(offset, end).rstrip(b"\r\n"))
    found = view.lines(offset, 1)
    return found[0] if found else Line(offset, offset, b"")


def _parsed(view: LogView, line: Line, *, whole: bool = False) -> Record | Malformed:
    """What a line says; of an overlong one that is shown in a list, only that it is one."""
    if whole and line.end - line.start > LONGEST_LINE:
        return view.record(line.start)
    return view.file.format.whole(line.text)


def _beginning(view: LogView, offset: int) -> int:
    """Where the record begins that a line belongs to."""
    form = view.file.format
    if not form.multiline:
        return offset
    for _ in range(WALK):
        before = view.lines_before(offset, 1)
        if not before or form.begins(_line_alone(view, offset), before[0].text):
            break
        offset = before[0].start
    return offset


def _line_alone(view: LogView, offset: int) -> bytes:
    found = view.lines(offset, 1)
    return found[0].text if found else b""


def _runs(keys: Sequence[int]) -> Iterator[tuple[int, int]]:
    """First key and length of each run of neighbours."""
    for _, run in groupby(enumerate(keys), key=lambda pair: pair[1] - pair[0]):
        numbers = [key for _, key in run]
        yield numbers[0], len(numbers)
