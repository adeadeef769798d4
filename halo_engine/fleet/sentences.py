"""What happened to an instance, in words: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine.fleet import events as facts

SHOWN = 60
"""Characters of a value that a sentence quotes."""


def _begun(data: facts.InstanceBegun) -> str:
    ports = ", ".join(f"{name} {port}" for name, port in data.entry.get("ports", {}).items())
    return f"{data.entry.get('personality', '')} in {data.entry.get('path', '')}; ports {ports}"


def _governed(data: facts.InstanceGoverned) -> str:
    return f"version {data.version} by {data.cause or 'create'}: {len(data.files)} files, {data.hash[:12]}"


def _step(data: facts.StepDone) -> str:
    return data.step + (f": {data.evidence}" if data.evidence else "")


def _edited(data: facts.InstanceEdited) -> str:
    return ", ".join(f"{key} {str(value)[:SHOWN]}" for key, value in data.changes.items())


SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.InstanceBegun: _begun,
    facts.StepDone: _step,
    facts.StepUndone: lambda data: str(data.step),
    facts.InstanceFailed: lambda data: f"{data.step}: {data.reason}",
    facts.InstanceWithdrawn: lambda data: str(data.reason),
    facts.InstanceGoverned: _governed,
    facts.InstanceSupervised: lambda data: ", ".join(sorted(data.files)),
    facts.InstanceCreated: lambda data: f"{data.evidence} after {data.seconds:.1f} s",
    facts.InstanceMoved: lambda data: f"{data.status}: {data.evidence}",
    facts.InstanceFolded: lambda data: f"{data.files:,} files, {data.size:,} bytes, in {data.archive}",
    facts.InstanceFried: lambda data: f"{data.files:,} files of {data.path}",
    facts.OperationBegun: lambda data: str(data.verb),
    facts.OperationEnded: lambda data: f"{data.verb} {data.outcome}" + (f": {data.reason}" if data.reason else ""),
    facts.InstanceAdopted: lambda data: f"from FLEET.yaml: {data.entry.get('path', '')}",
    facts.InstanceEdited: _edited,
    facts.ProfileWritten: lambda data: ", ".join(f"{name} {level}" for name, level in data.dimensions.items()),
    facts.InstanceForgotten: lambda _: "taken out of FLEET.yaml; its folder is left alone",
}
"""By payload."""
