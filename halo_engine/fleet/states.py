"""The life of an instance: the whole table, and nothing else."""

from __future__ import annotations

from typing import NamedTuple

from halo_engine.errors import NotAllowed
from halo_engine.fleet.instance import Status


class Move(NamedTuple):
    """What a verb does to an instance."""

    verb: str
    to: Status
    says: str
    """What has happened then, in words."""


FRY = Move("fry", Status.FRIED, "deleted; its history stays")
FOLD = Move("fold", Status.FOLDED, "archived")

TRANSITIONS: dict[Status, tuple[Move, ...]] = {
    Status.PROVISIONING: (Move("create", Status.ACTIVE, "goes on"), Move("fry", Status.UNDONE, "undone")),
    Status.ACTIVE: (Move("freeze", Status.FROZEN, "stopped; its data is kept"), FOLD, FRY),
    Status.FROZEN: (Move("reset", Status.ACTIVE, "active again"), FOLD, FRY),
    Status.FOLDED: (Move("unfold", Status.FROZEN, "brought back; `halctl reset` starts it"), FRY),
    Status.FRIED: (),
    Status.UNDONE: (),
    Status.FORGOTTEN: (),
}

LIVE = frozenset({Status.ACTIVE, Status.FROZEN, Status.FOLDED})
"""These stand in FLEET.yaml."""
OVER = frozenset({Status.FRIED, Status.UNDONE, Status.FORGOTTEN})
"""The name is free again."""


def find(status: Status, verb: str) -> Move | None:
    """The move that `verb` makes from here; None when there is none."""
    return next((move for move in TRANSITIONS[status] if move.verb == verb), None)


def leads_to(verb: str) -> frozenset[Status]:
    """Where a verb leads, from anywhere: an instance that is there already needs no move."""
    return frozenset(move.to for moves in TRANSITIONS.values() for move in moves if move.verb == verb)


def not_allowed(name: str, status: Status, verb: str) -> NotAllowed:
    """The refusal, listing what is allowed."""
    allowed = ", ".join(f"{move.verb} -> {move.to}" for move in TRANSITIONS[status]) or "nothing: it is over"
    return NotAllowed(f"{verb} is not allowed now: {name} is {status}; allowed: {allowed}", f"halctl status {name}")
