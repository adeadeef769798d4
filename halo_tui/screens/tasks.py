"""The Tasks screen: the list or the board, the state machine, and the selected item."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from halo_engine.tasks import queries
from halo_engine.tasks.store import Item
from halo_tui import reading
from halo_tui.actions.item import legal
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.panes.item_detail import SECTIONS, ItemDetail
from halo_tui.present import filters, items
from halo_tui.present.columns import Cells
from halo_tui.present.diagram import Lit
from halo_tui.present.states import ATTENTION
from halo_tui.reading import Listed
from halo_tui.screens.item_actions import ItemActions
from halo_tui.screens.page import framed
from halo_tui.session import Kept
from halo_tui.widgets.row_table import Fetch, RowTable
from halo_tui.widgets.state_diagram import StateDiagram

WIDE, HUGE = (112, 34), (170, 46)
"""Columns and rows of the screen's body from which on panes stand side by side."""
SHORT = 18
"""Rows below which there is no room for the state machine."""


class TasksScreen(ItemActions):
    """`bring_up` selects an item; what a command elsewhere changes shows by itself."""

    DEFAULT_CSS = """
    #diagram { overflow: hidden; scrollbar-gutter: auto; }
    TasksScreen { grid-rows: 1fr 5 1fr; }
    TasksScreen #items { min-height: 6; }
    TasksScreen.-short { grid-rows: 1fr 1fr; }
    TasksScreen.-short #items { min-height: 5; }
    TasksScreen.-wide { grid-size: 2; grid-columns: 1fr 60; grid-rows: 22 1fr; }
    TasksScreen.-wide #detail { column-span: 2; }
    TasksScreen.-huge { grid-columns: 1fr 1fr; }
    TasksScreen.-huge #items { row-span: 2; }
    TasksScreen.-huge #detail { column-span: 1; }
    TasksScreen.-board { grid-size: 1; grid-rows: 2fr 1fr; }
    TasksScreen.-board #detail { column-span: 1; }
    """
    MAIN: ClassVar = "items"
    BINDINGS: ClassVar = [*bindings("tasks"), *bindings("item")]
    HINTS: ClassVar = {
        "items": ("table.open", "tasks.filter", "tasks.add"),
        "detail": ("tabs.previous", "tabs.next", "app.zoom"),
        "": ("board.left", "board.right", "table.open", "tasks.filter", "tasks.add"),
    }

    KEPT: ClassVar = ("filter", "sort", "view", "section")
    WORDS: ClassVar = filters.ITEM_WORDS

    def __init__(self) -> None:
        super().__init__(id="tasks")
        self.sort = "priority"
        self.view = "list"
        self.wanted: int | None = None
        """An item to go to as soon as the order is there."""
        self.section = SECTIONS[0]
        """Of the selected item: what shows at the start."""
        self._insists = False
        """Show the wanted item also when that takes another filter."""

    def compose(self) -> ComposeResult:
        yield framed(RowTable[int](items.COLUMNS, id="items"), "Tasks")
        yield framed(StateDiagram(id="diagram"), "State machine")
        detail = framed(ItemDetail(id="detail"))
        detail.section = self.section if self.section in SECTIONS else SECTIONS[0]
        detail.told = self._told
        yield detail

    def on_mount(self) -> None:
        if self.view == "board":
            self.refresh_view()
            return
        work = partial(reading.peek, self.station.view, self.filter, self.sort, self.station.when)
        self.read("items", work, self._peeked, self.failed)

    def _peeked(self, rows: dict[int, Cells]) -> None:
        """Show the first rows at once, unless the cursor belongs elsewhere; the rest follows."""
        if self.wanted is None or self.wanted in rows:
            self.table.show(list(rows), at=self.wanted)
            self.table.put(rows)
        self.refresh_view()

    @property
    def table(self) -> RowTable[int]:
        return self.query_one("#items", RowTable)

    @property
    def diagram(self) -> StateDiagram:
        return self.query_one(StateDiagram)

    @property
    def detail(self) -> ItemDetail:
        return self.query_one(ItemDetail)

    @property
    def board(self) -> Any:
        """The board; None as long as it was never shown."""
        return self.query_one_optional("#board")

    @property
    def current(self) -> RowTable[int]:
        """The table that the cursor is in."""
        return self.board.lane if self.view == "board" and self.board else self.table

    @property
    def number(self) -> int | None:
        return self.current.key

    @property
    def item(self) -> Item | None:
        """The selected item, if it was read already."""
        item = self.detail.item
        return item if item and item.number == self.number else None

    def hints(self, pane: str) -> tuple[str, ...]:
        moves = [f"item.{move.verb}" for move, _ in legal(self.item)] if self.item else []
        return (*super().hints(pane), *moves, "item.undo", "tasks.view")

    # Reading

    def refresh_view(self, change: Change | None = None) -> None:
        if change is not None and not change.many:
            for table in self.query(RowTable):
                table.renew(change.numbers())
                table.glow(change.numbers())
        board = self.view == "board"
        work = partial(reading.listed, self.station.view, self.filter, self.sort, board=board)
        self.read("items", work, partial(self._listed, change), self.failed)

    def _listed(self, change: Change | None, found: Listed) -> None:
        at, self.wanted = self.wanted, None
        if self._insists and not self._holds(found, at):
            self.filter, self.wanted = ("" if self.filter and self.filter != "all" else "all"), at
            self._insists = self.filter != "all"
            self.refresh_view(change)
            return
        self._insists = False
        self._show_order(found, at)
        self.diagram.tell(found.counts)
        attention = sum(found.counts[state] for state in ATTENTION) + found.alerts
        self.station.standing_is(attention=attention, late=found.late)
        self.dim(False)
        self._retitle(found)
        if change is not None and (self.detail.number in change.numbers() or change.many):
            self.detail.tell(self.detail.number)

    def _holds(self, found: Listed, number: int | None) -> bool:
        return any(number in order for order in (found.order, *found.lanes.values()))

    def _show_order(self, found: Listed, at: int | None) -> None:
        fetch = self._fetch(reading.cards if self.view == "board" else reading.rows)
        if self.view == "board":
            self.board.show(found.lanes, fetch)
            if at is not None:
                self.board.go_to(at)
        else:
            self.table.empty = partial(items.empty, bool(self.filter), self.station.keys.of("tasks.add"))
            self.table.widen(items.columns(found.highest))
            self.table.show(found.order, fetch, at=at)
        if self.number is None:
            self._settle()

    def _fetch(self, read: Any) -> Fetch[int]:
        return partial(read, self.station.view, self.station.when)

    def dim(self, dimmed: bool) -> None:
        super().dim(dimmed)
        self.diagram.dim(dimmed)

    def _retitle(self, found: Listed) -> None:
        shown = sum(map(len, found.lanes.values())) if self.view == "board" else len(found.order)
        self.table.border_title = f"Tasks {shown:,}"
        self.note(f"by {self.sort}" if self.sort != "priority" else "")

    # The selected item

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        if message.by_hand:
            self.acted_on = None
        if message.table is self.current:
            self._settle()

    def _settle(self) -> None:
        self.later("settle", self.SETTLE, lambda: self.detail.tell(self.number))

    def on_descendant_focus(self) -> None:
        if self.view == "board" and self.number != self.detail.number:
            self._settle()

    @on(RowTable.Opened)
    def _opened(self, message: RowTable.Opened) -> None:
        message.stop()
        self.detail.tell(self.number)
        self.detail.focus()

    def _told(self, item: Item | None) -> None:
        if item is None:
            self.diagram.tell(lit=Lit())
            return
        keys = self.station.keys
        self.diagram.tell(lit=Lit(item.state, {to: keys.of(f"item.{move.verb}") for move, to in legal(item)}))
        self.station.show_bottom()

    def bring_up(self, key: int) -> None:
        """Select an item, whatever the filter hides."""
        self.wanted, self._insists = key, True
        self.refresh_view()

    def show_runs(self) -> None:
        self.detail.turn_to("runs")

    def row_text(self) -> str:
        item = self.item
        return f"{item.id} {item.title}" if item else ""

    # The layout

    def lay_out(self, columns: int, rows: int) -> None:
        board = self.view == "board"
        wide = columns >= WIDE[0] and rows >= WIDE[1]
        self.set_class(wide and not board, "-wide")
        self.set_class(columns >= HUGE[0] and rows >= HUGE[1] and not board, "-huge")
        self.set_class(board, "-board")
        self.set_class(rows < SHORT, "-short")
        if not self.has_class("-zoomed"):
            self.table.set_class(board, "-hidden")
            self.diagram.set_class(board or rows < SHORT, "-hidden")

    def focus_first(self) -> None:
        self.current.focus()

    async def action_switch_view(self) -> None:
        self.view = "list" if self.view == "board" else "board"
        self.wanted = self.number if self.detail.number is None else self.detail.number
        if self.view == "board" and self.board is None:
            from halo_tui.panes.board import Board

            await self.mount(Board(id="board"), before=self.detail)
        if self.board is not None:
            self.board.set_class(self.view == "list", "-hidden")
        self.lay_out(self.size.width, self.size.height)
        self.refresh_view()
        self.current.focus()

    def action_next_sort(self) -> None:
        sorts = list(queries.SORTS)
        self.sort = sorts[(sorts.index(self.sort) + 1) % len(sorts)]
        self.station.echo(filters.item_command(self.filter, self.sort))
        self.refresh_view()

    def filter_command(self, text: str) -> str:
        return filters.item_command(text, self.sort)

    def remember(self) -> Kept:
        return super().remember() | {"item": self.number, "section": self.detail.section}

    def recall(self, kept: Kept) -> None:
        super().recall(kept)
        item = kept.get("item")
        self.wanted = item if isinstance(item, int) else None

    def clear(self) -> bool:
        if self.detail.has_focus:
            self.current.focus()
            return True
        return super().clear()
