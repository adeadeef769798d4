"""What a rule is, and what it finds."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from halo_engine.agents.spin.history import History, Utterance
from halo_engine.agents.spin.settings import RuleName, SpinSettings
from halo_engine.agents.spin.steps import Step

SHOWN = 12
"""Turns that a finding names."""


class Finding(msgspec.Struct, frozen=True):
    """What a rule counted at some moment, and its evidence."""

    rule: str
    count: float
    limit: float
    part: float
    """What it adds to the score, 0 to the rule's weight."""
    says: str
    """The evidence in a sentence."""
    since: int
    """The line where it began."""
    lines: tuple[int, ...] = ()
    """Of the turns that show it, the last of them."""
    likeness: float = 1.0
    """How similar they are, 0 to 1."""


class Rule:
    """One way of going nowhere. Subclasses say which, why, and where it is known from."""

    name: ClassVar[RuleName]
    weight: ClassVar[float] = 1.0
    """What it counts at its limit; a rule below 1 needs another beside it."""

    def __init__(self, settings: SpinSettings) -> None:
        self.settings = settings
        self.counts = settings.weights.get(self.name, self.weight)

    def after_step(self, history: History, step: Step) -> Finding | None:
        """What is found once a step is done."""
        return None

    def after_text(self, history: History, text: Utterance) -> Finding | None:
        """What is found once the model has thought or said something."""
        return None

    def after_prompt(self, history: History) -> Finding | None:
        """What is found once a person, or a program in a person's place, has asked."""
        return None

    def found(
        self, count: float, limit: float, says: str, since: int, lines: list[int], *, likeness: float = 1.0
    ) -> Finding | None:
        """A finding, or None below half of the limit."""
        share = min(1.0, max(0.0, 2 * count / limit - 1))
        if share == 0:
            return None
        part = round(self.counts * share, 3)
        return Finding(self.name, round(count, 2), limit, part, says, since, tuple(lines[-SHOWN:]), round(likeness, 2))
