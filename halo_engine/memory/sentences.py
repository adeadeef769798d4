"""What happened to a note, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.memory import events as facts


def _decided(data: facts.ProposalDecided) -> str:
    return f"to {data.target}" + (f": {data.reason}" if data.reason else "")


SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.NoteWritten: lambda data: " ".join(each for each in (data.did, data.title or data.path) if each),
    facts.NoteArchived: lambda data: f"{data.path}" + (f": {data.reason}" if data.reason else ""),
    facts.NoteRestored: lambda data: str(data.path),
    facts.NoteGone: lambda data: str(data.path),
    facts.NoteUsed: lambda data: f"weight {data.weight:.2g}",
    facts.ProposalDecided: _decided,
}
"""By payload."""
