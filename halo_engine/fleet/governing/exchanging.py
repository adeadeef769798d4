"""Exchanging an instance's governance: stop, swap, lock, start, ask; and all of it back when it does not answer."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from halo_engine.errors import Failed, HaloError
from halo_engine.fleet import lifecycle
from halo_engine.fleet.config import Base
from halo_engine.fleet.events import InstanceGoverned, OperationBegun, OperationEnded
from halo_engine.fleet.faults import point
from halo_engine.fleet.files import governance, swapping, trees
from halo_engine.fleet.files.primes import read
from halo_engine.fleet.instance import Status
from halo_engine.fleet.provisioning.plan import Plan, planned
from halo_engine.fleet.recording import Recording
from halo_engine.fleet.supervisors import supervised
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.workspace import writing


class New(Struct, frozen=True):
    """What takes the place of the live governance."""

    verb: str
    staged: Path
    items: tuple[str, ...]
    version: int


def exchange(plan: Plan, record: Recording, new: New) -> None:
    """Put a new governance in the place of the live one, and keep that.

    Raises Failed when the instance does not answer with it: everything is as before then, and the old one runs.
    """
    lifecycle.refuse_strangers(record)
    base, verb = plan.base, new.verb
    kept = base.versions / record.name / str(record.record.template)
    trees.discard(base.root, base.staging, kept)
    swap = swapping.prepared(base, plan.root, new.staged, kept, new.items)
    record.append("fleet.operation.begun", OperationBegun(verb, msgspec.to_builtins(swap)))
    point(f"{verb}.begun")
    try:
        with writing(plan.root):
            _swap(plan, record, swap, verb)
        if record.record.status is Status.ACTIVE:
            lifecycle.started(record)
        point(f"{verb}.probed")
    except (HaloError, OSError, KeyboardInterrupt) as error:
        why = error.message if isinstance(error, HaloError) else str(error) or "interrupted"
        again = _take_back(record, swap, why)
        if isinstance(error, KeyboardInterrupt):
            raise
        said = f"{verb} of {record.name} failed and was taken back: {why}{again}"
        raise Failed(said, f"halctl status {record.name}") from error
    _record(plan, record, new)
    supervised.write(record)
    point(f"{verb}.recorded")
    _prune(plan, record)
    point(f"{verb}.pruned")


def _record(plan: Plan, record: Recording, new: New) -> None:
    files = governance.hashes(plan.root, read(plan.root))
    live = tuple(item for item in new.items if os.path.lexists(plan.root / item))
    digest, personality = governance.digest(files), plan.instance.personality
    governed = InstanceGoverned(new.version, digest, files, live, personality, new.verb)
    record.append("fleet.instance.governed", governed)


def _swap(plan: Plan, record: Recording, swap: swapping.Swap, verb: str) -> None:
    lifecycle.stop(record)
    point(f"{verb}.stopped")
    swap.forward(plan.base, plan.root)
    point(f"{verb}.swapped")
    governance.lock(plan.root, read(plan.root))
    point(f"{verb}.locked")


def _take_back(record: Recording, swap: swapping.Swap, why: str) -> str:
    """Everything as before the swap; the old one runs again if it is to run. Returns how that went, in words."""
    workspace = record.workspace
    plan = planned(workspace, record.instance)
    supervisor_of(record.instance).stop(workspace, record.instance)
    point("back.stopped")
    swap.back(plan.base, plan.root)
    governance.seal(plan.root)
    point("back.swapped")
    again, verb = lifecycle.again(record), record.record.operation
    record.append("fleet.operation.ended", OperationEnded(verb, "taken back", (why + again)[:2000]))
    return again


def recover(record: Recording) -> str:
    """Take back a push or a rollback that was cut short; says so."""
    data, verb = record.record.operation_data, record.record.operation
    if verb not in lifecycle.BLOCKING or record.workspace.dry_run:
        return ""
    _take_back(record, swapping.of(data), f"the {verb} was cut short")
    if verb == "push":
        trees.erase(Base(record.workspace).root / data["staged"])
    return f"a {verb} that was cut short was taken back"


def _prune(plan: Plan, record: Recording) -> None:
    """Keep the last few governances."""
    place = plan.base.versions / record.name
    numbers = sorted((int(each.name) for each in place.iterdir() if each.name.isdigit()), reverse=True)
    for number in numbers[plan.settings.versions :]:
        trees.discard(plan.base.root, plan.base.staging, place / str(number))
