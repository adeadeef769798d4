"""What happened to a message, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.mail import events as facts


def _decided(data: facts.MessageDecided) -> str:
    to = f" {data.target}" if data.target else ""
    return f"{data.action}{to}: {data.subject}, from {data.sender}" + (f" ({data.reason})" if data.reason else "")


SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.MessageDecided: _decided,
    facts.MessageAccepted: lambda _: "",
    facts.MessageRefused: lambda _: "",
    facts.MessageRecalled: lambda _: "",
    facts.MessageHandled: lambda data: f"it is in {data.folder}" + " as a copy, too" * data.copied,
    facts.MessageMissed: lambda data: str(data.reason),
    facts.MessageUndone: lambda data: f"it is in {data.folder} again",
    facts.RuleAdded: lambda data: str(data.name),
}
"""By payload."""
