"""The facts that alerts records. Streams are `alert/A-007`, one an alert; `alert-key/...` says whose an alert is."""

from __future__ import annotations

from halo_engine.alerts.states import Action, Severity
from halo_engine.clock import Timestamp
from halo_engine.events.model import Payload, fact


@fact("alert.item.raised")
class AlertRaised(Payload, frozen=True, omit_defaults=True):
    """Raised, or raised again after it was resolved."""

    kind: str
    """What sort of trouble: `spin`, `error`, `silent`."""
    subject: str
    """What it is about: a session, an instance, a job. Kind and subject together are one alert, for ever."""
    title: str
    severity: Severity = Severity.WARNING
    instance: str = ""
    evidence: dict[str, str] = {}
    """Label -> what was seen, for a person."""
    hint: str = ""
    """The command line to look further with."""
    action: Action = Action.WARN
    """What the policy asks for."""


@fact("alert.item.worsened")
class AlertChanged(Payload, frozen=True, omit_defaults=True):
    """Still so, and more severe."""

    title: str
    severity: Severity
    evidence: dict[str, str] = {}


@fact("alert.item.acknowledged")
class AlertAcknowledged(Payload, frozen=True, omit_defaults=True):
    note: str = ""


@fact("alert.item.muted")
class AlertMuted(Payload, frozen=True, omit_defaults=True):
    until: Timestamp
    note: str = ""


@fact("alert.item.unmuted")
class AlertUnmuted(Payload, frozen=True, omit_defaults=True):
    pass


@fact("alert.item.resolved")
class AlertResolved(Payload, frozen=True, omit_defaults=True):
    reason: str = ""
    """Empty when a person said so without one."""


@fact("alert.key.taken")
class AlertKeyTaken(Payload, frozen=True, omit_defaults=True):
    """Which alert a kind and subject are; see `queries.key_stream`."""

    alert: str
