"""All that a session does without getting on, held against what gets it on."""

from __future__ import annotations

from collections import deque

from halo_engine.agents.spin.costs import Costs
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.rules.base import SHOWN, Finding, Rule
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.tools import Kind

URGED = 0.9
"""What it costs that a person has to say `go on` where nothing was done."""


class Stalled(Rule):
    """What every step costs and brings, summed up: work that goes on and on and brings nothing, in whatever way.

    A cumulative sum that never falls below 0 (Page 1954, Continuous inspection schemes: it finds a change and where it
    began): an edit of what was edited before, a result that was there before, an error that another call has met, a
    plan instead of work cost; an edit in a new place, another result and new lines bring something back; a check that
    passes after it failed settles all. The net under the other rules. Known from: the seeds (tokens without net
    change), MAST (arXiv 2503.13657), Thought-Action-Result trajectories (arXiv 2506.18824).
    """

    name = "stalled"

    def __init__(self, settings: SpinSettings) -> None:
        super().__init__(settings)
        self._forget()

    def _forget(self) -> None:
        self._costs = Costs()
        self._done = 0
        """How much was done when a person spoke last."""
        self._others = 0
        """Calls of tools of which is not known what they do: to add to a list, to send."""
        self._sum = 0.0
        self._since = 0
        self._steps = 0
        self._lines: deque[int] = deque(maxlen=SHOWN)

    def after_prompt(self, history: History) -> Finding | None:
        work = self._costs.work
        before, self._done = self._done, work.moves + work.acts + self._others
        asked, line = history.asked, history.prompts[-1][0].line
        if asked.complains:
            return None
        if (asked.urges or asked.again) and asked.change and self._done == before:
            return self._add(URGED, line, line)
        self._forget()
        return None

    def after_step(self, history: History, step: Step) -> Finding | None:
        if step.solves or step.falls:
            self._forget()
            return None
        self._others += step.kind in {Kind.OTHER, Kind.DELEGATE} and not step.failed
        return self._add(self._costs.of(history, step), step.onset, step.line)

    def _add(self, cost: float, onset: int, line: int) -> Finding | None:
        self._sum = max(0.0, self._sum + cost)
        if self._sum == 0:
            self._since = self._steps = 0
            self._lines.clear()
        if cost <= 0:
            return None
        self._since = self._since or onset
        self._steps += 1
        self._lines.append(line)
        says = f"{self._steps} steps that got nowhere outweigh what got on by {self._sum:.1f}"
        return self.found(self._sum, self.settings.stalled_limit, says, self._since, list(self._lines))
