"""The one table for every list: flat in the number of rows, read a page at a time, drawn a line at a time."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Generic

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.timer import Timer

from halo_engine.errors import HaloError, Unavailable
from halo_tui.keymap import bindings
from halo_tui.present.columns import Cells, Column, Slot, compose, heading, lay_out
from halo_tui.present.ink import Line, width
from halo_tui.widgets.inks import GLOW_STEPS, Ground, inks
from halo_tui.widgets.row_cache import Key, RowCache

FADE = 0.15
"""Seconds a step of the glow."""
STRIPS = 1_000
LOADING: Line = [("·", "faint")]

Fetch = Callable[[Sequence[Key]], Mapping[Key, Cells]]


class RowTable(ScrollView, Generic[Key], can_focus=True):
    """Rows in a given order, of which only those near the view are ever read.

    `show` takes the order (any sequence of keys: a `range` of a million costs nothing) and a `fetch`, which a worker
    thread calls with the keys that are missing. The cursor stays on its key when the order changes.
    """

    BINDINGS: ClassVar = bindings("table")
    ALLOW_SELECT = False
    DEFAULT_CSS = "RowTable { overflow-x: hidden; scrollbar-gutter: stable; }"

    class Highlighted(Message):
        """The cursor came to another row: by hand, or because the rows have changed."""

        def __init__(self, table: RowTable[Any], key: Any, *, by_hand: bool = True) -> None:
            super().__init__()
            self.table, self.key, self.by_hand = table, key, by_hand

        @property
        def control(self) -> RowTable[Any]:
            return self.table

    class Opened(Highlighted):
        """A row was opened, with enter or a second click."""

    class Failed(Message):
        """Rows could not be read."""

        def __init__(self, table: RowTable[Any], error: HaloError) -> None:
            super().__init__()
            self.table, self.error = table, error

        @property
        def control(self) -> RowTable[Any]:
            return self.table

    class _Arrived(Message):
        def __init__(self, rows: Mapping[Any, Cells], generation: int) -> None:
            super().__init__()
            self.rows, self.generation = rows, generation

    def __init__(self, columns: Sequence[Column], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.empty: Callable[[int], list[Line]] = lambda _: []
        """What is said in the middle when there are no rows, in at most that many columns."""
        self.dimmed = False
        self._columns = columns
        self._head = 1 if any(column.title for column in columns) else 0
        """Lines that the titles take."""
        self._slots: list[Slot] = []
        self._slots_for = 0
        """The width that the slots were laid out for."""
        self._order: Sequence[Key] = ()
        self._fetch: Fetch[Key] | None = None
        self._rows: RowCache[Key] = RowCache()
        self._strips: dict[tuple[Key, Ground], Strip] = {}
        self._cursor = 0
        self._reading = False
        self._generation = 0
        self._glowing: dict[Key, int] = {}
        self._fading: Timer | None = None

    @property
    def order(self) -> Sequence[Key]:
        return self._order

    @property
    def cursor(self) -> int:
        """The row that the cursor is on, from 0."""
        return self._cursor

    @property
    def key(self) -> Key | None:
        """The key of the row that the cursor is on; None in an empty table."""
        return self._order[self._cursor] if self._cursor < len(self._order) else None

    def show(self, order: Sequence[Key], fetch: Fetch[Key] | None = None, *, at: Key | None = None) -> None:
        """Take another order; with another `fetch`, rows are read by that. The cursor goes to `at`, else stays on its
        key. Rows that were read show as they were until they have been read again.
        """
        before = self.key
        held = before if at is None else at
        offset = self._cursor - self.scroll_offset.y
        if fetch is not None:
            self._fetch = fetch
            self._generation += 1
        self._rows.expire()
        self._order = order
        self._place(held, offset)
        if self.key is not None and self.key != before:
            self.post_message(self.Highlighted(self, self.key, by_hand=False))
        self._redraw()
        self._want()

    def cells(self, key: Key) -> Cells | None:
        """A row as it was read; None when it was not."""
        return self._rows.get(key)

    def forget(self) -> None:
        """Drop every row that was read: the same keys are about to mean something else."""
        self._rows.clear()
        self._generation += 1
        self._strips.clear()

    def put(self, rows: Mapping[Key, Cells]) -> None:
        """Take rows that were read already."""
        changed = self._rows.put(rows)
        self._strips = {place: strip for place, strip in self._strips.items() if place[0] not in changed}
        self._refresh_rows(changed)

    def _place(self, held: Key | None, offset: int) -> None:
        self._cursor = max(0, min(self._cursor, len(self._order) - 1))
        if held is not None and held in self._order:
            self._cursor = self._order.index(held)
        self._measure()
        self.scroll_to(y=max(0, self._cursor - offset), animate=False, force=True)
        self._reveal()

    def watch_show_vertical_scrollbar(self, shown: bool) -> None:
        """Show in the scrollbar where the view is: it may come up only after the view was moved."""
        if shown:
            self.vertical_scrollbar.position = self.scroll_y

    def _measure(self) -> None:
        size = Size(self.size.width, max(len(self._order) + self._head, self.size.height))
        if size != self.virtual_size:
            self.virtual_size = size

    def renew(self, keys: Collection[Key] | None = None) -> None:
        """Read rows (default: all) again that may have changed; they show as they were until then."""
        self._generation += 1
        self._rows.expire(keys)
        self._want()

    def glow(self, keys: Collection[Key]) -> None:
        """Let rows that have just changed glow for a moment, once."""
        if self.app.animation_level == "none":
            return
        self._glowing.update(dict.fromkeys(keys, GLOW_STEPS))
        self._refresh_rows(keys)
        if self._fading is None:
            self._fading = self.set_interval(FADE, self._fade)

    def _fade(self) -> None:
        keys = list(self._glowing)
        self._glowing = {key: step - 1 for key, step in self._glowing.items() if step > 1}
        self._refresh_rows(keys)
        if not self._glowing and self._fading is not None:
            self._fading.stop()
            self._fading = None

    def dim(self, dimmed: bool) -> None:
        """Show that what is here cannot be relied on now."""
        if dimmed != self.dimmed:
            self.dimmed = dimmed
            self._redraw()

    def restyle(self) -> None:
        """Draw anew with the inks of another theme."""
        self._redraw()

    def widen(self, columns: Sequence[Column]) -> None:
        """Give the same columns other widths."""
        if columns != self._columns:
            self._columns = columns
            self._redraw()

    @property
    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height - self._head)

    def _redraw(self) -> None:
        self._strips.clear()
        self._slots_for = 0
        self.refresh()

    def on_resize(self) -> None:
        self._measure()
        self._redraw()
        self._reveal()
        self._want()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        self._want()

    def watch_has_focus(self, value: bool) -> None:
        super().watch_has_focus(value)
        self._refresh_row(self._cursor)

    # Reading

    def _visible(self) -> tuple[int, int]:
        first = min(self.scroll_offset.y, len(self._order))
        return first, min(len(self._order), first + self._height)

    def _want(self) -> None:
        """Ask for the rows in view that are missing, and those a page around them, unless a request is under way."""
        if self._fetch is None or self._reading or not self.is_mounted:
            return
        first, last = self._visible()
        missing = self._rows.missing(self._order, first, last)
        if missing:
            self._reading = True
            self.run_worker(partial(self._read, self._fetch, missing, self._generation), thread=True, group="rows")

    def _read(self, fetch: Fetch[Key], keys: list[Key], generation: int) -> None:
        try:
            rows = dict.fromkeys(keys, ()) | dict(fetch(keys))
        except (HaloError, OSError) as error:
            known = error if isinstance(error, HaloError) else Unavailable(str(error))
            self.post_message(self.Failed(self, known))
            self._reading = False
            return
        self.post_message(self._Arrived(rows, generation))

    def on_row_table__arrived(self, message: _Arrived) -> None:
        self._reading = False
        if message.generation == self._generation:
            self.put(message.rows)
        self._want()

    # Drawing

    def render_line(self, y: int) -> Strip:
        columns = self.scrollable_content_region.width
        if columns != self._slots_for:
            self._slots, self._slots_for = lay_out(self._columns, columns - 2), columns
            self._strips.clear()
        ink = inks(self.app)
        if not self._order:
            return ink.strip(self._said(y, columns), columns)
        if y < self._head:
            return ink.strip([(" ", "plain"), *heading(self._columns, self._slots)], columns)
        index = self.scroll_offset.y + y - self._head
        return self._row(index, columns) if index < len(self._order) else ink.strip([], columns)

    def _said(self, y: int, columns: int) -> Line:
        lines = self.empty(max(10, columns - 4))
        top = max(0, (self.size.height - len(lines)) // 2 - 1)
        if not top <= y < top + len(lines):
            return []
        line = lines[y - top]
        return [(" " * max(0, (columns - width(line)) // 2), "plain"), *line]

    def _row(self, index: int, columns: int) -> Strip:
        key = self._order[index]
        ground = Ground(index == self._cursor, self.has_focus, self._glowing.get(key, 0), self.dimmed)
        strip = self._strips.get((key, ground))
        if strip is None or strip.cell_length != columns:
            cells = self._rows.get(key)
            line = LOADING if cells is None else compose(cells, self._slots) if cells else []
            strip = inks(self.app).strip([(" ", "plain"), *line], columns, ground)
            if len(self._strips) >= STRIPS:
                self._strips.clear()
            if cells is not None:
                self._strips[key, ground] = strip
        return strip

    def _refresh_row(self, index: int) -> None:
        self.refresh_lines(index + self._head)

    def _refresh_rows(self, keys: Collection[Key]) -> None:
        first, last = self._visible()
        for index in range(first, last):
            if self._order[index] in keys:
                self._refresh_row(index)

    # Moving

    def go(self, row: int) -> None:
        """Put the cursor on a row, the nearest there is; the view follows."""
        row = max(0, min(row, len(self._order) - 1))
        if row == self._cursor or not self._order:
            return
        self._refresh_row(self._cursor)
        self._cursor = row
        self._refresh_row(row)
        self._reveal()
        self.post_message(self.Highlighted(self, self._order[row]))

    def go_to(self, key: Key) -> bool:
        """Put the cursor on a key; False when it is not among the rows."""
        if key not in self._order:
            return False
        self.go(self._order.index(key))
        return True

    def _reveal(self) -> None:
        top, height = self.scroll_offset.y, self._height
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False, force=True)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False, force=True)

    def action_move(self, rows: int) -> None:
        self.go(self._cursor + rows)

    def action_page(self, pages: float) -> None:
        self.go(self._cursor + int(pages * self._height))

    def action_first(self) -> None:
        self.go(0)

    def action_last(self) -> None:
        self.go(len(self._order) - 1)

    def action_open(self) -> None:
        if self.key is not None:
            self.post_message(self.Opened(self, self.key))

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        index = -1 if place is None or place.y < self._head else self.scroll_offset.y + place.y - self._head
        if not 0 <= index < len(self._order):
            return
        if index == self._cursor and event.chain > 1:
            self.action_open()
        self.go(index)
