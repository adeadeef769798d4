"""What a session has seen and changed so far, and the judgement of each step: new, excused or stale."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import msgspec

from halo_engine.agents.records import Prompt, Said, Thought
from halo_engine.agents.spin.answers import Answers
from halo_engine.agents.spin.asking import REPRODUCED, Asked, understood
from halo_engine.agents.spin.changes import Ledger
from halo_engine.agents.spin.counters import Counters
from halo_engine.agents.spin.lately import Lately, Seen
from halo_engine.agents.spin.settings import SpinSettings
from halo_engine.agents.spin.steps import Step, is_same_error
from halo_engine.agents.spin.text import SHORT, is_paraphrase, overlap, words
from halo_engine.agents.spin.tools import VISITS, Kind, command_of, is_note, reverts

SAME_PROMPT, MEAGRE_PROMPT = 0.6, 4
"""The share of words from which a prompt asks for the same as the one before; and the words that it must have."""
MEAGRE = 10
"""Words below which it says as little."""
MOSTLY_NEW = 0.5
"""The share of new lines from which what is seen after an act is another thing, and not the same with a new date."""
LINES, CALLS = 200_000, 10_000
"""How many lines that were shown, and how many calls, are remembered."""


class Before(NamedTuple):
    """When a call was last made, and what came of it."""

    number: int
    result: int
    failed: bool


class Utterance(msgspec.Struct):
    """A thought, or something said."""

    line: int
    text: str
    said: bool
    message: str


class History:
    """One conversation's memory. `window` is what the rules look at: the steps since something last really changed."""

    def __init__(self, settings: SpinSettings) -> None:
        self.settings = settings
        self.window: deque[Step] = deque(maxlen=settings.window)
        self.texts: deque[Utterance] = deque(maxlen=settings.window)
        """Since something last really changed."""
        self.musings: deque[Utterance] = deque(maxlen=settings.window)
        """Since anything was new."""
        self.run: list[Utterance] = []
        """Since the last call."""
        self.checks: deque[Step] = deque(maxlen=settings.window)
        """Failed checks, also over edits, since one passed."""
        self.edits: deque[Step] = deque(maxlen=settings.window)
        self.remedies: deque[Step] = deque(maxlen=settings.window)
        """What was done beside edits to make a check pass: installed, restarted, removed."""
        self.plans: deque[Step] = deque(maxlen=settings.window)
        self.prompts: deque[tuple[Prompt, int]] = deque(maxlen=settings.window)
        """With how much had been got done until then."""
        self.ledger = Ledger()
        self.steps = self.done = self.tokens_idle = 0
        """Steps so far, those of them that were fresh, and the tokens written since anything was new."""
        self.asked = Asked()
        self.looks = self.looks_from = 0
        """Looks since something was changed, answered or asked, and where they begin."""
        self._answers = Answers()
        self._repeated = False
        """A person asked for what they had asked for before."""
        self._lines: Seen[int] = Seen(LINES)
        self._calls: Lately[int, Before] = Lately(CALLS)
        self._changed_at = self._touched_at = 0
        """The number of the last step that changed anything, be it only in looks; `_changed_at`: in earnest."""
        self._acted_at = self._changes = 0
        """The number of the last act elsewhere that said something new: from there one goes back to where it began."""
        self._compacted_at = self._steps_then = -1
        """How many changes there were when the conversation was cut short, and steps when a person spoke last."""
        self._paused = 0.0
        """Seconds that the step before did nothing but wait."""
        self.forgotten = 0
        """How often the conversation was cut short with something done since."""
        self._made: Lately[int, int] = Lately(CALLS)
        self._counters = Counters()

    def prompt(self, record: Prompt) -> None:
        """A person spoke: what they asked for may be done again, and is not counted against the agent."""
        self.prompts.append((record, self.done))
        asked = understood(record.text)
        self._repeated = self._is_again()
        if self._repeated and not (asked.routine or asked.wait):
            asked = msgspec.structs.replace(asked, again=True, change=asked.change or self.asked.change)
        if len(self.prompts) > 1 and (asked.complains or asked.urges):
            asked = msgspec.structs.replace(self.asked, complains=asked.complains, urges=asked.urges)
        self.asked = asked
        idle, self._steps_then = self.steps == self._steps_then, self.steps
        if len(self.prompts) > 1 and (asked.complains or (asked.urges and idle)):
            self.run = [each for each in self.run if each.said and self._is_echoed(each)]
            return
        self._made.clear()
        self._counters.fruitful.clear()
        self.looks = self.looks_from = 0
        for kept in (
            self.window,
            self.texts,
            self.musings,
            self.run,
            self.checks,
            self.plans,
            self.edits,
            self.remedies,
        ):
            kept.clear()
        self.ledger.restart()
        self.tokens_idle = 0
        self._changed_at = self._touched_at = self.steps + 1

    def _is_echoed(self, said: Utterance) -> bool:
        """Whether another message says the same: what has to be urged on, and says something new each time, tells."""
        return any(each is not said and is_paraphrase(each.text, said.text, self.settings.alike) for each in self.run)

    def _is_again(self) -> bool:
        """Whether the last prompt asks for what the one before it did."""
        said = [prompt.text for prompt, _ in self.prompts][-2:]
        return len(said) > 1 and len(words(said[1])) >= MEAGRE_PROMPT and overlap(*said) >= SAME_PROMPT

    def compacted(self) -> None:
        """The conversation was cut short: looking again at what was forgotten is right, if anything was done since."""
        if self._changes > self._compacted_at:
            self._changed_at = self._touched_at = self.steps + 1
            self.forgotten += 1
        self._compacted_at = self._changes

    def text(self, record: Thought | Said) -> Utterance | None:
        """Take in what the model thought or said; None when it said nothing."""
        if not record.text.strip():
            return None
        found = Utterance(record.line, record.text[:40_000], isinstance(record, Said), record.message)
        if found.said and self._answers.tells(found.text):
            self.done += 1
            self.looks = self.looks_from = 0
        elif found.said and not self._repeated and self._answers.names(found.text):
            self.done += 1
        if self.run and found.message and self.run[-1].message == found.message:
            self.run[-1].text += "\n" + found.text
            self.run[-1].said |= found.said
        else:
            self.run.append(found)
        if len(words(found.text)) >= 4:
            self.texts.append(found)
            self.musings.append(found)
        return found

    def step(self, step: Step) -> None:
        """Judge a step and remember it."""
        self.run.clear()
        self.steps += 1
        step.news = self.novelty(step)
        step.gap, self._paused = step.gap + self._paused, step.slept if step.pauses else 0.0
        if step.refused:
            step.excused = True
            self.done += 1
        elif step.changes:
            self._edit(step)
        else:
            self._look(step)
        self._remember(step)

    def _edit(self, step: Step) -> None:
        new, back = self.ledger.apply(step.changes)
        tried = any(each.kind is Kind.RUN and not each.failed for each in self.window)
        step.fresh = new and not step.slight
        step.blind = bool(self.window) and not any(each.fresh for each in self.window) and self._is_rewrite(step)
        step.excused = (new and step.slight) or (back and tried) or (self.asked.undo and not new)
        self._touched_at = step.number if new else self._touched_at
        if step.kind is Kind.EDIT:
            self.edits.append(step)

    def _is_rewrite(self, step: Step) -> bool:
        """Whether an edit mostly removes what edits before it have added."""
        removed = {line.strip() for change in step.changes for line in change.removed if len(line.strip()) > 2}
        added = {line.strip() for each in self.edits for change in each.changes for line in change.added}
        return bool(removed) and len(removed & added) >= len(removed) / 2

    def _look(self, step: Step) -> None:
        self._counters.take(step)
        before = self._calls.get(step.call)
        since = self._changed_at if step.failed else self._touched_at
        since = max(since, self._acted_at) if VISITS.search(step.tool) else since
        verified = before is not None and before.number < since
        polled = step.kind in {Kind.LOOK, Kind.RUN, Kind.WAIT} and max(step.gap, step.slept) >= self.settings.spaced
        if before is None:
            step.fresh = self._is_news(step)
        elif self._counters.falls(step):
            step.fresh = step.falls = True
            step.result ^= step.number
            self._counters.credit(self.window, step)
        elif before.result != step.result:
            told = step.measures or step.news > 0 or step.failed != before.failed
            step.fresh = not self._counters.jitters(self.window, step) and told
        if before is not None and before.failed and not step.failed:
            step.recovers = True
            settled = (each for each in self.window if not (each.failed and each.call == step.call))
            self.window = deque(settled, self.settings.window)
        made = self._made[step.call] = (self._made.get(step.call) or 0) + 1
        if before is not None and before.failed != step.failed and step.checks and not verified:
            self._counters.flaky.add(step.call)
        often = self.asked.times if step.failed else max(self.asked.times, self.asked.number)
        often = max(often, REPRODUCED) if step.call in self._counters.flaky else often
        asked = made <= often or (polled and not step.failed and self.asked.wait)
        step.asked = (asked and made > 1) or (step.call in self._counters.fruitful and not step.failed)
        step.excused = not step.fresh and (verified or asked or step.asked)

    def _is_news(self, step: Step) -> bool:
        """Whether a call that was not made before brought anything."""
        if step.error:
            return not any(is_same_error(step, each) for each in self.window)
        if step.kind in {Kind.PLAN, Kind.DELEGATE}:
            return step.kind is Kind.DELEGATE and step.news > 0.3
        if len(step.lines) <= SHORT and len(words(step.text)) < MEAGRE:
            return True
        if step.mutates:
            return True
        return step.news > self.settings.stale

    def novelty(self, step: Step) -> float:
        """Which share of a result's lines was never seen before, 0 to 1."""
        if not step.lines:
            return 0.0
        return sum(line not in self._lines for line in set(step.lines) - step.said) / len(set(step.lines))

    def _remember(self, step: Step) -> None:
        self._explore(step)
        again = self.asked.again and step.kind is Kind.LOOK
        more = self.asked.once_more and step.kind is Kind.RUN
        self.done += step.fresh or more or (step.excused and not step.failed and not again)
        if step.fresh:
            self.tokens_idle = 0
            self.musings.clear()
            if step.news > MOSTLY_NEW:
                self._acted()
        else:
            self.tokens_idle += step.tokens
        self._move(step)
        self._check(step)
        self._plan(step)
        if not (step.fresh and step.changes):
            self.window.append(step)
        self._lines.update(step.lines)
        self._calls[step.call] = Before(step.number, step.result, step.failed)

    def _move(self, step: Step) -> None:
        """Remember when something was changed, here or elsewhere."""
        if step.mutates and not step.failed and reverts(command_of(step.arguments), step.text):
            self.ledger.revert(command_of(step.arguments))
        elif step.fresh and (step.changes or (step.mutates and not step.failed)):
            self._changed_at = self._touched_at = step.number
        elif step.fresh and step.kind is Kind.OTHER and not step.failed and step.news > MOSTLY_NEW:
            self._acted_at = step.number
        if step.changes and not step.stale:
            self._made.clear()
        if step.fresh and step.changes:
            self._changes += 1
            self.window.clear()
            self.texts.clear()

    def _plan(self, step: Step) -> None:
        """Keep the plans that nothing was done for."""
        if step.kind is Kind.PLAN:
            self.plans.append(step)
        elif step.fresh and step.kind is Kind.LOOK:
            self.plans = deque((each for each in self.plans if not is_note(each.arguments)), self.settings.window)
        elif step.fresh and (step.changes or (step.kind in {Kind.RUN, Kind.DELEGATE} and not step.failed)):
            self.plans.clear()

    def _acted(self) -> None:
        """An act that says nothing (a click) is known by what is seen after it: what led to news was no repetition."""
        for each in reversed(self.window):
            acts = each.kind is Kind.OTHER or VISITS.search(each.tool)
            if each.failed or not acts:
                break
            each.excused = not each.fresh

    def _explore(self, step: Step) -> None:
        """Count the looks that lead to nothing but looks."""
        if step.changes or step.kind in {Kind.EDIT, Kind.DELEGATE} or (step.mutates and not step.failed):
            self.looks = 0
            self.looks_from = 0
        elif step.kind is Kind.LOOK and not step.excused:
            self.looks += 1
            self.looks_from = self.looks_from or step.onset

    def _check(self, step: Step) -> None:
        if step.kind is Kind.RUN and step.failed:
            self.checks.append(step)
        elif step.mutates and not step.failed and not step.checks:
            self.remedies.append(step)
        elif step.checks or (self.checks and step.call == self.checks[-1].call):
            step.solves = any(each.call == step.call for each in self.checks)
            self.checks.clear()
            self.edits.clear()
            self.remedies.clear()
            self.ledger.restart()
