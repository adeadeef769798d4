"""`create`: all eight steps, or none. Killed anywhere, the same command goes on or takes everything back."""

from __future__ import annotations

import time

import msgspec

from halo_engine.errors import BadConfig, Failed, HaloError, NotAllowed
from halo_engine.events.store import opened
from halo_engine.fleet import manifest
from halo_engine.fleet.events import (
    InstanceBegun,
    InstanceCreated,
    InstanceFailed,
    InstanceGoverned,
    InstanceSupervised,
    InstanceWithdrawn,
    StepDone,
    StepUndone,
)
from halo_engine.fleet.faults import point
from halo_engine.fleet.instance import Instance, Status
from halo_engine.fleet.projection import fleet
from halo_engine.fleet.provisioning.composition import compose
from halo_engine.fleet.provisioning.plan import Plan, Progress, Tell, Wanted, asked, planned, quiet, with_ports
from halo_engine.fleet.provisioning.preflight import preflight, refuse
from halo_engine.fleet.provisioning.steps import STEPS, Step
from halo_engine.fleet.recording import Changed, Recording, alone, recording
from halo_engine.fleet.states import LIVE
from halo_engine.fleet.store import Record
from halo_engine.fleet.syncing import synced
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

COMPARED = ("personality", "prime", "supervisor", "telegram_bot_token_env", "services", "timezone", "budget", "mounts")


def create(workspace: Workspace, wanted: Wanted, tell: Tell = quiet) -> Changed:
    """Make an instance that answers; `tell` hears of every step. One whose create was cut short goes on where it was.

    On failure everything is undone, and the error says what failed. Raises Usage for a bad name, NotAllowed for one
    that is taken, Unavailable for what this machine lacks, Failed for a step that failed, Conflict while another one
    works on the name.
    """
    wish = asked(workspace, wanted)
    with alone(workspace, wish.name):
        synced(workspace)
        record = recording(workspace, wish.name)
        if record.row and record.row.status in LIVE:
            return _there(record, wish)
        begun = record.row if record.row and record.row.status is Status.PROVISIONING else None
        if begun and (begun.operation == "undo" or not _same(begun.instance, wish)):
            withdraw(record, tell, begun.reason or "another create of the same name")
            begun = None
        if begun is None:
            refuse(planned(workspace, wish))
            _reserve(record, wish)
        return _run(record, tell)


def checks(workspace: Workspace, wanted: Wanted) -> list[Check]:
    """What `create` would find before its first step; for showing it beforehand.

    Raises Usage for a bad name.
    """
    return preflight(planned(workspace, asked(workspace, wanted)))


def _same(one: Instance, other: Instance) -> bool:
    return all(getattr(one, field) == getattr(other, field) for field in COMPARED)


def _there(record: Recording, wish: Instance) -> Changed:
    if _same(record.instance, wish):
        return Changed(
            record.instance, [], f"{wish.name} is there already, and {record.record.status}; nothing changed"
        )
    raise NotAllowed(
        f"{wish.name} is there already, and not as asked for", f"halctl status {wish.name}; or choose another name"
    )


def _reserve(record: Recording, wish: Instance) -> None:
    """Take the name and the ports, in one step with the first event."""
    workspace = record.workspace
    plan = planned(workspace, wish)
    with manifest.locked(workspace):
        with opened(workspace, fleet) as store:
            others = [row.instance for row in store.select(Record) if row.status in LIVE or row.operation]
        others += manifest.checked(workspace).instances
        taken = {port for each in others for port in each.ports.values()}
        twin = next((each for each in others if _claims(each, wish)), None)
        if twin:
            raise NotAllowed(
                f"{wish.telegram_bot_token_env} is the token of {twin.name}", "each instance needs its own bot"
            )
        entry = msgspec.to_builtins(with_ports(wish, taken, plan.settings))
        record.append("fleet.instance.begun", InstanceBegun(entry))
    point("create.begun")


def _claims(other: Instance, wish: Instance) -> bool:
    token = wish.telegram_bot_token_env
    return bool(token) and other.telegram_bot_token_env == token and other.name != wish.name


def _run(record: Recording, tell: Tell) -> Changed:
    plan = planned(record.workspace, record.instance)
    begun = time.monotonic()
    for number, step in enumerate(STEPS, 1):
        if step.name not in record.record.steps:
            _step(plan, record, step, number, tell)
    evidence = f"{record.name} answers"
    record.append("fleet.instance.created", InstanceCreated(evidence, round(time.monotonic() - begun, 3)))
    point("create.created")
    would = "\n".join(f"{number}. {step.title}" for number, step in enumerate(STEPS, 1))
    return record.changed(f"{record.name} is provisioned, governed and running", would)


def _step(plan: Plan, record: Recording, step: Step, number: int, tell: Tell) -> None:
    """Do one step and record it; when it fails, undo it and all before it."""
    progress = Progress(step.name, step.title, number, len(STEPS), "begun")
    tell(progress)
    try:
        evidence = _did(plan, record, step)
        point(f"create.{step.name}")
        record.append("fleet.step.done", StepDone(step.name, evidence))
        point(f"create.{step.name}.done")
    except (HaloError, OSError, KeyboardInterrupt) as error:
        why = error.message if isinstance(error, HaloError) else str(error) or "interrupted"
        tell(msgspec.structs.replace(progress, state="failed", evidence=why))
        record.append("fleet.instance.failed", InstanceFailed(step.name, why[:2000]))
        point("create.failed")
        withdraw(record, tell, f"{step.name}: {why}")
        if isinstance(error, KeyboardInterrupt):
            raise
        hint = error.hint if isinstance(error, HaloError) else "see to it and repeat"
        raise Failed(f"{step.name} failed, and everything was undone: {why}", hint) from error
    tell(msgspec.structs.replace(progress, state="done", evidence=evidence))


def _did(plan: Plan, record: Recording, step: Step) -> str:
    """Do it; in a dry run, only the facts that it would record."""
    if not plan.workspace.dry_run:
        return step.do(plan, record)
    if step.name == "compose":
        compose(plan.workspace, plan.instance)
    if step.name == "lock":
        record.append(
            "fleet.instance.governed", InstanceGoverned(record.record.last_template + 1, "", {}, cause="create")
        )
    if step.name == "supervise":
        record.append("fleet.instance.supervised", InstanceSupervised({}))
    return ""


def withdraw(record: Recording, tell: Tell = quiet, reason: str = "") -> None:
    """Undo every step, the last first, also the one that was cut short. Killed in it, it goes on the next time."""
    plan = _plan_to_undo(record)
    if record.record.operation != "undo":
        record.append("fleet.instance.failed", InstanceFailed("create", reason))
    for number, step in reversed(list(enumerate(STEPS, 1))):
        if not record.workspace.dry_run:
            step.undo(plan)
        point(f"undo.{step.name}")
        if step.name in record.record.steps:
            record.append("fleet.step.undone", StepUndone(step.name))
        tell(Progress(step.name, step.title, number, len(STEPS), "undone"))
    record.append("fleet.instance.withdrawn", InstanceWithdrawn(reason[:2000]))


def _plan_to_undo(record: Recording) -> Plan:
    """Undoing works without the prime too: what it locked is then unlocked by the removal itself."""
    try:
        return planned(record.workspace, record.instance)
    except (HaloError, OSError):
        without = msgspec.structs.replace(record.instance, prime="")
        try:
            return planned(record.workspace, without)
        except BadConfig as error:
            raise Failed(f"{record.name} cannot be undone: {error.message}", error.hint) from error
