"""The facts of a briefing: each module is asked for its part, and one that cannot answer is named."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec

from halo_engine import clock, times
from halo_engine.briefings import queries
from halo_engine.briefings.config import BriefingSettings, clock_of
from halo_engine.console import cut
from halo_engine.digest import Section, Window, midnight
from halo_engine.errors import HaloError, Usage
from halo_engine.events.queries import before
from halo_engine.modules import digests
from halo_engine.workspace import Workspace

LONGEST = 240
"""Characters of a point; titles and reasons can be as long as people and programs like."""
FURTHEST = timedelta(days=7)


def window(workspace: Workspace, day: date, settings: BriefingSettings) -> Window:
    """Until now for today, until `at` for a day that is over. From the day before at the same time, and from further
    back when the briefing before was made earlier: so nothing falls between two of them. A week at the most.

    Raises Usage for a day to come.
    """
    zone, now = times.zone(workspace.settings.timezone or ""), clock.now()
    today = now.astimezone(zone).date()
    if day > today:
        raise Usage(f"{day} is yet to come", "give today's date or an earlier one")
    end = now.astimezone(zone) if day == today else datetime.combine(day, clock_of(settings), zone)
    since = clock.stamp(end - timedelta(days=1))
    last = queries.before(workspace, day)
    if last is not None:
        since = min(since, max(last.moment, clock.stamp(end - FURTHEST)))
    return Window(since, clock.stamp(end), midnight(day + timedelta(days=1), zone))


def gather(workspace: Workspace, wanted: Window, order: Sequence[str]) -> tuple[Section, ...]:
    """Every module's sections, as things stood at the end of the window; in the order given, others left out.

    A module that cannot answer has a section that says why.
    """
    position = before(workspace, wanted.until)
    then = workspace if position == workspace.log.head() else workspace.at(position)
    found: list[Section] = []
    for name, part in digests("briefing"):
        try:
            found += part(then, wanted)
        except (HaloError, OSError) as error:
            found.append(Section(name, name.capitalize(), missing=str(error)))
    places = {name: place for place, name in enumerate(order)}
    wanted_ones = [each for each in found if each.missing or each.name in places]
    ordered = sorted(wanted_ones, key=lambda each: places.get(each.name, len(places)))
    return tuple(map(_tidy, ordered))


def _tidy(section: Section) -> Section:
    """Each point on one line, and not too long for a phone."""
    points = tuple(msgspec.structs.replace(point, text=cut(point.text, LONGEST)) for point in section.points)
    return msgspec.structs.replace(section, points=points, missing=cut(section.missing, LONGEST))


def hash_of(sections: tuple[Section, ...]) -> str:
    """SHA-256 over what the sections say, hex."""
    return hashlib.sha256(msgspec.json.encode(sections)).hexdigest()
