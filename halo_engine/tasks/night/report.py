"""What a runner did, as its command answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec

from halo_engine import clock, console
from halo_engine.tasks.night.due import Verdict

SHOWN = 50
"""Items that a report names as waiting."""
FAILURES = frozenset({"failed", "timed_out", "lost"})


class Ended(msgspec.Struct, frozen=True):
    """A run that ended."""

    run: str
    outcome: str
    exit_code: int | None
    duration: float
    """Seconds."""
    reason: str


class Waiting(msgspec.Struct, frozen=True):
    """An item that did not run."""

    item: str
    title: str
    why: str
    at: datetime | None
    """When time alone makes it due."""


class Report(msgspec.Struct):
    """What a runner did."""

    started: int = 0
    ended: list[Ended] = []
    recovered: list[str] = []
    """Items that a dead runner had left running."""
    waiting: list[Waiting] = []
    """What could have run, and why it did not, at the last look."""
    more_waiting: int = 0
    """How many more there are."""
    stopped: str = ""
    """What asked it to stop."""
    named: bool = False
    """Items were named; those that wait were refused."""

    @property
    def exit_code(self) -> int:
        """1 when an item's last run failed, 4 when an item that was named could not be run now, else 0."""
        last = {each.run.rpartition(".")[0]: each.outcome for each in self.ended}
        if FAILURES.intersection(last.values()):
            return 1
        return 4 if self.named and self.waiting and not self.started else 0

    def wait(self, verdicts: Sequence[Verdict]) -> None:
        """Note what waits, as of the last look at everything."""
        left = [Waiting(each.item.id, each.item.title, each.why, each.at) for each in verdicts if not each.is_due]
        self.waiting, self.more_waiting = left[:SHOWN], len(left[SHOWN:])

    def summary(self) -> str:
        """One line for a person."""
        counts = Counter(each.outcome for each in self.ended)
        did = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in sorted(counts.items()))
        moments = [each.at for each in self.waiting if each.at]
        parts = [f"{console.counted(len(self.ended), 'run')}: {did}" if self.ended else "nothing was run"]
        if self.waiting:
            parts.append(
                f"{len(self.waiting) + self.more_waiting} waiting"
                + (f", the next until {console.moment(clock.stamp(min(moments)))}" if moments else "")
            )
        return "; ".join(parts)
