"""The records of some logs that answer a query: the latest first to be found, followed as the logs grow."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Iterator, Sequence

from halo_engine.logs.query import Query
from halo_engine.logs.stamps import Nanoseconds
from halo_engine.logs.view import Matched
from halo_tui import sheets
from halo_tui.sheets import ALMOST, Progress, Sheet
from halo_tui.sheets.chain import Chain, Place, line_at, time_of, within

KEPT = 1_000_000
"""Records that are kept: the latest of them, 8 bytes each."""
LATEST = 1 << 63


class Search:
    """Through the files of one log, from the end of the newest backwards."""

    def __init__(self, source: int, chain: Chain, query: Query) -> None:
        self.reached: Nanoseconds = LATEST
        """No record that is still to be found is later."""
        self.over = False
        self._source, self._chain, self._query = source, chain, query
        self._file = 0
        self._end = self.end = chain.live.line_start(chain.live.size)
        self._left = self._end
        self._blocks: Iterator[Matched] = chain.live.matches(query, self._end)

    @property
    def share(self) -> float:
        """Which part of the files has been looked through."""
        here = 1 - self._left / self._end if self._end else 1.0
        return 1.0 if self.over else self._chain.opened * (self._file + here) / len(self._chain.views)

    def step(self) -> list[tuple[Nanoseconds, int]]:
        """Look through a block; time and place of what it has, the last first."""
        found = next(self._blocks, None)
        if found is None:
            self._next_file()
            return []
        self._left = found.start
        hits, at = [], self.reached
        for offset, time in found.hits:
            at = min(at, time) if time is not None else at
            hits.append((at, Place(self._source, self._file, offset).packed()))
        if found.time is not None:
            self.reached = min(self.reached, found.time)
        since = self._query.since
        self.over = since is not None and self.reached < since - self._chain.source.slack
        return hits

    @property
    def waits(self) -> bool:
        """It has come to the end of the files that are open, and there are more."""
        return self._file + 1 == len(self._chain.views) and not self._chain.whole and not self._left

    def _next_file(self) -> None:
        self._left = 0
        if self._file + 1 < len(self._chain.views):
            self._file += 1
            view = self._chain.views[self._file]
            self._end = self._left = view.size
            self._blocks = view.matches(self._query)
        elif self._chain.whole:
            self.over = True


class Hits(Sheet):
    """Rows below 0 were there when the search began, the latest is -1; from 0 on they were appended since."""

    def __init__(self, chains: Sequence[Chain], query: Query, *, kept: int = KEPT, live: bool = True) -> None:
        super().__init__(chains)
        self._query, self._most, self._live = query, kept, live
        self._begin()

    def _begin(self) -> None:
        self._searches = [Search(number, chain, self._query) for number, chain in enumerate(self.chains)]
        self._ends = [search.end for search in self._searches]
        self._down, self._up = array("q"), array("q")
        self._found: list[tuple[Nanoseconds, int, int]] = []
        """A heap of what was found and may not be the next: earlier than what another log may still have."""
        self._count = 0
        self._shown = range(0)
        self._done = False

    def advance(self, held: int | None = None) -> Progress:
        """Look on towards the beginning, and through what was appended."""
        if not self._done:
            self._open_more()
        with self._at_work():
            if self._live and self._rotated():
                self._begin()
            if self._live:
                self._follow()
            if not self._done:
                within(sheets.BUDGET, self._step)
                self._done = self._full or not (self._going or self._found)
            order = range(-len(self._down), len(self._up))
            changed, self._shown = order != self._shown, order
            share = min(ALMOST, min((search.share for search in self._searches), default=1.0))
            return Progress(order, 1.0 if self._done else share, changed, full=self._full)

    @property
    def _full(self) -> bool:
        return len(self._down) >= self._most

    @property
    def _going(self) -> list[Search]:
        return [search for search in self._searches if not search.over]

    def _step(self) -> bool:
        """Look on in the log that has come least far; True when there is nothing to be done now."""
        latest = max(self._going, key=lambda search: search.reached, default=None)
        if latest is not None and latest.waits:
            return True
        for time, place in latest.step() if latest else ():
            self._count += 1
            heapq.heappush(self._found, (-time, self._count, place))
        bound = max((search.reached for search in self._going), default=-LATEST)
        while self._found and -self._found[0][0] >= bound and not self._full:
            self._down.append(heapq.heappop(self._found)[2])
        return latest is None or self._full

    def _follow(self) -> None:
        fresh = []
        for number, chain in enumerate(self.chains):
            view, begun = chain.live, self._ends[number]
            end = view.line_start(view.size)
            if end > begun:
                found = [at for at in view.after(self._query, begun) if at < end]
                fresh += [(time_of(view, line_at(view, at)), Place(number, 0, at).packed()) for at in found]
                self._ends[number] = end
        self._up.extend(place for _, place in sorted(fresh))

    def place(self, key: int) -> Place:
        return Place.of(self._up[key] if key >= 0 else self._down[-1 - key])

    def row(self, place: Place) -> int | None:
        packed = place.packed()
        if packed in self._up:
            return self._up.index(packed)
        return -1 - self._down.index(packed) if packed in self._down else None
