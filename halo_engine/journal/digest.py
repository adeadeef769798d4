"""What the journal brings to briefings and reports."""

from __future__ import annotations

from halo_engine.console import cut
from halo_engine.digest import Days, Measure, Point, Section, Window
from halo_engine.journal import queries
from halo_engine.journal.queries import EntryFilter
from halo_engine.workspace import Workspace

SHOWN = 3
LONGEST = 140


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What was written down since the last one."""
    rows, more = queries.page(workspace, EntryFilter(window.since, window.until), SHOWN)
    points = tuple(Point(cut(row.text, LONGEST)) for row in reversed(rows))
    return [Section("journal", "Journal", points, more, "nothing was written")]


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How much was written, and with how much energy."""
    rows, _ = queries.page(workspace, EntryFilter(days.since, days.until))
    told = [(row.written, float(row.energy)) for row in rows if row.energy is not None]
    tellings = days.counts(moment for moment, _ in told)
    return [
        Measure("journal.entries", "Journal entries", days.counts(row.written for row in rows)),
        Measure("journal.energy", "Energy", days.totals(told), tellings, better="more"),
    ]
