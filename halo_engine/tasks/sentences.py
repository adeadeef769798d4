"""What happened to an item, in the words of the field: one line a fact."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from halo_engine import times
from halo_engine.tasks import events as facts
from halo_engine.tasks.glyphs import GLYPHS, words
from halo_engine.tasks.states import State

SHOWN = 80
"""Characters of a value that a sentence quotes."""


def _moved(data: facts.TaskMoved) -> str:
    reason = f": {data.reason}" if data.reason else ""
    return f"{_state(data.origin)} → {_state(data.to)}{reason}"


def _imported(data: facts.TaskImported) -> str:
    title = str(data.fields.get("title", ""))
    return f"{title} from {data.origin}" if data.origin else title


def _finished(data: facts.RunFinished) -> str:
    why = data.reason or (f"exit code {data.exit_code}" if data.exit_code else "")
    return f"{data.run} {data.outcome.replace('_', ' ')} after {times.span(data.duration)}" + (
        f": {why}" if why else ""
    )


SENTENCES: dict[type, Callable[[Any], str]] = {
    facts.TaskAdded: lambda data: str(data.title),
    facts.TaskMoved: _moved,
    facts.TaskEdited: lambda data: _fields(data.changes),
    facts.TaskNoted: lambda data: str(data.text),
    facts.TaskUndone: lambda data: f"back to {_fields(data.restored)}",
    facts.TaskImported: _imported,
    facts.PlanWritten: lambda data: f"{len(data.xml.encode()):,} bytes, {data.hash[:12]}",
    facts.KeyTaken: lambda data: f"by {data.item}",
    facts.RunStarted: lambda data: f"{data.run} by {data.runner}",
    facts.RunFinished: _finished,
}
"""By payload."""


def _fields(fields: dict[str, Any]) -> str:
    return ", ".join(f"{field} = {_value(value)}" for field, value in fields.items())


def _state(state: State) -> str:
    return f"{GLYPHS[state]} {words(state)}"


def _value(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "nothing"
    return "nothing" if value is None or value == "" else str(value)[:SHOWN]
