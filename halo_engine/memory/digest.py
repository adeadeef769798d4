"""What memory brings to briefings and reports."""

from __future__ import annotations

from halo_engine.digest import Days, Measure, Point, Section, Window, standing
from halo_engine.memory import queries
from halo_engine.memory.context import name_of
from halo_engine.memory.queries import NoteFilter
from halo_engine.memory.sync import faults, looked
from halo_engine.workspace import Workspace

SHOWN = 5


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What was learnt since the last briefing, and files with something wrong in them."""
    rows, more = queries.page(workspace, NoteFilter(since=window.since), SHOWN, sort="modified")
    with looked(workspace) as index:
        count, wrong = index.count, faults(index)["faults"]
    if not count:
        return []
    points = [Point(f"{path}: {fault}", "wrong", "memctl doctor") for path, fault in list(wrong.items())[:SHOWN]]
    points += [Point(f"{row.id} {name_of(row)}", hint=f"memctl get {row.id}") for row in rows]
    return [Section("memory", "Memory", tuple(points), more + max(0, len(wrong) - SHOWN), "nothing new")]


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How the memory grows."""
    with looked(workspace) as index:
        before = index.one("SELECT count(*) FROM note WHERE NOT archived AND created < ?", (days.since,))
        made = index.all("SELECT created FROM note WHERE NOT archived AND created >= ?", (days.since,))
    added = days.counts(created for (created,) in made)
    gone = tuple(0.0 for _ in added)
    return [
        Measure("memory.added", "Notes added", added),
        Measure("memory.notes", "Notes", standing(before, added, gone), fold="last"),
    ]
