"""The clock, to be moved: a line of all events with the one after which everything shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.widget import Widget

from halo_tui.keymap import bindings
from halo_tui.present.frame import Past
from halo_tui.present.ink import Line
from halo_tui.present.when import When
from halo_tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from halo_tui.app import Workstation


class Scrubber(TextView):
    """Left and right go by events, with shift by ten, page up and down by a hundred."""

    DEFAULT_CSS = "Scrubber { height: 3; overflow: hidden; scrollbar-gutter: auto; }"
    BINDINGS: ClassVar = bindings("moment")

    def __init__(self, came_from: Widget | None) -> None:
        super().__init__(self._picture, id="scrubber")
        self.add_class("pane")
        self.came_from = came_from
        """What had the focus before."""
        self.past = Past(0, 0, "")

    @property
    def station(self) -> Workstation:
        return cast("Workstation", self.app)

    def tell(self, past: Past) -> None:
        """Show where the clock stands."""
        self.past = past
        self.border_title = f"event {past.position:,} of {past.head:,}"
        self.show(self._picture)

    def _picture(self, columns: int, rows: int) -> list[Line]:
        return [track(self.past, self.station.when, columns)]

    def action_step(self, events_: int) -> None:
        self._go(self.past.position + events_)

    def action_first(self) -> None:
        self._go(1)

    def action_last(self) -> None:
        self._go(self.past.head)

    def _go(self, position: int) -> None:
        position = max(0, min(position, self.past.head))
        self.past = self.past._replace(position=position)
        self.station.go_to_position(position)

    def action_type_time(self) -> None:
        def answered(text: str | None) -> None:
            if text and text.strip():
                self.station.go_to_time(text.strip())

        self.station.ask("go to:", answered, hint="14:30, yesterday, friday 09:00, 3d, 2026-11-20 14:00")

    async def action_leave(self) -> None:
        await self.station.leave_past()

    def on_click(self, event: events.Click) -> None:
        columns = max(2, self.scrollable_content_region.width)
        self._go(round(self.past.head * event.get_content_offset_capture(self).x / (columns - 1)))


def track(past: Past, when: When, columns: int) -> Line:
    """The line: what has been, a knob, what is still to come."""
    label = f" {when.full(past.time)} " if past.time else " before everything "
    room = max(1, columns - len(label) - 2)
    place = round((room - 1) * past.position / past.head) if past.head else 0
    return [(" ", "plain"), ("━" * place, "past"), ("◆", "past"), ("─" * (room - 1 - place), "faint"), (label, "past")]
