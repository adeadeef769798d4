"""What happened to a person, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.onboarding import events as facts

SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.UserMoved: lambda data: f"{data.to}" + (f" with {data.instance}" if data.instance else ""),
    facts.QuestionAnswered: lambda data: f"{data.key}: {data.response}",
    facts.QuestionMissed: lambda data: str(data.key),
    facts.QuestionsDeferred: lambda data: str(data.reason),
    facts.TutorialRead: lambda data: f"step {data.step}",
    facts.UserWithdrawn: lambda data: f"from {data.instance}" if data.instance else "",
}
"""By payload."""
