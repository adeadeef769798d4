"""What happened to a session, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.agents import events as facts
from halo_engine.console import counted

SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.SessionObserved: lambda data: ", ".join(
        [data.instance or data.project or data.cwd, counted(data.prompts, "prompt"), counted(data.calls, "call")]
    )
}
"""By payload."""
