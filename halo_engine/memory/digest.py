"""What memory brings to briefings and reports."""

from __future__ import annotations

from halo_engine.digest import Days, Measure, Point, Section, Window, standing
from halo_engine.events.store import opened
from halo_engine.memory.contradictions import contradictions
from halo_engine.memory.projection import memory
from halo_engine.memory.store import Record
from halo_engine.memory.sync import faults, looked
from halo_engine.workspace import Workspace

SHOWN = 5


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """Files with something wrong in them, claims that cannot both be right, and what was noted since."""
    with looked(workspace) as index, opened(workspace, memory) as store:
        new = store.select(
            Record,
            "WHERE made >= ? AND made <= ? AND state = 'live' ORDER BY made DESC, id",
            (window.since, window.until),
        )
        titles = [row for each in new[:SHOWN] for row in index.select("WHERE id = ?", (each.id,))]
        if not index.count:
            return []
        wrong, against = faults(index)["faults"], contradictions(index)
    points = [Point(f"{path}: {fault}", "wrong", "memctl doctor") for path, fault in list(wrong.items())[:SHOWN]]
    points += [
        Point(f"{each.one} says {each.says}, {each.other} says {each.but}", "note", "memctl doctor")
        for each in against[:SHOWN]
    ]
    if new:
        points.append(Point(f"{len(new)} {'notes' if len(new) > 1 else 'note'} new"))
        points += [Point(f"{row.id} {row.title} ({row.type})") for row in titles]
    more = sum(max(0, len(each) - SHOWN) for each in (wrong, against, new))
    return [Section("memory", "Memory", tuple(points), more, "nothing new was noted")]


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
