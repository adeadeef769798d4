"""The screens, one file each. A line in `PAGES` is all that the frame knows of one."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from halo_tui.screens.page import Page


class Place(NamedTuple):
    """A screen as the frame knows it."""

    key: str
    title: str
    where: str
    """Module of this package and class: `tasks:TasksScreen`. It is imported when it is first shown."""
    unrecorded: bool = False
    """It has something to show before any event is recorded."""


PAGES = {
    "overview": Place("1", "Overview", "overview:OverviewScreen"),
    "tasks": Place("3", "Tasks", "tasks:TasksScreen"),
    "logs": Place("5", "Logs", "logs:LogsScreen", unrecorded=True),
    "agents": Place("6", "Agents", "agents:AgentsScreen", unrecorded=True),
    "events": Place("8", "Events", "events:EventsScreen"),
}
"""In the order of the title bar."""
FIRST = "overview"
"""What shows at the first start."""


def made(name: str) -> Page:
    """A screen, new; `welcome` is the one of a workspace in which nothing has happened yet."""
    make: Callable[[], Page] = _kind(PAGES[name].where if name in PAGES else "welcome:Welcome")
    return make()


def load() -> None:
    """Import all screens, so that each shows at once."""
    for place in PAGES.values():
        _kind(place.where)


def _kind(where: str) -> Any:
    module, _, kind = where.partition(":")
    return getattr(import_module(f"halo_tui.screens.{module}"), kind)
