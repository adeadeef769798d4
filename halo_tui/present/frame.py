"""The two lines that every screen has: the title bar and the bottom line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from halo_engine.clock import Timestamp
from halo_tui.present.counts import number
from halo_tui.present.ink import Line, clean, cut, cut_line, ends, join, width
from halo_tui.present.when import When

HALO = " halo "
ALWAYS = 2
"""Hints at the end that never give way: the prompt and the keys."""


class Standing(NamedTuple):
    """What the title bar tells."""

    root: Path
    pages: tuple[tuple[str, str, str], ...]
    """Key, name and title of each screen."""
    page: str
    attention: int = 0
    """Items that wait for the operator's eyes."""
    late: int = 0
    """Items that should have been finished."""
    bus: str = "local"
    fault: str = ""
    """Why the log cannot be read."""


class Past(NamedTuple):
    """Where the clock stands, when it was moved."""

    position: int
    head: int
    time: Timestamp


def title_bar(standing: Standing, when: When, past: Past | None, columns: int) -> Line:
    """One line: where, which screens, what needs attention, the bus, the time."""
    pages = [
        [
            (f"{key} ", "key" if name == standing.page else "faint"),
            (title, "title" if name == standing.page else "muted"),
        ]
        for key, name, title in standing.pages
    ]
    names = join(pages, ("   ", "plain"))
    root: Line = [(f" {home(standing.root, max(8, columns // 4))}   ", "faint")]
    full = _past(past, when) if past else _now(standing, when, wordy=True)
    short = _past(past, when)[:2] if past else _now(standing, when, wordy=False)
    wanted = width(names) + len(HALO) + 3
    if wanted + width(root) + width(full) <= columns:
        return ends([(HALO, "title"), *root, *names], [*full, (" ", "plain")], columns)
    right = full if wanted + width(full) <= columns else short
    return ends([(f"{HALO}  ", "title"), *names], [*right, (" ", "plain")], columns)


def _now(standing: Standing, when: When, *, wordy: bool) -> Line:
    parts: list[Line] = []
    if standing.attention:
        parts.append([(f"▲{number(standing.attention)}", "warning"), (" to look at" if wordy else "", "muted")])
    if standing.late:
        parts.append([(f"▲{number(standing.late)}", "alert"), (" late", "muted")])
    parts.append([("▲ no log", "alert")] if standing.fault else [("● ", "ok"), (standing.bus, "muted")])
    parts.append([(f"{when.now.astimezone(when.zone):%H:%M}", "plain")])
    return join(parts, ("  ", "plain"))


def _past(past: Past, when: When) -> Line:
    return [
        ("◂ ", "past"),
        (when.full(past.time) if past.time else "before the first event", "past"),
        ("  the past", "past"),
    ]


def home(root: Path, columns: int) -> str:
    """A folder, short: `~/halo`; of a long one the end."""
    try:
        text = "~/" + str(root.relative_to(Path.home())) if root != Path.home() else "~"
    except ValueError:
        text = str(root)
    return clean(text) if len(text) <= columns else cut(clean(text)[-columns + 1 :].join(("…", "")), columns)


def bottom_line(echo: Line, hints: list[tuple[str, str]], columns: int) -> Line:
    """One line: what was last done on the left, the keys of the pane on the right; as many as there is room for."""
    left: Line = [(" ", "plain"), *echo]
    parts: list[Line] = [[("  ", "plain"), (key, "key"), (f" {name}", "muted")] for key, name in hints]
    room = columns - min(width(left), columns * 2 // 3) - 2
    while len(parts) > ALWAYS and sum(map(width, parts)) > room:
        parts.pop(-ALWAYS - 1)
    right = cut_line([run for part in parts for run in part], max(0, room))
    return ends(cut_line(left, columns - width(right) - 1), [*right, (" ", "plain")], columns)
