"""What happened to a briefing, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.briefings import events as facts

SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.BriefingWritten: lambda data: str(data.prose),
    facts.PartSent: lambda data: f"part {data.part} of {data.parts} by {data.channel}",
    facts.BriefingSent: lambda data: f"by {data.channel}",
    facts.DeliveryFailed: lambda data: f"by {data.channel}: {data.reason}",
}
"""By payload."""
