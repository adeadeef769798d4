"""The read side: briefings as they were written."""

from __future__ import annotations

from datetime import date

from halo_engine import clock, times
from halo_engine.briefings.projection import briefings
from halo_engine.briefings.store import Briefing
from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound, Usage
from halo_engine.events.store import opened
from halo_engine.workspace import Workspace


def today(workspace: Workspace) -> date:
    """The day it is on the operator's clock."""
    return day_of(workspace, clock.stamp())


def day_of(workspace: Workspace, moment: Timestamp) -> date:
    """The day of an instant on the operator's clock.

    Raises Usage for what is no instant.
    """
    try:
        return clock.instant(moment).astimezone(times.zone(workspace.settings.timezone or "")).date()
    except (ValueError, OverflowError) as error:
        raise Usage(f"{moment[:40]!r} is no time", "2026-11-20T07:00:00Z") from error


def found(workspace: Workspace, day: date) -> Briefing | None:
    """That day's briefing, where one was written."""
    with opened(workspace, briefings) as store:
        return store.get(Briefing, day.isoformat())


def before(workspace: Workspace, day: date) -> Briefing | None:
    """The latest briefing of an earlier day."""
    with opened(workspace, briefings) as store:
        return next(iter(store.select(Briefing, "WHERE date < ? ORDER BY date DESC LIMIT 1", (day.isoformat(),))), None)


def briefing(workspace: Workspace, day: date) -> Briefing:
    """That day's briefing.

    Raises NotFound when none was written.
    """
    row = found(workspace, day)
    if row is None:
        raise NotFound(f"no briefing was written for {day}", f"hal-briefing generate --date {day}")
    return row


def page(workspace: Workspace, limit: int) -> tuple[list[Briefing], int]:
    """The latest briefings (limit 0: all), the last first, and how many more there are."""
    with opened(workspace, briefings) as store:
        total = int(store.all("SELECT count(*) FROM briefing")[0][0])
        rows = store.select(Briefing, "ORDER BY date DESC LIMIT ?", (limit or -1,))
    return rows, total - len(rows)
