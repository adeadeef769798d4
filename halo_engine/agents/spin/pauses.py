"""How long a session waits between two calls, and how often it may then make the same one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.steps import Step
from halo_engine.agents.spin.tools import Kind

SOME_DONE = re.compile(
    r"\b[1-9][\d,.]*\s+(?:[a-z]+\s+){0,3}(?:\w{3,}(?:ed|en)|done|sent)\b|\b(?:\w{3,}ed|wrote|done|sent)\b\W+(?:[a-z]+\s+){0,2}[1-9]\d*\b|"
    r"\bdone\b\W+[1-9]\d*\b",
    re.IGNORECASE,
)
"""`updated 5000 rows`, `300 mails were sent`."""
GROWTH = 1.25
DELIBERATE = 2.0
"""Seconds that a command sleeps by its own words, from which it waits on purpose."""
ASKED_PAUSE = 8.0
"""Seconds between two looks that are enough where a person asked to wait."""
MOST_RETRIES = 10


def patience(history: History, steps: Sequence[Step]) -> float:
    """How many times more of these is right: 1, or more where they wait in between or back off."""
    settings = history.settings
    later = steps[1:]
    pauses = [max(each.gap, each.slept) for each in later]
    asked = history.asked.wait and not any(each.failed and each.checks for each in steps)
    batch = history.asked.each and all(gets_done(each) for each in steps)
    if batch or (asked and mostly([pause >= ASKED_PAUSE for pause in pauses])):
        return settings.patience_asked
    if mostly([pause >= settings.spaced for pause in pauses]) or asked:
        return settings.patience
    if mostly([each.slept >= DELIBERATE for each in later]):
        return 1 + (settings.patience - 1) / 2
    if backs_off(pauses) and len(steps) <= MOST_RETRIES:
        return 2.0
    return 1.0


def gets_done(step: Step) -> bool:
    """Whether it does something, or says how much of it was done: of a batch the next piece."""
    done = step.mutates or (
        step.kind in {Kind.RUN, Kind.OTHER} and not step.checks and bool(SOME_DONE.search(step.text))
    )
    return done and not step.failed


def mostly(found: Sequence[bool]) -> bool:
    return bool(found) and sum(found) >= 0.6 * len(found)


def backs_off(pauses: Sequence[float]) -> bool:
    """Whether pauses grow on the whole."""
    if len(pauses) < 2 or pauses[0] < 0 or pauses[-1] < 2 * max(pauses[0], 1.0):
        return False
    grown = sum(later >= GROWTH * earlier for earlier, later in pairwise(pauses))
    return grown >= 0.6 * (len(pauses) - 1)
