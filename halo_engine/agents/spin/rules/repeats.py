"""The same call with the same result, and cycles of up to five calls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from halo_engine.agents.spin.failures import have_same_aim
from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.pauses import patience
from halo_engine.agents.spin.rules.base import Finding, Rule
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.text import SAYS_MUCH, roots, words
from halo_engine.agents.spin.tools import Kind, command_of, path_of

LONGEST_CYCLE = 5
LONG = 70
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
    if one.tool != other.tool or one.kind is Kind.PLAN or one.result != other.result:
        return False
    if len(words(one.text)) < SAYS_MUCH:
        return False
    return have_same_aim(one.target, other.target) and not is_of_another(one.arguments, other.arguments)


def is_of_another(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two calls of a tool have some argument that is wholly another: they ask of another thing."""
    pairs = ((value, other[name]) for name, value in one.items() if name in other and other[name] != value)
    return any(isinstance(a, str) and isinstance(b, str) and roots(a).isdisjoint(roots(b)) for a, b in pairs)


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


def thinned(history: History, same: Sequence[Step]) -> float:
    """How many times more of these is right: 1, or more where other steps in between brought something new."""
    between = sum(each.fresh for each in history.window if each.number > same[0].number)
    return min(THINNEST, max(1.0, DENSE * (len(same) + between) / len(same)))


def shown(step: Step) -> str:
    """A call in a few words."""
    said = command_of(step.arguments) or path_of(step.arguments)
    said = said or next((each for each in step.arguments.values() if isinstance(each, str)), "")
    text = " ".join(f"{step.tool} {said}".split())
    return text if len(text) <= LONG else f"{text[: LONG - 22]}...{text[-19:]}"
