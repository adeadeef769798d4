"""The same call with the same result, and cycles of up to five calls."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from halo_engine.agents.spin.failures import have_same_aim
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.text import words
from halo_engine.agents.spin.tools import Kind, command_of, path_of

LONGEST_CYCLE = 5
GROWTH = 1.3
DELIBERATE = 2.0
"""Seconds that a command sleeps by its own words, from which it waits on purpose."""
ASKED_PAUSE = 8.0
"""Seconds between two looks that are enough where a person asked to wait."""
MOST_RETRIES = 10
LONG = 70
SAYS_MUCH = 12
"""Words of an answer that two different questions do not get by chance."""
DENSE, THINNEST = 0.45, 3.0
"""The share of repetitions, among them and what is new, from which the limit holds as it is; and the most it grows."""
CERTAIN = 1.25
"""How much more a failed edit or look counts: nothing else changed, so it cannot succeed unchanged."""


class Repeat(Rule):
    """One call again and again, with the same result.

    Compared by name, arguments and result, all without times, durations, ids and nonces; a re-worded description of
    the call does not make it another. A spaced poll is given more time, and much more when a person asked to wait;
    so are retries that back off, up to ten. Known from: OpenHands (4 equal pairs), gemini-cli (5 equal calls, results
    never compared), opencode (3), hermes (3 notice, 5 halt); misses there: nonces in results, re-worded thoughts.
    """

    name = "repeat"

    def after_step(self, history: History, step: Step) -> Finding | None:
        if not step.stale:
            return None
        same = [
            each for each in history.window if not each.excused and (each.key == step.key or is_reworded(each, step))
        ]
        limit = self.settings.repeat_limit * patience(history, same) * thinned(history, same)
        says = f"{shown(step)} {len(same)} times with the same result"
        certain = step.failed and step.kind in {Kind.EDIT, Kind.LOOK}
        return self.found(
            len(same) * (CERTAIN if certain else 1), limit, says, same[0].onset, [each.line for each in same]
        )


def is_reworded(one: Step, other: Step) -> bool:
    """Whether two calls ask for the same in other words: the same tool gave the same answer, and one that says much."""
    if one.tool != other.tool or one.result != other.result or len(words(one.text)) < SAYS_MUCH:
        return False
    return have_same_aim(one.target, other.target)


class Cycle(Rule):
    """Two to five calls in turn, round after round, with unchanged results.

    Known from: OpenHands (A, B, A, B, A, B), gemini-cli (cycles of 1 to 5), hermes (2 to 4, three rounds). Comparing
    only consecutive calls misses it (opencode #25254, #47759).
    """

    name = "cycle"

    def after_step(self, history: History, step: Step) -> Finding | None:
        if not step.stale:
            return None
        steps = [each for each in history.window if not each.excused]
        best: tuple[float, int] = (0.0, 0)
        for size in range(2, LONGEST_CYCLE + 1):
            best = max(best, (rounds(steps, size), size))
        count, size = best
        if not size or count < 2:
            return None
        turns = steps[-round(count * size) :]
        limit = self.settings.cycle_limit * patience(history, turns)
        says = f"{size} calls in turn, {count:.1f} rounds: " + ", ".join(shown(each) for each in turns[:size])
        return self.found(count, limit, says, turns[0].onset, [each.line for each in turns])


def rounds(steps: Sequence[Step], size: int) -> float:
    """How many rounds of a cycle of `size` the steps end with; 0 when those `size` are all the same."""
    keys = [each.key for each in steps]
    if len(keys) < 2 * size or len(set(keys[-size:])) == 1:
        return 0.0
    same = 0
    for place in range(len(keys) - 1, size - 1, -1):
        if keys[place] != keys[place - size]:
            break
        same += 1
    return (same + size) / size if same >= size else 0.0


def patience(history: History, steps: Sequence[Step]) -> float:
    """How many times more of these is right: 1, or more where they wait in between or back off."""
    settings = history.settings
    later = steps[1:]
    pauses = [max(each.gap, each.slept) for each in later]
    asked = history.asked.wait and not any(each.failed and each.checks for each in steps)
    batch = history.asked.each and all(each.mutates and not each.failed for each in steps)
    if batch or (asked and mostly([pause >= ASKED_PAUSE for pause in pauses])):
        return settings.patience_asked
    if mostly([pause >= settings.spaced for pause in pauses]) or asked:
        return settings.patience
    if mostly([each.slept >= DELIBERATE for each in later]):
        return 1 + (settings.patience - 1) / 2
    if backs_off(pauses) and len(steps) <= MOST_RETRIES:
        return 2.0
    return 1.0


def mostly(found: Sequence[bool]) -> bool:
    return bool(found) and sum(found) >= 0.6 * len(found)


def thinned(history: History, same: Sequence[Step]) -> float:
    """How many times more of these is right: 1, or more where other steps in between brought something new."""
    between = sum(each.fresh for each in history.window if each.number > same[0].number)
    return min(THINNEST, max(1.0, DENSE * (len(same) + between) / len(same)))


def backs_off(pauses: Sequence[float]) -> bool:
    """Whether pauses grow on the whole."""
    if len(pauses) < 2 or pauses[0] < 0 or pauses[-1] < 2 * max(pauses[0], 1.0):
        return False
    grown = sum(later >= GROWTH * earlier for earlier, later in pairwise(pauses))
    return grown >= 0.6 * (len(pauses) - 1)


def shown(step: Step) -> str:
    """A call in a few words."""
    said = command_of(step.arguments) or path_of(step.arguments)
    said = said or next((each for each in step.arguments.values() if isinstance(each, str)), "")
    text = " ".join(f"{step.tool} {said}".split())
    return text if len(text) <= LONG else f"{text[: LONG - 22]}...{text[-19:]}"
