"""What happened to the journal, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.journal import events as facts

SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.EntryWritten: lambda data: data.text + "".join(f" #{tag}" for tag in data.tags),
    facts.WindowSummarised: lambda data: str(data.text),
}
"""By payload."""
