"""The Events screen: the history itself, live, and the selected event opened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import Resize
from textual.timer import Timer

from halo_engine.errors import HaloError
from halo_tui import reading
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.present import event, facts, filters
from halo_tui.present.ink import Line, plain, wrap
from halo_tui.reading import EventStory
from halo_tui.screens.page import Page
from halo_tui.session import Session
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView

SETTLE = 0.04
"""Seconds that the cursor rests on a row before the event is read."""
WIDE = 130
"""Columns from which on the event opens beside the list."""


class EventsScreen(Page):
    """`position` is that of the selected event; `following` keeps the newest in view."""

    DEFAULT_CSS = """
    EventsScreen { grid-rows: 3fr 2fr; }
    EventsScreen.-wide { grid-size: 2; grid-columns: 3fr 2fr; grid-rows: 1fr; }
    EventsScreen.-zoomed { grid-size: 1; grid-rows: 1fr; }
    EventsScreen.-zoomed .pane { column-span: 1; row-span: 1; }
    """
    MAIN: ClassVar = "events"
    BINDINGS: ClassVar = bindings("events")
    HINTS: ClassVar = {
        "history": ("events.jump", "events.filter", "events.follow", "app.moment", "app.copy"),
        "event": ("app.zoom", "app.copy", "app.back", "app.moment"),
    }

    def __init__(self) -> None:
        super().__init__(id="events")
        self.filter = ""
        self.following = True
        self._settling: Timer | None = None
        self._opened: EventStory | None = None

    def compose(self) -> ComposeResult:
        self.filter, self.following = self.station.session.events_filter, self.station.session.following
        table: RowTable[int] = RowTable(facts.COLUMNS, id="history")
        table.add_class("pane")
        opened = TextView(id="event")
        opened.add_class("pane")
        opened.border_title = "Event"
        yield table
        yield opened

    def on_mount(self) -> None:
        self.set_class(self.app.size.width >= WIDE, "-wide")
        self.refresh_view()

    def on_resize(self, event_: Resize) -> None:
        self.set_class(event_.size.width >= WIDE, "-wide")

    @property
    def table(self) -> RowTable[int]:
        return self.query_one("#history", RowTable)

    @property
    def opened(self) -> TextView:
        return self.query_one("#event", TextView)

    @property
    def position(self) -> int | None:
        """Of the selected event."""
        return self.table.key

    # Reading

    def refresh_view(self, change: Change | None = None) -> None:
        work = partial(reading.event_order, self.station.view, self.filter)
        self.read("events", work, partial(self._ordered, change), self._failed)

    def _ordered(self, change: Change | None, order: Sequence[int]) -> None:
        known = len(self.table.order)
        at = order[-1] if self.following and order else None
        nothing = "nothing matches the filter" if self.filter else "nothing has happened yet"
        self.table.empty = lambda _: [[(nothing, "muted")]]
        self.table.widen(facts.columns(order[-1] if order else 0))
        self.table.show(order, partial(reading.event_rows, self.station.view, self.station.when), at=at)
        if change is not None and known and len(order) > known:
            self.table.glow(set(order[max(known, len(order) - 100) :]))
        self.table.dim(False)
        self._retitle(order)

    def slow(self) -> None:
        self.table.dim(True)
        self.table.border_subtitle = "reading…"

    def _failed(self, error: HaloError) -> None:
        self.table.dim(True)
        self.show_fault(self.table, error)

    @on(RowTable.Failed)
    def _rows_failed(self, message: RowTable.Failed) -> None:
        self._failed(message.error)

    def _retitle(self, order: Sequence[int]) -> None:
        self.table.border_title = f"Events {len(order):,}"
        live = "● following" if self.following else "○ holding still"
        live = "◂ the past" if self.station.past else live
        self.table.border_subtitle = "  ".join([*([f"/ {self.filter}"] if self.filter else []), live]).replace(
            "[", "\\["
        )

    # The selected event

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        if self.following and message.key != self.table.order[-1]:
            self.following = False
            self._retitle(self.table.order)
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self._open)

    def _open(self) -> None:
        if self.position is not None:
            self.read(
                "event", partial(reading.event_story, self.station.view, self.position), self._seen, self._not_seen
            )

    def _seen(self, found: EventStory) -> None:
        when = self.station.when
        moved = self._opened is None or self._opened.event.position != found.event.position
        self._opened = found

        def build(columns: int, _: int) -> list[Line]:
            lines = event.page(found.event, found.cause, found.effects, when, max(10, columns - 2))
            return [[(" ", "plain"), *line] for line in lines]

        self.opened.border_title = f"Event {found.event.position:,}"
        self.opened.show(build, top=moved)

    def _not_seen(self, error: HaloError) -> None:
        self._opened = None
        self.opened.show(lambda columns, _: wrap(f"▲ {error.message}", columns, "alert"), top=True)

    @on(RowTable.Opened)
    async def _jump(self, message: RowTable.Opened) -> None:
        message.stop()
        await self.action_jump()

    async def action_jump(self) -> None:
        """Show the item that the selected event happened to."""
        stream = self._opened.event.stream if self._opened else ""
        if not stream.startswith("task/T-"):
            self.station.complain("this event happened to no item")
            return
        await self.station.show_item(int(stream.removeprefix("task/T-")))

    def action_follow(self) -> None:
        self.following = not self.following
        if self.following:
            self.table.action_last()
        self._retitle(self.table.order)

    def action_filter(self) -> None:
        before = self.filter

        def typed(text: str) -> None:
            self.filter = text.strip()
            self.refresh_view()

        def done(text: str | None) -> None:
            typed(before if text is None else text)
            if text:
                self.station.echo(filters.event_command(text))

        self.station.ask("/", done, changed=typed, value=self.filter, hint=filters.EVENT_WORDS)

    def clear(self) -> bool:
        if self.opened.has_focus:
            self.table.focus()
            return True
        if not self.filter:
            return False
        self.filter = ""
        self.refresh_view()
        return True

    def remember(self, session: Session) -> None:
        session.events_filter, session.following = self.filter, self.following

    def selected(self) -> str:
        if self.opened.has_focus:
            return "\n".join(plain(line).strip() for line in self.opened.lines)
        return self._opened.event.payload.decode(errors="replace") if self._opened else ""
