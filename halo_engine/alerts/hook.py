"""Telling somebody: the `on_alert` command."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from halo_engine import console
from halo_engine.alerts.config import alert_settings
from halo_engine.alerts.states import Severity
from halo_engine.alerts.store import Alert
from halo_engine.errors import Unavailable
from halo_engine.workspace import Workspace

SEVERITIES = list(Severity)


def tell(workspace: Workspace, alert: Alert) -> bool:
    """Run the command for an alert; whether it was run and went well. A failure is a word on stderr."""
    settings = alert_settings(workspace)
    if not settings.on_alert or SEVERITIES.index(alert.severity) < SEVERITIES.index(settings.on_alert_from):
        return False
    from halo_engine import process

    with TemporaryDirectory(prefix="halo-alert-") as folder:
        told = Path(folder) / "alert.json"
        told.write_bytes(msgspec.json.encode(alert))
        try:
            child = process.start(
                settings.on_alert,
                cwd=workspace.root,
                env=os.environ | environment(alert),
                output=Path(folder) / "output",
                stdin=told,
                timeout=settings.on_alert_timeout,
            )
            outcome = child.wait()
        except Unavailable as problem:
            console.note(f"on_alert: {problem.message}")
            return False
    if outcome.exit_code != 0:
        why = "took too long" if outcome.timed_out else f"ended with {outcome.exit_code}"
        console.note(f"on_alert {why}: {outcome.tail.strip()[-200:]}")
    return outcome.exit_code == 0


def environment(alert: Alert) -> dict[str, str]:
    """What the command is told in variables."""
    return {
        "HALO_ALERT": alert.id,
        "HALO_ALERT_KIND": alert.kind,
        "HALO_ALERT_SUBJECT": alert.subject,
        "HALO_ALERT_SEVERITY": alert.severity,
        "HALO_ALERT_TITLE": alert.title,
        "HALO_ALERT_INSTANCE": alert.instance,
        "HALO_ALERT_ACTION": alert.action,
    }
