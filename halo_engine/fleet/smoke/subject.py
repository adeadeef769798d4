"""What a check is given, and what it answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Literal

from msgspec import Struct

from halo_engine.alerts.states import Severity
from halo_engine.fleet.files import primes
from halo_engine.fleet.files.primes import Prime
from halo_engine.fleet.instance import Instance, layout
from halo_engine.fleet.recording import living
from halo_engine.fleet.store import Record
from halo_engine.fleet.supervisors.supervisor import Running, supervisor_of
from halo_engine.workspace import Workspace


class Finding(Struct, frozen=True):
    """What a check saw."""

    state: Literal["ok", "note", "wrong"]
    """`note`: worth knowing, no fault."""
    evidence: str
    hint: str = ""
    """What to do about it, where the check's own does not fit."""


def ok(evidence: str) -> Finding:
    return Finding("ok", evidence)


def note(evidence: str) -> Finding:
    return Finding("note", evidence)


def wrong(evidence: str, hint: str = "") -> Finding:
    return Finding("wrong", evidence, hint)


class Subject:
    """The instance that is checked; what several checks look at is looked at once.

    `running`: what its supervisor has just said, if it was asked.
    """

    def __init__(self, workspace: Workspace, instance: Instance, running: Running | None = None) -> None:
        self.workspace = workspace
        self.instance = instance
        self.place = layout(workspace, instance)
        self._running = running

    @cached_property
    def prime(self) -> Prime:
        return primes.read(self.place.root)

    @cached_property
    def record(self) -> Record:
        return living(self.workspace, self.instance.name).record

    @cached_property
    def running(self) -> Running:
        return self._running or supervisor_of(self.instance).status(self.workspace, self.instance)


class Check(Struct, frozen=True):
    """One line of the list."""

    name: str
    severity: Severity
    looks: Callable[[Subject], Finding]
    hint: str
    """What to do when it is wrong; `{name}` is the instance's."""
    limit: float = 5.0
    """Seconds that it may take."""
    needs: tuple[str, ...] = ()
    """Checks without which this one would only say the same again."""
    quick: bool = False
    """Part of `health` too."""
