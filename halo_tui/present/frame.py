"""The two lines that every screen has: the title bar and the bottom line."""

from __future__ import annotations

from enum import Enum, IntEnum
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
    """One line: where, which screens, what needs attention, the bus, the time. What there is no room for goes by and
    by: the folder, words, air between the names, the time, and at last the names of the other screens.
    """
    root: Line = [(f" {home(standing.root, max(8, columns // 4))}   ", "faint")]
    line: Line = []
    right: Line = []
    for left, names, room in (
        ([(HALO, "title"), *root], Names.AIRY, Room.FULL),
        ([(f"{HALO}  ", "title")], Names.AIRY, Room.FULL),
        ([(f"{HALO}  ", "title")], Names.AIRY, Room.SHORT),
        ([(f"{HALO} ", "title")], Names.CLOSE, Room.SHORT),
        ([(" ", "plain")], Names.CLOSE, Room.LEAN),
        ([(" ", "plain")], Names.TIGHT, Room.LEAN),
        ([(" ", "plain")], Names.TIGHT, Room.BARE),
        ([(" ", "plain")], Names.ONE, Room.LEAN),
    ):
        line = [*left, *_names(standing, names)]
        right = _past(past, when, room) if past else _now(standing, when, room)
        if width(line) + 2 + width(right) <= columns:
            break
    return ends(cut_line(line, max(0, columns - width(right) - 2)), [*right, (" ", "plain")], columns)


class Names(Enum):
    """How the screens are named: what stands behind a key, and behind a name."""

    AIRY = " ", "   "
    CLOSE = " ", "  "
    TIGHT = "", " "
    ONE = "", "  "


class Room(IntEnum):
    """How much is said on the right."""

    FULL = 4
    SHORT = 3
    LEAN = 2
    BARE = 1


def _names(standing: Standing, how: Names) -> Line:
    behind, between = how.value
    parts: list[Line] = []
    for key, name, title in standing.pages:
        here = name == standing.page
        part: Line = [(f"{key}{behind}", "key" if here else "faint")]
        if here or how is not Names.ONE:
            part.append((title, "title" if here else "muted"))
        parts.append(part)
    return join(parts, (between, "plain"))


def page_at(standing: Standing, line: Line, x: int) -> str:
    """The screen whose key or name stands at that column of the title bar; empty where there is none."""
    by_key, by_title = ({page[place]: page[1] for page in standing.pages} for place in (0, 2))
    end = 0
    for text, tone in line:
        end += width([(text, tone)])
        if x < end:
            return by_key.get(text.strip()) or by_title.get(text, "")
    return ""


def _now(standing: Standing, when: When, room: Room) -> Line:
    parts: list[Line] = []
    if standing.attention:
        words = " to look at" if room is Room.FULL else ""
        parts.append([(f"▲{number(standing.attention)}", "warning"), (words, "muted")])
    if standing.late:
        parts.append([(f"▲{number(standing.late)}", "alert"), (" late", "muted")])
    bus: Line = [("● ", "ok"), (standing.bus, "muted")] if room > Room.LEAN else [("●", "ok")]
    parts.append([("▲ no log", "alert")] if standing.fault else bus)
    if room > Room.BARE:
        parts.append([(f"{when.now.astimezone(when.zone):%H:%M}", "plain")])
    return join(parts, ("  " if room > Room.LEAN else " ", "plain"))


def _past(past: Past, when: When, room: Room) -> Line:
    line: Line = [("◂ ", "past"), (when.full(past.time) if past.time else "before the first event", "past")]
    return [*line, ("  the past", "past")] if room is Room.FULL else line


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
