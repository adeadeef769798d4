"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.events.table import Row
from halo_engine.tasks.events import (
    PlanWritten,
    RunFinished,
    RunStarted,
    TaskAdded,
    TaskEdited,
    TaskImported,
    TaskMoved,
    TaskNoted,
    TaskUndone,
)
from halo_engine.tasks.states import OVER, State
from halo_engine.tasks.store import Item, Plan, Run


def number_of(stream: str) -> int:
    """`task/T-042` -> 42."""
    return int(stream.rpartition("-")[2])


tasks = Projection("tasks", module="task", main=Item, others=(Run, Plan), key=number_of)


def touched(item: Item, event: Event, **changes: Any) -> Item:
    """The item after an event: who changed it, when, and what."""
    return replace(item, version=event.version, changed=event.time, changed_by=event.actor, **changes)


def entered(item: Item, event: Event, state: State, **changes: Any) -> Item:
    """The item in another state."""
    time = event.time
    return replace(
        item,
        version=event.version,
        changed=time,
        changed_by=event.actor,
        state=state,
        entered=time,
        finished=time if state in OVER else None,
        **changes,
    )


def typed(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields of `Item`, from JSON to their types."""
    return {name: msgspec.convert(value, ITEM_TYPES[name]) for name, value in fields.items()}


ITEM_TYPES = {field.name: field.type for field in msgspec.structs.fields(Item)}


@tasks.on(TaskAdded)
def added(_: Item | None, data: TaskAdded, event: Event) -> Item:
    return Item(
        number=number_of(event.stream),
        id=event.stream.partition("/")[2],
        version=event.version,
        created=event.time,
        created_by=event.actor,
        changed=event.time,
        changed_by=event.actor,
        entered=event.time,
        **asdict(data),
    )


@tasks.on(TaskEdited)
def edited(item: Item, data: TaskEdited, event: Event) -> Item:
    return touched(item, event, **typed(data.changes))


@tasks.on(TaskMoved)
def moved(item: Item, data: TaskMoved, event: Event) -> Item:
    # Spelled out, not through `entered`: nearly every event of a long history comes this way.
    time = event.time
    after = replace(
        item,
        version=event.version,
        changed=time,
        changed_by=event.actor,
        state=data.to,
        entered=time,
        finished=time if data.to in OVER else None,
        reason=data.reason,
        by_hand=False,
        retry_at=None,
    )
    special = SPECIAL.get(event.type)
    return replace(after, **special(item, data)) if special else after


SPECIAL: dict[str, Callable[[Item, TaskMoved], dict[str, Any]]] = {
    "task.item.started": lambda _, __: {"by_hand": True},
    "task.item.blocked": lambda item, data: {"previous": data.origin, "by_hand": item.by_hand},
    "task.item.unblocked": lambda item, _: {"previous": None, "by_hand": item.by_hand},
    "task.item.deferred": lambda _, data: {"defer_until": data.until},
    "task.item.reopened": lambda _, __: {"defer_until": None},
    "task.item.approved": lambda _, data: {"approved_hash": data.plan_hash},
    "task.item.retried": lambda item, data: {"retry_at": data.until, "reason": data.reason or item.reason},
}
"""What a move changes besides the state."""


@tasks.on(TaskNoted)
def noted(item: Item, data: TaskNoted, event: Event) -> Item:
    return touched(item, event, notes=(*item.notes, (data.time or event.time, data.text)))


@tasks.on(PlanWritten)
def planned(item: Item, data: PlanWritten, event: Event) -> Iterable[Row]:
    yield touched(item, event, plan_hash=data.hash)
    yield Plan(item=item.number, xml=data.xml, hash=data.hash, written=event.time, written_by=event.actor)


@tasks.on(RunStarted)
def run_started(item: Item, data: RunStarted, event: Event) -> Iterable[Row]:
    yield entered(
        item,
        event,
        State.RUNNING,
        run=data.run,
        runner=data.runner,
        lease_until=data.lease_until,
        attempts=data.attempt,
        retry_at=None,
        reason="",
    )
    yield Run(
        id=data.run,
        item=item.number,
        attempt=data.attempt,
        outcome="running",
        started=event.time,
        runner=data.runner,
        folder=data.folder,
    )


@tasks.on(RunFinished)
def run_finished(item: Item, data: RunFinished, event: Event) -> Iterable[Row]:
    failures = 0 if data.outcome == "succeeded" else item.failures + 1
    over = {"run": None, "runner": None, "lease_until": None, "failures": failures}
    if item.state is State.RUNNING:
        yield entered(item, event, data.to, reason=data.reason, retry_at=data.retry_at, by_hand=False, **over)
    else:
        yield touched(item, event, **over)
    yield Run(
        id=data.run,
        item=item.number,
        attempt=data.attempt,
        outcome=data.outcome,
        started=data.started,
        runner=item.runner or "",
        folder=data.folder,
        ended=event.time,
        duration=data.duration,
        exit_code=data.exit_code,
        peak_memory=data.peak_memory,
        output_bytes=data.output_bytes,
        tail=data.tail,
        reason=data.reason,
    )


@tasks.on(TaskUndone)
def undone(item: Item, data: TaskUndone, event: Event) -> Iterable[Row]:
    yield touched(item, event, **typed(data.restored))
    if "plan_hash" in data.restored:
        digest = data.restored["plan_hash"] or ""
        yield Plan(item=item.number, xml=data.plan, hash=digest, written=event.time, written_by=event.actor)


@tasks.on(TaskImported)
def imported(_: Item | None, data: TaskImported, event: Event) -> Iterable[Row]:
    number = number_of(event.stream)
    given = {"created": event.time, "created_by": event.actor, "changed": event.time, "entered": event.time}
    fields = given | {"kind": "task", "state": "open", "changed_by": event.actor} | data.fields
    fields |= {"number": number, "id": event.stream.partition("/")[2], "version": event.version}
    yield Item(**typed(fields))
    if data.plan is not None:
        yield Plan(
            item=number,
            xml=data.plan,
            hash=str(data.fields.get("plan_hash") or ""),
            written=data.plan_written or event.time,
            written_by=data.plan_written_by or event.actor,
        )
    for run in data.runs:
        yield msgspec.convert(run | {"item": number, "id": f"{event.stream.partition('/')[2]}.{run['attempt']}"}, Run)
