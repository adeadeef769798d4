"""Changing one item: load it, move it, record facts; append on leaving, at the version that was seen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import NotAllowed
from halo_engine.events.envelope import whoami
from halo_engine.events.model import Event, New, Payload, schema_of
from halo_engine.events.projection import Fold
from halo_engine.events.store import opened
from halo_engine.tasks import queries
from halo_engine.tasks.events import TaskMoved
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.states import OVER, PREVIOUS, TRANSITIONS, State, find, moves
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace


class Changed(msgspec.Struct, frozen=True):
    """What a verb did."""

    item: Item
    """As it is now (in a dry run: as it would be)."""
    events: list[Event]
    """Appended (in a dry run: that would be); empty when everything was so already."""
    note: str = ""
    """Why nothing was appended."""


class Editing:
    """One item under change."""

    def __init__(self, row: Item) -> None:
        self.row = row
        self.new: list[New] = []
        self.changed = Changed(row, [])

    @classmethod
    def beginning(cls, item_id: str, name: str, payload: Payload) -> Editing:
        """An item that is about to exist, from its first fact."""
        edit = cls(folded(None, [_imagined(item_id, 1, name, payload)]))
        edit.new.append(New(queries.stream(item_id), name, payload, expected=0))
        return edit

    def record(self, name: str, payload: Payload) -> None:
        """Add a fact; `row` is at once as after it."""
        expected = None if self.new else self.row.version
        self.new.append(New(queries.stream(self.row.id), name, payload, expected))
        self.row = folded(self.row, [_imagined(self.row.id, self.row.version + 1, name, payload)])

    def move(
        self, verb: str, *, reason: str = "", until: Timestamp | None = None, plan_hash: str | None = None
    ) -> None:
        """Make a move of the table; nothing when the item is where the move leads already.

        Raises NotAllowed, listing the moves that are allowed.
        """
        found = find(self.row.state, self.row.kind, verb)
        if found is None and self._is_there(verb, until):
            self.already(f"is {self.row.state} already")
            return
        if found is None:
            raise not_allowed(self.row, verb)
        to = self.row.previous or State.IN_PROGRESS if found.to is PREVIOUS else found.to
        self.record(f"task.item.{found.fact}", TaskMoved(self.row.state, to, reason, until, plan_hash))

    def already(self, note: str) -> None:
        """Nothing to do, and why."""
        self.changed = Changed(self.row, [], f"{self.row.id} {note}; nothing changed")

    def _is_there(self, verb: str, until: Timestamp | None) -> bool:
        leads_to = {move.to for each in TRANSITIONS.values() for move in each if move.verb == verb}
        return self.row.state in leads_to and (until is None or until == self.row.defer_until)


@contextmanager
def editing(workspace: Workspace, item_id: str) -> Iterator[Editing]:
    """The item, to be moved and to record facts; what was recorded is appended on leaving.

    Raises NotFound, and Conflict when somebody else changed the item meanwhile.
    """
    edit = Editing(queries.item(workspace, item_id))
    yield edit
    if edit.new:
        before = edit.changed.item
        edit.changed = written(workspace, before, workspace.log.append(edit.new))


def written(workspace: Workspace, before: Item | None, events: Sequence[Event]) -> Changed:
    """The item after its events, its store caught up."""
    if not workspace.dry_run:
        with opened(workspace, tasks):
            pass
    return Changed(folded(before, events), list(events))


def folded(row: Item | None, events: Sequence[Event]) -> Item:
    """An item after more events of its stream."""
    fold = Fold(tasks, lambda *_: row)
    fold.apply(events)
    after = fold.row(events[0].stream)
    assert isinstance(after, Item)
    return after


def not_allowed(item: Item, verb: str) -> NotAllowed:
    allowed = ", ".join(f"{move.verb} -> {move.to or item.previous}" for move in moves(item.state, item.kind))
    nothing = "nothing (it is over; `nightctl undo` takes the last change back)" if item.state in OVER else "nothing"
    return NotAllowed(
        f"{verb} is not allowed now: {item.id} is {item.state}; allowed: {allowed or nothing}",
        f"nightctl show {item.id}",
    )


def _imagined(item_id: str, version: int, name: str, payload: Payload) -> Event:
    """An event as it will be, near enough to show the row after it."""
    return Event(
        position=0,
        id="",
        stream=queries.stream(item_id),
        version=version,
        type=name,
        schema=schema_of(name),
        time=clock.stamp(),
        source=whoami(),
        correlation_id="",
        causation_id=None,
        payload=msgspec.json.encode(payload),
    )
