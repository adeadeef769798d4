"""The read side: typed rows out. The table of the fleet, and one instance looked at closely."""

from __future__ import annotations

import os
import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from halo_engine import clock, console, process_tree, times
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.store import Alert
from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound
from halo_engine.events.model import Event
from halo_engine.events.store import opened
from halo_engine.fleet import manifest, mounting
from halo_engine.fleet.governing import drifting
from halo_engine.fleet.instance import Instance, Layout, Status, layout
from halo_engine.fleet.presence.occupying import occupant
from halo_engine.fleet.presence.standing import Refusal, standing
from halo_engine.fleet.presence.vitals import Vitals, vitals
from halo_engine.fleet.projection import fleet
from halo_engine.fleet.store import Record
from halo_engine.fleet.supervisors.supervisor import Running, status_of, statuses_of
from halo_engine.modules import Level
from halo_engine.workspace import Workspace

SHOWN = 5
"""Alerts that are named."""
MISSED = 3.0
"""Heartbeats that may be missing before an instance counts as silent."""
BOT = re.compile(r"(\d+):")


class InstanceRow(Struct, frozen=True):
    """One line of the fleet's table."""

    name: str
    bot: str
    """Id of its bot; empty where none is known."""
    groups: int
    notes: int
    personality: str
    runtime: str
    supervisor: str
    status: Status
    running: bool | None
    """Whether its process lives and its heart beats; None where that is not known without asking its supervisor."""
    governance: drifting.State
    version: int
    """Of its governance."""
    tokens: int
    """Today, in its zone."""
    cost: float
    """US dollars, today."""
    seen: Timestamp
    """The last message, else the last sign of life; empty for never."""
    beat: Timestamp
    """When it said that it lives."""
    ports: dict[str, int]
    operation: str
    """A command that is under way, or was cut short."""
    held: str = ""
    """Why it does not run, and will not, in words; empty where nothing is known to be in its way."""
    remedy: str = ""
    """What to do about that."""


class Probe(Struct, frozen=True):
    """One thing that was looked at just now."""

    name: str
    state: Level
    evidence: str
    age: float = 0.0
    """Seconds since what it says was so."""


class InstanceStatus(Struct, frozen=True):
    """One instance, looked at closely."""

    row: InstanceRow
    instance: Instance
    probes: list[Probe]

    @property
    def wrong(self) -> bool:
        return any(probe.state == "wrong" for probe in self.probes)


def table(workspace: Workspace, statuses: frozenset[Status] = frozenset()) -> list[InstanceRow]:
    """The fleet in FLEET.yaml's order, then what is being made; with `statuses`, only those, also what is over."""
    known = records(workspace)
    listed = manifest.read(workspace).instances if workspace.moment is None else []
    named = {each.name for each in listed}
    rest = [record.instance for record in known.values() if record.name not in named]
    rows = [row(workspace, each, known.get(each.name)) for each in (*listed, *rest) if _wanted(each, known, statuses)]
    return [each for each in rows if not statuses or each.status in statuses]


def _wanted(instance: Instance, known: dict[str, Record], statuses: frozenset[Status]) -> bool:
    record = known.get(instance.name)
    status = record.status if record else instance.status
    over = {Status.FRIED, Status.UNDONE, Status.FORGOTTEN}
    return status in statuses if statuses else status not in over


def records(workspace: Workspace) -> dict[str, Record]:
    """What the history knows of every instance there ever was, by name."""
    with opened(workspace, fleet) as store:
        return {record.name: record for record in store.select(Record, "ORDER BY begun, name")}


def record(workspace: Workspace, name: str) -> Record:
    """The same of one.

    Raises NotFound.
    """
    with opened(workspace, fleet) as store:
        found = store.get(Record, name)
    if found is None:
        raise NotFound(f"no instance {name[:80]}", "`halctl list --status all` shows what there ever was")
    return found


