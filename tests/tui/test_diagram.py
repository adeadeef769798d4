"""The state machine as a picture: every arrow of the table has a way, and nothing is drawn that is not in it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from halo_engine.tasks.glyphs import words
from halo_engine.tasks.states import TRANSITIONS, Move, State
from halo_tui.present import diagram
from halo_tui.present.canvas import along
from halo_tui.present.diagram import Lit, arrows, cancels, compact, draw, side, size
from halo_tui.present.diagram_layout import BOX_HEIGHT, BOX_WIDTH, BOXES, CORNER, HEIGHT, WAYS, WIDTH
from halo_tui.present.ink import plain, width

COUNTS = {state: place for place, state in enumerate(State)}


def covered() -> dict[tuple[int, int], State]:
    return {
        (x + column, y + row): state
        for state, (x, y) in BOXES.items()
        for column in range(BOX_WIDTH)
        for row in range(BOX_HEIGHT)
    }


def test_every_arrow_of_the_table_is_drawn_and_no_other() -> None:
    assert arrows().keys() == WAYS.keys()
    assert {state for state in State if cancels(state)} == set(State) - {State.DONE, CORNER}
    assert BOXES.keys() | {CORNER} == set(State)


def test_a_transition_without_a_way_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    more = (*TRANSITIONS[State.DONE], Move("reopen", State.OPEN, "reopened"))
    monkeypatch.setitem(TRANSITIONS, State.DONE, more)
    assert arrows().keys() != WAYS.keys()
    with pytest.raises(KeyError):
        draw(COUNTS, Lit())


@pytest.mark.parametrize("arrow", WAYS, ids=lambda arrow: f"{arrow[0]}-{arrow[1]}")
def test_a_way_runs_from_box_to_box_and_through_none(arrow: tuple[State, State]) -> None:
    way = WAYS[arrow]
    boxes = covered()
    assert not any(cell in boxes for cell in along(way))
    for cell, state in zip((way[0], way[-1]), arrow, strict=True):
        side(cell, state)
        assert any(boxes.get((cell[0] + x, cell[1] + y)) is state for x, y in ((0, 1), (0, -1), (1, 0), (-1, 0)))
    assert all(0 <= x < WIDTH and 0 <= y < HEIGHT for x, y in along(way))
    assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(way))


def test_boxes_do_not_overlap() -> None:
    assert len(covered()) == len(BOXES) * BOX_WIDTH * BOX_HEIGHT


def test_the_picture_names_every_state_with_its_count() -> None:
    lines = draw(COUNTS, Lit(State.IN_PROGRESS, {State.REVIEW: "r", CORNER: "x"}))
    text = "\n".join(map(plain, lines))
    assert size(lines) == (WIDTH, HEIGHT)
    assert all(words(state) in text for state in State)
    for state, (x, y) in BOXES.items():
        if COUNTS[state]:
            assert f" {COUNTS[state]} " in plain(lines[y])[x : x + BOX_WIDTH]


def test_what_an_item_may_do_is_lit_with_its_key() -> None:
    lines = draw(COUNTS, Lit(State.IN_PROGRESS, {State.REVIEW: "r", State.BLOCKED: "b", CORNER: "x"}))
    x, y = BOXES[State.REVIEW]
    assert " r " in plain(lines[y])[x : x + BOX_WIDTH]
    x, y = BOXES[State.IN_PROGRESS]
    assert plain(lines[y])[x] == "╔"
    assert "x✗" in plain(lines[y + 2])[x : x + BOX_WIDTH]
    head_x, head_y = WAYS[State.IN_PROGRESS, State.BLOCKED][-1]
    assert ("▸", "lit") in _cells(lines[head_y])[head_x : head_x + 1]
    back_x, back_y = WAYS[State.BLOCKED, State.IN_PROGRESS][-1]
    assert ("◂", "muted") in _cells(lines[back_y])[back_x : back_x + 1]


def _cells(line: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(character, tone) for text, tone in line for character in text]


def test_what_only_the_runner_does_is_hollow() -> None:
    lines = draw(COUNTS, Lit())
    x, y = WAYS[State.RUNNING, State.FAILED][-1]
    assert plain(lines[y])[x] == "▿"


@pytest.mark.parametrize("columns", [40, 58, 78])
def test_the_compact_form_names_every_state(columns: int) -> None:
    lines = compact(COUNTS, Lit(State.OPEN, {State.PLANNING: "p"}), columns)
    text = " ".join(map(plain, lines))
    assert all(words(state) in text for state in State)
    assert all(width(line) <= columns for line in lines)
    assert "p ✎ planning" in text


def test_counts_too_large_for_a_box_are_shortened() -> None:
    lines = draw(dict.fromkeys(State, 123_456), Lit())
    assert all(width(line) == WIDTH for line in lines)
    assert "123k" in plain(lines[diagram.BOXES[State.OPEN][1]])
