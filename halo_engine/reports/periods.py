"""Which days a report is about, and which it compares them with."""

from __future__ import annotations

from datetime import date, timedelta, tzinfo

import msgspec

from halo_engine.digest import Days, Measure

HISTORY = {1: 14, 7: 8}
"""Days of a period -> how many periods a sparkline shows, the last one being the report's own."""


class Span(msgspec.Struct, frozen=True):
    """A period of some days, and the periods before it."""

    length: int
    """Days."""
    days: Days
    """All days that are looked at: of the oldest period shown, up to the last of the report's own."""

    @property
    def last(self) -> date:
        return self.days.dates[-1]

    @property
    def first(self) -> date:
        return self.days.dates[-self.length]

    def figures(self, measure: Measure) -> list[float | None]:
        """The measure of each period, the oldest first."""
        starts = range(0, self.days.count, self.length)
        return [measure.over(start, start + self.length) for start in starts]


def ending(last: date, length: int, zone: tzinfo) -> Span:
    """The period of so many days that ends with that day."""
    count = length * HISTORY.get(length, 2)
    return Span(length, Days(last - timedelta(days=count - 1), count, zone))
