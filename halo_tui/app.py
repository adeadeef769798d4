"""The workstation itself: the frame, the screens, the theme, and the one live feed from the event log."""

from __future__ import annotations

import gc
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any, ClassVar, NamedTuple

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantFocus, Resize
from textual.message import Message

from halo_engine import clock
from halo_engine.errors import HaloError
from halo_engine.workspace import Workspace
from halo_tui import session as sessions
from halo_tui import themes
from halo_tui.actions import BY_ID
from halo_tui.deeds import Deeds
from halo_tui.feed import Feed
from halo_tui.keymap import Keys, bindings
from halo_tui.keymap import load as load_keys
from halo_tui.panes.title import BottomLine, TitleBar, pane_of
from halo_tui.present.frame import Standing, bottom_line, title_bar
from halo_tui.present.ink import Line
from halo_tui.present.when import When
from halo_tui.screens.page import Page
from halo_tui.time_travel import TimeTravel
from halo_tui.widgets.text_view import TextView

SMALLEST = (60, 15)
MINUTE = 60.0
COALESCE = 0.05
"""Seconds within which changes are shown together."""
PAGES = {"tasks": "app.tasks", "logs": "app.logs", "agents": "app.agents", "events": "app.events"}
"""The screens there are, each with the action that shows it."""
UNRECORDED = frozenset({"logs", "agents"})
"""Those that have something to show before any event is recorded."""

HINTS = {"scrubber": ("moment.back", "moment.on", "moment.back10", "moment.on10", "moment.time", "moment.now")}
"""The keys that the bottom line names for panes that belong to no screen."""


class Options(NamedTuple):
    """How the workstation was started."""

    screen: str | None = None
    theme: str | None = None
    still: bool = False
    """A picture is taken: nothing is remembered."""


