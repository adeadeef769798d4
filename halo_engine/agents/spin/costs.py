"""What a step costs that gets nowhere, and what one brings back that gets on."""

from __future__ import annotations

from typing import NamedTuple

from halo_engine.agents.spin.delegating import is_same_answer, is_same_order
from halo_engine.agents.spin.failures import have_same_roots, is_variant
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.pauses import ASKED_PAUSE, DELIBERATE, GROWTH
from halo_engine.agents.spin.steps import Step, is_same_error
from halo_engine.agents.spin.text import roots, words
from halo_engine.agents.spin.tools import REDOES, REMOVES, Kind, command_of, items_done, reverts, sought

KEPT = 24
"""Errors, and orders to sub-agents, that later ones are held against."""
SAYS_SOMETHING = 3
"""Words of what an act says, from which it tells what came of it."""
SPOKEN = 0.4
"""A command that shows nothing but what itself says."""
SAME_SOUGHT = 2
"""Searches after the same, from which another one is no other search."""
ALIKE = 0.5
"""Another call after the same that has the same result."""
SHORT = 3
"""Lines up to which a result, like `ok`, says nothing about whether its call was another."""
SAYS_MUCH = 12
"""Words of an answer that two different questions do not get by chance."""
PLAN, FIRST_PLAN = 0.6, 0.2
"""A plan again, with no more of it done, and one that is written after something was done."""
ORDER_AGAIN, ORDER = 1.0, -0.5
BACK, TRIAL, COSMETIC, REWRITTEN = 1.0, 0.2, 0.7, 0.4
"""An edit back to what was: without need, and after it was tried; of lines edited before: one that says nothing new,
and any other."""
EDIT, SLIGHT_EDIT = -0.4, -0.3
"""An edit in a new place."""
ERROR, MOVED, NOTHING, NOTHING_ASKED = 0.8, 0.3, 0.6, 0.2
"""An error as before: with nothing done since, and with something; a search that finds nothing, where a change was
asked for, and where none was."""
THROWN_AWAY, MOST_THROWN = 0.7, 2.0
"""Each edit that a command takes back, and all of them."""
ACT, ACT_AGAIN = -0.3, 0.5
ANOTHER, LIKE_ANOTHER = -0.6, -0.2
"""A result that this call did not have before, and one that differs in numbers only."""
SAME, SAME_LOOK, ACTED, WORKED, PASSED, WAITED, WAITED_SHORT, WATCHED = 0.8, 0.4, 0.7, 0.2, 0.5, 0.2, 0.4, 0.04
"""The same result: with nothing done since; a look where no change was asked for; after edits of what was edited
before, and after other work; a check that passes; after a pause; after a short one; watched as a person asked."""
NEWS, WORK, STALE, STALE_WORD = -0.3, -0.2, 0.5, 0.1
"""A new call: that shows something new; that says nothing; that shows what was seen, in many lines and in few."""


class Outcome(NamedTuple):
    """A result that a call had."""

    loose: int
    times: int
    """How often before the last time."""
    row: int
    """How often with nothing done in between."""
    moves: int
    acts: int
    edits: int
    news: int
    """How much had been done and seen then."""


