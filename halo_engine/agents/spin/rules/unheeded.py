"""A person who complains, and complains, and nothing is done."""

from __future__ import annotations

import re

from halo_engine.agents.spin.history import History, Utterance
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.tools import Kind

CLAIM = re.compile(
    r"\b(?:fixed|corrected|resolved|repaired|mended|solved|updated|changed|adjusted|added|removed|restored|done|"
    r"works? now|put right|(?:is|are|should be) (?:now )?(?:right|correct|fine))\b",
    re.IGNORECASE,
)


class Unheeded(Rule):
    """A person says again and again that nothing has changed, and nothing was changed since they last did.

    Not where something else was tried in between, be it in vain; looking, planning and checking is no more than a
    promise, though. Only where a change was asked for, or is said to have been made. Known from: MAST (arXiv
    2503.13657: what was said is not what was done; ignoring what others put in), the seeds' similar prompts.
    """

    name = "unheeded"

    def __init__(self, settings: SpinSettings) -> None:
        super().__init__(settings)
        self._complaints: list[int] = []
        self._acted = False
        self._claim = 0
        """The line of the last claim that something was done, since a person spoke."""
        self._since = 0

    def after_text(self, history: History, text: Utterance) -> Finding | None:
        if text.said and CLAIM.search(text.text):
            self._claim = text.line
        return None

    def after_step(self, history: History, step: Step) -> Finding | None:
        looks = step.kind in {Kind.LOOK, Kind.PLAN, Kind.WAIT} or step.checks
        changed = bool(step.changes) and not step.stale
        self._acted = self._acted or step.refused or changed or (step.fresh and not step.failed and not looks)
        return None

    def after_prompt(self, history: History) -> Finding | None:
        asked, line = history.asked, history.prompts[-1][0].line
        acted, claim = self._acted, self._claim
        self._acted, self._claim = False, 0
        if acted or asked.wait or (asked.change and not (asked.complains or asked.urges)):
            self._complaints, self._since = [], 0
        if acted or asked.wait or not asked.complains or not (asked.change or claim):
            return None
        self._complaints.append(line)
        self._since = self._since or claim or line
        count = len(self._complaints)
        says = f"a person complained {count} times, and nothing was changed in between"
        return self.found(count, self.settings.unheeded_limit, says, self._since, self._complaints)
