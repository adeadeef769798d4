"""The table of states as the specification has it, written down a second time, and how a test gets an item there."""

from __future__ import annotations

from collections import deque
from typing import Any

from halo_engine.events.store import opened
from halo_engine.events.table import table_of
from halo_engine.runs.results import Result
from halo_engine.tasks import commands, queries
from halo_engine.tasks.config import night_settings
from halo_engine.tasks.night import leases, outcomes
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

PLAN = """\
<plan>
  <goal>{goal}</goal>
  <steps><step n="1" output="a patch">Mend it</step></steps>
  <constraints><constraint>Nothing else is touched</constraint></constraints>
  <success><criterion>It works</criterion></success>
</plan>
"""

SPECIFIED = {
    Kind.TASK: {
        "open": "planning in_progress deferred cancelled",
        "planning": "plan_review open cancelled",
        "plan_review": "in_progress planning cancelled",
        "in_progress": "review testing done blocked deferred cancelled",
        "review": "testing done in_progress cancelled",
        "testing": "done in_progress cancelled",
        "blocked": "in_progress cancelled",
        "deferred": "open cancelled",
        "done": "",
        "cancelled": "",
    },
    Kind.JOB: {
        "open": "planning in_progress deferred cancelled running",
        "planning": "plan_review open cancelled",
        "plan_review": "in_progress planning cancelled",
        "in_progress": "review testing done running blocked deferred cancelled",
        "running": "done failed cancelled",
        "failed": "retry in_progress cancelled",
        "retry": "running cancelled",
        "review": "testing done in_progress cancelled",
        "testing": "done in_progress cancelled",
        "blocked": "in_progress cancelled",
        "deferred": "open cancelled",
        "done": "",
        "cancelled": "",
    },
    Kind.AGENT_JOB: {
        "open": "planning deferred cancelled",
        "planning": "plan_review open cancelled",
        "plan_review": "in_progress planning cancelled",
        "in_progress": "review testing running blocked deferred cancelled",
        "running": "review done failed cancelled",  # done: where the configuration wants no look at the result
        "failed": "retry planning cancelled",
        "retry": "running cancelled",
        "review": "testing done in_progress cancelled",
        "testing": "done in_progress cancelled",
        "blocked": "in_progress cancelled",
        "deferred": "open cancelled",
        "done": "",
        "cancelled": "",
    },
}
"""From -> to, for each kind."""

VERBS = {
    "plan": ("planned", {"open": "planning", "failed": "planning"}),
    "review": ("submitted reviewed", {"planning": "plan_review", "in_progress": "review"}),
    "approve": ("approved", {"plan_review": "in_progress"}),
    "reject": ("rejected", {"plan_review": "planning", "review": "in_progress", "testing": "in_progress"}),
    "start": ("started", {"open": "in_progress", "failed": "in_progress"}),
    "block": ("blocked", {"in_progress": "blocked"}),
    "unblock": ("unblocked", {"blocked": "in_progress"}),
    "test": ("tested", {"in_progress": "testing", "review": "testing"}),
    "done": ("done", {"in_progress": "done", "review": "done", "testing": "done"}),
    "defer": ("deferred", {"open": "deferred", "in_progress": "deferred"}),
    "reopen": ("reopened", {"planning": "open", "deferred": "open"}),
    "retry": ("retried", {"failed": "retry"}),
    "cancel": (
        "cancelled",
        {state: "cancelled" for state in SPECIFIED[Kind.JOB] if state not in {"done", "cancelled"}},
    ),
}
"""A person's verbs: the facts they leave, and where they lead; with `SPECIFIED`, all there is to know."""

ENDINGS = {"done": "succeeded", "review": "succeeded", "failed": "failed"}
"""Where a run leads, and with which outcome."""


def leads(kind: Kind, state: State, verb: str) -> State | None:
    """Where a verb leads an item of this kind, None when it may not be taken."""
    to = VERBS[verb][1].get(state, "")
    return State(to) if to and to in SPECIFIED[kind][state].split() else None


def is_effective(state: State, verb: str) -> bool:
    """Whether the item is already where the verb leads."""
    return state.value in VERBS[verb][1].values()


def make(workspace: Workspace, kind: Kind, title: str = "Mend it", **fields: Any) -> Item:
    if kind is Kind.JOB:
        fields.setdefault("command", "true")
    return commands.add(workspace, title, kind=kind, **fields).item


def take(workspace: Workspace, item: str, verb: str) -> commands.Changed:
    """A person's verb, with what it asks for."""
    if verb in {"block", "reject"}:
        return getattr(commands, verb)(workspace, item, "a reason")
    return getattr(commands, verb)(workspace, item)


def run_starts(workspace: Workspace, item: str) -> leases.Claim:
    """The runner takes an item, as it does."""
    return leases.claim(workspace, night_settings(workspace), queries.item(workspace, item))


def run_ends(workspace: Workspace, claim: leases.Claim, outcome: str) -> Item | None:
    """The runner records the end of a run, as it does."""
    settings = night_settings(workspace)
    return outcomes.finish(workspace, settings, claim, Result(outcome, reason="" if outcome == "succeeded" else "1"))


def reach(workspace: Workspace, kind: Kind, state: str, **fields: Any) -> Item:
    """An item of this kind in this state, led there on the shortest way that the specification allows."""
    item = make(workspace, kind, **fields)
    for here, to in _steps(kind, state):
        if to == "running":
            claim = run_starts(workspace, item.id)
        elif here == "running" and to in ENDINGS:
            run_ends(workspace, claim, ENDINGS[to])
        else:
            verb = next(verb for verb, (_, moves) in VERBS.items() if moves.get(here) == to)
            if here == "planning" and to == "plan_review":
                commands.plan(workspace, item.id, PLAN.format(goal=item.title))
            else:
                take(workspace, item.id, verb)
    item = queries.item(workspace, item.id)
    assert item.state == state
    return item


def _steps(kind: Kind, state: str) -> list[tuple[str, str]]:
    """The shortest way from open."""
    ways: deque[list[tuple[str, str]]] = deque([[]])
    seen = set()
    while ways:
        way = ways.popleft()
        here = way[-1][1] if way else "open"
        if here == state:
            return way
        if here not in seen:
            seen.add(here)
            ways += [[*way, (here, to)] for to in SPECIFIED[kind][here].split()]
    raise AssertionError(f"no way to {state} for a {kind}")


def tables(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that tasks keeps, table by table."""
    with opened(workspace, tasks) as store:
        return {row.table: store.all(f"{table_of(row).select} ORDER BY 1") for row in tasks.rows}


def rebuilt(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """The same, made from the whole log in a store of its own."""
    return tables(workspace.at(workspace.log.head()))
