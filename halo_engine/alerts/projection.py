"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from msgspec.structs import asdict

from halo_engine.alerts.events import (
    AlertAcknowledged,
    AlertChanged,
    AlertMuted,
    AlertRaised,
    AlertResolved,
    AlertUnmuted,
)
from halo_engine.alerts.states import State
from halo_engine.alerts.store import Alert
from halo_engine.events.model import Event
from halo_engine.events.projection import Projection


def number_of(stream: str) -> int:
    """`alert/A-007` -> 7."""
    return int(stream.rpartition("-")[2])


alerts = Projection("alerts", module="alert", main=Alert, key=number_of)


@alerts.on(AlertRaised)
def raised(row: Alert | None, data: AlertRaised, event: Event) -> Alert:
    number = number_of(event.stream)
    return Alert(
        number=number,
        id=event.stream.partition("/")[2],
        state=State.RAISED,
        version=event.version,
        raised=event.time,
        changed=event.time,
        changed_by=event.actor,
        times=row.times + 1 if row else 1,
        muted_until=row.muted_until if row else "",
        **asdict(data),
    )


@alerts.on(AlertChanged)
def changed(row: Alert, data: AlertChanged, event: Event) -> Alert:
    return touched(row, event, state=State.RAISED, **asdict(data))


@alerts.on(AlertAcknowledged)
def acknowledged(row: Alert, data: AlertAcknowledged, event: Event) -> Alert:
    return touched(row, event, state=State.ACKNOWLEDGED, note=data.note)


@alerts.on(AlertMuted)
def muted(row: Alert, data: AlertMuted, event: Event) -> Alert:
    return touched(row, event, muted_until=data.until, note=data.note or row.note)


@alerts.on(AlertUnmuted)
def unmuted(row: Alert, _: AlertUnmuted, event: Event) -> Alert:
    return touched(row, event, muted_until="")


@alerts.on(AlertResolved)
def resolved(row: Alert, data: AlertResolved, event: Event) -> Alert:
    return touched(row, event, state=State.RESOLVED, reason=data.reason)


def touched(row: Alert, event: Event, **changes: object) -> Alert:
    """The alert after an event: who changed it, when, and what."""
    return row.with_(version=event.version, changed=event.time, changed_by=event.actor, **changes)
