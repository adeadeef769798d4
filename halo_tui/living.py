"""What happens by itself: the first look at the workspace, the live feed, the minute."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from textual.message import Message

from halo_engine.errors import HaloError
from halo_engine.workspace import Workspace
from halo_tui import screens, themes
from halo_tui.frame import Frame, Options
from halo_tui.keymap import Keys
from halo_tui.keymap import load as load_keys
from halo_tui.screens import FIRST, PAGES

if TYPE_CHECKING:
    from halo_tui.feed import Feed

MINUTE = 60.0
COALESCE = 0.03
"""Seconds within which changes are shown together."""


class Living(Frame):
    """The part of the app that lives: one feed from the event log, shared by all screens."""

    class Grew(Message):
        """Something was appended to the log, by whomever."""

    class Begun(Message):
        """What the first look at the workspace found."""

        def __init__(self, head: int, keys: dict[str, str], notices: list[str], fault: HaloError | None) -> None:
            super().__init__()
            self.head, self.keys, self.notices, self.fault = head, keys, notices, fault

    def __init__(self, workspace: Workspace, options: Options = Options()) -> None:  # noqa: B008
        super().__init__(workspace, options)
        self._feed: Feed | None = None
        self._showing = False
        self.at_work = False

    def on_unmount(self) -> None:
        self.end_feed()

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin_page)

    async def _begin_page(self) -> None:
        """The frame is there; what takes longer comes now."""
        begun = (self.workspace.store / "events.db").exists()
        wanted = self.options.screen or self.session.screen
        wanted = wanted if wanted in PAGES else FIRST
        await self.action_page(wanted, first=not begun and not PAGES[wanted].unrecorded)
        if self.page_now is None or not self.page_now.MAIN:
            self.ready()

    def ready(self) -> None:
        """The first screen shows what it is about: now comes what can wait."""
        if not self.at_work:
            self.at_work = True
            gc.freeze()  # what is there now stays: collections need not look through it while keys are pressed
            gc.enable()
            self.run_worker(self._begin, thread=True, group="begin")
            self.set_interval(MINUTE, self._minute)
            themes.register(self)

    def _begin(self) -> None:
        head, fault, notices = 0, None, [self.notice]
        try:
            from halo_engine import times

            self.zone = times.zone(self.workspace.settings.timezone or "")
            head = self.workspace.log.head()
        except HaloError as error:
            fault = error
        keys, notice = load_keys(self.workspace)
        self.post_message(self.Begun(head, keys, [*filter(None, [*notices, notice])], fault))
        if not self.options.still:
            screens.load()

    async def on_living_begun(self, message: Begun) -> None:
        if message.keys:
            self.keys = Keys(message.keys)
            self.set_keymap(message.keys)
            self.standing_is(pages=self.pages)
        for notice in message.notices:
            self.complain(notice)
        if message.fault is not None:
            self.standing_is(fault=message.fault.message)
            self.complain(message.fault.message)
        elif not message.head and self.page_now is not None and not self._shows_unrecorded():
            await self.action_page("tasks", first=True)
        if not self.options.still:
            from halo_tui.feed import Feed

            self._feed = Feed(self.workspace.log, message.head, self._grew)
        self._read_standing()
        self.show_title()
        self.show_bottom()

    def _shows_unrecorded(self) -> bool:
        """What shows has something to show although nothing was recorded."""
        name = (self.page_now.id or "") if self.page_now is not None else ""
        return name not in PAGES or PAGES[name].unrecorded

    def _grew(self) -> None:
        """Called in the feed's thread."""
        self.post_message(self.Grew())

    def on_living_grew(self) -> None:
        if not self._showing:
            self._showing = True
            self.set_timer(COALESCE, self._show_change)

    async def _show_change(self) -> None:
        self._showing = False
        assert self._feed is not None
        change = self._feed.take()
        self.standing_is(fault=change.fault.message if change.fault else "")
        if change.fault is not None:
            self.complain(change.fault.message)
        if self.past is not None or not change.head:
            return
        if self.page_now is not None and self.page_now.id == "welcome":
            await self.action_page("tasks")
        elif self.page_now is not None:
            self.page_now.refresh_view(change)
            self._read_standing()

    def _read_standing(self) -> None:
        """The numbers of the title bar, where the screen that shows does not read them itself."""
        if self.page_now is not None and self.page_now.id != "tasks":
            self.run_worker(self._stand, thread=True, group="standing", exclusive=True)

    def _stand(self) -> None:
        from halo_tui import reading

        try:
            attention, late = reading.standing(self.view)
        except HaloError as error:
            self.call_from_thread(self.complain, error.message)
            return
        self.call_from_thread(self.standing_is, attention=attention, late=late)

    def _minute(self) -> None:
        self.show_title()
        if self.past is None and self.page_now is not None:
            self.run_worker(self._wake, thread=True, group="wake", exclusive=True)
            self.page_now.refresh_view()

    def _wake(self) -> None:
        """Open what was put off until now."""
        from halo_engine.tasks import commands

        try:
            commands.wake(self.workspace)
        except HaloError as error:
            self.call_from_thread(self.complain, error.message)

    def end_feed(self) -> None:
        """Stop listening to the log."""
        if self._feed is not None:
            self._feed.end()
