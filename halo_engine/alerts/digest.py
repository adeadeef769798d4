"""What alerts bring to briefings and reports."""

from __future__ import annotations

from collections import defaultdict

from halo_engine.alerts import queries
from halo_engine.alerts.events import AlertRaised
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import Severity, State
from halo_engine.alerts.store import Alert
from halo_engine.digest import Days, Measure, Point, Section, Window
from halo_engine.events.queries import EventFilter, events, positions
from halo_engine.modules import Level
from halo_engine.workspace import Workspace

SHOWN = 7


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What nobody has answered, then what is known and still so."""
    points: list[Point] = []
    left = 0
    for state in (State.RAISED, State.ACKNOWLEDGED):
        found, more = queries.page(workspace, AlertFilter(frozenset({state}), at=window.until), SHOWN)
        points += map(_point, found)
        left += more
    return [Section("alerts", "Alerts", tuple(points), left, "none")]


def _point(row: Alert) -> Point:
    whose = f"{row.instance}: " if row.instance else ""
    known = row.state is State.ACKNOWLEDGED
    said = f"{row.id} {row.kind}, {whose}{row.title}" + (f" (known: {row.note})" if known else "")
    level: Level = "ok" if row.severity is Severity.NOTE else "note" if known else "wrong"
    return Point(said, level, "" if known else f"halo-engine alerts show {row.id}")


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How often each kind of trouble was raised."""
    wanted = EventFilter(module="alert", type="alert.item.raised", since=days.since, until=days.until)
    raised: dict[str, list[str]] = defaultdict(list)
    every: list[str] = []
    for event in events(workspace, positions(workspace, wanted)):
        data = event.data()
        if isinstance(data, AlertRaised):
            raised[data.kind].append(event.time)
            every.append(event.time)
    return [
        Measure("alerts.raised", "Alerts raised", days.counts(every), better="less"),
        *(
            Measure(f"alerts.raised.{kind}", f"  {kind}", days.counts(moments), better="less")
            for kind, moments in sorted(raised.items())
        ),
    ]
