"""Logs as a table wants them: an order of rows, and rows by number. Nothing of a log is kept but offsets.

A sheet is asked by workers, several at a time; each question holds its lock, and long work is done in small parts:
`advance` works for a moment and says how far it came. Rows are numbered and keep their numbers: what is appended comes
behind the last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from halo_engine.errors import NotFound, Unavailable
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.view import LogView
from halo_tui.present.columns import Cells
from halo_tui.present.log_record import Opened
from halo_tui.sheets.chain import Chain, Place, line_at, parsed

BUDGET = 0.1
"""Seconds that `advance` works before it says how far it came."""
ALMOST = 0.99

Dress = Callable[[Record | Malformed, bytes, bool, str], Cells]
"""From a record, its line, whether it is marked, and its source to a row."""


class Progress(NamedTuple):
    """How far a sheet has come."""

    order: Sequence[int]
    share: float = 1.0
    """Of the files that has been looked through."""
    changed: bool = True
    at: int | None = None
    """What the row that was held is called now; None when it is still called so."""
    full: bool = False
    """There is more than is shown."""


class Closed(NotFound):
    """A worker asked a sheet that shows no more."""


class Sheet:
    """What the Logs screen shows of some logs."""

    def __init__(self, chains: Sequence[Chain]) -> None:
        self.chains = chains
        self._lock = threading.RLock()
        self._closed = False

    def close(self) -> None:
        """Give the files back."""
        with self._lock:
            self._closed = True
            for chain in self.chains:
                chain.close()

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

    def _open_more(self) -> None:
        """Open an older file; to unpack it takes its time, and nobody waits meanwhile."""
        chain = next((each for each in self.chains if not each.whole), None)
        view = chain.more() if chain is not None and not self._closed else None
        if chain is None or view is None:
            return
        with self._lock:
            if self._closed:
                view.close()
            chain.views.append(view)

    def _rotated(self) -> bool:
        """Take in what was appended; True when a file was rotated or cut short, and all begins anew."""
        rotated = [chain for chain in self.chains if chain.live.grown()]
        for chain in rotated:
            chain.begin()
        return bool(rotated)

    def advance(self, held: int | None = None) -> Progress:
        """Go on for a moment; `held` is the row that the cursor is on."""
        raise NotImplementedError

    def place(self, key: int) -> Place:
        """Where a row stands."""
        raise NotImplementedError

    def row(self, place: Place) -> int | None:
        """The row of a place; None when it shows no more."""
        raise NotImplementedError

    def view(self, place: Place) -> LogView:
        """The file of a place."""
        return self.chains[place.source].views[place.file]

    def rows(self, keys: Sequence[int], dress: Dress, marks: frozenset[Place]) -> Mapping[int, Cells]:
        """Rows by number."""
        found: dict[int, Cells] = {}
        with self._at_work():
            for key in keys:
                place = self.place(key)
                view = self.view(place)
                line = line_at(view, place.offset)
                found[key] = dress(parsed(view, line), line.text, place in marks, view.source)
        return found

    def opened(self, key: int) -> Opened:
        """The record that a row is, or is part of."""
        with self._at_work():
            place = self.place(key)
            view = self.view(place)
            offset = self.chains[place.source].beginning(place.file, place.offset)
            line = line_at(view, offset)
            return Opened(view.source, str(view.file.path), offset, parsed(view, line, whole=True), line.text)

    def marked(self, key: int, marks: frozenset[Place], steps: int) -> int | None:
        """The next (1) or the last (-1) marked row from a row on; None when there is none."""
        with self._at_work():
            rows = [row for row in map(self.row, marks) if row is not None and (row - key) * steps > 0]
            return min(rows, key=lambda row: abs(row - key), default=None)
