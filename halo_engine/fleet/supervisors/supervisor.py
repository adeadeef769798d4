"""What every supervisor can do, and what it is told to run."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from msgspec import Struct

from halo_engine.clock import Timestamp
from halo_engine.errors import Unavailable
from halo_engine.fleet.instance import Instance, Supervision
from halo_engine.workspace import Workspace


class Running(Struct, frozen=True):
    """What a supervisor knows of an instance at this moment, by looking, not by remembering."""

    state: Literal["running", "starting", "stopped", "failed", "unknown"]
    """`starting` again after it ended; `failed`: given up after too many ends; `unknown`: the supervisor is not
    there."""
    pid: int | None = None
    since: Timestamp = ""
    restarts: int = 0
    evidence: str = ""
    """In words, for a person."""


class Supervisor(Protocol):
    """Subclass it. All verbs are idempotent: starting what runs and stopping what does not are nothing.

    Raise Unavailable when the supervisor itself does not answer, naming what to do.
    """

    def files(self, workspace: Workspace, instance: Instance) -> Mapping[str, str]:
        """What it wants in the instance's folder: relative path -> text. No token stands in any of them."""

    def start(self, workspace: Workspace, instance: Instance) -> None:
        """Start it and return; whether it answers is for `answering` to find out.

        Raises NotAllowed for mounts that may not be, and where it can mount nothing.
        """

    def stop(self, workspace: Workspace, instance: Instance) -> None:
        """End it and everything that it started; returns when nothing of it is left."""

    def status(self, workspace: Workspace, instance: Instance) -> Running:
        return self.statuses(workspace, [instance])[0]

    def statuses(self, workspace: Workspace, instances: Sequence[Instance]) -> list[Running]:
        """How it stands with each, in their order; whoever must be asked is asked once for all of them."""

    def forget(self, workspace: Workspace, instance: Instance) -> None:
        """Stop it, and remove whatever the supervisor keeps of it outside its folder."""

    def missing(self) -> str:
        """What this machine lacks for it, in words; empty when it can be used. Asked before `create` writes."""


def statuses_of(workspace: Workspace, instances: Sequence[Instance]) -> dict[str, Running]:
    """How it stands with many, by name; `unknown` with the reason where a supervisor does not answer."""
    found: dict[str, Running] = {}
    for kind in Supervision:
        its = [each for each in instances if each.supervisor is kind]
        try:
            said = supervisor_named(kind).statuses(workspace, its) if its else []
        except Unavailable as error:
            said = [Running("unknown", evidence=error.message)] * len(its)
        found |= {each.name: one for each, one in zip(its, said, strict=True)}
    return found


def status_of(workspace: Workspace, instance: Instance) -> Running:
    """The same of one."""
    return statuses_of(workspace, [instance])[instance.name]


def supervisor_of(instance: Instance) -> Supervisor:
    """The one that FLEET.yaml names: `Supervisor` instances live as `SUPERVISOR` in a module of the same name."""
    return supervisor_named(instance.supervisor)


def supervisor_named(kind: Supervision) -> Supervisor:
    """The one of that kind."""
    home = importlib.import_module(f"halo_engine.fleet.supervisors.{kind}")
    found: Supervisor = home.SUPERVISOR
    return found
