"""A briefing as Markdown, HTML, plain text, or the lines of a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Literal

from halo_engine import clock, times
from halo_engine.briefings.store import Briefing
from halo_engine.briefings.voice import listed
from halo_engine.channels.text import Line
from halo_engine.digest import Section
from halo_engine.templating import render
from halo_engine.workspace import Workspace

Format = Literal["markdown", "html", "text"]
FORMATS: tuple[Format, ...] = ("markdown", "html", "text")
TEMPLATES = {"markdown": "briefing.md.j2", "html": "briefing.html.j2", "text": "briefing.txt.j2"}
MARKS = {"ok": "", "note": "◆ ", "wrong": "▲ "}
IN_CHAT = 12
"""Points of a section in a chat; `hal-briefing show` has all of them."""
TAG = re.compile("<(?=[A-Za-z/!?][^@>]*>)")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rendered(workspace: Workspace, row: Briefing, form: Format) -> str:
    """The whole briefing, ending in a line break.

    Raises BadConfig when the operator's own template is wrong.
    """
    text = render(workspace, TEMPLATES[form], **_values(workspace, row))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _values(workspace: Workspace, row: Briefing) -> dict[str, Any]:
    zone = times.zone(workspace.settings.timezone or "")
    local = clock.instant(row.moment).astimezone(zone)
    since = clock.instant(row.since).astimezone(zone) if row.since else local - timedelta(days=1)
    return {
        "date": row.date,
        "weekday": weekday(row.date),
        "prose": row.prose,
        "paragraphs": [each for each in row.prose.split("\n\n") if each.strip()],
        "sections": row.sections,
        "told": [each for each in row.sections if not each.is_quiet],
        "quiet": quiet(row),
        "model": row.model,
        "moment": f"{local:%Y-%m-%d %H:%M} {local.tzname()}",
        "since": f"{since:%Y-%m-%d %H:%M}" + ("" if since.tzname() == local.tzname() else f" {since.tzname()}"),
        "mark": MARKS.__getitem__,
        "literally": literally,
    }


def literally(text: str) -> str:
    """Text for Markdown in which `<n>` is not taken for a tag, and swallowed."""
    return TAG.sub(r"\\<", text)


def weekday(day: str) -> str:
    return WEEKDAYS[date.fromisoformat(day).weekday()]


def lines(row: Briefing) -> Iterator[Line]:
    """For a chat: what is quiet takes no room there."""
    yield Line(f"{weekday(row.date)} {row.date}", strong=True)
    yield from (Line(each) for each in row.prose.splitlines())
    for section in row.sections:
        if not section.is_quiet:
            yield Line("")
            yield Line(section.title, strong=True)
            yield from _told(section)
    if calm := quiet(row):
        yield Line("")
        yield Line(f"Quiet: {calm}.")


def _told(section: Section) -> Iterator[Line]:
    if section.missing:
        yield Line(f"▲ could not be had: {section.missing}")
    for point in section.points[:IN_CHAT]:
        yield Line(f"{MARKS[point.state] or '· '}{point.text}")
    if more := section.more + len(section.points[IN_CHAT:]):
        yield Line(f"and {more} more")


def quiet(row: Briefing) -> str:
    """The parts of which there is nothing to tell: `mail, journal and commits`; empty for none."""
    titles = [each.title.lower() for each in row.sections if each.is_quiet]
    return listed(titles) if titles else ""