class Workstation(Deeds, TimeTravel):
    """The app. `workspace` is the present; `view` is what shows, which may be the past."""

    CSS_PATH = "workstation.tcss"
    TITLE = "halo"
    BINDINGS: ClassVar = bindings("app")
    COMMANDS: ClassVar = {lambda: _palette()}  # noqa: PLW0108  (defined below; imported when opened)
    ENABLE_COMMAND_PALETTE = True

    class Grew(Message):
        """Something was appended to the log, by whomever."""

    class Begun(Message):
        """What the first look at the workspace found."""

        def __init__(self, head: int, keys: dict[str, str], notices: list[str], fault: HaloError | None) -> None:
            super().__init__()
            self.head, self.keys, self.notices, self.fault = head, keys, notices, fault

    def __init__(self, workspace: Workspace, options: Options = Options()) -> None:  # noqa: B008
        super().__init__()
        self.workspace = workspace
        self.view = workspace
        self.options = options
        self.session, self._notice = sessions.load(workspace)
        self.keys = Keys()
        self.zone: tzinfo = clock.now().astimezone().tzinfo or UTC
        self.standing = Standing(workspace.root, self.pages, "tasks")
        self.page_now: Page | None = None
        self._feed: Feed | None = None
        self._showing = False
        self.theme = self._first_theme()

    def _first_theme(self) -> str:
        wanted = self.options.theme or self.session.theme or themes.DEFAULT
        if wanted in themes.names():
            self.register_theme(themes.load(wanted))
        elif wanted not in self.available_themes:
            self.register_theme(themes.load(themes.DEFAULT))
            self._notice = f"there is no theme {wanted}"
            return themes.DEFAULT
        return wanted

    @property
    def pages(self) -> tuple[tuple[str, str, str], ...]:
        """Key, name and title of each screen."""
        return tuple((self.keys.of(action), name, BY_ID[action].name) for name, action in PAGES.items())

    @property
    def when(self) -> When:
        """Now, where the operator is; in the past, the moment that shows."""
        return When(self.moment_shown or clock.now(), self.zone)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return themes.derived(self.current_theme.to_color_system().generate())

    # The frame

    def compose(self) -> ComposeResult:
        yield TitleBar(self._title)
        yield Container(id="body")
        yield BottomLine(self._bottom)
        offers = TextView(id="offers", focusable=False)
        offers.display = False
        offers.raised = True
        yield offers
        yield TextView(self._small, id="small", focusable=False)

    def _small(self, columns: int, rows: int) -> list[Line]:
        text = "this terminal is too small: 60 by 15 is the least"[:columns]
        return [*[[]] * (rows // 2), [(" " * ((columns - len(text)) // 2) + text, "muted")]]

    def _title(self, columns: int, _: int) -> list[Line]:
        return [title_bar(self.standing, When(clock.now(), self.zone), self.past, columns)]

    def _bottom(self, columns: int, _: int) -> list[Line]:
        return [bottom_line(self.said, self.hints(), columns)]

    def hints(self) -> list[tuple[str, str]]:
        """Key and name of what the focused pane takes."""
        if self.page_now is None or len(self.screen_stack) > 1:
            return []
        pane = pane_of(self.focused)
        name = pane.id or "" if pane else ""
        wanted = HINTS.get(name) or self.page_now.hints(name)
        return [(self.keys.of(action), BY_ID[action].name) for action in (*wanted, "app.prompt", "app.help")]

    def show_bottom(self) -> None:
        self._frame("#bottom", self._bottom)

    def show_title(self) -> None:
        """Draw the title bar anew."""
        self._frame("#title", self._title)

    def _frame(self, place: str, build: Callable[[int, int], list[Line]]) -> None:
        bar = self.screen_stack[0].query_one_optional(place, TextView) if self.screen_stack else None
        if bar is not None:
            bar.show(build)

    def standing_is(self, **changes: Any) -> None:
        """Show other numbers in the title bar."""
        self.standing = self.standing._replace(**changes)
        self.show_title()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.show_bottom()

    def on_resize(self, event: Resize) -> None:
        small = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        self.screen_stack[0].set_class(small, "-small")

    # Beginning

    def on_mount(self) -> None:
        self.call_after_refresh(self._begin_page)

    async def _begin_page(self) -> None:
        """The frame is there; what takes longer comes now."""
        begun = (self.workspace.store / "events.db").exists()
        wanted = self.options.screen or self.session.screen
        first = not begun and wanted not in UNRECORDED
        await self.action_page(wanted if wanted in PAGES else "tasks", first=first)
        self.run_worker(self._begin, thread=True, group="begin")
        self.set_interval(MINUTE, self._minute)
        themes.register(self)
        self.theme_changed_signal.subscribe(self, self._restyle)
        gc.enable()

    def _begin(self) -> None:
        head, fault, notices = 0, None, [self._notice]
        try:
            from halo_engine import times

            self.zone = times.zone(self.workspace.settings.timezone or "")
            head = self.workspace.log.head()
        except HaloError as error:
            fault = error
        keys, notice = load_keys(self.workspace)
        self.post_message(self.Begun(head, keys, [*filter(None, [*notices, notice])], fault))

    async def on_workstation_begun(self, message: Begun) -> None:
        if message.keys:
            self.keys = Keys(message.keys)
            self.set_keymap(message.keys)
            self.standing_is(pages=self.pages)
        for notice in message.notices:
            self.complain(notice)
        if message.fault is not None:
            self.standing_is(fault=message.fault.message)
            self.complain(message.fault.message)
        elif not message.head and self.page_now is not None and self.page_now.id not in {"welcome", *UNRECORDED}:
            await self.action_page("tasks", first=True)
        if not self.options.still:
            self._feed = Feed(self.workspace.log, message.head, self._grew)
        self._read_standing()
        self.show_title()
        self.show_bottom()

    # Living

    def _grew(self) -> None:
        """Called in the feed's thread."""
        self.post_message(self.Grew())

    def on_workstation_grew(self) -> None:
        if not self._showing:
            self._showing = True
            self.set_timer(COALESCE, self._show_change) if self.page_now else self._show_change()

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

    # Screens

    async def action_page(self, name: str, *, first: bool = False) -> None:
        """Show a screen; it is made when it is first shown."""
        body = self.screen_stack[0].query_one("#body")
        page = body.query_one_optional("#welcome" if first else f"#{name}", Page)
        fresh = page is None
        if page is None:
            page = _welcome() if first else _page(name)
            await body.mount(page)
        for other in body.query_children(Page):
            other.display = other is page
        self.page_now = page
        self.standing_is(page=name)
        page.focus_first()
        if not fresh:
            page.refresh_view()
        self.show_bottom()

    async def show_item(self, number: int) -> None:
        """Bring an item up on the Tasks screen."""
        from halo_tui.screens.tasks import TasksScreen

        self.session.item = number
        await self.action_page("tasks")
        if isinstance(self.page_now, TasksScreen):
            self.page_now.show_item(number)

    def action_show_keys(self) -> None:
        from halo_tui.dialogs.help import Help

        self.push_screen(Help(self.page_now, pane_of(self.focused)))

    def action_show_history(self) -> None:
        from halo_tui.dialogs.history import History

        self.push_screen(History(self.deeds), lambda line: self.action_prompt(line) if line else None)

    def action_prompt(self, value: str = "") -> None:
        from halo_tui.command_line import follows

        def given(line: str | None) -> None:
            if line and line.strip():
                self.run_command(line.strip())

        past = [deed.line for deed in self.deeds]
        self.ask(":", given, value=value, complete=follows, hint="any Halo command; tab completes", past=past)

    async def prompt_asks(self, label: str, done: Callable[[str | None], None], **options: Any) -> None:
        from halo_tui.widgets.prompt import Prompt

        prompt = self.screen_stack[0].query_one_optional(Prompt)
        if prompt is None:
            prompt = Prompt()
            await self.screen_stack[0].mount(prompt, after="#bottom")
        prompt.ask(label, done, **options)

    def action_zoom(self) -> None:
        if self.page_now is not None:
            self.page_now.zoom(pane_of(self.focused))

    def action_copy(self) -> None:
        text = self.page_now.selected() if self.page_now else ""
        if text:
            self.copy_to_clipboard(text)
            first = text.partition("\n")[0]
            self.remark(f"copied: {first[:60]}{'…' if len(text) > len(first) or len(first) > 60 else ''}")

    async def action_back(self) -> None:
        page = self.page_now
        if page is None:
            return
        if page.has_class("-zoomed"):
            page.zoom(None)
        elif not page.clear() and self.past is not None:
            await self.leave_past()

    def action_next_theme(self) -> None:
        ours = themes.names()
        place = ours.index(self.theme) + 1 if self.theme in ours else 0
        self.theme = ours[place % len(ours)]
        self.remark(f"theme {self.theme}")

    def action_set_theme(self, name: str) -> None:
        self.theme = name

    def _restyle(self, _: Any) -> None:
        for page in self.screen_stack[0].query(Page):
            page.restyle()
        self.screen_stack[0].query(TextView).refresh()
        self.show_title()
        self.show_bottom()

    async def action_quit(self) -> None:
        if self._feed is not None:
            self._feed.end()
        if not self.options.still:
            self.session.theme = self.theme
            self.session.screen = self.standing.page
            for page in self.screen_stack[0].query(Page):
                page.remember(self.session)
            sessions.save(self.workspace, self.session)
        self.exit()


def _page(name: str) -> Page:
    if name == "events":
        from halo_tui.screens.events import EventsScreen

        return EventsScreen()
    if name == "logs":
        from halo_tui.screens.logs import LogsScreen

        return LogsScreen()
    if name == "agents":
        from halo_tui.screens.agents import AgentsScreen

        return AgentsScreen()
    from halo_tui.screens.tasks import TasksScreen

    return TasksScreen()


def _welcome() -> Page:
    from halo_tui.screens.welcome import Welcome

    return Welcome()


def _palette() -> Any:
    from halo_tui.palette import Actions

    return Actions
