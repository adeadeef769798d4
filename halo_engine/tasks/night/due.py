"""What is due now, and why the rest is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from functools import lru_cache

import msgspec

from halo_engine import clock
from halo_engine.errors import BadData, Usage
from halo_engine.events.store import Store, opened
from halo_engine.tasks import queries
from halo_engine.tasks.config import NightSettings
from halo_engine.tasks.night import windows
from halo_engine.tasks.night.windows import Window
from halo_engine.tasks.projection import number_of, tasks
from halo_engine.tasks.states import OVER, Kind, State
from halo_engine.tasks.store import Item, Plan
from halo_engine.workspace import Workspace

CANDIDATES = """SELECT number FROM item WHERE state IN ('open', 'retry', 'in_progress') AND kind IN ('job', 'agent-job')
    ORDER BY priority DESC, number"""
SHOWN = 3
"""How many dependencies a reason names."""


class Verdict(msgspec.Struct, frozen=True):
    """Whether an item is due."""

    item: Item
    why: str = ""
    """Why it is not; empty when it is."""
    refused: bool = False
    """It will not run before a person has done something about it."""
    at: datetime | None = None
    """When time alone makes it due."""
    same_window: bool = False
    """`at` is in the window that is open now."""

    @property
    def is_due(self) -> bool:
        return not self.why


class Terms(msgspec.Struct, frozen=True):
    """Under which terms items are judged."""

    settings: NightSettings
    zone: tzinfo
    now: datetime
    any_time: bool = False
    """Windows are ignored."""
    named: frozenset[int] = frozenset()
    """Only these, and also what a person has in hand; empty: all."""


def survey(workspace: Workspace, terms: Terms) -> Iterator[Verdict]:
    """Every item that could be run, judged, in the order in which they should start. Costs as far as it is read."""
    with opened(workspace, tasks) as store:
        numbers = sorted(terms.named) or [row[0] for row in store.all(CANDIDATES)]
        for number in numbers:
            item = store.get(Item, number)
            if item:
                yield judge(item, store, terms)


def judge(item: Item, store: Store, terms: Terms) -> Verdict:
    """Whether one item is due."""
    away = _state_fault(item, by_name=bool(terms.named))
    if away:
        return Verdict(item, away)
    fault = _fault(item, store, terms.settings)
    if fault:
        return Verdict(item, fault, refused=True)
    waits = waiting_for(item, store)
    if waits:
        return Verdict(item, f"waits for {waits}")
    return _by_time(item, terms)


def waiting_for(item: Item, store: Store) -> str:
    """The dependencies that are not over, in words."""
    others = [(name, store.get(Item, number_of(name))) for name in item.depends_on]
    held = [
        f"{name} ({other.state if other else 'missing'})"
        for name, other in others
        if not other or other.state not in OVER
    ]
    more = f" and {len(held) - SHOWN} more" if len(held) > SHOWN else ""
    return ", ".join(held[:SHOWN]) + more


def _state_fault(item: Item, *, by_name: bool) -> str:
    """What its kind and state have against running it."""
    if item.kind is Kind.TASK:
        return "is a task: a person does it"
    if item.state is State.OPEN and item.kind is Kind.AGENT_JOB:
        return "has no approved plan yet"
    if item.state is State.FAILED:
        return f"has failed; `nightctl retry {item.id}` lets it be tried again"
    if item.state not in {State.OPEN, State.RETRY, State.IN_PROGRESS}:
        return f"is {item.state}"
    if item.by_hand and not by_name:
        return "is in a person's hands"
    return ""


def _fault(item: Item, store: Store, settings: NightSettings) -> str:
    """What is missing or wrong, so that it cannot run as it is."""
    try:
        settings.window_of(item)
    except Usage as error:
        return f"has a window that nobody can read: {error.message}"
    if item.kind is Kind.JOB:
        return "" if item.command else "has no command"
    plan = store.get(Plan, item.number)
    if plan is None or item.approved_hash is None:
        return "has no approved plan"
    if plan.hash != item.approved_hash:
        return f"has another plan than the one that was approved; `nightctl approve {item.id}` accepts it"
    if not _is_valid(plan.xml, plan.hash):
        return "has a plan that is not valid"
    return "" if settings.agent_command else "cannot run: `agent_command` is not set in nightctl.yaml"


@lru_cache(maxsize=256)
def _is_valid(xml: str, digest: str) -> bool:
    """Whether a plan is valid, and is what its hash says."""
    from halo_engine.tasks.planning import plans

    try:
        plans.parse(xml)
    except BadData:
        return False
    return plans.digest(xml) == digest


def _by_time(item: Item, terms: Terms) -> Verdict:
    """Whether its window is open, and its pause before a retry over."""
    now, zone = terms.now, terms.zone
    window = terms.settings.window_of(item)
    again = clock.instant(item.retry_at) if item.retry_at else now
    if terms.any_time:
        at = max(again, now)
        return Verdict(item) if at == now else Verdict(item, _again(at, zone), at=at, same_window=True)
    at, _ = _opening(window, max(again, now), zone)
    if at == now:
        return Verdict(item)
    opens, close = _opening(window, now, zone)
    if opens > now:
        return Verdict(item, f"waits for its window {window}, which opens {shown(at, zone)}", at=at)
    return Verdict(item, _again(at, zone), at=at, same_window=close is None or at < close)


@lru_cache(maxsize=256)
def _opening(window: Window, instant: datetime, zone: tzinfo) -> tuple[datetime, datetime | None]:
    """When a window is open next, and when it closes then. Most items have the same window, at the same instant."""
    return windows.next_opening(window, instant, zone), windows.closes(window, instant, zone)


def _again(at: datetime, zone: tzinfo) -> str:
    return f"is tried again {shown(at, zone)}"


def shown(moment: datetime, zone: tzinfo) -> str:
    """An instant on the operator's clock, with its zone."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"


def next_moment(verdicts: Sequence[Verdict], *, this_window: bool) -> datetime | None:
    """When time alone makes the next item due; with `this_window`, before its window closes."""
    return min((each.at for each in verdicts if each.at and (each.same_window or not this_window)), default=None)


def next_waking(workspace: Workspace) -> datetime | None:
    """When the next deferred item opens by itself."""
    with opened(workspace, tasks) as store:
        found = store.all("SELECT min(defer_until) FROM item WHERE state = 'deferred'")[0][0]
    return clock.instant(found) if found else None


def numbers(workspace: Workspace, references: Sequence[str]) -> frozenset[int]:
    """The numbers of items that a person named.

    Raises NotFound, Usage.
    """
    return frozenset(queries.item(workspace, each).number for each in references)
