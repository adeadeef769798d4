"""What the numbers in the results of one call say: noise, or that less and less is left to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from itertools import pairwise

from halo_engine.agents.spin.lately import Lately, Seen
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.tools import Kind

CALLS = 10_000
"""How many calls are remembered."""
FALLS = 3
"""Results of one call whose number falls, from which this is no chance."""
LARGE = 10_000
"""A number from which it is likelier to count something than to differ by chance."""
TRIES = 3
"""Results of one call after which numbers in it that neither rise nor fall are taken for noise."""


class Counters:
    """The numbers that calls had in their results, and the calls that made one of them fall."""

    def __init__(self) -> None:
        self.fruitful: set[int] = set()
        """The calls that made what is left to do fall when it was last counted."""
        self.flaky: Seen[int] = Seen(CALLS)
        """Checks that passed and failed with nothing changed in between: running them is what tells how often."""
        self._counts: Lately[int, deque[list[float]]] = Lately(CALLS)
        self._numbers: Lately[tuple[int, int], deque[list[float]]] = Lately(CALLS)

    def take(self, step: Step) -> None:
        """Take in the result of a call."""
        self._numbers.setdefault((step.call, step.loose), lambda: deque(maxlen=2 * TRIES)).append(step.numbers)
        self._counts.setdefault(step.call, lambda: deque(maxlen=FALLS)).append(step.counts)

    def falls(self, step: Step) -> bool:
        """Whether a number in the results of one call falls each time: what is left to do."""
        seen = self._counts.get(step.call) or ()
        if len(seen) < FALLS or len({len(each) for each in seen}) > 1:
            return False
        varying = [column for column in zip(*seen, strict=True) if len(set(column)) > 1]
        falling = [column for column in varying if all(later < earlier for earlier, later in pairwise(column))]
        large = all(min(column) >= LARGE for column in varying)
        return bool(falling) and (large or len(falling) == len(varying))

    def credit(self, window: Sequence[Step], counted: Step) -> None:
        """What is left to do falls: what was done since it was last counted got on, and may be done again."""
        self.fruitful.clear()
        for each in reversed(window):
            if each.call == counted.call:
                break
            if each.kind in {Kind.RUN, Kind.OTHER} and not each.failed:
                each.excused = not each.fresh
                self.fruitful.add(each.call)

    def jitters(self, window: Sequence[Step], step: Step) -> bool:
        """Whether one call's results differ only in numbers that lead nowhere: nonces, not progress. They are taken for
        the same from then on.
        """
        seen = list(self._numbers.get((step.call, step.loose)) or ())
        if step.measures or len(seen) < TRIES or (leads(seen[-TRIES:]) and (len(seen) < 2 * TRIES or leads(seen))):
            return False
        alike = [each for each in (*window, step) if each.call == step.call and each.loose == step.loose]
        for place, each in enumerate(alike):
            each.result = each.loose
            each.fresh = each.fresh and place == 0
        return True


def leads(results: list[list[float]]) -> bool:
    """Whether some number in results of one form rises or falls throughout, or measures something: has a fraction."""
    if len({len(each) for each in results}) > 1:
        return True
    columns = [list(column) for column in zip(*results, strict=True) if len(set(column)) > 1]
    if any(column in (sorted(column), sorted(column, reverse=True)) for column in columns):
        return True
    return any(not value.is_integer() for column in columns for value in column)
