"""Looking at what has been seen, and steps that bring nothing at all."""

from __future__ import annotations

import re

from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.pauses import patience
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.text import SHORT
from halo_engine.agents.spin.tools import Kind, command_of

LOOKS = 14
VERIFYING_SHARE = 0.6
STATE = re.compile(r"\s*git\s+(?:status|diff|log|show)\b")


class Reread(Rule):
    """Reading and searching what has been read already.

    By lines of the results, whatever the call: another range of the same file, another search with the same hits.
    What has been edited since may be read again, and after the conversation was compacted everything may, once.
    Known from: MAST (arXiv 2503.13657: step repetition is the most frequent failure), hermes (idempotent calls
    without progress, 5).
    """

    name = "reread"

    def after_step(self, history: History, step: Step) -> Finding | None:
        looks = [each for each in history.window if each.kind is Kind.LOOK][-LOOKS:]
        stale = [
            each for each in looks if each.stale and not each.failed and not each.error and len(each.lines) > SHORT
        ]
        if not step.stale or step.kind is not Kind.LOOK or len(stale) < len(looks) / 2:
            return None
        limit = self.settings.reread_limit * patience(history, stale)
        files = len({each.call for each in stale})
        says = f"{len(stale)} of the last {len(looks)} looks showed what was seen before ({files} different calls)"
        return self.found(len(stale), limit, says, stale[0].onset, [each.line for each in stale])


class Exploring(Rule):
    """Looking on and on where a change was asked for, with none made and nothing answered.

    Each look may show something new, and still nothing comes of it. Known from: Overthinking (arXiv 2502.08235);
    Graphectory (arXiv 2512.02393: long localisation without a patch). Where no change was asked for, four times as
    many are let go on, since research ends in an answer.
    """

    name = "exploring"

    def after_step(self, history: History, step: Step) -> Finding | None:
        if step.kind is not Kind.LOOK or history.looks < 2:
            return None
        limit = self.settings.explore_limit * (1 if history.asked.change else 4)
        says = f"{history.looks} looks in a row, no change and no answer"
        return self.found(history.looks, limit, says, history.looks_from, [step.line])


class Verifying(Rule):
    """Checking again what was checked, with success and nothing changed since.

    Other words for the same check are no other check: what counts is that it passes, as it did. Known from:
    Overthinking (arXiv 2502.08235); MAST (arXiv 2503.13657: unaware of the end of the task).
    """

    name = "verifying"

    def after_step(self, history: History, step: Step) -> Finding | None:
        if not is_verification(step):
            return None
        steps = [each for each in history.window if not each.excused]
        again = [each for each in steps if is_verification(each)]
        if len(again) < VERIFYING_SHARE * len(steps):
            return None
        limit = self.settings.verifying_limit * patience(history, again)
        says = f"{len(again)} checks that passed as before, with nothing changed since"
        return self.found(len(again), limit, says, again[0].onset, [each.line for each in again])


def is_verification(step: Step) -> bool:
    return step.stale and not step.error and (step.checks or bool(STATE.match(command_of(step.arguments))))


class IdleTokens(Rule):
    """Many tokens written since anything was new or changed.

    The seed of the matter: tokens without a net change of files. Alone it proves nothing (a long answer is tokens
    too), so it only adds to what others see.
    """

    name = "idle_tokens"
    weight = 0.6

    def after_step(self, history: History, step: Step) -> Finding | None:
        if not step.stale or not history.window:
            return None
        says = f"{history.tokens_idle:,} tokens written since anything was new or changed"
        first = next(each for each in history.window if not each.fresh)
        return self.found(history.tokens_idle, self.settings.idle_tokens, says, first.onset, [step.line])
