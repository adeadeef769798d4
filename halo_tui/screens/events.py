"""The Events screen: the history itself, live, and the selected event opened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from halo_engine.errors import HaloError
from halo_tui import reading
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.present import event, facts, filters
from halo_tui.reading import EventStory
from halo_tui.screens.page import Page, framed
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView, inset

WIDE = 130
"""Columns from which on the event opens beside the list."""


class EventsScreen(Page):
    """`position` is that of the selected event; `following` keeps the newest in view."""

    DEFAULT_CSS = """
    EventsScreen { grid-rows: 3fr 2fr; }
    EventsScreen.-wide { grid-size: 2; grid-columns: 3fr 2fr; grid-rows: 1fr; }
    """
    MAIN: ClassVar = "events"
    BINDINGS: ClassVar = bindings("events")
    HINTS: ClassVar = {
        "history": ("events.jump", "events.filter", "events.follow", "app.moment", "app.copy"),
        "event": ("app.zoom", "app.copy", "app.back", "app.moment"),
    }

    KEPT: ClassVar = ("filter", "following")
    ARRANGED: ClassVar = {"-wide": lambda columns, _: columns >= WIDE}
    WORDS: ClassVar = filters.EVENT_WORDS

    def __init__(self) -> None:
        super().__init__(id="events")
        self.following = True
        self._opened: EventStory | None = None

    def compose(self) -> ComposeResult:
        yield framed(RowTable[int](facts.COLUMNS, id="history"))
        yield framed(TextView(id="event"), "Event")

    def on_mount(self) -> None:
        self.refresh_view()

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
        self.read("events", work, partial(self._ordered, change), self.failed)

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

    def _retitle(self, order: Sequence[int]) -> None:
        self.table.border_title = f"Events {len(order):,}"
        live = "● following" if self.following else "○ holding still"
        self.note("◂ the past" if self.station.past else live)

    # The selected event

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        if self.following and message.key != self.table.order[-1]:
            self.following = False
            self._retitle(self.table.order)
        self.later("settle", self.SETTLE, self._open)

    def _open(self) -> None:
        if self.position is not None:
            self.read(
                "event", partial(reading.event_story, self.station.view, self.position), self._seen, self._not_seen
            )

    def _seen(self, found: EventStory) -> None:
        when = self.station.when
        moved = self._opened is None or self._opened.event.position != found.event.position
        self._opened = found

        self.opened.border_title = f"Event {found.event.position:,}"
        self.opened.show(
            inset(lambda columns: event.page(found.event, found.cause, found.effects, when, columns)), top=moved
        )

    def _not_seen(self, error: HaloError) -> None:
        self._opened = None
        self.opened.fault(error)

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
        await self.station.bring_up("tasks", int(stream.removeprefix("task/T-")))

    def action_follow(self) -> None:
        self.following = not self.following
        if self.following:
            self.table.action_last()
        self._retitle(self.table.order)

    def filter_command(self, text: str) -> str:
        return filters.event_command(text)

    def clear(self) -> bool:
        if self.opened.has_focus:
            self.table.focus()
            return True
        return super().clear()

    def row_text(self) -> str:
        return self._opened.event.payload.decode(errors="replace") if self._opened else ""
