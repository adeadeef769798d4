"""The write side of an instance's life: one function a verb, the same name as on the command line.

Each is idempotent and acts: what is so already is looked at and put right where it is not. All raise NotFound for an
unknown instance, NotAllowed, listing what is allowed, for a move that is not in the table, and Conflict while another
command works on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from halo_engine.errors import Failed, NotAllowed
from halo_engine.fleet import answering, supervised
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.events import InstanceMoved
from halo_engine.fleet.faults import point
from halo_engine.fleet.instance import Status
from halo_engine.fleet.recording import Changed, Recording, alone, living
from halo_engine.fleet.states import find, leads_to, not_allowed
from halo_engine.fleet.supervisors.supervisor import Running, supervisor_of
from halo_engine.fleet.syncing import synced
from halo_engine.workspace import Workspace

BLOCKING = frozenset({"push", "restore", "rollback"})
"""Commands that, cut short, leave an instance that only they can put right."""
UP = frozenset({"running", "starting"})


@contextmanager
def changing(workspace: Workspace, name: str, verb: str) -> Iterator[Recording]:
    """An instance for a verb of the table: nobody else works on it, edits by hand are taken in, and the move is
    allowed, or made already.

    Raises NotAllowed.
    """
    with alone(workspace, name):
        synced(workspace)
        record = living(workspace, name)
        status, operation = record.record.status, record.record.operation
        if operation in BLOCKING:
            raise NotAllowed(f"a {operation} of {name} was cut short", f"`halctl {operation} {name}` puts it right")
        if status not in leads_to(verb) and find(status, verb) is None:
            raise not_allowed(name, status, verb)
        yield record


def freeze(workspace: Workspace, name: str) -> Changed:
    """Stop an instance and everything that it started; its data stays where it is."""
    with changing(workspace, name, "freeze") as record:
        ran = _running(record).state in UP
        if not workspace.dry_run:
            supervisor_of(record.instance).stop(workspace, record.instance)
        point("freeze.stopped")
        if record.record.status is Status.FROZEN:
            return record.changed(
                f"{name} is frozen already" + ("; it ran all the same, and was stopped" if ran else "")
            )
        record.put(status=Status.FROZEN)
        point("freeze.written")
        evidence = "stopped" if ran else "did not run"
        record.append("fleet.instance.frozen", InstanceMoved(Status.FROZEN, evidence))
        return record.changed(f"{name} is frozen: {evidence}; its data is kept")


def reset(workspace: Workspace, name: str) -> Changed:
    """Start a frozen instance, and make it active once it answers; one that should run and does not is started.

    Raises Failed when it does not answer; a frozen one is frozen again then.
    """
    with changing(workspace, name, "reset") as record:
        active = record.record.status is Status.ACTIVE
        if active and _running(record).state in UP:
            return record.changed(f"{name} is active already, and runs")
        evidence = ""
        if not workspace.dry_run:
            supervised.refresh(record)
            evidence = started(record)
        point("reset.started")
        if active:
            return record.changed(f"{name} did not run; it was started, and {evidence}")
        record.put(status=Status.ACTIVE)
        point("reset.written")
        record.append("fleet.instance.reset", InstanceMoved(Status.ACTIVE, evidence))
        return record.changed(f"{name} is active again, and {evidence}")


def started(record: Recording) -> str:
    """Start an instance and wait for its answer; returns what it said.

    Raises Failed; it is stopped again then.
    """
    workspace, instance = record.workspace, record.instance
    supervisor_of(instance).start(workspace, instance)
    point("started")
    answered = answering.answers(workspace, instance, fleet_settings(workspace).answer_timeout)
    if not answered.ok:
        supervisor_of(instance).stop(workspace, instance)
        raise Failed(f"{instance.name} does not answer: {answered.evidence}", f"logctl tail --instance {instance.name}")
    return f"answered after {answered.seconds:.1f} s"


def _running(record: Recording) -> Running:
    return supervisor_of(record.instance).status(record.workspace, record.instance)
