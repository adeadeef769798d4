"""How a state looks and is said, wherever it is shown."""

from __future__ import annotations

from halo_engine.tasks.states import State

GLYPHS = {
    State.OPEN: "○",
    State.PLANNING: "✎",
    State.PLAN_REVIEW: "◔",
    State.IN_PROGRESS: "◐",
    State.REVIEW: "◕",
    State.TESTING: "◉",
    State.DONE: "✓",
    State.BLOCKED: "■",
    State.CANCELLED: "✗",
    State.RUNNING: "▶",
    State.FAILED: "▲",
    State.RETRY: "↻",
    State.DEFERRED: "◌",
}


def words(state: State) -> str:
    """`plan_review` -> `plan review`."""
    return state.value.replace("_", " ")
