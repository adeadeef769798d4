"""What memory brings to briefings and reports."""

from __future__ import annotations

from halo_engine.digest import Days, Measure, Point, Section, Window, standing
from halo_engine.events.store import opened
from halo_engine.memory.projection import memory
from halo_engine.memory.store import Record
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace

SHOWN = 5


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What was noted since the last briefing."""
    with looked(workspace) as index, opened(workspace, memory) as store:
        new = store.select(
            Record,
            "WHERE made >= ? AND made < ? AND state = 'live' ORDER BY made DESC, id",
            (window.since, window.until),
        )
        shown = [index.select("WHERE id = ?", (row.id,)) for row in new[:SHOWN]]
    if not new:
        return [Section("memory", "Memory", quiet="nothing new was noted")]
    titles = [Point(f"{row.id} {row.title} ({row.type})") for found in shown for row in found]
    said = Point(f"{len(new)} {'notes' if len(new) > 1 else 'note'} new")
    return [Section("memory", "Memory", (said, *titles), max(0, len(new) - SHOWN))]


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How many notes came, were put away, and stood at the end of each day."""
    with looked(workspace), opened(workspace, memory) as store:
        made = [row[0] for row in store.all("SELECT made FROM record WHERE made < ?", (days.until,))]
        gone = [
            row[0]
            for row in store.all("SELECT changed FROM record WHERE state <> 'live' AND changed < ?", (days.until,))
        ]
    before = sum(time < days.since for time in made) - sum(time < days.since for time in gone)
    came, went = days.counts(made), days.counts(gone)
    return [
        Measure("memory.added", "Notes added", came),
        Measure("memory.archived", "Notes put away", went),
        Measure("memory.notes", "Notes", standing(before, came, went), fold="last"),
    ]
