"""Checks of an instance that lives: its process, its heart, its stores, its ports, and that it answers."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from halo_engine import console, process_tree, secrets
from halo_engine.errors import HaloError, NotAllowed
from halo_engine.events import sqlite as engine
from halo_engine.fleet.config import fleet_settings
from halo_engine.fleet.conversing import answering
from halo_engine.fleet.instance import Runtime, Status
from halo_engine.fleet.presence.standing import standing
from halo_engine.fleet.presence.vitals import vitals
from halo_engine.fleet.smoke.subject import Finding, Subject, note, ok, wrong
from halo_engine.fleet.supervisors.launching import environment

if TYPE_CHECKING:
    from psutil import Process

LATE = 5
"""Signs of life that may be missing."""
LOOKING = 25.0
"""Seconds that a store is looked over; the check has 30."""
BUDGET_NEAR = 0.8
PROXY = "CREDENTIAL_PROXY_PORT"
MAIN = {
    Runtime.HALO: "SELECT chat FROM chat WHERE main = 1",
    Runtime.NANOCLAW: "SELECT jid FROM registered_groups WHERE is_main = 1",
}


def process(subject: Subject) -> Finding:
    """Its supervisor says that it runs, or, when it is frozen, that it does not."""
    found = subject.running
    said = f"{found.state} under {subject.instance.supervisor}" + (f", process {found.pid}" if found.pid else "")
    said += f", started again {found.restarts} times" if found.restarts else ""
    said += f"; {found.evidence}" if found.evidence else ""
    if subject.instance.status is Status.FROZEN:
        return ok("frozen, and does not run") if found.state == "stopped" else wrong(f"frozen, but {said}")
    if found.state == "running":
        return ok(said)
    stands = standing(subject.instance.name, subject.place)
    return wrong(stands.message, stands.hint) if stands else wrong(said)


def heartbeat(subject: Subject) -> Finding:
    """Its loop turns: it has said so lately, by a clock that nobody sets, and the process that said it is alive."""
    if subject.instance.status is Status.FROZEN:
        return ok("frozen: none is wanted")
    if subject.instance.runtime is not Runtime.HALO:
        return note("not a runtime of ours: its process is all there is to see")
    said = vitals(subject.place)
    if said is None:
        return wrong("none yet")
    if standing(subject.instance.name, subject.place):
        return note("none while it is held, see its process")
    if process_tree.identity(said.pid) != said.identity:
        return wrong(f"process {said.pid}, which said at {console.moment(said.beat)} that it lives, is gone")
    age = process_tree.uptime() - said.uptime
    if age > said.interval * LATE:
        return wrong(f"the last one was {age:.0f} s ago; process {said.pid} hangs")
    return ok(f"{age:.1f} s ago, every {said.interval:g} s; {console.counted(said.waiting, 'message')} waiting")


def answering_messages(subject: Subject) -> Finding:
    """The message that ended last was answered."""
    said = vitals(subject.place)
    if said is None or not said.failing:
        return ok("nothing has failed since it was started" if said else "no messages yet")
    return wrong(f"the last message failed: {said.failing[:200]}")


def budget(subject: Subject) -> Finding:
    """What it has spent today of what it may."""
    limit, said = subject.instance.budget, vitals(subject.place)
    if limit is None or said is None:
        return ok("no limit" if limit is None else "nothing spent yet")
    words = f"{said.cost:.2f} of {limit:.2f} US dollars on {said.day}"
    if said.cost >= limit:
        return wrong(words)
    return wrong(f"nearly used up: {words}") if said.cost >= limit * BUDGET_NEAR else ok(words)


def database(subject: Subject) -> Finding:
    """Its store opens, and SQLite finds nothing wrong with it."""
    path = store(subject)
    if not path.is_file() or path.is_symlink():
        return wrong(f"there is no file {path.relative_to(subject.place.root)}")
    if not path.stat().st_size:  # opened, SQLite would throw away the write-ahead log beside it
        return wrong(f"{path.relative_to(subject.place.root)} is empty")
    try:
        with closing(engine.reader(path)) as connection:
            found = engine.looked_over(connection, LOOKING)
    except sqlite3.Error as error:
        return wrong(f"{path.name}: {error}")
    if found.faults:
        return wrong(f"{path.name}: {found.faults[0]}")
    said = f"{path.name}, {path.stat().st_size / 1024:,.0f} KiB, "
    return ok(f"{said}sound") if found.whole else note(f"{said}sound as far as was seen in {LOOKING:g} s")


def onboarding(subject: Subject) -> Finding:
    """Where its people stand can be read."""
    from halo_engine.onboarding import queries

    users = queries.of_instance(subject.workspace, subject.instance.name)
    states = ", ".join(sorted({user.state.value for user in users}))
    return ok(f"{console.counted(len(users), 'user')}: {states}" if users else "no users yet")


def operator(subject: Subject) -> Finding:
    """The operator's chat is its main one."""
    wanted = fleet_settings(subject.workspace).operator_chat
    try:
        with closing(engine.reader(store(subject))) as connection:
            rows = connection.execute(MAIN[subject.instance.runtime]).fetchall()
    except sqlite3.Error as error:
        return wrong(str(error))
    if not rows:
        return wrong("no chat is its main one")
    return ok(rows[0][0]) if rows[0][0] == wanted else note(f"its main chat is {rows[0][0]}, not {wanted}")


