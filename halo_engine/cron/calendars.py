"""A schedule as systemd's calendar events, also where the clocks change.

systemd leaves out a time that a change of the clocks skips, at times with those after it, and of an hour that comes
twice it takes the first. Cron makes up for what was skipped right after the gap, and follows the clock through both
hours. So a job that this is about gets events more, in UTC: the minutes of a day at which cron would run it right after
a change. On other days nothing is due then.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import tzinfo
from itertools import takewhile

import msgspec

from halo_engine.cron.expression import DAY, Expression
from halo_engine.cron.schedule import following, jumps

WEEKDAYS = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")
FULL = (60, 24, 31, 12, 7)
"""How many values each field has."""
AHEAD = 3 * 366
"""Days within which changes of the clocks are looked for."""


def calendar(expression: Expression) -> list[str]:
    """An expression as calendar events of systemd; one day rule each where either is enough."""
    months, days, hours, minutes = (
        listed(values, full)
        for values, full in (
            (expression.months, FULL[3]),
            (expression.days, FULL[2]),
            (expression.hours, FULL[1]),
            (expression.minutes, FULL[0]),
        )
    )
    week = ",".join(WEEKDAYS[day] for day in sorted(expression.weekdays))
    every_weekday, every_day = len(expression.weekdays) == FULL[4], len(expression.days) == FULL[2]
    clock = f"{hours}:{minutes}:00"
    by_month, by_week = f"*-{months}-{days} {clock}", f"{week} *-{months}-* {clock}"
    if expression.both:
        return [f"{'' if every_weekday else week + ' '}*-{months}-{days} {clock}"]
    return [f"*-{months}-* {clock}"] if every_weekday or every_day else [by_month, by_week]


def listed(values: frozenset[int], full: int) -> str:
    return "*" if len(values) == full else ",".join(f"{value:02}" for value in sorted(values))


def beside(expression: Expression, zone: tzinfo, now: float) -> list[str]:
    """The calendar events that a job needs beside those of its expression, for the changes of the clocks to come."""
    daily = msgspec.structs.replace(
        expression, days=frozenset(range(1, 32)), months=frozenset(range(1, 13)), weekdays=frozenset(range(7))
    )
    hours: dict[int, set[int]] = defaultdict(set)
    for change, before, after in jumps(zone, now, AHEAD):
        skipped = {minute % DAY for minute in range(change + before, change + after)}
        if after < before or not skipped.isdisjoint(daily.times):
            for second in _within(daily, zone, 60 * change, 60 * abs(after - before)):
                hours[second // 3600 % 24].add(second // 60 % 60)
    return [f"*-*-* {hour:02}:{listed(frozenset(minutes), FULL[0])}:00 UTC" for hour, minutes in sorted(hours.items())]


def _within(expression: Expression, zone: tzinfo, start: int, length: int) -> Iterator[int]:
    """The times of cron in `start <= second < start + length`."""
    return takewhile(lambda second: second < start + length, following(expression, zone, start - 1))
