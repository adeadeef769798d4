"""What the end of a run makes of its item, and when it is tried again."""

from __future__ import annotations

import random
from datetime import timedelta

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import Conflict
from halo_engine.events.model import New
from halo_engine.runs.results import Result, Stop
from halo_engine.tasks import queries
from halo_engine.tasks.config import NightSettings
from halo_engine.tasks.events import RunFinished, TaskMoved
from halo_engine.tasks.night.leases import Claim
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

CANCELLED = Stop("cancelled", "cancelled while it ran")


def finish(workspace: Workspace, settings: NightSettings, claim: Claim, result: Result) -> Item | None:
    """Record how a run ended, and the retry that the policy grants, all or nothing.

    An item that was cancelled meanwhile stays so. Returns the item as it is then; None when another runner has
    taken this run for lost and recorded its end.
    """
    while True:
        item = queries.item(workspace, claim.item.id)
        if item.run != claim.run:
            return None
        try:
            workspace.log.append(facts(settings, claim, item, result))
        except Conflict:
            continue
        return queries.item(workspace, item.id)


def facts(settings: NightSettings, claim: Claim, item: Item, result: Result) -> list[New]:
    """The events of a run's end, for an item as it is at that moment."""
    to = target(settings, item, result)
    again = retry_at(settings, item) if to is State.FAILED else None
    finished = RunFinished(
        run=claim.run,
        attempt=claim.attempt,
        to=to,
        started=claim.started,
        folder=claim.folder,
        retry_at=again,
        **msgspec.structs.asdict(result),
    )
    stream = queries.stream(item.id)
    new = [New(stream, "task.run.finished", finished, item.version, claim.event)]
    if again:
        retried = TaskMoved(State.FAILED, State.RETRY, result.reason, again)
        new.append(New(stream, "task.item.retried", retried, None, claim.event))
    return new


def target(settings: NightSettings, item: Item, result: Result) -> State:
    """Where a run's end leads its item; where it is, when it was moved away while it ran."""
    if item.state is not State.RUNNING:
        return item.state
    if result.outcome != "succeeded":
        return State.FAILED
    return State.REVIEW if item.kind is Kind.AGENT_JOB and settings.agent_review else State.DONE


def retry_at(settings: NightSettings, item: Item) -> Timestamp | None:
    """When an item that has just failed once more is tried again; None when it has no retries left."""
    if item.failures >= settings.retries_of(item):
        return None
    return clock.stamp(clock.now() + backoff(settings, item.failures))


def backoff(settings: NightSettings, failures: int) -> timedelta:
    """The pause before the next attempt: doubled with each failure, up to the cap; then something from half of it on,
    so that what failed together does not come back together.
    """
    longest = min(settings.backoff * 2.0 ** min(failures, 60), settings.backoff_cap)
    return timedelta(seconds=random.uniform(longest / 2, longest))
