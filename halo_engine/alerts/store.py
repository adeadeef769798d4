"""The rows that alerts keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from halo_engine.alerts.states import OPEN, Action, Severity, State
from halo_engine.clock import Timestamp
from halo_engine.events.table import Row


class Alert(Row, frozen=True):
    """An alert as it stands. The first field is the key."""

    table: ClassVar = "alert"
    indexes: ClassVar = ("state, severity", "kind, subject", "changed DESC, number DESC")

    number: int
    id: str
    kind: str
    subject: str
    title: str
    severity: Severity
    state: State
    """`raised`, `acknowledged` or `resolved`; see `shown` for `muted`."""
    version: int
    raised: Timestamp
    """When it was raised last."""
    changed: Timestamp
    changed_by: str
    times: int = 1
    """How often it was raised."""
    instance: str = ""
    evidence: dict[str, str] = {}
    hint: str = ""
    action: Action = Action.WARN
    muted_until: Timestamp = ""
    note: str = ""
    """Of who acknowledged or muted it."""
    reason: str = ""
    """Why it is resolved."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"

    def shown(self, now: Timestamp) -> State:
        """The state that a person sees: an open alert is muted until its time has come."""
        return State.MUTED if self.state in OPEN and self.muted_until > now else self.state
