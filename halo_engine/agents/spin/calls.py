"""What calls cost that bring nothing, and what those bring that get on."""

from __future__ import annotations

import re
from typing import NamedTuple

from halo_engine.agents.spin.failures import have_same_roots, is_absent, is_variant
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.lately import Lately, Seen
from halo_engine.agents.spin.pauses import ASKED_PAUSE, DELIBERATE, GROWTH, gets_done
from halo_engine.agents.spin.steps import Step, is_same_error
from halo_engine.agents.spin.text import SAYS_MUCH, SHORT, roots, words
from halo_engine.agents.spin.tools import IDLE, REDOES, REMOVES, VISITS, Kind, command_of, reverts, sought
from halo_engine.agents.spin.work import EDIT, THROWN_AWAY, Work

KEPT = 24
"""Errors, searches and calls that later ones are held against."""
CALLS, RESULTS, TELLERS = 10_000, 50, 1000
"""How many calls are remembered, how many results of each, and of how many results who had them."""
STEM = 5
"""Letters of a file's name by which it is known without its ending."""
SAYS_SOMETHING = 3
"""Words of what an act says, from which it tells what came of it."""
ACKNOWLEDGED = frozenset(
    (  # noqa: SIM905
        "ok okay done true success successful successfully succeed succeeded status result message id code 200 201 "
        "202 204 sav saved sent queued complet completed creat created updat updated accept accepted appli applied "
        "delet deleted no output finish finished fertig erledigt fait hecho listo fatto feito klaar gotowe"
    ).split()
)
"""Words that a call answers with whose work is seen elsewhere, endings off or not."""
DENIED = frozenset(
    [
        "no",
        "not",
        "den",
        "denied",
        "reject",
        "rejected",
        "fail",
        "failed",
        "error",
        "invalid",
        "nothing",
        "none",
        "empty",
    ]
)
ERROR, MOVED = 0.8, 0.3
"""An error as before: with nothing done since, and with something."""
NOTHING, NOTHING_ASKED, SAME_SOUGHT = 0.6, 0.2, 2
"""A search that finds nothing, where a change was asked for, and where none was; and how many others after the same
make it count in full there too."""
ACT, ACT_AGAIN = -0.3, 0.5
"""A command that changes something: for the first time, and with nothing edited since it did."""
ANOTHER, LIKE_ANOTHER = -0.6, -0.2
"""A result that this call did not have before, and one that differs in numbers only."""
SAME, SAME_LOOK, ACTED, WORKED, PASSED = 0.8, 0.4, 0.7, 0.2, 0.5
"""The same result: with nothing done since; a look where no change was asked for; after edits of what was edited
before, and after other work; a check that passes."""
WAITED, WAITED_SHORT, WATCHED = 0.2, 0.4, 0.04
"""The same: after a pause; after a short one; watched as a person asked."""
RECOVERED = -1.0
"""A call that works, which failed when it was last made."""
ALIKE = 0.5
"""The result that another form of the call had."""
NEWS, WORK, STALE, STALE_WORD, SPOKEN = -0.3, -0.2, 0.5, 0.1, 0.4
"""A new call: that shows something new; that says nothing; that shows what was seen, in many lines and in few; that
shows only what it says itself, or does nothing."""


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


