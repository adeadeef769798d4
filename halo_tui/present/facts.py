"""Events as rows and sentences: what happened, in the words of the field."""

from __future__ import annotations

from typing import Any

import msgspec

from halo_engine import modules
from halo_engine.errors import BadData
from halo_engine.events import sentences
from halo_engine.events.model import Event
from halo_engine.tasks import events as facts
from halo_engine.tasks.states import State
from halo_tui.present.columns import Cells, Column
from halo_tui.present.ink import Line, Tone, clean
from halo_tui.present.log_rows import short
from halo_tui.present.states import tone
from halo_tui.present.when import When

COLUMNS = (
    Column("#", 5, priority=4, align="right"),
    Column("time", 12),
    Column("stream", 10, share=1),
    Column("what", 16),
    Column("says", 28, share=6, priority=1),
    Column("who", 12, priority=2),
)
ALERTS = frozenset({"failed", "timed_out", "lost"})
SAID = 300
"""Characters of a sentence that a row may need."""


def columns(head: int) -> tuple[Column, ...]:
    """The columns of a list of events up to position `head`."""
    return (Column("#", max(5, len(str(head))), priority=4, align="right"), *COLUMNS[1:])


def row(event: Event, when: When) -> Cells:
    """One row of the list of events."""
    said, tone_ = says(event)
    return (
        (str(event.position), "faint"),
        (when.clock(event.time), "faint"),
        (clean(event.stream.rpartition("/")[2]), "muted"),
        (name(event), tone_),
        (said, "plain"),
        (event.actor, "faint"),
    )


def name(event: Event) -> str:
    """What happened, in words: `blocked` for an item, `session observed` for anything else."""
    kind, *_, happened = event.type.split(".")
    return (happened if kind == "task" else f"{kind} {happened}").replace("_", " ")


def says(event: Event) -> tuple[str, Tone]:
    """What an event says, in one line, and its tone."""
    modules.facts()
    try:
        said = sentences.sentence(event)
        return clean((_pairs(event) if said is None else said)[:SAID]), _tone(event.data())
    except BadData as error:
        return f"▲ {clean(error.message)}", "alert"


def _pairs(event: Event) -> str:
    """The fields of an event for which there are no words."""
    fields = msgspec.json.decode(event.payload)
    return "  ".join(f"{name}={short(value)}" for name, value in fields.items() if value not in (None, "", [], {}))


def _tone(data: Any) -> Tone:
    match data:
        case facts.TaskMoved():
            return tone(data.to)
        case facts.RunStarted():
            return tone(State.RUNNING)
        case facts.RunFinished():
            return "alert" if data.outcome in ALERTS else "ok"
        case _:
            return "plain"


def history(events: list[Event], when: When) -> list[Line]:
    """An item's history, newest first, one line an event."""
    lines: list[Line] = []
    for event in reversed(events):
        said, tone_ = says(event)
        lines.append(
            [
                (f"{event.version:>3}  ", "faint"),
                (f"{when.clock(event.time):<13}", "faint"),
                (f"{name(event):<14}", tone_),
                (f"{event.actor:<12.12} ", "faint"),
                (said, "plain"),
            ]
        )
    return lines


def path(events: list[Event]) -> list[tuple[State, str]]:
    """The states that an item went through, each with the time at which it came into it."""
    steps: list[tuple[State, str]] = []
    for event in events:
        state = _entered(event.data())
        if state is not None and (not steps or steps[-1][0] is not state):
            steps.append((state, event.time))
    return steps


def _entered(data: Any) -> State | None:
    match data:
        case facts.TaskAdded():
            return data.state
        case facts.TaskMoved() | facts.RunFinished():
            return data.to
        case facts.RunStarted():
            return State.RUNNING
        case facts.TaskUndone():
            return State(data.restored["state"]) if "state" in data.restored else None
        case facts.TaskImported():
            return State(data.fields.get("state", State.OPEN))
        case _:
            return None