def row(workspace: Workspace, instance: Instance, known: Record | None) -> InstanceRow:
    """An instance's line, from its files: no process is asked. Of the past, from the history alone."""
    place = layout(workspace, instance)
    past = workspace.moment is not None
    said = None if past else vitals(place)
    fresh = said is not None and said.day == today(workspace, instance)
    stands = None if past else standing(instance.name, place)
    running = None if past else _runs(instance, said, stands)
    status = known.status if known and known.status is Status.PROVISIONING else instance.status
    return InstanceRow(
        name=instance.name,
        bot=(said.bot if said else "") or _bot(instance),
        groups=(said.chats if said else 0) or _count(place.groups, ""),
        notes=_count(place.notes, ".md"),
        personality=instance.personality,
        runtime=instance.runtime.value,
        supervisor=instance.supervisor.value,
        status=known.status if known and known.status not in {Status.ACTIVE, Status.FROZEN, Status.FOLDED} else status,
        running=running,
        governance=_recorded(known) if past else drifting.state(workspace, instance, known),
        version=known.template if known else 0,
        tokens=said.tokens if said and fresh else 0,
        cost=said.cost if said and fresh else 0.0,
        seen=(said.last_message or said.beat) if said else "",
        beat=said.beat if said else "",
        ports=dict(instance.ports),
        operation=known.operation if known else "",
        held=stands.message if stands else "",
        remedy=stands.hint if stands else "",
    )


def _recorded(known: Record | None) -> drifting.State:
    """What the history says of the governance, where the files are those of another time."""
    if known is None or not known.files:
        return "unknown"
    return "archived" if known.status is Status.FOLDED else "locked"


def _runs(instance: Instance, said: Vitals | None, stands: Refusal | None) -> bool | None:
    """See `running` of the row; the signs of life of a copy are those of what it was copied from."""
    if stands:
        return False
    return alive(said) if said or instance.runtime == "halo" else None


def alive(said: Vitals | None) -> bool:
    """Whether the process that wrote this still is, and wrote it lately."""
    if said is None or process_tree.identity(said.pid) != said.identity:
        return False
    return process_tree.uptime() - said.uptime <= said.interval * MISSED


def age_of(moment: Timestamp) -> float:
    """Seconds since then, never negative: a clock may have been set."""
    return max(0.0, (clock.now() - clock.instant(moment)).total_seconds())


def today(workspace: Workspace, instance: Instance) -> str:
    zone = times.zone(instance.timezone or workspace.settings.timezone or "")
    now: datetime = clock.now().astimezone(zone)
    return now.date().isoformat()


def _bot(instance: Instance) -> str:
    """The public part of a Telegram token, where the variable is set: `812:...` -> `812`."""
    name = instance.telegram_bot_token_env
    found = BOT.match(os.environ.get(name, "")) if name else None
    return found[1] if found else ""


def _count(place: Path, suffix: str) -> int:
    try:
        with os.scandir(place) as entries:
            return sum(entry.name.endswith(suffix) and not entry.name.startswith(".") for entry in entries)
    except OSError:
        return 0


def status(workspace: Workspace, name: str) -> InstanceStatus:
    """One instance, everything about it looked at now, each finding with its age.

    Raises NotFound.
    """
    known = record(workspace, name)
    instance = manifest.read(workspace).find(name) or known.instance
    open_, more = alerts.page(workspace, AlertFilter(instance=name), SHOWN)
    heard = Heard(open_, more, status_of(workspace, instance), mounting.Rules(workspace))
    return _looked_at(workspace, instance, known, heard)


def statuses(workspace: Workspace) -> list[InstanceStatus]:
    """The same of every instance that is not over, in FLEET.yaml's order."""
    known = records(workspace)
    named = manifest.read(workspace).instances
    made = [each.instance for each in known.values() if each.status is Status.PROVISIONING]
    told: dict[str, list[Alert]] = {}
    for alert in alerts.page(workspace, AlertFilter())[0]:
        told.setdefault(alert.instance, []).append(alert)
    found = []
    there = [each for each in (*named, *made) if each.name in known]
    running, rules = statuses_of(workspace, there), mounting.Rules(workspace)
    for instance in there:
        about = told.get(instance.name, [])
        heard = Heard(about[:SHOWN], max(0, len(about) - SHOWN), running[instance.name], rules)
        found.append(_looked_at(workspace, instance, known[instance.name], heard))
    return found


class Heard(NamedTuple):
    """What was asked for many at once, before one is looked at."""

    alerts: list[Alert]
    """The first open ones about it."""
    more: int
    """How many more there are."""
    running: Running
    rules: mounting.Rules


