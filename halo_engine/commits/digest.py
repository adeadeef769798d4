"""What commits bring to briefings and reports."""

from __future__ import annotations

from collections import Counter

from halo_engine.commits import queries
from halo_engine.digest import Days, Measure, Point, Section, Window
from halo_engine.workspace import Workspace

SHOWN = 5


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What was committed since the last briefing."""
    if not workspace.settings.repositories:
        return []
    found = queries.commits(workspace, window.since, window.until)
    if not found:
        return [Section("commits", "Commits", quiet="none")]
    where = Counter(each.repository for each in found)
    points = [Point(", ".join(f"{count} in {name}" for name, count in sorted(where.items())))]
    points += [Point(f"{each.hash[:8]} {each.subject} ({each.author})") for each in found[::-1][:SHOWN]]
    return [Section("commits", "Commits", tuple(points), max(0, len(found) - SHOWN))]


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How many there were."""
    if not workspace.settings.repositories:
        return []
    found = queries.commits(workspace, days.since, days.until)
    return [Measure("commits", "Commits", days.counts(each.time for each in found))]