class Costs:
    """What has been done and seen since a person last asked for something else."""

    def __init__(self) -> None:
        self.moves = 0
        """Edits in new places, and what else was done for the first time."""
        self.acts = 0
        """All edits, and commands that change something."""
        self._outcomes: dict[int, dict[int, Outcome]] = {}
        """Of each call, by result."""
        self._told: set[int] = set()
        """All results."""
        self._written: dict[str, set[str]] = {}
        """Path -> the lines that were written into it."""
        self._kept: list[str] = []
        """Paths of the edits that were not taken back."""
        self._tried: set[str] = set()
        """Paths of those that were."""
        self._wrong: list[tuple[Step, int]] = []
        """Errors, and how many moves there were then."""
        self._pauses: dict[int, float] = {}
        """Call -> the seconds before it was last made."""
        self._edits = self._edits_then = 0
        """All edits, and how many there were at the last act."""
        self._news = 0
        """Calls that showed something new."""
        self._futile = 0
        """How often a failure stayed as it was though something was done."""
        self._same_said = 0
        """How often a file that was written to be run said what another had said."""
        self._back = False
        """The last act came to what was before: what is seen after it is the same from another side."""
        self._tellers: dict[int, list[str]] = {}
        """Result -> the calls that had it first."""
        self._nothing: list[str] = []
        """What was sought and not found."""
        self._orders: list[Step] = []
        self._planned = (0, -1)
        """How many items of the plan were done when it was last written, and how many moves there were."""
        self._forgotten = 0

    def of(self, history: History, step: Step) -> float:
        """What the next step costs, 0 to 2, or brings, down to -0.6."""
        if step.pauses or step.asked or (step.refused and step.kind is not Kind.PLAN):
            return 0.0
        if step.kind is Kind.PLAN:
            return self._plan(step)
        if step.kind is Kind.DELEGATE:
            same = any(is_same_order(each, step) and is_same_answer(each, step) for each in self._orders)
            self._orders = [*self._orders[-KEPT:], step]
            return ORDER_AGAIN if same else ORDER
        if step.changes:
            return self._edit(history, step)
        return self._error(history, step) if step.kind is Kind.EDIT else self._call(history, step)

    def _plan(self, step: Step) -> float:
        (before, moves), self._planned = self._planned, (items_done(step.arguments), self.moves)
        if self._planned[0] > before:
            return 0.0
        return FIRST_PLAN if self.moves > moves else PLAN

    def _edit(self, history: History, step: Step) -> float:
        self.acts += 1
        self._edits += 1
        elsewhere = not any(change.path in self._written for change in step.changes)
        again = self._is_again(step)
        if history.asked.undo and not step.fresh:
            return 0.0
        if not step.fresh and not step.slight:
            return TRIAL if step.excused else self._lose({change.path for change in step.changes}, BACK, THROWN_AWAY)
        if again:
            return COSMETIC if step.slight else REWRITTEN
        if step.slight and not elsewhere:
            return 0.0
        self.moves += 1
        paths = [change.path for change in step.changes]
        self._kept += paths
        if not self._tried.isdisjoint(paths):
            return 0.0
        if step.slight:
            return SLIGHT_EDIT
        made = not any(change.removed for change in step.changes)
        return EDIT / (1 + self._futile) if made else EDIT

    def _lose(self, paths: set[str], least: float, each: float) -> float:
        """What it costs that the edits of some files are taken back."""
        lost = [path for path in self._kept if path in paths]
        self._kept = [path for path in self._kept if path not in paths]
        self._tried |= set(lost)
        return min(MOST_THROWN, max(least, each * len(lost)))

    def _is_again(self, step: Step) -> bool:
        """Whether an edit takes out what was written before, or writes it again."""
        again = False
        for change in step.changes:
            written = self._written.setdefault(change.path, set())
            removed, added = said(change.removed), said(change.added)
            again = again or (bool(removed) and len(removed & written) >= len(removed) / 2)
            again = again or (bool(added) and added <= written)
            written |= added
        return again

    def _error(self, history: History, step: Step) -> float:
        if step.kind is Kind.LOOK and not step.failed:
            return self._found_nothing(history, step)
        same = [moves for each, moves in self._wrong if is_same_error(each, step)]
        self._wrong = [*self._wrong[-KEPT:], (step, self.moves)]
        if not same:
            return 0.0
        if step.kind is Kind.LOOK:
            return NOTHING if history.asked.change else NOTHING_ASKED
        return ERROR * growth(len(same)) if same[-1] == self.moves else MOVED

    def _found_nothing(self, history: History, step: Step) -> float:
        after = sought(step.arguments)
        same = sum(have_same_roots(each, after) for each in self._nothing)
        self._nothing = [*self._nothing[-KEPT:], after]
        if same >= SAME_SOUGHT:
            return NOTHING * growth(same)
        if len(self._nothing) == 1:
            return 0.0
        return NOTHING if history.asked.change else NOTHING_ASKED

    def _call(self, history: History, step: Step) -> float:
        if history.forgotten > self._forgotten:
            self._forgotten = history.forgotten
            self._outcomes.clear()
        results = self._outcomes.setdefault(step.call, {})
        seen, first = results.get(step.result), not results
        near = any(each.loose == step.loose for each in results.values())
        results[step.result] = self._outcome(step, seen)
        told, alike = step.result in self._told, self._tellers_of(step)
        self._told.add(step.result)
        if step.mutates and not step.failed:
            return self._act(history, step, seen=seen, near=near, told=told, alike=alike)
        if self._back and step.kind is Kind.LOOK and seen is None:
            return 0.0
        if seen is None and not first and (step.news > 0 or step.measures):
            return (
                LIKE_ANOTHER if near and not (step.failed or step.measures) else ANOTHER * (step.measures or step.news)
            )
        if seen is None and alike and not step.error and not history.asked.each:
            return ALIKE * growth(alike)
        if (step.kind is Kind.OTHER and not step.failed and len(step.lines) <= SHORT) or (first and step.excused):
            return 0.0
        if seen is not None:
            return self._again(history, step, seen)
        return self._error(history, step) if step.error else self._new(history, step, told=told)

    def _tellers_of(self, step: Step) -> int:
        """How many other calls after the same had this result."""
        tellers = self._tellers.setdefault(step.result, [])
        alike = sum(is_variant(each, step.target) for each in tellers)
        if step.target not in tellers:
            self._tellers[step.result] = [*tellers[-KEPT:], step.target]
        return alike if step.text.strip() else 0

    def _outcome(self, step: Step, seen: Outcome | None) -> Outcome:
        now = (self.moves, self.acts, self._edits, self._news)
        if seen is None:
            return Outcome(step.loose, 0, 1, *now)
        return Outcome(step.loose, seen.times + 1, seen.row + 1 if seen[3:] == now else 1, *now)

    def _act(self, history: History, step: Step, *, seen: Outcome | None, near: bool, told: bool, alike: int) -> float:
        self.acts += 1
        command = command_of(step.arguments)
        if reverts(command, step.text):
            lost = self._lose(set(self._kept), 0.0, THROWN_AWAY)
            return 0.0 if history.asked.undo else lost
        named = {path for path in self._kept if path.rpartition("/")[2] in command}
        if named and REMOVES.search(command):
            return self._lose(named, 0.0, -EDIT)
        told = told and len(words(step.text)) >= SAYS_SOMETHING and (alike > 0 or names_object(step))
        again = told or (bool(REDOES.search(command)) and self._edits == self._edits_then)
        again = again or (seen is not None and seen.edits == self._edits)
        self._edits_then = self._edits
        self._back = again
        if again and not history.asked.each:
            return ACT_AGAIN * growth(max(1, alike))
        self.moves += not near
        return 0.0 if seen else ACT

    def _again(self, history: History, step: Step, seen: Outcome) -> float:
        """A call that had this result before."""
        if step.checks and not step.failed:
            return PASSED if seen.acts == self.acts else 0.0
        if seen.moves < self.moves:
            self._futile = (self._futile + 1) if step.failed else 0
            return MOVED * growth(seen.times + 1) if step.failed else WORKED
        if seen.acts < self.acts:
            return ACTED * growth(seen.times + 1)
        waited = self._waited(history, step)
        if waited is not None:
            return waited
        if step.kind is Kind.LOOK and not history.asked.change:
            return SAME_LOOK
        return SAME * growth(seen.row + 1)

    def _waited(self, history: History, step: Step) -> float | None:
        """The same after a pause; None where there was none to speak of."""
        pause, last = max(step.slept, step.gap), self._pauses.get(step.call, 0.0)
        self._pauses[step.call] = pause
        if history.asked.wait and pause >= ASKED_PAUSE:
            return WAITED if step.failed else WATCHED
        if history.asked.wait and not step.failed:
            return WAITED
        if pause >= history.settings.spaced or (last >= 0.5 and pause >= GROWTH * last):
            return WAITED
        return WAITED_SHORT if step.slept >= DELIBERATE else None

    def _new(self, history: History, step: Step, *, told: bool) -> float:
        """A call that was not made before."""
        if step.news > history.settings.stale:
            self.moves += step.kind is Kind.RUN and not step.checks
            self._news += 1
            return NEWS * step.news
        made = self._made(step) if told and step.kind is Kind.RUN else set()
        if made:
            self._same_said += 1
            return self._lose(made, 0.0, -EDIT) + STALE * growth(self._same_said)
        if len(step.lines) > SHORT or (told and len(words(step.text)) >= SAYS_MUCH):
            return STALE
        if len(words(step.text)) >= SAYS_SOMETHING and step.said.issuperset(step.lines):
            return SPOKEN
        if step.kind in {Kind.LOOK, Kind.WAIT} or step.checks:
            return STALE_WORD if step.lines and not history.asked.each else 0.0
        self.moves += 1
        return WORK

    def _made(self, step: Step) -> set[str]:
        """The files that were written to be run, and that a call runs."""
        return {path for path in self._written if path.rpartition("/")[2] in step.target}


def names_object(step: Step) -> bool:
    """Whether what an act says names what it was done to: said again, it was done to the same."""
    _, _, done_to = command_of(step.arguments).partition(" ")[2].partition(" ")
    return not roots(step.text).isdisjoint(roots(done_to))


def said(lines: tuple[str, ...]) -> set[str]:
    """The lines that say something."""
    return {line.strip() for line in lines if len(line.strip()) > 2}


def growth(times: int) -> float:
    """How much more the same costs, the oftener it was there before: 1, 1.2, 1.4, up to 2."""
    return min(2.0, 1 + 0.2 * (times - 1))
