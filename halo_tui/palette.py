"""What can be done now, to be found by typing: its name, its keys, its command line."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple, cast

from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.widget import Widget

from halo_tui.actions import ACTIONS
from halo_tui.actions.action import Action
from halo_tui.actions.item import refusal, sample
from halo_tui.app import Workstation
from halo_tui.screens.page import Page

PASSED_OVER = frozenset({"table", "page", "tabs", "board", "moment"})
"""Groups of mere movements."""


class Entry(NamedTuple):
    """One line of the palette."""

    text: str
    keys: str
    help: str
    target: Widget | Workstation
    method: str


class Actions(Provider):
    """The actions of the screen that shows, and those that are everywhere, and the themes."""

    @property
    def station(self) -> Workstation:
        return cast("Workstation", self.app)

    def entries(self) -> Iterator[Entry]:
        page = self.station.page_now
        item = getattr(page, "item", None)
        for action in ACTIONS:
            target = self._target(action, page)
            if target is None or refusal(action, item, self.station.view.moment):
                continue
            name = (
                f"{action.name}: {action.description}"
                if action.group != "item"
                else f"{action.name} {item.id if item else ''}: {action.description}"
            )
            yield Entry(
                name,
                self.station.keys.of(action.id),
                f"$ {sample(action, item)}" if action.command else "",
                target,
                action.method,
            )
        for theme in sorted(self.station.available_themes):
            yield Entry(f"theme {theme}", "", "how everything looks", self.station, f"set_theme('{theme}')")

    def _target(self, action: Action, page: Page | None) -> Widget | Workstation | None:
        if action.group in PASSED_OVER or action.id == "app.palette":
            return None
        if action.group == "app":
            return self.station
        if page is None:
            return None
        bound = {getattr(binding, "id", None) for binding in type(page).BINDINGS}
        return page if action.id in bound else None

    async def discover(self) -> Hits:
        for entry in self.entries():
            if not entry.text.startswith("theme "):
                yield DiscoveryHit(_display(entry), self._doing(entry), entry.text, entry.help or None)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for entry in self.entries():
            score = matcher.match(entry.text)
            if score:
                yield Hit(score, _display(entry), self._doing(entry), entry.text, entry.help or None)

    def _doing(self, entry: Entry) -> Callable[[], Awaitable[None]]:
        async def run() -> None:
            await self.station.run_action(entry.method, entry.target)

        return run


def _display(entry: Entry) -> Content:
    return Content.assemble(entry.text, ("   " + entry.keys, "$accent") if entry.keys else "")
