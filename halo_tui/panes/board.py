"""Items as cards in columns, one for each stage of the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantFocus

from halo_tui.keymap import bindings
from halo_tui.present.items import CARD, LANES
from halo_tui.widgets.row_table import Fetch, RowTable

NARROWEST = 24
"""Columns below which a lane is of no use: fewer show then."""


class Board(Container):
    """A table for each lane; left and right go from one to the next."""

    DEFAULT_CSS = """
    Board { layout: horizontal; }
    Board RowTable { width: 1fr; height: 1fr; }
    """
    BINDINGS: ClassVar = bindings("board")

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._last: RowTable[int] | None = None

    def compose(self) -> ComposeResult:
        for name in LANES:
            lane: RowTable[int] = RowTable(CARD, id=f"lane-{name.replace(' ', '-')}")
            lane.add_class("pane")
            lane.border_title = name
            yield lane

    @property
    def lanes(self) -> dict[str, RowTable[int]]:
        return dict(zip(LANES, self.query(RowTable), strict=True))

    @property
    def lane(self) -> RowTable[int]:
        """The lane that has, or last had, the focus; else the first that holds something."""
        lanes = list(self.lanes.values())
        return self._last or next((lane for lane in lanes if lane.order), lanes[0])

    def show(self, orders: Mapping[str, Sequence[int]], fetch: Fetch[int] | None) -> None:
        """Take other orders, by lane."""
        for name, lane in self.lanes.items():
            lane.show(orders.get(name, ()), fetch)
            lane.border_title = f"{name} {len(lane.order)}" if lane.order else name

    def go_to(self, number: int) -> None:
        """Put the cursor on an item, in whatever lane it is."""
        for lane in self.lanes.values():
            if lane.go_to(number):
                self._last = lane
                self._fit()
                lane.focus()

    def each(self, do: Callable[[RowTable[int]], None]) -> None:
        for lane in self.lanes.values():
            do(lane)

    def on_resize(self) -> None:
        self._fit()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        if isinstance(event.widget, RowTable):
            self._last = event.widget
        self._fit()

    def _fit(self) -> None:
        """Show as many lanes as there is room for, the focused one among them."""
        lanes = list(self.lanes.values())
        room = max(1, self.size.width // NARROWEST)
        at = lanes.index(self.lane)
        first = max(0, min(at - room // 2, len(lanes) - room))
        for place, lane in enumerate(lanes):
            lane.set_class(not first <= place < first + room, "-hidden")

    def action_step(self, lanes: int) -> None:
        every = list(self.lanes.values())
        target = every[max(0, min(every.index(self.lane) + lanes, len(every) - 1))]
        target.remove_class("-hidden")
        target.focus()
