"""A person who speaks, and hears only what they have heard."""

from __future__ import annotations

import re

from halo_engine.agents.spin.history import History, Utterance
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.tools import Kind

SENTENCE = re.compile(r"[\n。！？]+|[.!?:]+(?=\s|$)")
LEAST = 4
"""Words of a reply; `Right.` and `Done.` may be said as often as they are true."""


class Parroting(Rule):
    """Reply after reply of which every sentence was said before, though a person speaks before each.

    The same code again with another apology, one question until the person gives up, a promise after each complaint.
    Nothing is done in between, and edits of blanks and comments are nothing. A talk that gets on says something new,
    however alike its replies are built. Known from: MAST (arXiv 2503.13657: ignoring what others put in; step
    repetition), the seeds' self-reflection in circles.
    """

    name = "parroting"

    def __init__(self, settings: SpinSettings) -> None:
        super().__init__(settings)
        self._forget()

    def _forget(self) -> None:
        self._heard: set[str] = set()
        self._reply: list[Utterance] = []
        self._again: list[int] = []

    def after_step(self, history: History, step: Step) -> Finding | None:
        if not (step.kind is Kind.EDIT and (step.slight or not step.changes)):
            self._forget()
        return None

    def after_text(self, history: History, text: Utterance) -> Finding | None:
        if text.said:
            self._reply.append(text)
        return None

    def after_prompt(self, history: History) -> Finding | None:
        reply, self._reply = self._reply, []
        said = {sentence for each in reply for sentence in sentences(each.text)}
        again, self._heard = said <= self._heard, self._heard | said
        if sum(len(sentence.split()) for sentence in said) < LEAST:
            return None
        self._again = [*self._again, reply[0].line] if again else []
        if history.asked.wait or not self._again:
            return None
        says = f"{len(self._again)} replies in a row that say what was said before, and nothing done in between"
        return self.found(len(self._again), self.settings.parrot_limit, says, self._again[0], self._again)


def sentences(text: str) -> set[str]:
    """The sentences of a text, in lower case."""
    return {found for each in SENTENCE.split(text.lower()) if (found := " ".join(each.split()))}
