"""Notes and their links as a picture: one note in the middle and those around it, or all of them as dots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import atan2, cos, pi, sin
from typing import NamedTuple

from halo_tui.present.braille import Braille
from halo_tui.present.ink import Line, Tone, cells, clean, cut

GLYPHS = {
    "decision": "◆", "fact": "●", "reference": "▪", "project": "■", "person": "◉", "event": "▸", "preference": "♦",
}  # fmt: skip
TONES: dict[str, Tone] = {
    "decision": "accent", "project": "first", "person": "second", "preference": "third",
}  # fmt: skip
FRESH, STALE = 0.5, 0.2
"""Decay from which a note is drawn as it is, and below which it fades to the faintest."""
LABELS = range(44, 7, -2)
"""Columns of a title: the most that there is room for."""
MARGIN = 22
"""Columns at the sides, for the titles of the outermost."""
UPRIGHT = 0.12
"""Off the middle, of the way to the edge, up to which a title stands in the middle below its line; else beside it."""
SIDE = 0.9
"""Part of the canvas that the picture takes."""


class Dot(NamedTuple):
    """A note in the picture."""

    id: str
    title: str
    type: str
    freshness: float
    """1: used just now; 0: forgotten."""


class Around(NamedTuple):
    """A note and what is near it."""

    focus: Dot
    near: Sequence[Dot]
    """Linked with it."""
    far: Sequence[tuple[Dot, str]]
    """Linked with those, each with the id of the one through which it is seen."""
    links: frozenset[tuple[str, str]]
    """Between all that show."""
    more: int = 0
    """Notes that would be there too, if there were room."""


Places = Mapping[str, tuple[float, float]]
"""Id -> place, both from -1 to 1 with y growing downwards."""


class Sky(NamedTuple):
    """All notes, and where they lie."""

    dots: Sequence[Dot]
    places: Places


def places(around: Around, came: tuple[str, float] | None = None) -> dict[str, tuple[float, float]]:
    """Where each note of a neighbourhood lies: near ones on a ring, far ones in a fan behind the one they hang on.

    `came`: the note that the operator came from, and the angle at which it is to lie, so that walking there and back
    shows the same.
    """
    found = {around.focus.id: (0.0, 0.0)}
    ring = list(around.near)
    turn = 2 * pi / max(len(ring), 1)
    first = -pi / 2
    if came is not None and came[0] in {each.id for each in ring}:
        first = came[1] - turn * [each.id for each in ring].index(came[0])
    angles = {each.id: first + turn * place for place, each in enumerate(ring)}
    radius = 0.55 if around.far else 1.0
    for each, angle in angles.items():
        found[each] = radius * cos(angle), radius * sin(angle)
    fans: dict[str, list[str]] = {}
    for dot, through in around.far:
        fans.setdefault(through, []).append(dot.id)
    for through, fan in fans.items():
        for place, each in enumerate(fan):
            angle = angles[through] + turn * ((place + 1) / (len(fan) + 1) - 0.5)
            found[each] = cos(angle), sin(angle)
    return found


def neighbour(at: Places, focus: str, near: Sequence[str], direction: tuple[int, int]) -> str | None:
    """The linked note that lies best in a direction (1, 0 is right; 0, 1 is down); None where there is none."""
    x, y = at[focus]
    ranked = []
    for each in near:
        across, down = at[each][0] - x, at[each][1] - y
        off = abs((atan2(down, across) - atan2(direction[1], direction[0]) + pi) % (2 * pi) - pi)
        if off < pi * 0.45:
            ranked.append((off, each))
    return min(ranked)[1] if ranked else None


def angle_of(at: Places, focus: str, other: str) -> float:
    """The angle at which one note sees another, in radians."""
    return atan2(at[other][1] - at[focus][1], at[other][0] - at[focus][0])


def tone(dot: Dot) -> Tone:
    """By type while it is fresh; what decays fades."""
    if dot.freshness < STALE:
        return "faint"
    return "muted" if dot.freshness < FRESH else TONES.get(dot.type, "plain")


def picture(around: Around, at: Places, columns: int, rows: int, shift: tuple[float, float] = (0, 0)) -> list[Line]:
    """The neighbourhood, `shift` moved by so many columns and rows."""
    canvas = Braille(columns, rows)
    margin = min(MARGIN, columns // 4)

    def cell(name: str) -> tuple[float, float]:
        x, y = at[name]
        across = columns / 2 + x * (columns / 2 - margin) * SIDE + shift[0]
        return across, rows / 2 + y * (rows / 2 - 1) * SIDE + shift[1]

    for one, other in sorted(around.links):
        shade: Tone = "muted" if around.focus.id in {one, other} else "faint"
        (left, top), (right, bottom) = cell(one), cell(other)
        canvas.line((left * 2, top * 4 + 2), (right * 2, bottom * 4 + 2), shade)
    for dot in (around.focus, *around.near, *(each for each, _ in around.far)):
        place = at[dot.id][0]
        side = 0 if abs(place) < UPRIGHT else 1 if place > 0 else -1
        _label(canvas, dot, *cell(dot.id), side, focused=dot is around.focus)
    return canvas.lines()


def _label(canvas: Braille, dot: Dot, across: float, down: float, side: int, *, focused: bool) -> None:
    """Glyph, and as much of the title as there is room for: on the outer `side` of the glyph (-1 is the left), 0 around
    it. A glyph alone where there is no room.
    """
    glyph, row = GLYPHS.get(dot.type, "●"), round(down)
    shade: Tone = "lit" if focused else tone(dot)
    for room in (*LABELS, 0):
        title = cut(clean(dot.title), room)
        text = " ".join(filter(None, (title, glyph) if side < 0 else (glyph, title)))
        wide = cells(text)
        column = round(across - (wide / 2, 0, wide - 1)[side])
        if room and side and not 0 <= column <= canvas.columns - wide:
            continue
        column = max(0, min(column, canvas.columns - wide))
        if canvas.room(column, row, text):
            canvas.label(column, row, text, shade)
            return


def sky(
    found: Sky, focus: str, columns: int, rows: int, *, shift: tuple[float, float] = (0, 0), zoom: float = 1
) -> list[Line]:
    """All notes as dots, the focused one with its title."""
    dots, at = found
    canvas = Braille(columns, rows)
    wide, high = columns * 2 * SIDE * zoom / 2, rows * 4 * SIDE * zoom / 2
    middle = columns + shift[0] * 2, rows * 2 + shift[1] * 4
    chosen: Dot | None = None
    for dot in dots:
        x, y = at[dot.id]
        canvas.dot(middle[0] + x * wide, middle[1] + y * high, tone(dot))
        chosen = dot if dot.id == focus else chosen
    if chosen is not None:
        x, y = at[chosen.id]
        _label(canvas, chosen, (middle[0] + x * wide) / 2, (middle[1] + y * high) / 4, 0, focused=True)
    return canvas.lines()
