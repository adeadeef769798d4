"""What the fleet brings to briefings and reports."""

from __future__ import annotations

from halo_engine.alerts.events import AlertRaised
from halo_engine.digest import Days, Measure, Point, Section, Window, standing
from halo_engine.events.queries import EventFilter, events, positions
from halo_engine.fleet import queries
from halo_engine.fleet.instance import Status
from halo_engine.fleet.queries import InstanceRow
from halo_engine.fleet.states import OVER
from halo_engine.workspace import Workspace

SHOWN = 7
NAMED = 20
"""Instances of a status that are named."""


def briefing(workspace: Workspace, _: Window) -> list[Section]:
    """How each instance stands; the past knows no processes, so there it is what the operator wanted."""
    rows = queries.table(workspace)
    if not rows:
        return [Section("fleet", "Fleet", quiet="no instance yet")]
    live = workspace.moment is None
    active = [row for row in rows if row.status is Status.ACTIVE]
    up = sum(row.running is not False for row in active)
    parts = [f"{up} of {len(active)} up" if live else f"{len(active)} active"] if active else []
    for status in dict.fromkeys(row.status for row in rows if row.status is not Status.ACTIVE):
        names = [row.name for row in rows if row.status is status]
        parts.append(f"{len(names)} {status}: {', '.join(names[:NAMED])}" + " and others" * (len(names) > NAMED))
    points = [Point("; ".join(parts))]
    ill = [_point(row) for row in rows if _wrong(row, live=live)]
    ill.sort(key=lambda point: point.state != "wrong")
    return [Section("fleet", "Fleet", (*points, *ill[:SHOWN]), max(0, len(ill) - SHOWN))]


def _wrong(row: InstanceRow, *, live: bool) -> bool:
    return bool(row.operation) or (live and (row.governance == "drifted" or _down(row)))


def _down(row: InstanceRow) -> bool:
    return row.status is Status.ACTIVE and row.running is False


def _point(row: InstanceRow) -> Point:
    if _down(row) and row.held:
        return Point(f"{row.name} stands still: {row.held}", "wrong", row.remedy)
    if _down(row):
        return Point(f"{row.name} is down", "wrong", f"halctl smoke {row.name}")
    if row.governance == "drifted":
        return Point(f"the governance of {row.name} was changed by hand", "wrong", f"halctl verify {row.name}")
    return Point(f"a {row.operation} of {row.name} was cut short", "note", f"halctl status {row.name}")


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How many instances there were, and on how large a part of their days nothing was wrong with them."""
    known = queries.records(workspace).values()
    begun = [row.begun for row in known if row.status not in {Status.UNDONE, Status.PROVISIONING}]
    ended = [row.changed for row in known if row.status in OVER and row.status is not Status.UNDONE]
    before = sum(time < days.since for time in begun) - sum(time < days.since for time in ended)
    there = standing(before, days.counts(begun), days.counts(ended))
    troubled = _troubled(workspace, days)
    healthy = tuple(max(0.0, count - ill) for count, ill in zip(there, troubled, strict=True))
    return [
        Measure("fleet.instances", "Instances", there, fold="last"),
        Measure("fleet.health", "Days without trouble", healthy, there, unit="%", better="more"),
    ]


def _troubled(workspace: Workspace, days: Days) -> tuple[float, ...]:
    """About how many instances an alert was raised, each day."""
    wanted = EventFilter(module="alert", type="alert.item.raised", since=days.since, until=days.until)
    seen: set[tuple[int, str]] = set()
    moments: list[str] = []
    for event in events(workspace, positions(workspace, wanted)):
        data = event.data()
        if isinstance(data, AlertRaised) and data.instance:
            day = next((place for place, bound in enumerate(days.bounds[1:]) if event.time < bound), days.count)
            if (day, data.instance) not in seen:
                seen.add((day, data.instance))
                moments.append(event.time)
    return days.counts(moments)
