"""One item in four sections: overview, plan, runs with their output, history."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.timer import Timer

from halo_engine.errors import HaloError
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item
from halo_tui import reading
from halo_tui.keymap import bindings
from halo_tui.present import facts, runs
from halo_tui.present.ink import Line, wrap
from halo_tui.present.item import Story, overview
from halo_tui.reading import Planned, Ran
from halo_tui.widgets.tabs import tabs
from halo_tui.widgets.text_view import Build, TextView, inset

if TYPE_CHECKING:
    from halo_tui.app import Workstation
    from halo_tui.screens.page import Page

SECTIONS = ("overview", "plan", "runs", "history")
WATCHED = 0.5
"""Seconds between two looks at the output of a run that is under way."""
NOTHING: list[Line] = [[], [("no item is selected", "muted")]]


class ItemDetail(TextView):
    """Shows the item that it is told; reads what its section needs, and no more."""

    BINDINGS: ClassVar = [*bindings("tabs"), *bindings("page")]

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.section = SECTIONS[0]
        self.number: int | None = None
        self.item: Item | None = None
        self.told: Callable[[Item | None], None] = lambda _: None
        """Called with the item whenever it was read."""
        self._watch: Timer | None = None
        self._said = ""

    @property
    def page(self) -> Page:
        return cast("Page", self.parent)

    @property
    def station(self) -> Workstation:
        return cast("Workstation", self.app)

    def on_mount(self) -> None:
        self._retitle()

    def tell(self, number: int | None, *, top: bool = False) -> None:
        """Show an item (None: none); from its beginning with `top`."""
        moved = number != self.number
        self.number = number
        if number is None:
            self.item = None
            self.show(lambda *_: NOTHING, top=True)
            self._retitle()
            self.told(None)
            return
        view = self.station.view
        self.page.read("detail", partial(self._read, view, number), partial(self._seen, moved or top), self._failed)

    def _read(self, view: Any, number: int) -> tuple[Story, Any]:
        story = reading.story(view, number)
        match self.section:
            case "plan":
                return story, reading.planned(view, number)
            case "runs":
                return story, reading.ran(view, number)
            case _:
                return story, None

    def _seen(self, top: bool, found: tuple[Story, Any]) -> None:
        story, extra = found
        if story.item.number != self.number:
            return
        self.item = story.item
        self.dim(False)
        self.following = isinstance(extra, Ran) and story.item.state is State.RUNNING
        self.show(self._told_as(story, extra), top=top)
        self._retitle()
        self._keep_watch()
        self.told(self.item)

    def _told_as(self, story: Story, extra: Any) -> Build:
        when = self.station.when
        if isinstance(extra, Planned):
            from halo_tui.present import plan

            return inset(lambda columns: plan.page(extra, story.item, when, columns))
        if isinstance(extra, Ran):
            return inset(lambda columns: _runs(extra, self.station, columns))
        if self.section == "history":
            return inset(lambda _: facts.history(story.events, when))
        return inset(lambda columns: overview(story, self.station.keys, when, columns))

    def _failed(self, error: HaloError) -> None:
        self.dim(True)
        self.item = None
        self.show(
            inset(
                lambda columns: [[], *wrap(f"▲ {error.message}", columns, "alert"), *wrap(error.hint, columns, "muted")]
            )
        )
        self.told(None)

    def _keep_watch(self) -> None:
        """While a run is under way and its output shows, look at the file; the log says nothing of it."""
        wanted = self.section == "runs" and self.item is not None and self.item.state is State.RUNNING
        if wanted and self._watch is None:
            self._watch = self.set_interval(WATCHED, lambda: self.tell(self.number))
        elif not wanted and self._watch is not None:
            self._watch.stop()
            self._watch = None

    def turn_to(self, section: str) -> None:
        """Show a section."""
        self.section = section if section in SECTIONS else SECTIONS[0]
        self._retitle()
        self.tell(self.number, top=True)

    def action_turn(self, steps: int) -> None:
        self.turn_to(SECTIONS[(SECTIONS.index(self.section) + steps) % len(SECTIONS)])

    def _retitle(self) -> None:
        counts = {"runs": self.item.attempts if self.item else 0}
        names = {section: f"{section} {counts[section]}" if counts.get(section) else section for section in SECTIONS}
        title = tabs(names, self.section)
        if title != self._said:
            self._said = self.border_title = title


def _runs(ran: Ran, station: Workstation, columns: int) -> list[Line]:
    if not ran.runs:
        return [[], [("no runs yet", "muted")]]
    last = ran.runs[0]
    title = f"output of {last.id}"
    body = runs.output(ran.output, columns) if ran.output else [[("nothing was written", "faint")]]
    return [*runs.table(ran.runs, station.when), runs.rule(title, columns), *body]