class Calls:
    """The calls, and what came of them, since a person last asked for something else."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self._outcomes: Lately[int, Lately[int, Outcome]] = Lately(CALLS)
        """Of each call, by result."""
        self._told: Seen[int] = Seen(CALLS)
        """All results."""
        self._tellers: Lately[int, list[str]] = Lately(TELLERS)
        """Result -> the calls that had it first."""
        self._wrong: list[tuple[Step, int]] = []
        """Errors, and how many moves there were then."""
        self._nothing: list[str] = []
        """What was sought and not found."""
        self._pauses: Lately[int, float] = Lately(CALLS)
        """Call -> the seconds before it was last made."""
        self._edits_then = 0
        """How many edits there were at the last act."""
        self._made_alike = 0
        """How often a file that was written to be run said what another had said."""
        self._back = False
        """The last act came to what was before: what is seen after it is the same from another side."""
        self._forgotten = 0

    def cost(self, history: History, step: Step) -> float:
        """What a call costs."""
        if history.forgotten > self._forgotten:
            self._forgotten = history.forgotten
            self._outcomes.clear()
        results = self._outcomes.setdefault(step.call, lambda: Lately(RESULTS))
        seen, first = results.get(step.result), not len(results)
        near = any(each.loose == step.loose for each in results.values())
        results[step.result] = self._outcome(step, seen)
        told, alike = step.result in self._told, self._tellers_of(step)
        self._told.add(step.result)
        if step.mutates and not step.failed:
            return self._act(history, step, seen=seen, near=near, told=told, alike=alike)
        silent = step.kind is Kind.OTHER and not step.failed and len(step.lines) <= SHORT
        if seen is not None:
            return 0.0 if silent else self._again(history, step, seen)
        if self._back and step.kind is Kind.LOOK:
            return 0.0
        if step.recovers:
            self.work.news += 1
            return RECOVERED
        if not first and (step.news > 0 or step.measures):
            return self._another(step, near=near)
        if alike and not step.error and not history.asked.each and not acknowledges(step):
            return ALIKE * growth(alike)
        return 0.0 if silent else self._first(history, step, told=told)

    def _first(self, history: History, step: Step, *, told: bool) -> float:
        """A result that this call had not before, and that shows nothing new."""
        if step.excused and len(self._outcomes.get(step.call) or ()) == 1:
            return 0.0
        return self.error(history, step) if step.error else self._new(history, step, told=told)

    def _act(self, history: History, step: Step, *, seen: Outcome | None, near: bool, told: bool, alike: int) -> float:
        self.work.acts += 1
        command = command_of(step.arguments)
        if reverts(command, step.text):
            lost = self.work.lose(set(self.work.kept), 0.0, THROWN_AWAY)
            return 0.0 if history.asked.undo else lost
        named = {path for path in set(self.work.kept) if path.rpartition("/")[2] in command}
        if named and REMOVES.search(command):
            return self.work.lose(named, 0.0, -EDIT)
        told = told and says_something(step) and (alike > 0 or names_object(step))
        again = told or (bool(REDOES.search(command)) and self.work.edits == self._edits_then)
        idle = seen is not None and seen.edits == self.work.edits
        again = again or idle
        times = seen.times + 1 if seen and idle and seen.news == self.work.news else 1
        self._edits_then = self.work.edits
        self._back = again
        if again and not history.asked.each:
            return ACT_AGAIN * growth(max(times, alike))
        self.work.moves += not near
        return 0.0 if seen else ACT

    def _another(self, step: Step, *, near: bool) -> float:
        """A call that had other results before."""
        if near and not (step.failed or step.measures):
            return LIKE_ANOTHER
        self.work.news += 1
        return ANOTHER * (step.measures or step.news)

    def _again(self, history: History, step: Step, seen: Outcome) -> float:
        """A call that had this result before."""
        visits = VISITS.search(step.tool) and seen.news < self.work.news
        if visits or (history.asked.each and gets_done(step)):
            return 0.0
        if step.checks and not step.failed:
            return PASSED if seen.acts == self.work.acts else 0.0
        if seen.moves < self.work.moves:
            self.work.futile = (self.work.futile + 1) if step.failed else 0
            return MOVED * growth(seen.times + 1) if step.failed else WORKED
        if seen.acts < self.work.acts:
            return ACTED * growth(seen.times + 1)
        waited = self._waited(history, step)
        if waited is not None:
            return waited
        if step.kind is Kind.LOOK and not history.asked.change:
            return SAME_LOOK
        return SAME * growth(seen.row)

    def _waited(self, history: History, step: Step) -> float | None:
        """The same after a pause; None where there was none to speak of."""
        pause, last = max(step.slept, step.gap), self._pauses.get(step.call) or 0.0
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
            self.work.moves += step.kind is Kind.RUN and not step.checks
            self.work.news += 1
            return NEWS * step.news
        made = self._made(step) if told and step.kind is Kind.RUN else set()
        if made:
            self._made_alike += 1
            return self.work.lose(made, 0.0, -EDIT) + STALE * growth(self._made_alike)
        if len(step.lines) > SHORT or (told and len(words(step.text)) >= SAYS_MUCH):
            return STALE
        if IDLE.match(command_of(step.arguments)) or (says_something(step) and step.said.issuperset(step.lines)):
            return SPOKEN
        if step.kind in {Kind.LOOK, Kind.WAIT} or step.checks:
            return STALE_WORD if step.lines and not history.asked.each else 0.0
        self.work.moves += 1
        return WORK

    def _made(self, step: Step) -> set[str]:
        """The files that were written to be run, and that a call runs."""
        return {path for path, _ in self.work.written.items() if names(step.target, path)}

    def _tellers_of(self, step: Step) -> int:
        """How many other calls after the same had this result."""
        tellers = self._tellers.setdefault(step.result, list)
        alike = sum(is_variant(each, step.target) for each in tellers)
        if step.target not in tellers:
            self._tellers[step.result] = [*tellers[-KEPT:], step.target]
        return alike if step.text.strip() else 0

    def _outcome(self, step: Step, seen: Outcome | None) -> Outcome:
        now = self.work.sum
        if seen is None:
            return Outcome(step.loose, 0, 1, *now)
        return Outcome(step.loose, seen.times + 1, seen.row + 1 if seen[3:] == now else 1, *now)

    def error(self, history: History, step: Step) -> float:
        """What an error costs, and a search that finds nothing."""
        if step.kind is Kind.LOOK and not step.failed:
            return self._found_nothing(history, step)
        same = [moves for each, moves in self._wrong if is_same_error(each, step)]
        self._wrong = [*self._wrong[-KEPT:], (step, self.work.moves)]
        if not same:
            return 0.0
        if step.kind is Kind.LOOK or is_absent(step.kind, step.text):
            return NOTHING if history.asked.change else NOTHING_ASKED
        return ERROR * growth(len(same)) if same[-1] == self.work.moves else MOVED

    def _found_nothing(self, history: History, step: Step) -> float:
        after = sought(step.arguments)
        same = sum(have_same_roots(each, after) for each in self._nothing)
        self._nothing = [*self._nothing[-KEPT:], after]
        if same >= SAME_SOUGHT:
            return NOTHING * growth(same)
        if len(self._nothing) == 1:
            return 0.0
        return NOTHING if history.asked.change else NOTHING_ASKED


def says_something(step: Step) -> bool:
    """Whether an act says what came of it; `INSERT 0 1` says only that it was done."""
    said = words(step.text)
    return len(said) >= SAYS_SOMETHING and sum(not word.isdigit() for word in said) > 1


def names(command: str, path: str) -> bool:
    """Whether a command speaks of a file, be it without its ending."""
    name = path.rpartition("/")[2]
    stem = name.rpartition(".")[0]
    return name in command or (len(stem) >= STEM and bool(re.search(rf"\b{re.escape(stem)}\b", command)))


def names_object(step: Step) -> bool:
    """Whether what an act says names what it was done to: said again, it was done to the same."""
    _, _, done_to = command_of(step.arguments).partition(" ")[2].partition(" ")
    return not roots(step.text).isdisjoint(roots(done_to))


def acknowledges(step: Step) -> bool:
    """Whether a result says no more than that it was done, which many calls have in common: in whatever language, where
    a tool acts elsewhere.
    """
    said = set(words(step.text))
    brief = step.kind is Kind.OTHER and len(said - ACKNOWLEDGED) < SAYS_SOMETHING and DENIED.isdisjoint(said)
    return not step.failed and (brief or ACKNOWLEDGED.issuperset(said))


def growth(times: int) -> float:
    """How much more the same costs, the oftener it was there before: 1, 1.2, 1.4, up to 2."""
    return min(2.0, 1 + 0.2 * (times - 1))
