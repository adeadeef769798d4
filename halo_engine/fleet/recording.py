"""One instance under change: the lock that keeps others away from it, its record, and facts appended to its stream."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import msgspec
from msgspec import Struct

from halo_engine import console
from halo_engine.errors import Conflict, NotFound
from halo_engine.events.model import Event, New, Payload
from halo_engine.events.projection import Fold
from halo_engine.events.store import opened
from halo_engine.fleet import manifest
from halo_engine.fleet.files import locking
from halo_engine.fleet.instance import NAME, Instance
from halo_engine.fleet.projection import fleet
from halo_engine.fleet.states import LIVE, OVER
from halo_engine.fleet.store import Record
from halo_engine.workspace import Workspace, writing


class Changed(Struct, frozen=True):
    """What a verb did."""

    instance: Instance
    """As it is now (in a dry run: as it would be)."""
    events: list[Event]
    """Appended (in a dry run: that would be); empty when everything was so already."""
    note: str = ""
    """What was done, in words, or why nothing was."""
    would: str = ""
    """What a dry run says where more would happen than that events are recorded."""


@contextmanager
def alone(workspace: Workspace, name: str) -> Iterator[None]:
    """Alone with an instance, over all processes of this machine; killed in it, the lock is free again.

    Raises Conflict when another command works on it, NotFound for what can be no instance's name. Nothing is locked in
    a dry run.
    """
    if not re.search(NAME, name):
        raise NotFound(f"no instance {name[:80]}", "`halctl list` shows what there is")
    if workspace.dry_run:
        yield
        return
    place = workspace.run / "fleet"
    with writing(place):
        place.mkdir(parents=True, exist_ok=True)
        file = (place / f"{name}.lock").open("w")
    with file:
        if not locking.taken(file):
            raise Conflict(f"another command works on {name} at this moment", "wait for it, and repeat")
        yield


def busy(workspace: Workspace, name: str) -> bool:
    """Whether a command works on an instance at this moment: what looks wrong with it may be under way."""
    try:
        with (workspace.run / "fleet" / f"{name}.lock").open() as file:
            return locking.held(file)
    except FileNotFoundError:
        return False


class Recording:
    """The record of an instance, and its stream."""

    def __init__(self, workspace: Workspace, name: str, row: Record | None) -> None:
        self.workspace = workspace
        self.name = name
        self.row = row
        self.events: list[Event] = []

    @property
    def record(self) -> Record:
        assert self.row is not None
        return self.row

    @property
    def instance(self) -> Instance:
        return self.record.instance

    def append(self, kind: str, payload: Payload) -> None:
        """Append a fact; `record` is at once as after it.

        Raises Conflict when somebody else wrote to the stream.
        """
        expected = self.row.version if self.row else 0
        events = self.workspace.log.append([New(f"fleet/{self.name}", kind, payload, expected)])
        fold = Fold(fleet, lambda *_: self.row)
        fold.apply(events)
        after = fold.row(f"fleet/{self.name}")
        assert isinstance(after, Record)
        self.row = after
        self.events += events

    def put(self, **changes: object) -> None:
        """Write the instance, with these changes, into FLEET.yaml."""
        manifest.put(self.workspace, msgspec.structs.replace(self.instance, **changes))

    def changed(self, note: str, would: str = "") -> Changed:
        """What the verb did, with the store caught up."""
        if self.events and not self.workspace.dry_run:
            with opened(self.workspace, fleet):
                pass
        return Changed(self.instance, self.events, note, would)


def recording(workspace: Workspace, name: str) -> Recording:
    """Whatever the history knows under a name, also nothing."""
    with opened(workspace, fleet) as store:
        return Recording(workspace, name, store.get(Record, name))


def known(workspace: Workspace, name: str) -> Recording:
    """The instance of that name, one that is being made too.

    Raises NotFound, with what happened to one that is over.
    """
    found = recording(workspace, name)
    if found.row is None:
        raise NotFound(f"no instance {name[:80]}", "`halctl list` shows what there is")
    if found.row.status in OVER:
        since = console.moment(found.row.changed)
        raise NotFound(f"{name} is {found.row.status} since {since}", f"halctl history {name}")
    return found


def living(workspace: Workspace, name: str) -> Recording:
    """The instance of that name that stands in FLEET.yaml, edits by hand taken in.

    Raises NotFound; NotFound with what to do for one whose `create` is not complete.
    """
    found = known(workspace, name)
    if found.record.status not in LIVE:
        raise NotFound(f"the create of {name} is not complete", f"`halctl create --name {name}` goes on with it")
    return found
