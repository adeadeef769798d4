"""What the Overview reads, each pane in one call for a worker."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import NamedTuple

from halo_engine import clock, times
from halo_engine.agents import queries as agents
from halo_engine.agents.queries import Report
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import State as Raised
from halo_engine.alerts.store import Alert
from halo_engine.digest import Days
from halo_engine.fleet import queries as fleet
from halo_engine.fleet.queries import InstanceRow
from halo_engine.logs import queries as logs
from halo_engine.logs.cleaning import Cleaner
from halo_engine.logs.query import Query
from halo_engine.logs.record import Entry
from halo_engine.tasks import queries as tasks
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

DAYS = 7
IN_HAND = frozenset({State.FAILED, State.BLOCKED, State.RUNNING, State.REVIEW, State.TESTING, State.IN_PROGRESS})
"""What shows below the counts, the most urgent first."""
SHOWN = 40
"""Items, and records of logs: what the largest screen has room for."""


class Work(NamedTuple):
    """How the tasks stand."""

    counts: dict[State, int]
    done: int
    """In the last 24 hours."""
    late: int
    items: list[Item]


class Tokens(NamedTuple):
    """What the fleet used in the last days."""

    days: list[tuple[date, int]]
    """Each with its sum, also where it is nothing; the last is today."""
    instances: Report


class Tail(NamedTuple):
    """The end of the logs, and how far it was read: the same again means that nothing was written."""

    sources: int
    marks: Sequence[tuple[str, int]]
    entries: list[Entry]


def work(workspace: Workspace) -> Work:
    """Counts, and what is in hand."""
    counts = tasks.counts(workspace)
    found, _ = tasks.page(workspace, Filter(states=IN_HAND, sort="changed"), SHOWN)
    ranked = sorted(found, key=lambda item: (item.state is not State.FAILED, item.state is not State.BLOCKED))
    since = clock.stamp(clock.now() - timedelta(days=1))
    return Work(counts, tasks.done_since(workspace, since), tasks.overdue(workspace), ranked)


def tokens(workspace: Workspace) -> Tokens:
    """Usage by day and by instance, from a midnight on."""
    zone = times.zone(workspace.settings.timezone or "")
    today = clock.now().astimezone(zone).date()
    days = Days(today - timedelta(days=DAYS - 1), DAYS, zone)
    wanted = agents.Filter(since=days.since)
    used = {row.name: row.tokens for row in agents.usage(workspace, "day", wanted).rows}
    return Tokens(
        [(day, used.get(day.isoformat(), 0)) for day in days.dates], agents.usage(workspace, "instance", wanted)
    )


def instances(workspace: Workspace) -> dict[str, InstanceRow]:
    """The fleet, by name."""
    return {row.name: row for row in fleet.table(workspace)}


def raised(workspace: Workspace) -> dict[int, Alert]:
    """The open alerts by number: those that nobody has answered before the others, the worst first."""
    rows, _ = alerts.page(workspace, AlertFilter())
    return {row.number: row for row in sorted(rows, key=lambda row: row.state is not Raised.RAISED)}


def tail(workspace: Workspace, before: Tail | None) -> Tail:
    """The last lines of all logs; `before` itself where nothing was written since."""
    sources = logs.sources(workspace)
    marks = [(str(path), path.stat().st_size) for source in sources for path in source.live()]
    if before is not None and before.marks == marks:
        return before
    return Tail(len(sources), marks, list(Cleaner(workspace).entries(logs.tail(sources, Query(), SHOWN))))
