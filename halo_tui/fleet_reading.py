"""What the Fleet screen reads, each in one call for a worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import NamedTuple

from halo_engine import clock
from halo_engine.agents import queries as agents
from halo_engine.agents.queries import Filter, Spent
from halo_engine.errors import HaloError
from halo_engine.events.model import Event
from halo_engine.fleet import manifest, queries
from halo_engine.fleet.governing import pushing
from halo_engine.fleet.governing.pushing import Pushed
from halo_engine.fleet.instance import Status
from halo_engine.fleet.personality import profile as profiles
from halo_engine.fleet.personality import writing
from halo_engine.fleet.personality.composing import Composer, composer
from halo_engine.fleet.personality.profile import Profile
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Tell, Wanted
from halo_engine.fleet.queries import InstanceRow, InstanceStatus
from halo_engine.fleet.recording import Changed
from halo_engine.fleet.smoke.running import Result, smoke
from halo_engine.fleet.syncing import synced
from halo_engine.workspace import Workspace

LAST = 30
"""Days of sessions that show."""


class Listed(NamedTuple):
    """The fleet, and a word about a FLEET.yaml that cannot be used."""

    rows: dict[str, InstanceRow]
    fault: str


class Persona(NamedTuple):
    """Who an instance is, and the CLAUDE.md that this makes."""

    profile: Profile
    levels: dict[str, int]
    sides: dict[str, tuple[str, str]]
    """Dimension -> what its lowest and highest levels are like."""
    text: str


class Drafting(NamedTuple):
    """What the create wizard needs, read once."""

    composing: Composer
    profiles: dict[str, Profile]


def listed(workspace: Workspace) -> Listed:
    """Every instance that is not over, those of FLEET.yaml first."""
    fault = ""
    if workspace.moment is None:
        try:
            synced(workspace)
            manifest.checked(workspace)
        except HaloError as error:
            fault = error.message
    return Listed({row.name: row for row in queries.table(workspace)}, fault)


def looked(workspace: Workspace, name: str) -> InstanceStatus:
    """One instance, looked at now. Raises NotFound."""
    return queries.status(workspace, name)


def persona(workspace: Workspace, row: InstanceRow) -> Persona:
    """Its personality, composed as `push` would. Raises NotFound, BadConfig."""
    composing = composer(workspace)
    found = profiles.profile(workspace, row.personality, composing.schema)
    sides = {name: (each.low, each.high) for name, each in composing.schema.dimensions.items()}
    return Persona(found, composing.schema.levels(found.dimensions), sides, composing.compose(found, instance=row.name))


def difference(workspace: Workspace, name: str) -> Pushed:
    """What a push would change. Raises NotAllowed when it has drifted."""
    return pushing.push(Workspace(workspace.root, dry_run=True), name)


def differences(workspace: Workspace) -> list[Pushed]:
    """The same for every active instance; one that has drifted says so."""
    return list(pushing.push_all(Workspace(workspace.root, dry_run=True)))


def sessions(workspace: Workspace, name: str) -> list[Spent]:
    """The latest sessions of an instance."""
    since = clock.stamp(clock.now() - timedelta(days=LAST))
    return agents.sessions(workspace, Filter(instance=name, since=since), 100)[0]


def history(workspace: Workspace, name: str) -> list[Event]:
    """What happened to it, the latest first."""
    return queries.history(workspace, name)[::-1]


def checks(workspace: Workspace, name: str) -> Iterator[Result]:
    """The smoke checks, each as it ends."""
    return smoke(workspace, name)


def drafting(workspace: Workspace) -> Drafting:
    """What a new instance can be made from. Raises BadConfig."""
    composing = composer(workspace)
    found = {name: profiles.profile(workspace, name, composing.schema) for name in profiles.names(workspace)}
    return Drafting(composing, found)


def made(
    workspace: Workspace, wanted: Wanted, tell: Tell, *, base: str, levels: dict[str, int], context: str
) -> Changed:
    """Make an instance; where there is no such personality yet, it is written first, from `base`."""
    if wanted.personality not in profiles.names(workspace):
        writing.new(workspace, wanted.personality, base=base, levels=levels, context=context)
    return saga.create(workspace, wanted, tell)


def push(workspace: Workspace, name: str) -> list[Pushed]:
    """Push to one instance, or, without a name, to all that are active."""
    return [pushing.push(workspace, name)] if name else list(pushing.push_all(workspace))


def verb(name: str) -> Callable[[Workspace, str], Changed]:
    """The function that a verb of the life of an instance calls."""
    from halo_engine.fleet import lifecycle, retiring

    return {
        "freeze": lifecycle.freeze,
        "reset": lifecycle.reset,
        "fold": retiring.fold,
        "unfold": retiring.unfold,
        "fry": lambda workspace, instance: retiring.fry(workspace, instance, confirm=True),
    }[name]


def counted(rows: dict[str, InstanceRow]) -> str:
    """The title's summary: what is not as it should be comes first."""
    down = [row for row in rows.values() if row.status is Status.ACTIVE and row.running is False]
    counts = {
        "held": sum(bool(row.held) for row in down),
        "down": sum(not row.held for row in down),
        "drifted": sum(row.governance == "drifted" for row in rows.values()),
    }
    return ", ".join(f"{count} {what}" for what, count in counts.items() if count)
