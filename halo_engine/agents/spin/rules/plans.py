"""Plans that are never carried out, and work that is only handed on."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import msgspec

from halo_engine.agents.spin.delegating import is_same_answer, is_same_order
from halo_engine.agents.spin.history import History, Utterance
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.text import overlap
from halo_engine.agents.spin.tools import DONE, Kind

ASKED = re.compile(
    r"\b(?:plans?|to-?do|roadmap|design doc|proposal|outline|strategy|checklist|approach)\b", re.IGNORECASE
)
PAPER = re.compile(r"\b(?:notes?|journal|document\w*|docs|write up|summary|report)\b", re.IGNORECASE)
ITEM = re.compile(r"^\s*(?:\d+[.)]|[-*+]|step \d+)\s+\S", re.IGNORECASE | re.MULTILINE)
RELATED = 0.35
"""The share of words from which two plans are about the same."""


class Replan(Rule):
    """Plans and to-do lists written anew while nothing of them is executed.

    Re-wording is no progress; an item more that is done is, and so is any edit or run that does something, and what a
    sub-agent brings. A plan in a file to which something is added, and nothing taken out, is being thought out. A plan
    that was asked for may be written twice as often. Known from: the seeds; openclaw (update_plan compared by the
    pattern of statuses only); Overthinking (arXiv 2502.08235: analysis instead of action).
    """

    name = "replan"

    def after_step(self, history: History, step: Step) -> Finding | None:
        return self._judge(history) if step.kind is Kind.PLAN else None

    def after_text(self, history: History, text: Utterance) -> Finding | None:
        return self._judge(history) if is_plan(text.text) else None

    def _judge(self, history: History) -> Finding | None:
        plans = list(history.plans)
        grown = {after.number for before, after in pairwise(plans) if after.grows_from(before)}
        written = [(each.onset, plan_text(each.arguments)) for each in plans if each.number not in grown]
        written += [(each.line, each.text) for each in history.texts if is_plan(each.text)]
        written.sort()
        done = [len(DONE.findall(text)) for _, text in written]
        start = max((place for place in range(1, len(done)) if done[place] > max(done[:place])), default=0)
        again = written[start:]
        alike = [
            place
            for place, (_, text) in enumerate(again)
            if any(overlap(text, earlier) >= RELATED for _, earlier in again[:place])
        ]
        if not alike:
            return None
        asked = bool(
            history.prompts and (ASKED.search(history.prompts[-1][0].text) or PAPER.search(history.prompts[-1][0].text))
        )
        limit = self.settings.plan_limit * (2 if asked else 1)
        says = f"{len(alike) + 1} plans or to-do lists, one like the other, and nothing executed"
        return self.found(len(alike) + 1, limit, says, again[0][0], [line for line, _ in again], likeness=RELATED)


class Redelegate(Rule):
    """The same work handed to a sub-agent again, with the same outcome.

    The same when it names the same things and reads alike, and what came back says what came back before, or failed.
    Sending several out over different things is batch work. Known from: hermes (50 sub-agents a turn), MAST
    (arXiv 2503.13657).
    """

    name = "redelegate"

    def after_step(self, history: History, step: Step) -> Finding | None:
        if step.kind is not Kind.DELEGATE:
            return None
        others = [each for each in history.window if each.kind is Kind.DELEGATE and each is not step]
        same = [each for each in others if is_same_order(each, step) and is_same_answer(each, step)]
        if not same:
            return None
        says = f"{len(same) + 1} sub-agents sent out for the same, with the same outcome"
        lines = [*(each.line for each in same), step.line]
        return self.found(len(same) + 1, self.settings.delegate_limit, says, same[0].onset, lines)


def is_plan(text: str) -> bool:
    return len(ITEM.findall(text)) >= 3 and bool(ASKED.search(text))


def plan_text(arguments: dict[str, Any]) -> str:
    """What a plan says, whatever the tool calls its parts."""
    for name in ("content", "new_string", "plan", "todos", "items", "tasks"):
        if arguments.get(name):
            found = arguments[name]
            return found if isinstance(found, str) else msgspec.json.encode(found).decode()
    return msgspec.json.encode(arguments).decode()
