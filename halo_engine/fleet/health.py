"""What is wrong now across the fleet, and since when. What is found is an alert, and settled when it is over."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from halo_engine.alerts import commands as alerts
from halo_engine.alerts import queries
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import Action, Severity, State
from halo_engine.clock import Timestamp
from halo_engine.errors import HaloError
from halo_engine.fleet import lifecycle, manifest
from halo_engine.fleet.faults import point
from halo_engine.fleet.instance import Instance, Status
from halo_engine.fleet.recording import busy
from halo_engine.fleet.smoke.checks import QUICK
from halo_engine.fleet.smoke.running import Result, results
from halo_engine.fleet.supervisors.supervisor import statuses_of
from halo_engine.workspace import Workspace

KINDS = {"governance": "drift"}
"""Checks whose alert has a name of its own; the others are named after the check."""


class Ailment(Struct, frozen=True):
    """One thing that is wrong with one instance."""

    instance: str
    check: str
    severity: Severity
    evidence: str
    hint: str
    since: Timestamp
    """When it was first seen."""
    alert: str
    """Its alert's id."""


def health(workspace: Workspace) -> list[Ailment]:
    """Look at every instance that is not folded; raise and settle alerts accordingly. Costs files, no conversations.

    One that a command is at is left for the next look when anything seems wrong with it.
    """
    listed = [each for each in manifest.read(workspace).instances if each.status is not Status.FOLDED]
    unsettled = AlertFilter(states=frozenset(State) - {State.RESOLVED})
    told = {(alert.kind, alert.subject) for alert in queries.page(workspace, unsettled)[0]}
    looked = _looked(workspace, listed)
    doubtful = [each for each in listed if any(result.state == "wrong" for result in looked[each.name])]
    at_work = {each.name for each in doubtful if busy(workspace, each.name)}  # stopped for a swap, it may be
    again = [each for each in doubtful if each.name not in at_work]  # a command that was at it may just have ended
    looked |= _looked(workspace, again)
    seen = [each for each in listed if each.name not in at_work]
    return [ailment for each in seen for ailment in _of(workspace, each, looked[each.name], told)]


def _looked(workspace: Workspace, instances: Sequence[Instance]) -> dict[str, list[Result]]:
    """What the quick checks of each say, by name; its supervisor is asked once for all."""
    running = statuses_of(workspace, instances)
    return {each.name: list(results(workspace, each, QUICK, running[each.name])) for each in instances}


def enforce(workspace: Workspace) -> tuple[list[str], list[str]]:
    """Freeze the instances that an alert asks to have frozen, as `policy` in alerts.yaml decides; what was done, and
    what could not be, in words. The alert is acknowledged then, also where a command that was killed had come to
    freeze it already.
    """
    said: list[str] = []
    faults: list[str] = []
    there = {each.name for each in manifest.read(workspace).instances if each.status is not Status.FOLDED}
    for alert in queries.asking(workspace, Action.FREEZE):
        if alert.instance in there:
            try:
                lifecycle.freeze(workspace, alert.instance)
                point("enforce.frozen")
            except HaloError as error:
                faults.append(f"{alert.instance} could not be frozen for {alert.id}: {error.message}")
                continue
            alerts.acknowledge(workspace, alert.id, "frozen")
            point("enforce.acknowledged")
            said.append(f"{alert.instance} is frozen, as {alert.id} asks: {alert.title}")
    return said, faults


def _of(
    workspace: Workspace, instance: Instance, looked: Sequence[Result], told: set[tuple[str, str]]
) -> list[Ailment]:
    """`told`: kind and subject of the alerts that are open; only those can be settled."""
    found = []
    for result in looked:
        if result.state == "wrong":
            found.append(_told(workspace, instance, result))
        elif result.state != "skipped" and (_kind(result), instance.name) in told:
            alerts.settle(workspace, _kind(result), instance.name, f"seen again: {result.evidence}"[:200])
    return found


def _told(workspace: Workspace, instance: Instance, result: Result) -> Ailment:
    """Raise the alert of what is wrong, or find the one that was raised; since then it is so."""
    title = f"{result.name} of {instance.name}: {result.evidence}"[:300]
    what = Raising(_kind(result), instance.name, title, result.severity, instance=instance.name, hint=result.hint)
    alert = alerts.raise_(workspace, what).alert
    return Ailment(
        instance.name, result.name, result.severity, result.evidence, result.hint, since=alert.raised, alert=alert.id
    )


def _kind(result: Result) -> str:
    return KINDS.get(result.name, result.name)
