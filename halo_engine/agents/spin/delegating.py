"""When two sub-agents were sent out for the same, and came back with the same."""

from __future__ import annotations

import re

from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.text import overlap, similarity

NAMED = re.compile(r"\b(?:[\w-]*[/._]\w[\w./-]*|\w*\d\w*|[a-z]+[A-Z]\w*|\w+_\w+)\b")
RELATED = 0.35
"""Similarity from which two orders or reports are about the same."""
SAME_WORDS, SAME_NAMES = 0.5, 0.6
"""The share of words, and of files and names, that two orders for the same have in common."""
SAME_ROOTS = 0.3
"""The share of words where the names are all the same."""


def is_same_order(one: Step, other: Step) -> bool:
    left, right = order(one), order(other)
    if are_pieces(left, right):
        return False
    names, others = set(NAMED.findall(left)), set(NAMED.findall(right))
    if len(names & others) < SAME_NAMES * len(names | others):
        return False
    words = SAME_ROOTS if names and names == others else SAME_WORDS
    return similarity(left, right) >= RELATED or overlap(left, right) >= words


def are_pieces(one: str, other: str) -> bool:
    """Whether two orders are one but for what it is about: `Review the mail module`, `Review the login module`."""
    left, right = one.lower().split(), other.lower().split()
    differ = {pair for pair in zip(left, right, strict=False) if pair[0] != pair[1]}
    return len(left) == len(right) and len(differ) == 1


def order(step: Step) -> str:
    return str(step.arguments.get("prompt") or step.arguments.get("task") or step.target)


def is_same_answer(one: Step, other: Step) -> bool:
    if one.failed and other.failed:
        return True
    return similarity(one.text, other.text) >= RELATED or overlap(one.text, other.text) >= SAME_WORDS
