"""The state machine as a picture: boxes with counts, arrows out of the table of transitions, an item's moves lit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from halo_engine.tasks.glyphs import GLYPHS, words
from halo_engine.tasks.states import PREVIOUS, TRANSITIONS, Move, State
from halo_tui.present.canvas import (
    DOUBLE_TEES,
    DOWN,
    HEADS,
    HOLLOW,
    LEFT,
    RIGHT,
    TEES,
    UP,
    Canvas,
)  # fmt: skip
from halo_tui.present.counts import number
from halo_tui.present.diagram_layout import BOX_HEIGHT, BOX_WIDTH, BOXES, CORNER, HEIGHT, WAYS, WIDTH, Point
from halo_tui.present.ink import Line, Tone, flow, width
from halo_tui.present.states import tone

EVERY_STATE = tuple(State)
ARRIVALS = frozenset(way[-1] for way in WAYS.values())
"""The cells that hold a head."""


class Lit(NamedTuple):
    """What the selected item lights: where it is, and the key of each state that it may go to."""

    state: State | None = None
    keys: Mapping[State, str] = {}


def arrows() -> dict[tuple[State, State], bool]:
    """Every arrow of the table, without those to `cancelled`: whether a person may take it."""
    found: dict[tuple[State, State], bool] = {}
    for origin, moves in TRANSITIONS.items():
        for move in moves:
            for to in targets(origin, move):
                if to is not CORNER:
                    found[origin, to] = found.get((origin, to), False) or not move.by_runner
    return found


def targets(origin: State, move: Move) -> list[State]:
    """Where a move can lead; one back leads to each state that leads here."""
    if move.to is not PREVIOUS:
        return [move.to]
    return [state for state, moves in TRANSITIONS.items() if any(other.to is origin for other in moves)]


def cancels(state: State) -> bool:
    """Whether the table leads from a state to the one in the corner."""
    return any(CORNER in targets(state, move) for move in TRANSITIONS[state])


def draw(counts: Mapping[State, int], lit: Lit) -> list[Line]:
    """The whole picture, `WIDTH` by `HEIGHT`."""
    canvas = Canvas(WIDTH, HEIGHT)
    for state, place in BOXES.items():
        _box(canvas, state, place, counts.get(state, 0), lit)
    _arrows(canvas, lit)
    for state, place in BOXES.items():
        _edges(canvas, state, place, counts.get(state, 0), lit)
    _corner(canvas, counts.get(CORNER, 0), lit)
    return canvas.lines()


def _box(canvas: Canvas, state: State, place: Point, count: int, lit: Lit) -> None:
    x, y = place
    here, key = state is lit.state, lit.keys.get(state)
    edge: Tone = "lit" if here else "accent" if key else "faint"
    canvas.box(x, y, BOX_WIDTH, BOX_HEIGHT, edge, double=here)
    name = f"{GLYPHS[state]} {words(state)}"
    canvas.text(x + 1 + (BOX_WIDTH - 2 - len(name)) // 2, y + 1, name, _name_tone(state, count, here, bool(key)))


def _edges(canvas: Canvas, state: State, place: Point, count: int, lit: Lit) -> None:
    """What a box says in its edges: the key that leads to it, its count, and the sign that it can be given up."""
    x, y = place
    if key := lit.keys.get(state):
        canvas.text(x + 2, y, f" {key} ", "key")
    if count:
        shown = f" {number(count)} "
        canvas.text(
            x + BOX_WIDTH - 2 - len(shown), y, shown, "strong" if tone(state) in {"plain", "muted"} else tone(state)
        )
    if cancels(state):
        here = state is lit.state and CORNER in lit.keys
        sign = f"{lit.keys[CORNER]}{GLYPHS[CORNER]}" if here else GLYPHS[CORNER]
        canvas.text(x + BOX_WIDTH - 2 - len(sign), y + 2, sign, "key" if here else "faint")


def _name_tone(state: State, count: int, here: bool, reachable: bool) -> Tone:
    if here:
        return "lit"
    if reachable:
        return "strong"
    return tone(state) if count else "muted"


def _arrows(canvas: Canvas, lit: Lit) -> None:
    table = arrows()
    for (origin, to), by_hand in table.items():
        way = WAYS[origin, to]
        canvas.lay(way, side(way[0], origin), _towards(way[-1], to), solid=by_hand)
    taken = {(lit.state, to) for to in lit.keys}
    for arrow in sorted(table, key=lambda arrow: arrow in taken):
        _arrow(canvas, arrow, "lit" if arrow in taken else "faint", double=arrow[0] is lit.state)
    for (origin, to), by_hand in table.items():
        x, y = WAYS[origin, to][-1]
        head = (HEADS if by_hand else HOLLOW)[_towards((x, y), to)]
        canvas.text(x, y, head, "lit" if (origin, to) in taken else "muted")


def _arrow(canvas: Canvas, arrow: tuple[State, State], tone: Tone, *, double: bool) -> None:
    origin, _ = arrow
    way = WAYS[arrow]
    canvas.line(way, tone)
    if way[0] not in ARRIVALS:
        leaving = side(way[0], origin)
        x, y = _beside(way[0], leaving)
        canvas.text(x, y, (DOUBLE_TEES if double else TEES)[leaving], "lit" if double else tone)


def side(cell: Point, state: State) -> int:
    """The side of a state's box that a cell lies at."""
    (x, y), (left, top) = cell, BOXES[state]
    if y == top - 1:
        return UP
    if y == top + BOX_HEIGHT:
        return DOWN
    return LEFT if x < left else RIGHT


def _towards(cell: Point, state: State) -> int:
    return {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}[side(cell, state)]


def _beside(cell: Point, leaving: int) -> Point:
    """The cell of the box's edge that a way leaves through."""
    x, y = cell
    return {UP: (x, y + 1), DOWN: (x, y - 1), LEFT: (x + 1, y), RIGHT: (x - 1, y)}[leaving]


def _corner(canvas: Canvas, count: int, lit: Lit) -> None:
    canvas.text(LEFT, HEIGHT - 1, f"▸ by hand   ▹ by the runner   {GLYPHS[CORNER]} can be cancelled", "faint")
    text = f"{GLYPHS[CORNER]} {words(CORNER)} {number(count)}" if count else f"{GLYPHS[CORNER]} {words(CORNER)}"
    here: Tone = "lit" if lit.state is CORNER else "muted"
    canvas.text(WIDTH - 2 - len(text), 0, text, here)


def compact(counts: Mapping[State, int], lit: Lit, columns: int) -> list[Line]:
    """All states in a few lines: glyph, word and count, the item's own marked, those it may go to with their keys."""
    return flow([_word(state, counts.get(state, 0), lit) for state in EVERY_STATE], columns)


def _word(state: State, count: int, lit: Lit) -> Line:
    name = f"{GLYPHS[state]} {words(state)}"
    if state is lit.state:
        return [(f"▐{name} {number(count)}▌", "lit")]
    if state in lit.keys:
        return [(lit.keys[state], "key"), (f" {name}", "strong"), (f" {number(count)}", "plain")]
    return [(name, tone(state) if count else "faint"), (f" {number(count)}", "plain" if count else "faint")]


def size(lines: list[Line]) -> tuple[int, int]:
    """Columns and rows of a picture."""
    return max(map(width, lines), default=0), len(lines)
