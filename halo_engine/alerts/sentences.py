"""What happened to an alert, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine import console
from halo_engine.alerts import events as facts

SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.AlertRaised: lambda data: f"{data.severity}: {data.title}" + f" ({data.instance})" * bool(data.instance),
    facts.AlertChanged: lambda data: f"{data.severity}: {data.title}",
    facts.AlertAcknowledged: lambda data: str(data.note),
    facts.AlertMuted: lambda data: f"until {console.moment(data.until)}" + f": {data.note}" * bool(data.note),
    facts.AlertUnmuted: lambda _: "",
    facts.AlertResolved: lambda data: str(data.reason),
    facts.AlertKeyTaken: lambda data: f"by {data.alert}",
}
"""By payload."""
