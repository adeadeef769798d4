"""The write side: one function a verb, the same name as on the command line.

A verb whose effect is there already appends nothing and says so. Those that take a reference raise NotFound for one
that means nothing, and NotAllowed for what cannot be done to the alert as it is.
"""

from __future__ import annotations

import msgspec

from halo_engine import clock, console
from halo_engine.alerts import hook, queries
from halo_engine.alerts.config import alert_settings
from halo_engine.alerts.events import (
    AlertAcknowledged,
    AlertChanged,
    AlertKeyTaken,
    AlertMuted,
    AlertRaised,
    AlertResolved,
    AlertUnmuted,
)
from halo_engine.alerts.projection import alerts, number_of
from halo_engine.alerts.states import FOR_EVER, Action, Severity, State
from halo_engine.alerts.store import Alert
from halo_engine.clock import Timestamp
from halo_engine.errors import Conflict, NotAllowed, Usage
from halo_engine.events.model import Event, New, Payload
from halo_engine.events.projection import Fold
from halo_engine.events.store import opened
from halo_engine.workspace import Workspace

ATTEMPTS = 100
SEVERITIES = list(Severity)


class Changed(msgspec.Struct, frozen=True):
    """What a verb did."""

    alert: Alert
    """As it is now (in a dry run: as it would be)."""
    events: list[Event]
    note: str = ""
    """Why nothing was appended."""


class Raising(msgspec.Struct, frozen=True):
    """What is wrong, as the module says that finds it."""

    kind: str
    subject: str
    title: str
    severity: Severity = Severity.WARNING
    instance: str = ""
    evidence: dict[str, str] = {}
    hint: str = ""


def raise_(workspace: Workspace, what: Raising) -> Changed:
    """Say that something needs the operator. The same kind and subject again is the same alert: nothing happens while
    it is open, unless it has become more severe.

    The `on_alert` command is run when it is new, or back, or worse, and not muted. Raises Usage for an empty kind or
    subject.
    """
    if not what.kind.strip() or not what.subject.strip() or not what.title.strip():
        raise Usage("an alert needs a kind, a subject and a title")
    for _ in range(ATTEMPTS):
        row = queries.by_key(workspace, what.kind, what.subject)
        try:
            changed = _raise(workspace, what, row)
        except Conflict:
            continue
        if changed.events and not workspace.dry_run and changed.alert.shown(clock.stamp()) is State.RAISED:
            hook.tell(workspace, changed.alert)
        return changed
    raise Conflict("too many others are raising alerts at this moment", "repeat the command")


def _raise(workspace: Workspace, what: Raising, row: Alert | None) -> Changed:
    action = alert_settings(workspace).policy.get(what.kind, Action.WARN)
    data = AlertRaised(**msgspec.structs.asdict(what), action=action)
    if row is None:
        alert_id = queries.name(queries.last_number(workspace) + 1)
        key = New(queries.key_stream(what.kind, what.subject), "alert.key.taken", AlertKeyTaken(alert_id), expected=0)
        new = New(f"alert/{alert_id}", "alert.item.raised", data, expected=0)
        return _written(workspace, None, workspace.log.append([new, key])[:1])
    if row.state is State.RESOLVED:
        return _append(workspace, row, "raised", data)
    if SEVERITIES.index(what.severity) > SEVERITIES.index(row.severity):
        return _append(workspace, row, "worsened", AlertChanged(what.title, what.severity, what.evidence))
    return Changed(row, [], f"{row.id} is {row.state} already")


def acknowledge(workspace: Workspace, reference: str, note: str = "") -> Changed:
    """Say that somebody knows, and what they make of it."""
    row = queries.alert(workspace, reference)
    if row.state is State.RESOLVED:
        raise NotAllowed(f"{row.id} is resolved ({row.reason or 'by hand'}): there is nothing left to acknowledge")
    if row.state is State.ACKNOWLEDGED and note in {"", row.note}:
        return Changed(row, [], f"{row.id} is acknowledged already")
    return _append(workspace, row, "acknowledged", AlertAcknowledged(note))


def mute(workspace: Workspace, reference: str, until: Timestamp | None = None, note: str = "") -> Changed:
    """Keep quiet about it until then (None: until `unmute`), also when it comes back."""
    row = queries.alert(workspace, reference)
    end = until or FOR_EVER
    if end <= clock.stamp():
        raise Usage(f"{console.moment(end)} is over already")
    if row.muted_until == end:
        return Changed(row, [], f"{row.id} is muted already")
    return _append(workspace, row, "muted", AlertMuted(end, note))


def unmute(workspace: Workspace, reference: str) -> Changed:
    """Let it be heard again."""
    row = queries.alert(workspace, reference)
    if row.muted_until <= clock.stamp():
        return Changed(row, [], f"{row.id} is not muted")
    return _append(workspace, row, "unmuted", AlertUnmuted())


def resolve(workspace: Workspace, reference: str, reason: str = "") -> Changed:
    """Say that what it was about is over."""
    return _resolve(workspace, queries.alert(workspace, reference), reason)


def settle(workspace: Workspace, kind: str, subject: str, reason: str) -> Changed | None:
    """The same by the module that raised it, when it sees that it is over; None when there is nothing to resolve."""
    row = queries.by_key(workspace, kind, subject)
    if row is None or row.state is State.RESOLVED:
        return None
    return _resolve(workspace, row, reason)


def _resolve(workspace: Workspace, row: Alert, reason: str) -> Changed:
    if row.state is State.RESOLVED:
        return Changed(row, [], f"{row.id} is resolved already")
    return _append(workspace, row, "resolved", AlertResolved(reason))


def _append(workspace: Workspace, row: Alert, fact: str, payload: Payload) -> Changed:
    new = New(f"alert/{row.id}", f"alert.item.{fact}", payload, expected=row.version)
    return _written(workspace, row, workspace.log.append([new]))


def _written(workspace: Workspace, before: Alert | None, events: list[Event]) -> Changed:
    """The alert after its events, its store caught up."""
    if not workspace.dry_run:
        with opened(workspace, alerts):
            pass
    fold = Fold(alerts, lambda *_: before)
    fold.apply(events)
    after = fold.row(events[0].stream)
    assert isinstance(after, Alert)
    assert after.number == number_of(events[0].stream)
    return Changed(after, list(events))
