"""What each module brings to briefings and reports: points to read, and measures by the day.

A module's `digest.py` has `briefing(workspace, window)`, which returns sections, and `report(workspace, days)`, which
returns measures. Either may be left out.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta, tzinfo
from functools import cached_property
from typing import Literal

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.modules import Level

Fold = Literal["sum", "last"]
Better = Literal["", "more", "less"]


class Window(msgspec.Struct, frozen=True):
    """What a briefing looks back at, and where it stands."""

    since: Timestamp
    until: Timestamp
    """The moment of the briefing."""
    tonight: Timestamp
    """The end of its day in the operator's zone: until then is today."""


class Point(msgspec.Struct, frozen=True):
    """One thing worth reading."""

    text: str
    state: Level = "ok"
    hint: str = ""
    """The command line to go on with."""


class Section(msgspec.Struct, frozen=True):
    """The points of one matter."""

    name: str
    """Its place in the order of `sections` in briefing.yaml."""
    title: str
    points: tuple[Point, ...] = ()
    more: int = 0
    """Points that were left out."""
    quiet: str = ""
    """Why there is no point."""
    missing: str = ""
    """Why it could not be had."""

    @property
    def is_quiet(self) -> bool:
        return not self.points and not self.missing


class Measure(msgspec.Struct, frozen=True):
    """A figure by the day."""

    name: str
    """`tasks.done`."""
    title: str
    values: tuple[float, ...]
    """One a day."""
    per: tuple[float, ...] | None = None
    """Where the figure is a ratio: the denominators of `values`, one a day."""
    standing: tuple[float, ...] | None = None
    """What such a ratio is also to: how many stood when each day began; of a period, when its first day did."""
    fold: Fold = "sum"
    """What a period is: the sum of its days, or what stood at the end of the last."""
    unit: str = ""
    """`$`, `h`, `%`; empty: a count."""
    better: Better = ""

    def over(self, start: int, end: int) -> float | None:
        """The figure for the days from `start` up to `end`, without it; None for a ratio to nothing."""
        values = self.values[start:end]
        if self.per is not None:
            whole = sum(self.per[start:end]) + (self.standing[start] if self.standing else 0)
            return sum(values) / whole if whole else None
        return values[-1] if self.fold == "last" else sum(values)


class Days(msgspec.Struct, frozen=True, dict=True):
    """Calendar days on the operator's clock; a day has 23 or 25 hours when the clocks change."""

    first: date
    count: int
    zone: tzinfo

    @cached_property
    def bounds(self) -> list[Timestamp]:
        """When each day begins, and when the last one ends."""
        return [midnight(self.first + timedelta(days=each), self.zone) for each in range(self.count + 1)]

    @property
    def dates(self) -> list[date]:
        return [self.first + timedelta(days=each) for each in range(self.count)]

    @property
    def since(self) -> Timestamp:
        return self.bounds[0]

    @property
    def until(self) -> Timestamp:
        return self.bounds[-1]

    def totals(self, what: Iterable[tuple[Timestamp, float]]) -> tuple[float, ...]:
        """The sum of the amounts of each day; what lies outside is left out."""
        found = [0.0] * self.count
        for moment, amount in what:
            place = bisect_right(self.bounds, moment) - 1
            if 0 <= place < self.count:
                found[place] += amount
        return tuple(found)

    def counts(self, moments: Iterable[Timestamp]) -> tuple[float, ...]:
        """How many of the moments fall into each day."""
        return self.totals((moment, 1) for moment in moments)


def midnight(day: date, zone: tzinfo) -> Timestamp:
    """When a day begins in a zone."""
    return clock.stamp(datetime.combine(day, time(), zone))


def standing(before: int, came: Sequence[float], went: Sequence[float]) -> tuple[float, ...]:
    """How many there were at the end of each day, from how many there were before the first."""
    found, now = [], float(before)
    for more, fewer in zip(came, went, strict=True):
        now += more - fewer
        found.append(now)
    return tuple(found)
