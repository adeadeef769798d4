"""`verify`: whether governed files are as they were locked, and whether the lock holds. Drift is an alert."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from halo_engine import console
from halo_engine.alerts import commands as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.states import Severity
from halo_engine.errors import BadConfig
from halo_engine.fleet import manifest, mounting
from halo_engine.fleet.files import governance, primes
from halo_engine.fleet.files.governance import Drift
from halo_engine.fleet.instance import Instance, Status, folder
from halo_engine.fleet.recording import busy, living
from halo_engine.fleet.states import LIVE
from halo_engine.fleet.store import Record
from halo_engine.fleet.supervisors.supervisor import Running, status_of, statuses_of
from halo_engine.workspace import Workspace

KIND = "drift"


class Verified(Struct, frozen=True):
    """What was found out about one instance's governance."""

    name: str
    state: Literal["locked", "drifted", "open", "archived", "unknown"]
    """`open`: as it was, but what is locked could be written, or a mount is not as it may be; `unknown`: never locked
    by Halo.
    """
    evidence: str
    version: int
    drift: Drift = Drift()
    open: list[str] = []
    """What could be written, found by trying."""
    mounts: str = ""
    """What it sees of the machine besides its own folder, in words."""


def drift(workspace: Workspace, record: Record) -> Drift:
    """How an instance's governed files, and its supervisor's, differ from what was locked last."""
    place = folder(workspace, record.instance)
    try:
        prime = primes.read(place)
    except BadConfig:
        return Drift(missing=[primes.FILE])
    return governance.drift(place, prime, record.files) | governance.held(place, record.supervised)


def verify(
    workspace: Workspace, name: str, running: Running | None = None, rules: mounting.Rules | None = None
) -> Verified:
    """Compare every governed file with its hash, and try to write each. Raises an alert for what is wrong, and settles
    the one that was raised before when nothing is. `running`: what its supervisor has just said, if it was asked.

    Raises NotFound.
    """
    record = living(workspace, name).record
    if record.status is Status.FOLDED:
        return Verified(name, "archived", f"in {record.archive}; its checksum is kept", record.template)
    if not record.files:
        return Verified(name, "unknown", f"`halctl push {name} --accept-drift` governs it", record.template)
    found = drift(workspace, record)
    if found and busy(workspace, name):
        return Verified(name, "unknown", "another command works on it at this moment", record.template)
    if found := found and drift(workspace, living(workspace, name).record):  # again: that command may just have ended
        tell(workspace, name, found.words())
        return Verified(name, "drifted", found.words(), record.template, found)
    place = folder(workspace, record.instance)
    open_ = governance.writable(place, primes.read(place), record.supervised)
    if open_:
        tell(workspace, name, Drift(loosened=open_).words())
        return Verified(name, "open", f"can be written: {', '.join(open_[:5])}", record.template, open=open_)
    if running is None and record.instance.supervisor in mounting.CAN:
        running = status_of(workspace, record.instance)
    if amiss := mounting.wrong(workspace, record.instance, running.pid if running else None, rules):
        tell(workspace, name, amiss)
        return Verified(name, "open", amiss, record.template, mounts=mounting.words(record.instance))
    settle(workspace, name, "verified: as it was locked")
    sees = mounting.words(record.instance)
    evidence = f"{console.counted(len(record.files), 'file')} as in version {record.template}; none could be written"
    evidence += f"; it sees {sees}" if sees else ""
    return Verified(name, "locked", evidence, record.template, mounts=sees)


def verify_all(workspace: Workspace) -> list[Verified]:
    """Every instance of the fleet."""
    listed, rules = manifest.read(workspace).instances, mounting.Rules(workspace)
    running = statuses_of(workspace, [each for each in listed if each.supervisor in mounting.CAN])
    return [verify(workspace, each.name, running.get(each.name), rules) for each in listed]


State = Literal["locked", "drifted", "archived", "unknown"]


def state(workspace: Workspace, instance: Instance, record: Record | None) -> State:
    """`locked`, `drifted`, `archived` or `unknown`, by the hashes alone: for tables. Nothing is tried, nobody told."""
    if instance.status is Status.FOLDED:
        return "archived"
    if record is None or record.status not in LIVE or not record.files:
        return "unknown"
    return "drifted" if drift(workspace, record) else "locked"


def tell(workspace: Workspace, name: str, said: str) -> None:
    """Raise the alert of drift; nothing when it is raised already."""
    if not workspace.dry_run:
        title, hint = f"governance of {name}: {said}", f"halctl push {name} --accept-drift"
        alerts.raise_(workspace, Raising(KIND, name, title, Severity.CRITICAL, instance=name, hint=hint))


def settle(workspace: Workspace, name: str, reason: str) -> None:
    if not workspace.dry_run:
        alerts.settle(workspace, KIND, name, reason)