def routing(subject: Subject) -> Finding:
    """It reaches its model the way that was chosen for it: through its proxy where it has one."""
    port = subject.instance.ports.get("proxy")
    if subject.instance.runtime is Runtime.NANOCLAW:
        given = environment(subject.workspace, subject.instance).get(PROXY, "")
        if not port or given != str(port):
            return wrong(f"{PROXY} is {given or 'not set'}; its proxy port is {port or 'not allotted'}")
        return ok(f"by its credential proxy, port {port}")
    from halo_engine.streaming import base_url

    settings = subject.workspace.settings.llm
    try:
        where = base_url(settings)
    except HaloError as error:
        return wrong(error.message)
    if not secrets.present(settings.api_key):
        return note(f"no model is configured: {settings.api_key.partition(':')[0]}: holds no key; it says so in chats")
    return ok(f"directly, {where}, {settings.model}")


def ports(subject: Subject) -> Finding:
    """Whoever listens on its ports is it."""
    listening = {}
    for name, port in subject.instance.ports.items():
        found = _listener(port)
        if found is None:
            if name == "http" and subject.instance.runtime is Runtime.NANOCLAW and subject.prime.probe.http:
                return wrong(f"nobody listens on port {port} ({name})")
            continue
        if not _is_of(found, subject.running.pid):
            return wrong(f"port {port} ({name}) is taken by process {found.pid}, {found.name()}")
        listening[name] = port
    if not subject.instance.ports:
        return ok("it has none")
    return ok(", ".join(f"{port} ({name})" for name, port in listening.items()) or "allotted; nobody listens on them")


def round_trip(subject: Subject) -> Finding:
    """A message goes in, and its reply comes out."""
    found = answering.answers(subject.workspace, subject.instance, fleet_settings(subject.workspace).answer_timeout)
    if not found.ok:
        return wrong(found.evidence)
    words = f"{found.evidence} ({found.seconds:.1f} s)"
    return note(words) if "No model is configured" in found.evidence else ok(words)


def store(subject: Subject) -> Path:
    """The file that its runtime keeps its messages in."""
    if subject.instance.runtime is Runtime.NANOCLAW:
        return subject.place.root / "store" / "messages.db"
    return subject.place.database


def _listener(port: int) -> Process | None:
    """The process that listens on a port of this machine; None when nobody does.

    Raises NotAllowed when the system does not say whose it is.
    """
    import psutil

    for each in psutil.net_connections("tcp"):
        if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port:
            if each.pid is None:
                raise NotAllowed(f"port {port} is taken by a process of another user")
            return psutil.Process(each.pid)
    return None


def _is_of(process: Process, pid: int | None) -> bool:
    return pid is not None and (process.pid == pid or any(parent.pid == pid for parent in process.parents()))
