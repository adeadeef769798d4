"""What logs bring to briefings."""

from __future__ import annotations

from halo_engine import clock
from halo_engine.digest import Point, Section, Window
from halo_engine.logs import queries
from halo_engine.logs.query import Query
from halo_engine.logs.reading import Reading
from halo_engine.logs.stamps import nanoseconds
from halo_engine.workspace import Workspace

SHOWN = 3


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """The errors since the last briefing, the most frequent first."""
    sources = queries.sources(workspace)
    if not sources:
        return []
    since, until = (nanoseconds(clock.instant(each)) for each in (window.since, window.until))
    found = queries.errors(sources, Reading(Query(since=since, until=until)))
    if not found.matched:
        return [Section("logs", "Logs", quiet="no errors")]
    groups = sorted(found.groups.items(), key=lambda pair: (-pair[1].count, pair[0]))
    points = [Point(f"{found.matched:,} errors of {len(groups)} kinds", "note", "logctl errors --since 24h")]
    points += [Point(f"{group.count:,} x {key[:80]}") for key, group in groups[:SHOWN]]
    return [Section("logs", "Logs", tuple(points), max(0, len(groups) - SHOWN))]
