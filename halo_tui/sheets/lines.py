"""Every line of some logs, by number: a `range`, whatever their size."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, groupby

from halo_engine.logs.packed import BLOCK
from halo_engine.logs.view import Line, LogView
from halo_tui import sheets
from halo_tui.present.columns import Cells
from halo_tui.sheets import ALMOST, Dress, Progress, Sheet
from halo_tui.sheets.chain import Chain, Place, parsed, time_of, within
from halo_tui.sheets.merging import Merging

COUNTED = 16 * BLOCK
"""Bytes that are counted between two looks at the time."""
FIRST = 1_000
"""Lines at the end that show before all are counted, by negative numbers."""


class Tailed(Sheet):
    """Shows the end while the lines are being counted."""

    def __init__(self, chains: Sequence[Chain]) -> None:
        super().__init__(chains)
        self._tail: list[Place] = []
        self._shown = -1

    def advance(self, held: int | None = None) -> Progress:
        """Count on; when that is done, take in what is appended."""
        if not self._ready:
            self._open_more()
        with self._at_work():
            if self._rotated():
                self._begin()
            if self._ready or (within(sheets.BUDGET, self._count) and all(chain.whole for chain in self.chains)):
                return self._numbered(held)
            changed = not self._tail
            self._tail = self._tail or self._end()
            return Progress(range(-len(self._tail), 0), self._share, changed, full=True)

    def _begin(self) -> None:
        self._tail, self._shown = [], -1

    @property
    def _ready(self) -> bool:
        """All was counted once."""
        return self._shown >= 0

    @property
    def _share(self) -> float:
        views = [view for chain in self.chains for view in chain.views]
        opened = min(chain.opened for chain in self.chains)
        return min(ALMOST, opened * sum(view.counted for view in views) / len(views))

    def _count(self) -> bool:
        view = next((view for chain in self.chains for view in chain.views if view.counted < 1), None)
        return view is None or (view.count_lines(COUNTED) and False)

    def _end(self) -> list[Place]:
        """The last lines, by time."""
        dated: list[tuple[int, Place]] = []
        for number, chain in enumerate(self.chains):
            view, last = chain.live, 0
            for line in view.lines_before(view.line_start(view.size), FIRST):
                last = max(last, time_of(view, line))
                dated.append((last, Place(number, 0, line.start)))
        return [place for _, place in sorted(dated)[-FIRST:]]

    def _numbered(self, held: int | None) -> Progress:
        """Take in what was appended; the tail is called by its numbers from now on."""
        count = self._grown()
        changed, self._shown = count != self._shown, count
        at = self.row(self._tail[held]) if self._tail and held is not None and held < 0 else None
        return Progress(range(count), changed=changed, at=at)

    def _grown(self) -> int:
        """Take in what was appended; how many lines there are now."""
        raise NotImplementedError

    def place(self, key: int) -> Place:
        with self._at_work():
            return self._tail[key] if key < 0 else self._placed(key)

    def row(self, place: Place) -> int | None:
        with self._at_work():
            if self._ready:
                return self._row(place)
            return self._tail.index(place) - len(self._tail) if place in self._tail else None

    def _placed(self, number: int) -> Place:
        raise NotImplementedError

    def _row(self, place: Place) -> int | None:
        raise NotImplementedError


class Lines(Tailed):
    """Of one log."""

    @property
    def chain(self) -> Chain:
        return self.chains[0]

    def _firsts(self) -> list[int]:
        """The number of the first line of each file, the oldest first, and the count of all."""
        return list(accumulate((view.line_count for view in reversed(self.chain.views)), initial=0))

    def _grown(self) -> int:
        self.chain.live.count_lines(self.chain.live.size)
        return self._firsts()[-1]

    def _file(self, number: int) -> tuple[int, int]:
        """Which file a line stands in, and its number there."""
        firsts = self._firsts()
        place = min(bisect_right(firsts, number), len(firsts) - 1) - 1
        return len(self.chain.views) - 1 - place, number - firsts[place]

    def _placed(self, number: int) -> Place:
        file, inside = self._file(number)
        return Place(0, file, self.chain.views[file].offset_of(inside))

    def _row(self, place: Place) -> int:
        before = self._firsts()[len(self.chain.views) - 1 - place.file]
        return before + self.chain.views[place.file].number_of(place.offset)

    def rows(self, keys: Sequence[int], dress: Dress, marks: frozenset[Place]) -> Mapping[int, Cells]:
        """Neighbours are read together."""
        found: dict[int, Cells] = {}
        with self._at_work():
            for run in _runs(sorted(keys)):
                for key, file, line in self._read(run):
                    view = self.chain.views[file]
                    place = Place(0, file, line.start)
                    found[key] = dress(parsed(view, line), line.text, place in marks, view.source)
        return found

    def _read(self, run: range) -> Iterator[tuple[int, int, Line]]:
        while run:
            place = self.place(run[0])
            lines = self.chain.views[place.file].lines(place.offset, len(run))
            for key, line in zip(run, lines, strict=False):
                yield key, place.file, line
            if not lines:
                return
            run = run[len(lines) :]


class MergedLines(Tailed):
    """Of several logs, merged by time; what is appended comes behind, as it is written."""

    def _begin(self) -> None:
        super()._begin()
        self._merging: Merging | None = None
        self._ends: list[int] = []
        self._up = array("q")

    def __init__(self, chains: Sequence[Chain]) -> None:
        super().__init__(chains)
        self._begin()

    def _count(self) -> bool:
        if not super()._count():
            return False
        if not all(chain.whole for chain in self.chains):
            return True
        if self._merging is None:
            self._merging = Merging(self.chains)
        done = self._merging.step()
        self._ends = self._merging.ends
        return done

    def _grown(self) -> int:
        assert self._merging is not None
        fresh: list[tuple[int, Place]] = []
        for number, chain in enumerate(self.chains):
            view, last = chain.live, 0
            end = view.line_start(view.size)
            for line in _between(view, self._ends[number], end):
                last = max(last, time_of(view, line))
                fresh.append((last, Place(number, 0, line.start)))
            self._ends[number] = max(end, self._ends[number])
        self._up.extend(place.packed() for _, place in sorted(fresh))
        return self._merging.count + len(self._up)

    def _placed(self, number: int) -> Place:
        assert self._merging is not None
        count = self._merging.count
        return Place.of(self._up[number - count]) if number >= count else self._merging.places(number, 1)[0]

    def _row(self, place: Place) -> int | None:
        assert self._merging is not None
        packed = place.packed()
        if packed in self._up:
            return self._merging.count + self._up.index(packed)
        return self._merging.row(place)

    def rows(self, keys: Sequence[int], dress: Dress, marks: frozenset[Place]) -> Mapping[int, Cells]:
        """Neighbours are looked up together."""
        found: dict[int, Cells] = {}
        with self._at_work():
            for run in _runs(sorted(keys)):
                for key, place in zip(run, self._run(run), strict=False):
                    view = self.view(place)
                    for line in view.lines(place.offset, 1):
                        found[key] = dress(parsed(view, line), line.text, place in marks, view.source)
        return found

    def _run(self, run: range) -> list[Place]:
        if self._merging is None or run[0] < 0 or run[-1] >= self._merging.count:
            return [self.place(key) for key in run]
        return self._merging.places(run[0], len(run))


def _between(view: LogView, start: int, end: int) -> Iterator[Line]:
    """The lines from one offset to another."""
    while start < end:
        lines = view.lines(start, FIRST)
        for line in lines:
            if line.start >= end:
                return
            yield line
        if not lines:
            return
        start = lines[-1].end


def _runs(keys: Sequence[int]) -> Iterator[range]:
    """The runs of neighbours among some numbers."""
    for _, run in groupby(enumerate(keys), key=lambda pair: pair[1] - pair[0]):
        numbers = [key for _, key in run]
        yield range(numbers[0], numbers[-1] + 1)
