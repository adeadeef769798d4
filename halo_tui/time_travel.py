"""Moving the clock: everything shows as it was after some event, and nothing can be changed there."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual.app import App
from textual.message import Message

from halo_engine import clock
from halo_engine.errors import HaloError
from halo_engine.workspace import Workspace
from halo_tui.present.frame import Past

if TYPE_CHECKING:
    from halo_tui.panes.scrubber import Scrubber
    from halo_tui.screens.page import Page


class TimeTravel(App[None]):
    """The part of the app that moves the clock."""

    workspace: Workspace
    """The present."""
    view: Workspace
    """What shows."""
    page_now: Page | None
    past: Past | None = None
    """Where the clock stands; None: now."""

    class Found(Message):
        """The event after which things show, looked up."""

        def __init__(self, past: Past) -> None:
            super().__init__()
            self.past = past

    @property
    def moment_shown(self) -> datetime | None:
        """The moment that shows, when it is not now."""
        return clock.instant(self.past.time) if self.past and self.past.time else None

    async def action_time_travel(self) -> None:
        """Open the scrubber at the last event; from the Events screen, at the selected one."""
        if self.past is None:
            self.go_to_position(getattr(self.page_now, "position", None))

    def go_to_position(self, position: int | None) -> None:
        """Move the clock to after an event; None is the last."""
        self.run_worker(lambda: self._look(position), thread=True, group="moment", exclusive=True)

    def go_to_time(self, text: str) -> None:
        """Move the clock to a time that a person typed."""

        def look() -> None:
            from halo_engine.events import queries
            from halo_tui.present import filters

            try:
                position = queries.before(self.workspace, filters.moment(self.workspace, text))
            except HaloError as error:
                self.call_from_thread(self.complain, error.message)
                return
            self._look(position)

        self.run_worker(look, thread=True, group="moment", exclusive=True)

    def complain(self, text: str) -> None:
        """Say why something was not done."""
        raise NotImplementedError

    def _look(self, position: int | None) -> None:
        from halo_engine.events import queries

        try:
            head = self.workspace.log.head()
            at = head if position is None else max(0, min(position, head))
            found = queries.events(self.workspace, [at])
            self.post_message(self.Found(Past(at, head, found[0].time if found else "")))
        except HaloError as error:
            self.call_from_thread(self.complain, error.message)

    async def on_time_travel_found(self, message: Found) -> None:
        self.past = message.past
        self.view = self.workspace.at(message.past.position)
        scrubber = await self._scrubber()
        scrubber.tell(message.past)
        self._show_moment()

    async def _scrubber(self) -> Scrubber:
        from halo_tui.panes.scrubber import Scrubber

        screen = self.screen_stack[0]
        found = screen.query_one_optional(Scrubber)
        if found is None:
            found = Scrubber(self.focused)
            await screen.mount(found, before="#bottom")
            screen.add_class("-past")
            found.focus()
        return found

    async def leave_past(self) -> None:
        """Return to the present."""
        from halo_tui.panes.scrubber import Scrubber

        self.past, self.view = None, self.workspace
        screen = self.screen_stack[0]
        screen.remove_class("-past")
        for scrubber in screen.query(Scrubber):
            came_from = scrubber.came_from
            await scrubber.remove()
            if came_from is not None and came_from.is_attached:
                came_from.focus()
        self._show_moment()

    def _show_moment(self) -> None:
        self.show_title()
        if self.page_now is not None:
            self.page_now.refresh_view()

    def show_title(self) -> None:
        """Draw the title bar anew."""
        raise NotImplementedError
