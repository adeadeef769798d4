"""A briefing as Markdown, HTML, plain text, or the lines of a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any, Literal

from halo_engine import clock, times
from halo_engine.briefings.store import Briefing
from halo_engine.channels.text import Line
from halo_engine.templating import render
from halo_engine.workspace import Workspace

Format = Literal["markdown", "html", "text"]
FORMATS: tuple[Format, ...] = ("markdown", "html", "text")
TEMPLATES = {"markdown": "briefing.md.j2", "html": "briefing.html.j2", "text": "briefing.txt.j2"}
MARKS = {"ok": "", "note": "◆ ", "wrong": "▲ "}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rendered(workspace: Workspace, row: Briefing, form: Format) -> str:
    """The whole briefing, ending in a line break.

    Raises BadConfig when the operator's own template is wrong.
    """
    text = render(workspace, TEMPLATES[form], {"capitalize_first": _capital}, **_values(workspace, row))
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _values(workspace: Workspace, row: Briefing) -> dict[str, Any]:
    local = clock.instant(row.moment).astimezone(times.zone(workspace.settings.timezone or ""))
    return {
        "date": row.date,
        "weekday": weekday(row.date),
        "prose": row.prose,
        "paragraphs": [each for each in row.prose.split("\n\n") if each.strip()],
        "sections": row.sections,
        "model": row.model,
        "moment": f"{local:%Y-%m-%d %H:%M} {local.tzname()}",
        "mark": MARKS.__getitem__,
    }


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def weekday(day: str) -> str:
    return WEEKDAYS[date.fromisoformat(day).weekday()]


def lines(row: Briefing) -> Iterator[Line]:
    """For a chat: what is quiet takes no room there."""
    yield Line(f"{weekday(row.date)} {row.date}", strong=True)
    yield from (Line(each) for each in row.prose.splitlines())
    for section in row.sections:
        if section.missing or section.points:
            yield Line("")
            yield Line(section.title, strong=True)
        if section.missing:
            yield Line(f"▲ could not be had: {section.missing}")
        for point in section.points:
            yield Line(f"{MARKS[point.state] or '· '}{point.text}")
        if section.more:
            yield Line(f"and {section.more} more")
