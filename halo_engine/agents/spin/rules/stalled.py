"""The sum of what a session does without getting on, held against what gets it on."""

from __future__ import annotations

import re

from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.rules.plans import is_same_answer, is_same_order
from halo_engine.agents.spin.rules.repeats import ASKED_PAUSE, DELIBERATE, GROWTH, SAYS_MUCH
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.agents.spin.steps import Step, is_same_error
from halo_engine.agents.spin.text import words
from halo_engine.agents.spin.tools import REVERTS, Kind, command_of

KEPT = 24
URGED = 0.9
EDIT, MOVED, SAME, NOTHING, ERROR, LOOKED = -0.4, 0.3, 0.8, 0.6, 0.8, 0.3
SHORT = 3


class Stalled(Rule):
    """What every step costs and brings, summed up: work that costs on and on and brings nothing, in whatever way.

    A cumulative sum (Page 1954, Continuous inspection schemes: the test for a change of a process's mean that finds the
    change and its beginning at once), never below 0: an edit of what was edited before, a result that was there before,
    an error that another call has met, a plan instead of work cost; an edit in a new place, a result that was not there
    before and new lines bring something back; a check that passes after it failed settles all. Known from: the seeds
    (tokens without net change), MAST (arXiv 2503.13657) and Thought-Action-Result trajectories (arXiv 2506.18824).
    """

    name = "stalled"

    def __init__(self, settings: SpinSettings) -> None:
        super().__init__(settings)
        self._forget()

    def _forget(self) -> None:
        self.sum = 0.0
        self.since = 0
        self.lines: list[int] = []
        self.moves = 0
        """Edits in new places so far."""
        self.acts = 0
        self.moved = 0
        """Both, when a person spoke last."""
        self.outcomes: dict[int, dict[int, tuple[int, int, int, int, int]]] = {}
        """Call -> its results -> the loose one, how often, how many moves and acts there were then."""
        self.told: frozenset[int] = frozenset()
        """All results."""
        self.written: dict[str, set[str]] = {}
        """Path -> the lines that were written into it."""
        self.kept: list[str] = []
        """Paths of the edits that were not thrown away."""
        self.tried: set[str] = set()
        """Paths of those that were."""
        self.wrong: list[tuple[Step, int]] = []
        self.forgotten = 0
        self.pauses: dict[int, float] = {}
        self.orders: list[Step] = []
        self.plans = 0

    def after_prompt(self, history: History) -> Finding | None:
        moved, self.moved = self.moves + self.acts > self.moved, self.moves + self.acts
        if history.asked.complains:
            return None
        if not history.asked.urges or moved or not history.asked.change:
            self._forget()
            return None
        return self._pay(URGED, history.prompts[-1][0].line, history.prompts[-1][0].line)

    def after_step(self, history: History, step: Step) -> Finding | None:
        if step.solves:
            self._forget()
            return None
        return self._pay(self._cost(history, step), step.onset, step.line)

    def _pay(self, cost: float, onset: int, line: int) -> Finding | None:
        self.sum = max(0.0, self.sum + cost)
        if self.sum == 0:
            self.since, self.lines = 0, []
        if cost <= 0:
            return None
        self.since = self.since or onset
        self.lines.append(line)
        says = f"{len(self.lines)} steps that got nowhere outweigh what got on by {self.sum:.1f}"
        return self.found(self.sum, self.settings.stalled_limit, says, self.since, self.lines)

    def _cost(self, history: History, step: Step) -> float:
        if step.refused or step.asked:
            return 0.0
        if step.kind is Kind.PLAN:
            self.plans += 1
            return 0.6 if self.plans > 1 else 0.2
        if step.kind is Kind.DELEGATE:
            same = any(is_same_order(each, step) and is_same_answer(each, step) for each in self.orders)
            self.orders.append(step)
            return 1.0 if same else -0.5
        if step.changes:
            return self._edit(step)
        if step.kind is Kind.EDIT:
            return self._error(history, step)
        return self._look(history, step)

    def _edit(self, step: Step) -> float:
        self.acts += 1
        again, elsewhere = False, not any(change.path in self.written for change in step.changes)
        for change in step.changes:
            written = self.written.setdefault(change.path, set())
            removed, added = ({line.strip() for line in side if len(line.strip()) > 2} for side in (change.removed, change.added))
            again = again or (bool(removed) and len(removed & written) >= len(removed) / 2) or (bool(added) and added <= written)
            written |= added
        if not step.fresh and not step.slight:
            return 0.2 if step.excused else 1.0
        if again:
            return 0.7 if step.slight else 0.4
        if step.slight and not elsewhere:
            return 0.0
        self.moves += 1
        self.kept += [change.path for change in step.changes]
        if any(change.path in self.tried for change in step.changes):
            return 0.0
        return -0.3 if step.slight else EDIT

    def _error(self, history: History, step: Step) -> float:
        same = [moves for each, moves in self.wrong if is_same_error(each, step)]
        self.wrong = [*self.wrong[-KEPT:], (step, self.moves)]
        if not same:
            return 0.0
        if step.kind is Kind.LOOK:
            return NOTHING if history.asked.change else NOTHING / 3
        return ERROR * growth(len(same)) if same[-1] == self.moves else MOVED

    def _look(self, history: History, step: Step) -> float:
        if history.forgotten > self.forgotten:
            self.forgotten = history.forgotten
            self.outcomes.clear()
        found = self.outcomes.setdefault(step.call, {})
        seen, first = found.get(step.result), not found
        near = any(loose == step.loose for loose, *_ in found.values())
        count = seen[1] + 1 if seen else 0
        row = seen[4] + 1 if seen and seen[2:4] == (self.moves, self.acts) else 1
        found[step.result] = (step.loose, count, self.moves, self.acts, row)
        told, self.told = step.result in self.told, self.told | {step.result}
        if step.mutates and not step.failed:
            self.acts += 1
            if REVERTS.search(command_of(step.arguments)):
                lost, self.kept = self.kept, []
                self.tried |= set(lost)
                return min(2.0, 0.7 * len(lost))
            if seen and not history.asked.each:
                return 0.5
            self.moves += not near
            return -0.3
        if seen is None and not first:
            if step.measures or (step.news > 0 and (step.failed or not near)):
                return -0.6 if step.measures else -0.6 * step.news
            if step.news > 0:
                return -0.2
        if (step.kind is Kind.OTHER and not step.failed and len(step.lines) <= SHORT) or (first and step.excused):
            return 0.0
        if seen is not None:
            _, _, moves, acts, _ = seen
            if step.checks and not step.failed:
                return 0.5 if acts == self.acts else 0.0
            if moves < self.moves:
                return MOVED * growth(count) if step.failed else 0.2
            if acts < self.acts:
                return 0.7 * growth(count)
            pause, last = max(step.slept, step.gap), self.pauses.get(step.call, 0.0)
            self.pauses[step.call] = pause
            if history.asked.wait and pause >= ASKED_PAUSE:
                return 0.04
            if last >= 0.5 and pause >= GROWTH * last:
                return 0.2
            if step.gap >= history.settings.spaced:
                return 0.2
            if step.slept >= DELIBERATE:
                return 0.4
            if step.kind is Kind.LOOK and not history.asked.change:
                return SAME / 2
            return SAME * growth(row)
        if step.error:
            return self._error(history, step)
        if step.news > history.settings.stale:
            self.moves += step.kind is Kind.RUN and not step.checks
            return -LOOKED * step.news
        if len(step.lines) > SHORT or (told and (len(words(step.text)) >= SAYS_MUCH or self._is_made(step))):
            return 0.5
        if step.kind in {Kind.LOOK, Kind.WAIT} or step.checks:
            return 0.1 if step.lines and not history.asked.each else 0.0
        self.moves += 1
        return -0.2


    def _is_made(self, step: Step) -> bool:
        """Whether a call runs a file that was written to be run."""
        return any(path.rpartition("/")[2] in step.target for path in self.written)


def growth(times: int) -> float:
    """What the same costs the more, the oftener it was there: 1, 1.2, 1.4, up to 2."""
    return min(2.0, 1 + 0.2 * (times - 1))
