"""The rows of a table that are in memory: bounded, and never thrown away before their successors are there."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Generic, TypeVar

from halo_tui.present.columns import Cells

Key = TypeVar("Key", bound=Hashable)
ROWS = 2_000
PAGE = 64


class RowCache(Generic[Key]):
    """Cells by key; the rows that were asked for least recently go first."""

    def __init__(self, limit: int = ROWS) -> None:
        self._rows: OrderedDict[Key, Cells] = OrderedDict()
        self._stale: set[Key] = set()
        self._limit = limit

    def __len__(self) -> int:
        return len(self._rows)

    def get(self, key: Key) -> Cells | None:
        """The cells of a row, also when they may be out of date; None when it was never read."""
        row = self._rows.get(key)
        if row is not None:
            self._rows.move_to_end(key)
        return row

    def put(self, rows: Mapping[Key, Cells]) -> set[Key]:
        """Keep rows that were read; returns the keys of those that look different from before."""
        changed = {key for key, cells in rows.items() if self._rows.get(key) != cells}
        self._rows.update(rows)
        self._stale.difference_update(rows)
        while len(self._rows) > self._limit:
            self._rows.popitem(last=False)
        return changed

    def expire(self, keys: Iterable[Key] | None = None) -> None:
        """Rows (default: all) are out of date: show them until they were read again."""
        self._stale = set(self._rows) if keys is None else self._stale | set(keys)

    def clear(self) -> None:
        """Forget everything: the rows have become other rows."""
        self._rows.clear()
        self._stale.clear()

    def missing(self, order: Sequence[Key], first: int, last: int) -> list[Key]:
        """The keys to read for the rows `first` to `last`: whole pages, or nothing when all of these are there."""
        if all(self._fresh(order[index]) for index in range(first, last)):
            return []
        start = max(0, first // PAGE * PAGE)
        stop = min(len(order), -(-last // PAGE) * PAGE)
        return [order[index] for index in range(start, stop) if not self._fresh(order[index])]

    def _fresh(self, key: Key) -> bool:
        return key in self._rows and key not in self._stale
