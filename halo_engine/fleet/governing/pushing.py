"""`push` and `rollback`: stage beside the live tree, compare, keep the old, swap, probe; back again when it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from halo_engine import console
from halo_engine.errors import BadData, HaloError, NotAllowed, NotFound
from halo_engine.events.store import opened
from halo_engine.fleet import mounting
from halo_engine.fleet.config import Base
from halo_engine.fleet.events import InstanceGoverned, OperationBegun
from halo_engine.fleet.files import governance, trees
from halo_engine.fleet.files.primes import read
from halo_engine.fleet.governing import drifting, staging
from halo_engine.fleet.governing.exchanging import New, exchange, recover
from halo_engine.fleet.instance import Status, layout
from halo_engine.fleet.presence.home import not_at_home
from halo_engine.fleet.projection import fleet
from halo_engine.fleet.provisioning.plan import Plan, Progress, Tell, planned, quiet
from halo_engine.fleet.provisioning.steps import built
from halo_engine.fleet.recording import Recording, alone, living
from halo_engine.fleet.store import Governance
from halo_engine.fleet.syncing import synced
from halo_engine.workspace import Workspace

Outcome = Literal["pushed", "already", "would", "failed", "skipped"]


class Pushed(Struct, frozen=True):
    """What a push, or a rollback, did to one instance."""

    name: str
    outcome: Outcome
    before: int
    """Version of its governance."""
    after: int
    paths: dict[str, str] = {}
    """Path -> `changed`, `new` or `gone`."""
    diff: str = ""
    note: str = ""


def push(workspace: Workspace, name: str, *, accept_drift: bool = False) -> Pushed:
    """Give an instance the governance that the templates and its personality make now.

    An active one is stopped for the swap, and must answer after it; when it does not, everything is as before, byte for
    byte, and it runs again. Raises NotAllowed for local drift that is not accepted, Failed after such a rollback.
    """
    synced(workspace)
    done = _push(workspace, name, accept_drift=accept_drift)
    synced(workspace)
    return done


def _push(workspace: Workspace, name: str, *, accept_drift: bool) -> Pushed:
    with alone(workspace, name):
        record = living(workspace, name)
        recovered = recover(record)
        plan = _allowed(record, "push")
        try:
            staged = staging.stage(plan)
            return _pushed(plan, record, staged, accept_drift=accept_drift, recovered=recovered)
        finally:
            trees.erase(staging.beside(plan))


def _pushed(plan: Plan, record: Recording, staged: Path, *, accept_drift: bool, recovered: str) -> Pushed:
    workspace, name, version = plan.workspace, record.name, record.record.template
    found = drifting.drift(workspace, record.record)
    difference = staging.compared(plan.root, staged, plan.prime)
    if not found and not difference.paths:
        return Pushed(name, "already", version, version, note=recovered or f"{name} has version {version} already")
    if found and not accept_drift:
        drifting.tell(workspace, name, found.words())
        raise NotAllowed(
            f"{name} was changed by hand: {found.words()}", f"halctl push {name} --accept-drift replaces it"
        )
    after = record.record.last_template + 1
    drifted = f"drift goes: {found.words()}" if found else ""
    if workspace.dry_run:
        _foretell(record, "push", after, difference.paths)
        return Pushed(name, "would", version, after, difference.paths, difference.diff, drifted)
    built(workspace, plan.prime, staged, name)
    items = tuple(dict.fromkeys((*governance.swapped(staged, plan.prime), *record.record.items)))
    exchange(plan, record, New("push", staged, items, after))
    drifting.settle(workspace, name, f"version {after} was pushed")
    note = f"{name}: version {version} -> {after}, {console.counted(len(difference.paths), 'file')}" + (
        f"; {drifted}" if drifted else ""
    )
    return Pushed(name, "pushed", version, after, difference.paths, note=note)


def _foretell(record: Recording, verb: str, after: int, paths: dict[str, str]) -> None:
    record.append("fleet.operation.begun", OperationBegun(verb, {"paths": paths}))
    record.append("fleet.instance.governed", InstanceGoverned(after, "", {}, cause=verb))


def _allowed(record: Recording, verb: str) -> Plan:
    """Raises NotAllowed for a folded instance, a folder that lies outside the base, a copy that must not run, and
    mounts that may not be.
    """
    if record.record.status is Status.FOLDED:
        raise NotAllowed(f"{verb} is not allowed now: {record.name} is folded", f"halctl unfold {record.name}")
    plan = planned(record.workspace, record.instance)
    trees.guard(plan.base.root, plan.root)
    away = not_at_home(record.name, layout(record.workspace, record.instance))
    if away and record.record.status is Status.ACTIVE:  # it could not be started, and all would be taken back
        raise away
    mounting.checked(record.workspace, plan.instance)  # before it is stopped: it would not start again
    return plan


def push_all(
    workspace: Workspace, *, canary: str = "", accept_drift: bool = False, tell: Tell = quiet
) -> Iterator[Pushed]:
    """Push to every active instance, the canary first; one after the other, and none after one that failed.

    Yields each as it is done. What has drifted, or another command works on, is `skipped` with the reason.
    """
    synced(workspace)
    names = active(workspace)
    if canary:
        living(workspace, canary)
        names = [canary, *(name for name in names if name != canary)]
    for number, name in enumerate(names, 1):
        progress = Progress(name, f"Push to {name}", number, len(names), "begun")
        tell(progress)
        done = _one(lambda name=name: _push(workspace, name, accept_drift=accept_drift), name)  # type: ignore[misc]
        state: Literal["failed", "done"] = "failed" if done.outcome == "failed" else "done"
        tell(msgspec.structs.replace(progress, state=state, evidence=done.note))
        yield done
        if done.outcome == "failed":
            return
    synced(workspace)


def _one(attempt: Callable[[], Pushed], name: str) -> Pushed:
    try:
        return attempt()
    except NotAllowed as error:  # drifted, folded, or another command is at it: it is as it was
        return Pushed(name, "skipped", 0, 0, note=error.message)
    except HaloError as error:
        return Pushed(name, "failed", 0, 0, note=f"{error.message}; no other instance was touched after it")


def active(workspace: Workspace) -> list[str]:
    from halo_engine.fleet import manifest

    return [each.name for each in manifest.checked(workspace).instances if each.status is Status.ACTIVE]


class Versions(Struct, frozen=True):
    """The governances of an instance."""

    present: int
    kept: list[int]
    """Those that `rollback` can go to, the latest first."""
    versions: list[Governance]
    """Every one that there was, the latest first."""


def versions(workspace: Workspace, name: str) -> Versions:
    """Every governance that an instance had.

    Raises NotFound.
    """
    present = living(workspace, name).record.template
    with opened(workspace, fleet) as store:
        rows = store.select(Governance, "WHERE instance = ? ORDER BY version DESC", (name,))
    return Versions(present, [number for number in kept_versions(workspace, name) if number != present], rows)


def kept_versions(workspace: Workspace, name: str) -> list[int]:
    """The versions that `rollback` can go to, the latest first."""
    place = Base(workspace).versions / name
    return sorted((int(each.name) for each in place.glob("*") if each.name.isdigit()), reverse=True)


def rollback(workspace: Workspace, name: str, to: int | None = None) -> Pushed:
    """Bring an earlier governance back, byte for byte: version `to`, else the one before the present one. Cut short and
    repeated, it is the same one step back.

    Raises NotFound when it is not kept any more, BadData when what was kept was changed, Failed as `push`.
    """
    synced(workspace)
    done = _rollback(workspace, name, to)
    synced(workspace)
    return done


def _rollback(workspace: Workspace, name: str, to: int | None) -> Pushed:
    with alone(workspace, name):
        record = living(workspace, name)
        interrupted = record.record.operation
        recovered = recover(record)
        plan = _allowed(record, "rollback")
        present, kept = record.record.template, kept_versions(workspace, name)
        if present in kept:  # of a rollback that was killed when all but this was done
            if not workspace.dry_run:
                trees.discard(plan.base.root, plan.base.staging, plan.base.versions / name / str(present))
            if to is None:  # it is the one that is asked for again; another step back was not
                said = f"the rollback of {name} to version {present} was cut short, and is complete now"
                return Pushed(name, "already", present, present, note=said)
        if recovered and to is None and interrupted != "rollback":
            return Pushed(name, "already", present, present, note=recovered)
        target = to if to is not None else next((number for number in kept if number < present), None)
        if target == present:
            return Pushed(name, "already", present, present, note=f"{name} has version {present} already")
        if target is None or target not in kept:
            shown = ", ".join(map(str, kept)) or "none"
            raise NotFound(f"{name} has no earlier version to go back to; kept: {shown}", f"halctl versions {name}")
        return _rolled_back(plan, record, target)


def _rolled_back(plan: Plan, record: Recording, target: int) -> Pushed:
    held = plan.base.versions / record.name / str(target)
    _refuse_changed(record, held, target)
    difference = staging.compared(plan.root, held, read(held))
    present = record.record.template
    if record.workspace.dry_run:
        _foretell(record, "rollback", target, difference.paths)
        return Pushed(record.name, "would", present, target, difference.paths, difference.diff)
    items = tuple(dict.fromkeys((*governance.swapped(held, read(held)), *record.record.items)))
    exchange(plan, record, New("rollback", held, items, target))
    trees.erase(held)
    note = (
        f"{record.name}: version {present} -> {target}, {console.counted(len(difference.paths), 'file')} as they were"
    )
    return Pushed(record.name, "pushed", present, target, difference.paths, note=note)


def _refuse_changed(record: Recording, held: Path, target: int) -> None:
    with opened(record.workspace, fleet) as store:
        row = store.get(Governance, f"{record.name}/{target}")
    found = governance.hashes(held, read(held))
    if row is None or found != row.files:
        raise BadData(f"{held} is not what version {target} was: nothing was changed", f"halctl push {record.name}")
