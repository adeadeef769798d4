"""The frame around every screen: the title bar, the bottom line, and the screen that shows between them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING, Any, NamedTuple

from textual.app import ComposeResult
from textual.containers import Container
from textual.events import DescendantFocus, Resize

from halo_engine import clock
from halo_engine.workspace import Workspace
from halo_tui import session as sessions
from halo_tui.actions import BY_ID
from halo_tui.deeds import Deeds
from halo_tui.keymap import Keys
from halo_tui.panes.title import BottomLine, TitleBar, pane_of
from halo_tui.present.frame import Standing, bottom_line, title_bar
from halo_tui.present.ink import Line
from halo_tui.present.when import When
from halo_tui.screens import PAGES, made
from halo_tui.time_travel import TimeTravel
from halo_tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from halo_tui.screens.page import Page

SMALLEST = (60, 15)
HINTS = {"scrubber": ("moment.back", "moment.on", "moment.back10", "moment.on10", "moment.time", "moment.now")}
"""The keys that the bottom line names for panes that belong to no screen."""


class Options(NamedTuple):
    """How the workstation was started."""

    screen: str | None = None
    theme: str | None = None
    still: bool = False
    """A picture is taken: nothing is remembered."""


class Frame(Deeds, TimeTravel):
    """The part of the app that every screen has. `workspace` is the present; `view` is what shows."""

    def __init__(self, workspace: Workspace, options: Options = Options()) -> None:  # noqa: B008
        super().__init__()
        self.workspace = workspace
        self.view = workspace
        self.options = options
        self.session, self.notice = sessions.load(workspace)
        self.keys = Keys()
        self.zone: tzinfo = clock.now().astimezone().tzinfo or UTC
        self.standing = Standing(workspace.root, self.pages, "tasks")
        self.page_now: Page | None = None
        self.made: dict[str, Page] = {}
        """The screens that were shown, by name."""

    @property
    def pages(self) -> tuple[tuple[str, str, str], ...]:
        """Key, name and title of each screen."""
        return tuple((self.keys.of(f"app.{name}"), name, place.title) for name, place in PAGES.items())

    @property
    def when(self) -> When:
        """Now, where the operator is; in the past, the moment that shows."""
        return When(self.moment_shown or clock.now(), self.zone)

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

    # Screens

    async def action_page(self, name: str, *, first: bool = False) -> None:
        """Show a screen; it is made when it is first shown."""
        body = self.screen_stack[0].query_one("#body")
        shown = "welcome" if first else name
        fresh = shown not in self.made
        page = self.made[shown] if not fresh else self.made.setdefault(shown, made(shown))
        if fresh:
            page.recall(self.session.pages.get(shown, {}))
            await body.mount(page)
        for other in self.made.values():
            other.display = other is page
        self.page_now = page
        self.standing_is(page=name)
        page.focus_first()
        if not fresh:
            page.refresh_view()
        self.show_bottom()

    async def bring_up(self, screen: str, key: Any) -> None:
        """Show something on the screen that it belongs to."""
        await self.action_page(screen)
        if self.page_now is not None:
            self.page_now.bring_up(key)
