"""How a state is shown: a glyph and a word for each, and a tone only where it means something."""

from __future__ import annotations

from halo_engine.tasks.glyphs import GLYPHS, words
from halo_engine.tasks.states import Kind, State
from halo_tui.present.ink import Run, Tone

TONES: dict[State, Tone] = {
    State.PLAN_REVIEW: "warning",
    State.REVIEW: "warning",
    State.BLOCKED: "warning",
    State.FAILED: "alert",
    State.RUNNING: "ok",
    State.DONE: "muted",
    State.CANCELLED: "muted",
    State.DEFERRED: "muted",
}
ATTENTION = frozenset({State.FAILED, State.PLAN_REVIEW, State.REVIEW})
"""The states in which something waits for the operator's eyes."""
KINDS = {Kind.TASK: "task", Kind.JOB: "job", Kind.AGENT_JOB: "agent"}


def tone(state: State) -> Tone:
    """What a state means: alert, warning, ok, muted or nothing."""
    return TONES.get(state, "plain")


def badge(state: State) -> Run:
    """Glyph and word of a state in its tone."""
    return f"{GLYPHS[state]} {words(state)}", tone(state)
