"""Words without work: one reply that loops, messages without calls, thoughts that turn in a circle."""

from __future__ import annotations

import re

from halo_engine.agents.spin.history import History, Utterance
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.text import is_paraphrase, repetition, similarity

NUDGE = re.compile(
    r"(?:(?:please|ok|okay|yes|and|just|now|keep|then|go|on|going|ahead|continue|proceed|carry|next|still|hello|hi|there|"
    r"are|you|working|resume|again|move|forward|try)[\s,.!?]*)+",
    re.IGNORECASE,
)
"""What says no more than `go on`."""
NUDGE_LENGTH = 80
REPEATED_SHARE = 0.5
UNLIKE = 0.5
"""What a message counts in a monologue that is not like one before it."""


class Looping(Rule):
    """One reply that says the same sentences over and over.

    By runs of six words in its prose: code, tables, lists, quotes and headings repeat by nature and do not count.
    Known from: gemini-cli (the same 50 characters 10 times; its false alarms on tables and lists #5873, #8232,
    #18975, #5144).
    """

    name = "looping"

    def after_text(self, history: History, text: Utterance) -> Finding | None:
        times, share = repetition(text.text)
        if share < REPEATED_SHARE:
            return None
        says = f"the same words {times} times in one reply, {share:.0%} of it repeats"
        return self.found(times, self.settings.sentence_limit, says, text.line, [text.line], likeness=share)


class Monologue(Rule):
    """Messages in a row that call nothing and say the same.

    Whoever talks to nobody and does nothing is not working; a message unlike the others counts half. Known from:
    OpenHands (3 messages with no observation in between).
    """

    name = "monologue"

    def after_text(self, history: History, text: Utterance) -> Finding | None:
        run = history.run
        if len(run) < 3:
            return None
        alike = 1 + sum(
            any(is_paraphrase(each.text, earlier.text, self.settings.alike) for earlier in run[:place])
            for place, each in enumerate(run)
        )
        count = alike + UNLIKE * (len(run) - alike)
        says = f"{len(run)} messages in a row without a call, {alike} of them alike"
        return self.found(count, self.settings.monologue_limit, says, run[0].line, [each.line for each in run])


class Musing(Rule):
    """Thoughts that say what was thought before, while the steps between them bring nothing new.

    Paraphrases count: re-worded thought defeats detectors that ask for equality (OpenHands SDK). Anything new that is
    seen or changed starts it afresh, since working by a routine makes for like thoughts too.
    Known from: the seeds (paraphrased self-reflection), Overthinking (arXiv 2502.08235).
    """

    name = "musing"
    weight = 0.6

    def after_text(self, history: History, text: Utterance) -> Finding | None:
        thoughts = list(history.musings)
        alike = [
            each
            for place, each in enumerate(thoughts)
            if any(is_paraphrase(each.text, earlier.text, self.settings.alike) for earlier in thoughts[:place])
        ]
        if not alike:
            return None
        says = f"{len(alike) + 1} thoughts like one another since anything was new"
        limit = self.settings.musing_limit
        return self.found(len(alike) + 1, limit, says, thoughts[0].line, [each.line for each in alike])


class AskedAgain(Rule):
    """The same request again and again, and nothing done in between: a program in a person's place, going round.

    A person who says `go on` gets something each time: a new answer, a look, a change. Known from: the seeds
    (similar prompts); loops that restart an agent with one prompt.
    """

    name = "asked_again"

    def after_prompt(self, history: History) -> Finding | None:
        prompts = list(history.prompts)
        last, done = prompts[-1]
        same = [last.line]
        for record, before in reversed(prompts[:-1]):
            if before != done or not self._is_same(record.text, last.text):
                break
            same.insert(0, record.line)
        if len(same) < 2:
            return None
        says = f"asked the same {len(same)} times with nothing done in between"
        return self.found(len(same), self.settings.asked_limit, says, same[0], same)

    def _is_same(self, one: str, other: str) -> bool:
        nudges = max(len(one), len(other)) <= NUDGE_LENGTH and NUDGE.fullmatch(one) and NUDGE.fullmatch(other)
        return bool(nudges) or similarity(one, other) >= self.settings.alike
