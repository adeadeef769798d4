"""Where the boxes of the state machine stand, and which way each arrow takes. Positions only: which arrows there are
is for `halo_engine.tasks.states.TRANSITIONS` to say.
"""

from __future__ import annotations

from typing import TypeAlias

from halo_engine.tasks.states import State

Point: TypeAlias = tuple[int, int]
"""Column and row."""

WIDTH, HEIGHT = 57, 20
BOX_WIDTH, BOX_HEIGHT = 15, 3
LEFT, MIDDLE, RIGHT = 4, 22, 40
ROWS = (1, 6, 11, 16)

BOXES: dict[State, Point] = {
    State.OPEN: (LEFT, ROWS[0]),
    State.PLANNING: (MIDDLE, ROWS[0]),
    State.PLAN_REVIEW: (RIGHT, ROWS[0]),
    State.DEFERRED: (LEFT, ROWS[1]),
    State.IN_PROGRESS: (MIDDLE, ROWS[1]),
    State.BLOCKED: (RIGHT, ROWS[1]),
    State.RUNNING: (LEFT, ROWS[2]),
    State.REVIEW: (MIDDLE, ROWS[2]),
    State.TESTING: (RIGHT, ROWS[2]),
    State.FAILED: (LEFT, ROWS[3]),
    State.RETRY: (MIDDLE, ROWS[3]),
    State.DONE: (RIGHT, ROWS[3]),
}
"""The left upper corner of each box. `cancelled` has none: every box that leads there carries its sign."""

CORNER = State.CANCELLED
"""Shown in the last row; the way to it is the sign on the lower edge of a box."""

BOTH_WAYS: dict[tuple[State, State], list[Point]] = {
    (State.OPEN, State.PLANNING): [(19, 2), (21, 2)],
    (State.PLANNING, State.PLAN_REVIEW): [(37, 2), (39, 2)],
    (State.OPEN, State.DEFERRED): [(8, 4), (8, 5)],
    (State.IN_PROGRESS, State.BLOCKED): [(37, 7), (39, 7)],
    (State.IN_PROGRESS, State.REVIEW): [(28, 9), (28, 10)],
    (State.IN_PROGRESS, State.TESTING): [(31, 9), (31, 10), (47, 10)],
}
ONE_WAY: dict[tuple[State, State], list[Point]] = {
    (State.OPEN, State.IN_PROGRESS): [(13, 4), (25, 4), (25, 5)],
    (State.OPEN, State.RUNNING): [(3, 2), (2, 2), (2, 12), (3, 12)],
    (State.PLAN_REVIEW, State.IN_PROGRESS): [(47, 4), (31, 4), (31, 5)],
    (State.IN_PROGRESS, State.DEFERRED): [(21, 7), (19, 7)],
    (State.IN_PROGRESS, State.RUNNING): [(26, 9), (26, 10), (11, 10)],
    (State.IN_PROGRESS, State.DONE): [(35, 5), (56, 5), (56, 17), (55, 17)],
    (State.RUNNING, State.REVIEW): [(19, 12), (21, 12)],
    (State.RUNNING, State.DONE): [(14, 14), (47, 14), (47, 15)],
    (State.RUNNING, State.FAILED): [(8, 14), (8, 15)],
    (State.FAILED, State.RETRY): [(19, 17), (21, 17)],
    (State.FAILED, State.PLANNING): [(3, 17), (0, 17), (0, 0), (29, 0)],
    (State.FAILED, State.IN_PROGRESS): [(3, 17), (0, 17), (0, 9), (23, 9)],
    (State.RETRY, State.RUNNING): [(25, 15), (11, 15), (11, 14)],
    (State.REVIEW, State.TESTING): [(37, 12), (39, 12)],
    (State.REVIEW, State.DONE): [(29, 14), (47, 14), (47, 15)],
    (State.TESTING, State.DONE): [(47, 14), (47, 15)],
}
WAYS: dict[tuple[State, State], list[Point]] = (
    ONE_WAY | BOTH_WAYS | {(to, origin): way[::-1] for (origin, to), way in BOTH_WAYS.items()}
)
"""The corners of each way, from the cell beside the first box to the cell beside the second."""
