"""The write side of an instance's life: one function a verb, the same name as on the command line.

Each is idempotent and acts: what is so already is looked at and put right where it is not. All raise NotFound for an
unknown instance, NotAllowed, listing what is allowed, for a move that is not in the table, and Conflict while another
command works on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from halo_engine.errors import Conflict, Failed, HaloError, NotAllowed
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.conversing import answering
from halo_engine.fleet.events import InstanceMoved
from halo_engine.fleet.faults import point
from halo_engine.fleet.instance import Runtime, Status, layout
from halo_engine.fleet.presence import home, home_coming
from halo_engine.fleet.presence.occupying import occupant
from halo_engine.fleet.presence.standing import over, standing
from halo_engine.fleet.recording import Changed, Recording, alone, living
from halo_engine.fleet.states import find, leads_to, not_allowed
from halo_engine.fleet.supervisors import supervised
from halo_engine.fleet.supervisors.supervisor import Running, supervisor_of
from halo_engine.fleet.syncing import synced
from halo_engine.workspace import Workspace

BLOCKING = frozenset({"push", "restore", "rollback"})
"""Commands that, cut short, leave an instance that only they can put right."""
UP = frozenset({"running", "starting"})
DOWN = frozenset({"stopped", "failed"})


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
            stop(record)
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


def reset(workspace: Workspace, name: str, *, take_over: bool = False) -> Changed:
    """Start a frozen instance, and make it active once it answers; one that should run and does not is started.

    With `take_over` a copy of one from elsewhere is at home here from now on. Raises Failed when it does not answer; a
    frozen one is frozen again then. NotAllowed for a copy that is not to take over.
    """
    with changing(workspace, name, "reset") as record:
        if take_over:
            home_coming.recorded(record, home_coming.settled(record))
        active = record.record.status is Status.ACTIVE
        if active and _running(record).state in UP:
            return record.changed(f"{name} is active already, and runs")
        evidence = "" if workspace.dry_run else _started_anew(record)
        point("reset.started")
        if active and workspace.dry_run:
            return record.changed("", f"{name} would be started, and must answer")
        if active:
            return record.changed(f"{name} did not run; it was started, and {evidence}")
        record.put(status=Status.ACTIVE)
        point("reset.written")
        record.append("fleet.instance.reset", InstanceMoved(Status.ACTIVE, evidence))
        note = "" if workspace.dry_run else f"{name} is active again, and {evidence}"
        return record.changed(note, f"{name} would be started, and must answer")


def _started_anew(record: Recording) -> str:
    """See `started`; its supervisor's files are then as FLEET.yaml has it now, unless it must not be started here."""
    _refuse_second(record)
    supervised.refresh(record)
    return started(record)


def started(record: Recording) -> str:
    """Start an instance and wait for its answer; returns what it said.

    Raises Failed; it is stopped again then. NotAllowed, Conflict for one that must not be started here now.
    """
    workspace, instance = record.workspace, record.instance
    _refuse_second(record)
    supervisor_of(instance).start(workspace, instance)
    point("started")
    answered = answering.answers(workspace, instance, fleet_settings(workspace).answer_timeout)
    if not answered.ok:
        supervisor_of(instance).stop(workspace, instance)
        stands = standing(instance.name, layout(workspace, instance))
        if stands:
            raise Failed(f"{instance.name} does not start: {stands.message}", stands.hint)
        raise Failed(f"{instance.name} does not answer: {answered.evidence}", f"logctl tail --instance {instance.name}")
    over(workspace, instance.name)
    return f"answered after {answered.seconds:.1f} s"


def again(record: Recording) -> str:
    """Start what was put back, where it should run; how that went, in words: it stays put back either way."""
    if record.record.status is not Status.ACTIVE:
        return ""
    try:
        return f"; the old one {started(record)}"
    except HaloError as error:
        return f"; the old one does not answer either: {error.message}"


def _running(record: Recording) -> Running:
    return supervisor_of(record.instance).status(record.workspace, record.instance)


def stop(record: Recording, *, forget: bool = False) -> None:
    """Let its supervisor stop it, or stop and `forget` it.

    Raises Failed when it runs all the same, as somebody else has started it.
    """
    supervisor = supervisor_of(record.instance)
    (supervisor.forget if forget else supervisor.stop)(record.workspace, record.instance)
    other = occupant(layout(record.workspace, record.instance))
    if other:
        said = f"{record.name} still runs, and not by {record.instance.supervisor}: {other.words()}"
        raise Failed(said, "end that one, and repeat; or was `supervisor` in FLEET.yaml another when it was started?")


def refuse_strangers(record: Recording) -> None:
    """Before anything is begun that its supervisor must stop it for: whether it is that which runs it.

    Raises Conflict when somebody else does.
    """
    other = occupant(layout(record.workspace, record.instance))
    if other and _running(record).state in DOWN:
        said = f"{record.name} runs already, and not by {record.instance.supervisor}: {other.words()}"
        raise Conflict(said, "end that one, or put `supervisor` in FLEET.yaml back to what started it")


def _refuse_second(record: Recording) -> None:
    """Raises NotAllowed for a copy, Conflict for one that somebody else than its supervisor runs already."""
    place = layout(record.workspace, record.instance)
    away = home.not_at_home(record.name, place)
    if away:
        raise away
    refuse_strangers(record)
    if record.instance.runtime is not Runtime.HALO:  # ours says so itself, each time that it starts
        home.settle(place)