def _looked_at(workspace: Workspace, instance: Instance, known: Record, heard: Heard) -> InstanceStatus:
    found = row(workspace, instance, known)
    if found.status in {Status.FRIED, Status.UNDONE, Status.FORGOTTEN, Status.FOLDED}:
        since = f"{found.status} since {console.moment(known.changed)}"
        return InstanceStatus(found, instance, [Probe("status", "ok", since, age_of(known.changed))])
    place = layout(workspace, instance)
    probes = [
        *_held(found),
        _process(instance, place, found, heard.running),
        _heart(place, found),
        _governed(workspace, known, found),
    ]
    return InstanceStatus(found, instance, probes + _further(workspace, instance, known, heard))


def _held(found: InstanceRow) -> list[Probe]:
    level: Level = "wrong" if found.status is Status.ACTIVE else "note"
    return [Probe("held", level, f"{found.held} -> {found.remedy}")] if found.held else []


def _further(workspace: Workspace, instance: Instance, known: Record, heard: Heard) -> list[Probe]:
    """What not every instance has."""
    probes: list[Probe] = []
    amiss = mounting.wrong(workspace, instance, heard.running.pid, heard.rules)
    if amiss or instance.mounts:
        probes.append(Probe("mounts", "wrong" if amiss else "ok", amiss or mounting.words(instance)))
    if known.operation:
        again = f"a {known.operation} was cut short, or is under way; the same command goes on with it"
        probes.append(Probe("operation", "wrong", again, age_of(known.changed)))
    if heard.alerts:
        said = "; ".join(f"{each.id} {each.kind}: {each.title[:60]}" for each in heard.alerts)
        said += f"; and {heard.more} more" if heard.more else ""
        probes.append(Probe("alerts", "wrong", said, age_of(heard.alerts[0].raised)))
    return probes


def _process(instance: Instance, place: Layout, found: InstanceRow, running: Running) -> Probe:
    should = found.status is Status.ACTIVE
    unknown = running.state == "unknown"
    level: Level = "ok" if not unknown and (running.state == "running") == should else "wrong"
    said = f"{running.state} (supervisor: {instance.supervisor})" + (f", pid {running.pid}" if running.pid else "")
    said += f", {running.restarts} restarts" if running.restarts else ""
    said += f"; {running.evidence}" if running.evidence else ""
    other = occupant(place) if running.state in {"stopped", "failed"} else None
    if other:
        return Probe("process", "wrong", f"{said}; but it runs, and not by {instance.supervisor}: {other.words()}")
    as_said = should or unknown or level == "ok"
    return Probe("process", level, said if as_said else f"{said}, though it is {found.status}")


def _heart(place: Layout, found: InstanceRow) -> Probe:
    if found.runtime != "halo":
        return Probe("heartbeat", "note", "not ours: its supervisor is all there is to ask")
    said = vitals(place)
    if said is None:
        return Probe("heartbeat", "wrong" if found.status is Status.ACTIVE else "ok", "none yet")
    wanted = found.status is Status.ACTIVE
    if found.running:
        return Probe("heartbeat", "ok" if wanted else "wrong", f"every {said.interval:g} s", _age(said))
    words = f"the last one; every {said.interval:g} s is due" if wanted else f"the last one; it is {found.status}"
    return Probe("heartbeat", "wrong" if wanted else "ok", words, _age(said))


def _age(said: Vitals) -> float:
    """Seconds since the last sign of life: by the machine's own time, where it was not started anew since."""
    boot = process_tree.boot()
    same = boot and said.identity.startswith(f"{boot}-")
    return max(0.0, process_tree.uptime() - said.uptime) if same else age_of(said.beat)


def _governed(workspace: Workspace, known: Record, found: InstanceRow) -> Probe:
    if found.governance == "drifted":
        return Probe("governance", "wrong", drifting.drift(workspace, known).words())
    level: Level = "ok" if found.governance == "locked" else "note"
    return Probe(
        "governance",
        level,
        f"{found.governance}, version {known.template}, {console.counted(len(known.files), 'file')}",
    )


def history(workspace: Workspace, name: str) -> list[Event]:
    """Everything that happened to an instance, the oldest first.

    Raises NotFound for a name that never was.
    """
    found = list(workspace.log.stream(f"fleet/{name}"))
    if not found:
        raise NotFound(f"no instance {name[:80]} ever was", "halctl list --status all")
    return found
