"""Taking the last change back: a compensating event that restores what was."""

from __future__ import annotations

from itertools import takewhile
from operator import attrgetter
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.errors import NotAllowed
from halo_engine.events.model import Event
from halo_engine.tasks import queries
from halo_engine.tasks.checks import check_dependencies
from halo_engine.tasks.editing import Changed, editing, folded
from halo_engine.tasks.events import PlanWritten, TaskImported, TaskUndone
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

UNDONE = "task.item.undone"
FINAL = frozenset({"task.run.started", "task.run.finished"})
"""What a machine did cannot be taken back."""
BEGINNING = frozenset({"task.item.added", "task.item.imported"})
BOOKKEEPING = frozenset({"version", "changed", "changed_by"})


def undo(workspace: Workspace, item_id: str = "@last") -> Changed:
    """Take back what the last command that has not been taken back yet did to an item; of an item's making, cancel it.

    Raises NotAllowed when that change was a run, or when nothing is left to take back; Usage when an item would come
    to wait for itself.
    """
    with editing(workspace, item_id) as item:
        event, before = last_change(workspace, item.row)
        restored = cancelled() if before is None else differing(item.row, before)
        if before and "depends_on" in restored:
            check_dependencies(workspace, before.depends_on, item.row)
        plan = plan_text(workspace, item.row, restored.get("plan_hash"))
        item.record(UNDONE, TaskUndone(event.id, msgspec.to_builtins(restored), plan))
    return item.changed


def cancelled() -> dict[str, Any]:
    """What becomes of an item whose making is taken back."""
    now = clock.stamp()
    return {"state": State.CANCELLED, "reason": "undone", "entered": now, "finished": now}


def plan_text(workspace: Workspace, item: Item, digest: str | None) -> str:
    """The text of the plan that had this hash; empty for none."""
    for event in queries.history(workspace, item.id) if digest else ():
        data = event.data()
        if isinstance(data, PlanWritten) and data.hash == digest:
            return data.xml
        if isinstance(data, TaskImported) and data.fields.get("plan_hash") == digest:
            return data.plan or ""
    return ""


def last_change(workspace: Workspace, item: Item) -> tuple[Event, Item | None]:
    """The first of the events that `undo` takes back, and the item as it was before it (None: it was not there).

    Raises NotAllowed.
    """
    history = queries.history(workspace, item.id)
    standing = not_undone(history)
    if not standing:
        raise NotAllowed(f"everything that happened to {item.id} has been taken back", f"nightctl history {item.id}")
    last = standing[-1]
    if last.type in FINAL:
        raise NotAllowed(
            f"the last change of {item.id} was a run ({last.type}): what a run did cannot be taken back",
            f"nightctl history {item.id}",
        )
    first = begun(standing)
    if first.type in BEGINNING:
        return first, None
    earlier = [event for event in history if event.version < first.version]
    return first, folded(None, earlier)


def not_undone(history: list[Event]) -> list[Event]:
    """The events that still stand. What was undone names the first event that was taken back, and all after it went."""
    standing: list[Event] = []
    for event in history:
        if event.type == UNDONE:
            first = event.data().undone
            while standing and standing.pop().id != first:
                pass
        else:
            standing.append(event)
    return standing


def begun(standing: list[Event]) -> Event:
    """The first event of the command that the last one is of: what one command records has one time and one cause."""
    origin = attrgetter("correlation_id", "time", "source")
    last = origin(standing[-1])
    return list(takewhile(lambda event: origin(event) == last, reversed(standing)))[-1]


def differing(now: Item, before: Item) -> dict[str, Any]:
    """Fields of the item as it was that are different now."""
    was = msgspec.structs.asdict(before)
    current = msgspec.structs.asdict(now)
    return {name: value for name, value in was.items() if current[name] != value and name not in BOOKKEEPING}
