"""`alerts.yaml`: who is told, and what an alert asks for."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from halo_engine.alerts.states import Action, Severity
from halo_engine.workspace import Workspace

FILE = "alerts.yaml"


class AlertSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`alerts.yaml`."""

    on_alert: str | None = None
    """The shell command that is run for each alert when it is raised: the alert comes as JSON on its standard input,
    and in `HALO_ALERT`, `HALO_ALERT_KIND`, `HALO_ALERT_SUBJECT`, `HALO_ALERT_SEVERITY`, `HALO_ALERT_TITLE` and
    `HALO_ALERT_INSTANCE`. For example `ntfy publish halo "$HALO_ALERT_TITLE"`."""
    on_alert_timeout: Annotated[float, Meta(gt=0, le=3600)] = 30
    """Seconds that it may take."""
    on_alert_from: Severity = Severity.WARNING
    """The least severity for which it is run."""
    policy: dict[str, Action] = {}
    """Kind -> what an alert of it asks for: `warn`, or `freeze` its instance. Default: warn."""


def alert_settings(workspace: Workspace) -> AlertSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    return workspace.config(AlertSettings, FILE)
