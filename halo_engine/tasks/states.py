"""The states of a work item and every move between them: the engine, the error texts, the workstation's diagram
and the documentation all read this one table.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache

from msgspec import Struct


class Kind(StrEnum):
    TASK = "task"
    JOB = "job"
    AGENT_JOB = "agent-job"

    __hash__ = str.__hash__  # Enum's own is written in Python, and states are looked up a million times in a rebuild


class State(StrEnum):
    OPEN = "open"
    PLANNING = "planning"
    PLAN_REVIEW = "plan_review"
    IN_PROGRESS = "in_progress"
    REVIEW = "review"
    TESTING = "testing"
    DONE = "done"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"
    RUNNING = "running"
    FAILED = "failed"
    RETRY = "retry"
    DEFERRED = "deferred"

    __hash__ = str.__hash__  # likewise


EVERY = frozenset(Kind)
BY_HAND = frozenset({Kind.TASK, Kind.JOB})
BY_MACHINE = frozenset({Kind.JOB, Kind.AGENT_JOB})
JOB = frozenset({Kind.JOB})
AGENT_JOB = frozenset({Kind.AGENT_JOB})
PREVIOUS = None
"""As a target: the state that the item came from."""


class Move(Struct, frozen=True):
    """One arrow: the verb that takes it, where it leads, the kinds that may, and the fact it leaves in the log."""

    verb: str
    to: State | None
    fact: str
    kinds: frozenset[Kind] = EVERY
    by_runner: bool = False
    """Taken by the runner only, never by a person's command."""


CANCEL = Move("cancel", State.CANCELLED, "cancelled")

TRANSITIONS: dict[State, tuple[Move, ...]] = {
    State.OPEN: (
        Move("plan", State.PLANNING, "planned"),
        Move("start", State.IN_PROGRESS, "started", BY_HAND),
        Move("run", State.RUNNING, "run", JOB, by_runner=True),
        Move("defer", State.DEFERRED, "deferred"),
        CANCEL,
    ),
    State.PLANNING: (
        Move("review", State.PLAN_REVIEW, "submitted"),
        Move("reopen", State.OPEN, "reopened"),
        CANCEL,
    ),
    State.PLAN_REVIEW: (
        Move("approve", State.IN_PROGRESS, "approved"),
        Move("reject", State.PLANNING, "rejected"),
        CANCEL,
    ),
    State.IN_PROGRESS: (
        Move("review", State.REVIEW, "reviewed"),
        Move("test", State.TESTING, "tested"),
        Move("done", State.DONE, "done", BY_HAND),
        Move("run", State.RUNNING, "run", BY_MACHINE, by_runner=True),
        Move("block", State.BLOCKED, "blocked"),
        Move("defer", State.DEFERRED, "deferred"),
        CANCEL,
    ),
    State.RUNNING: (
        Move("finish", State.DONE, "finished", BY_MACHINE, by_runner=True),
        Move("deliver", State.REVIEW, "delivered", AGENT_JOB, by_runner=True),
        Move("fail", State.FAILED, "failed", BY_MACHINE, by_runner=True),
        CANCEL,
    ),
    State.FAILED: (
        Move("retry", State.RETRY, "retried"),
        Move("plan", State.PLANNING, "planned", AGENT_JOB),
        Move("start", State.IN_PROGRESS, "started", JOB),
        CANCEL,
    ),
    State.RETRY: (
        Move("run", State.RUNNING, "run", BY_MACHINE, by_runner=True),
        CANCEL,
    ),
    State.REVIEW: (
        Move("test", State.TESTING, "tested"),
        Move("done", State.DONE, "done"),
        Move("reject", State.IN_PROGRESS, "rejected"),
        CANCEL,
    ),
    State.TESTING: (
        Move("done", State.DONE, "done"),
        Move("reject", State.IN_PROGRESS, "rejected"),
        CANCEL,
    ),
    State.BLOCKED: (
        Move("unblock", PREVIOUS, "unblocked"),
        CANCEL,
    ),
    State.DEFERRED: (
        Move("reopen", State.OPEN, "reopened"),
        CANCEL,
    ),
    State.DONE: (),
    State.CANCELLED: (),
}

OVER = frozenset({State.DONE, State.CANCELLED})
"""Nothing leads out of these."""


def moves(state: State, kind: Kind, *, by_runner: bool = False) -> tuple[Move, ...]:
    """The moves that an item of this kind can make from this state: a person's, or also the runner's."""
    return tuple(move for move in TRANSITIONS[state] if kind in move.kinds and (by_runner or not move.by_runner))


def find(state: State, kind: Kind, verb: str, *, by_runner: bool = False) -> Move | None:
    """The move that `verb` makes from here, None when there is none."""
    return next((move for move in moves(state, kind, by_runner=by_runner) if move.verb == verb), None)


@cache
def states_of(kind: Kind) -> frozenset[State]:
    """The states in which an item of this kind can be."""
    reached: set[State] = set()
    ways = {State.OPEN}
    while ways - reached:
        reached |= ways
        ways = {move.to for state in reached for move in moves(state, kind, by_runner=True) if move.to}
    return frozenset(reached)
