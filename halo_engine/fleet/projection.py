"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.events.table import Row
from halo_engine.fleet.events import (
    InstanceAdopted,
    InstanceBegun,
    InstanceCreated,
    InstanceEdited,
    InstanceFailed,
    InstanceFolded,
    InstanceForgotten,
    InstanceFried,
    InstanceGoverned,
    InstanceMoved,
    InstanceSupervised,
    InstanceWithdrawn,
    OperationBegun,
    OperationEnded,
    StepDone,
    StepUndone,
)
from halo_engine.fleet.instance import Status
from halo_engine.fleet.store import Governance, Record


def name_of(stream: str) -> str:
    """`fleet/dad` -> `dad`."""
    return stream.partition("/")[2]


fleet = Projection("fleet", module="fleet", main=Record, others=(Governance,), key=name_of)


def fresh(before: Record | None, event: Event, entry: dict[str, Any], status: Status) -> Record:
    """An instance that begins: under a name that was used before, only the numbering goes on."""
    return Record(
        name=name_of(event.stream),
        status=status,
        version=event.version,
        entry=entry,
        begun=event.time,
        changed=event.time,
        changed_by=event.actor,
        last_template=before.last_template if before else 0,
    )


def touched(row: Record, event: Event, **changes: object) -> Record:
    """The instance after an event: who changed it, when, and what."""
    return row.with_(version=event.version, changed=event.time, changed_by=event.actor, **changes)


def moved(row: Record, event: Event, status: Status, **changes: object) -> Record:
    """The instance in another status, with nothing under way any more."""
    entry = row.entry | {"status": status.value}
    return touched(row, event, status=status, entry=entry, operation="", operation_data={}, **changes)


@fleet.on(InstanceBegun)
def begun(row: Record | None, data: InstanceBegun, event: Event) -> Record:
    return fresh(row, event, data.entry, Status.PROVISIONING).with_(operation="create")


@fleet.on(StepDone)
def step_done(row: Record, data: StepDone, event: Event) -> Record:
    return touched(row, event, steps=(*(each for each in row.steps if each != data.step), data.step))


@fleet.on(StepUndone)
def step_undone(row: Record, data: StepUndone, event: Event) -> Record:
    return touched(row, event, steps=tuple(each for each in row.steps if each != data.step))


@fleet.on(InstanceFailed)
def failed(row: Record, data: InstanceFailed, event: Event) -> Record:
    return touched(row, event, operation="undo", reason=f"{data.step}: {data.reason}")


@fleet.on(InstanceWithdrawn)
def withdrawn(row: Record, data: InstanceWithdrawn, event: Event) -> Record:
    return moved(row, event, Status.UNDONE, steps=(), reason=data.reason or row.reason)


@fleet.on(InstanceGoverned)
def governed(row: Record, data: InstanceGoverned, event: Event) -> Iterable[Row]:
    entry = row.entry | {"template": {"version": data.version, "hash": data.hash}}
    over = {} if data.cause == "create" else {"operation": "", "operation_data": {}}
    yield touched(
        row,
        event,
        entry=entry,
        template=data.version,
        last_template=max(row.last_template, data.version),
        template_hash=data.hash,
        files=data.files,
        items=data.items,
        **over,
    )
    yield Governance(
        key=f"{row.name}/{data.version}",
        instance=row.name,
        version=data.version,
        hash=data.hash,
        files=data.files,
        since=event.time,
        by=event.actor,
        cause=data.cause,
        personality=data.personality,
    )


@fleet.on(InstanceSupervised)
def supervised(row: Record, data: InstanceSupervised, event: Event) -> Record:
    return touched(row, event, supervised=data.files)


@fleet.on(InstanceCreated)
def created(row: Record, _: InstanceCreated, event: Event) -> Record:
    return moved(row, event, Status.ACTIVE)


@fleet.on(InstanceMoved)
def has_moved(row: Record, data: InstanceMoved, event: Event) -> Record:
    return moved(row, event, data.status)


@fleet.on(InstanceFolded)
def folded(row: Record, data: InstanceFolded, event: Event) -> Record:
    return moved(row, event, Status.FOLDED, archive=data.archive, archive_hash=data.hash)


@fleet.on(InstanceFried)
def fried(row: Record, _: InstanceFried, event: Event) -> Record:
    return moved(row, event, Status.FRIED, archive="", archive_hash="", files={}, supervised={})


@fleet.on(OperationBegun)
def operation_begun(row: Record, data: OperationBegun, event: Event) -> Record:
    return touched(row, event, operation=data.verb, operation_data=data.data)


@fleet.on(OperationEnded)
def operation_ended(row: Record, _: OperationEnded, event: Event) -> Record:
    return touched(row, event, operation="", operation_data={})


@fleet.on(InstanceAdopted)
def adopted(row: Record | None, data: InstanceAdopted, event: Event) -> Record:
    status = Status(data.entry.get("status", Status.ACTIVE))
    if row is not None and row.status is Status.FORGOTTEN and row.entry.get("path") == data.entry.get("path"):
        return touched(row, event, entry=data.entry, status=status)  # taken out, and put back: its governance is known
    return fresh(row, event, data.entry, status)


@fleet.on(InstanceEdited)
def edited(row: Record, data: InstanceEdited, event: Event) -> Record:
    status = Status(data.changes.get("status", row.status))
    return touched(row, event, entry=row.entry | data.changes, status=status)


@fleet.on(InstanceForgotten)
def forgotten(row: Record, _: InstanceForgotten, event: Event) -> Record:
    return moved(row, event, Status.FORGOTTEN)
