"""What panes show, each read in one call for a worker: nothing here touches a widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from halo_engine import clock, times
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.states import State as Raised
from halo_engine.errors import BadData, NotFound
from halo_engine.events.model import Event
from halo_engine.tasks import queries
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Plan, Run
from halo_engine.workspace import Workspace
from halo_tui.present import facts, filters, items
from halo_tui.present.columns import Cells
from halo_tui.present.item import Story
from halo_tui.present.runs import LINES, cleaned
from halo_tui.present.states import ATTENTION
from halo_tui.present.when import When

if TYPE_CHECKING:
    from halo_engine.tasks.planning.plans import PlanDocument

FIRST = 50
"""Rows that are read before the order of all is."""


class Listed(NamedTuple):
    """What the Tasks screen reads."""

    order: Sequence[int]
    counts: dict[State, int]
    late: int
    highest: int
    """The highest item number."""
    lanes: dict[str, Sequence[int]]
    """The board's columns; empty for the list."""
    alerts: int = 0
    """That nobody has answered."""


class Planned(NamedTuple):
    """A plan, and what is wrong with it."""

    plan: Plan | None
    document: PlanDocument | None
    faults: str


class Ran(NamedTuple):
    """The runs of an item, and the last lines that the newest wrote, cleaned."""

    runs: list[Run]
    output: list[str]


class EventStory(NamedTuple):
    """An event, what caused it, and what it caused."""

    event: Event
    cause: Event | None
    effects: list[Event]


def when(workspace: Workspace) -> When:
    """The present moment, in the operator's time zone; in the past, the moment that the clock was moved to."""
    return When(clock.now(), times.zone(workspace.settings.timezone or ""))


def listed(workspace: Workspace, text: str, sort: str, *, board: bool) -> Listed:
    """The order of the items that a filter leaves, and the counts of all.

    Raises Usage for a filter that makes no sense.
    """
    wanted = filters.items(workspace, text, sort)
    lanes = _lanes(workspace, text, sort) if board else {}
    order: Sequence[int] = () if board else queries.order(workspace, wanted)
    counts = queries.counts(workspace)
    late, highest = queries.overdue(workspace), queries.last_number(workspace)
    return Listed(order, counts, late, highest, lanes, raised(workspace))


def peek(workspace: Workspace, text: str, sort: str, at: When) -> dict[int, Cells]:
    """The first rows of the list, which come sooner than the order of all.

    Raises Usage for a filter that makes no sense.
    """
    first, _ = queries.page(workspace, filters.items(workspace, text, sort), FIRST)
    return {item.number: items.row(item, at) for item in first}


def _lanes(workspace: Workspace, text: str, sort: str) -> dict[str, Sequence[int]]:
    wanted = filters.items(workspace, text, sort)
    lanes = {}
    for name, states in items.LANES.items():
        chosen = frozenset(states) & wanted.states if wanted.states else frozenset(states)
        only = msgspec.structs.replace(wanted, states=chosen)
        lanes[name] = queries.order(workspace, only) if chosen else ()
    return lanes


def standing(workspace: Workspace) -> tuple[int, int]:
    """How many items and alerts wait for the operator's eyes, and how many items are late."""
    counts = queries.counts(workspace)
    return sum(counts[state] for state in ATTENTION) + raised(workspace), queries.overdue(workspace)


def raised(workspace: Workspace) -> int:
    """How many alerts nobody has answered."""
    return alerts.counts(workspace)[Raised.RAISED]


def rows(workspace: Workspace, at: When, numbers: Sequence[int]) -> dict[int, Cells]:
    """Rows of the list."""
    return {item.number: items.row(item, at) for item in queries.items(workspace, numbers)}


def cards(workspace: Workspace, at: When, numbers: Sequence[int]) -> dict[int, Cells]:
    """Rows of the board."""
    return {item.number: items.card(item, at) for item in queries.items(workspace, numbers)}


def story(workspace: Workspace, number: int) -> Story:
    """What the overview of an item tells.

    Raises NotFound.
    """
    name = queries.name(number)
    return Story(
        queries.item(workspace, name),
        queries.history(workspace, name),
        queries.dependencies(workspace, name),
        queries.dependents(workspace, name),
    )


def planned(workspace: Workspace, number: int) -> Planned:
    """An item's plan, read; or its text with what is wrong."""
    from halo_engine.tasks.planning import plans

    plan = queries.plan(workspace, queries.name(number))
    if plan is None:
        return Planned(None, None, "")
    try:
        return Planned(plan, plans.parse(plan.xml), "")
    except BadData as error:
        return Planned(plan, None, error.message)


def ran(workspace: Workspace, number: int) -> Ran:
    """The runs of an item, and the end of the last one's output: the file while it is there, else what was kept."""
    runs = queries.runs(workspace, queries.name(number))
    if not runs:
        return Ran([], [])
    try:
        from halo_engine.tasks import output

        written = output.of(workspace.root / runs[0].folder / "output.log", LINES).text
    except NotFound:
        written = runs[0].tail
    return Ran(runs, cleaned(written) if written else [])


def event_rows(workspace: Workspace, at: When, positions: Sequence[int]) -> dict[int, Cells]:
    """Rows of the list of events."""
    from halo_engine.events import queries as log

    return {event.position: facts.row(event, at) for event in log.events(workspace, positions)}


def event_order(workspace: Workspace, text: str) -> Sequence[int]:
    """Positions of the events that a filter leaves, oldest first.

    Raises Usage for a filter that makes no sense.
    """
    from halo_engine.events import queries as log

    return log.positions(workspace, filters.events(workspace, text))


def event_story(workspace: Workspace, position: int) -> EventStory:
    """One event with its cause and its effects.

    Raises NotFound.
    """
    from halo_engine.events import queries as log

    event = log.event(workspace, str(position))
    return EventStory(event, log.cause(workspace, event), log.effects(workspace, event.id))
