"""When cron runs a job: the times of an expression in a time zone, also where the clocks change.

Debian's cron counts the minutes of the local clock. While that clock runs evenly a job runs in the minutes that its
expression means. When it jumps by less than three hours, cron takes it for a change of the clocks (`cron(8)`): a job at
fixed times runs for each minute that was skipped right after the gap, ten seconds apart, and does not run a second time
when an hour comes twice; a job with `*` in its minute or hour just follows the clock. A longer jump is a new beginning.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from datetime import UTC, datetime, tzinfo
from itertools import islice

from halo_engine import times
from halo_engine.cron.expression import DAY, BadSchedule, Expression, parse

LONG = 180
"""Minutes of a jump from which cron does not take it for a change of the clocks."""
LATE = 5
"""Minutes up to which cron takes itself for late: it then does all that it missed."""
FAR = 3 * DAY
"""Minutes before the next day that fits from which on every minute is looked at."""
WHILE = 6 * 60
"""Minutes after a change of the clocks when cron has caught up for certain."""
PAUSE = 10
"""Seconds between two jobs that are made up for."""
WARM = 6 * 60 * 60
"""Seconds before an instant from which on what cron makes up for then is known."""


def next_times(expression: str, timezone: str | tzinfo, start: float, count: int) -> list[int]:
    """The next times at which cron, started at `start`, runs a job: epoch seconds, ascending, each a whole minute.

    `timezone` is an IANA name, or empty for the machine's own. A job that is made up for several times in one minute
    has that minute once.

    Raises BadSchedule, which is a ValueError, for an expression that cron would refuse, misread or never come to, and
    for times beyond the calendar; BadConfig for an unknown time zone.
    """
    zone = times.zone(timezone) if isinstance(timezone, str) else timezone
    return list(islice(fires(parse(expression), zone, start), max(count, 0)))


def following(expression: Expression, zone: tzinfo, after: float) -> Iterator[int]:
    """The times after an instant of a cron that has run since long before it; endless."""
    return (second for second in fires(expression, zone, after - WARM) if second > after)


def fires(expression: Expression, zone: tzinfo, start: float) -> Iterator[int]:
    """See `next_times`; endless."""
    last = None
    try:
        for minute in _minutes(expression, zone, int(start // 60)):
            if minute != last:
                yield minute * 60
            last = minute
    except (OverflowError, ValueError, OSError) as error:
        raise BadSchedule("the calendar ends before the next time", "give an earlier start") from error


def jumps(zone: tzinfo, start: float, days: int) -> Iterator[tuple[int, int, int]]:
    """When the clocks of a zone change within so many days: the first minute after it, in UTC since 1970, and how many
    minutes ahead of UTC the local clock is before and after.
    """
    minute = int(start // 60)
    end = minute + days * DAY
    while minute < end:
        last = _steady(zone, minute)
        before, after = _offset(zone, last), _offset(zone, last + 1)
        if before != after:
            yield last + 1, before, after
        minute = last + 1


def _minutes(expression: Expression, zone: tzinfo, now: int) -> Iterator[int]:
    """The minutes in UTC in which the job runs, from the one after `now`; one may come several times."""
    virtual = now + _offset(zone, now)
    while True:
        offset = _offset(zone, now + 1)
        if now + offset != virtual:
            now, virtual = yield from _over_a_jump(expression, zone, now, virtual)
            continue
        idle = expression.next_on((virtual + 1) // DAY) * DAY - virtual
        if idle > FAR and (later := _undisturbed(zone, now + idle - FAR)) > now:
            now, virtual = later, later + _offset(zone, later)
            continue
        now = _steady(zone, now + 1)
        yield from (local - offset for local in _between(expression, virtual, now + offset))
        virtual = now + offset


def _between(expression: Expression, after: int, until: int) -> Iterator[int]:
    """The local minutes that fit, in `after < minute <= until`."""
    for day in range((after + 1) // DAY, until // DAY + 1):
        if expression.on(day):
            first = day * DAY
            yield from (first + minute for minute in expression.times if after < first + minute <= until)


def _over_a_jump(expression: Expression, zone: tzinfo, now: int, virtual: int) -> Generator[int, None, tuple[int, int]]:
    """Cron's passes after the local clock jumped, until it has caught up. Returns the last minute, in UTC and local.

    `virtual` is the local minute up to which cron has done everything.
    """
    second = (now + 1) * 60 + 1
    while True:
        running = _local(zone, second)
        ahead = running - virtual
        if not -LONG < ahead <= LONG or (expression.wild and ahead > LATE):
            virtual = running
            due = expression.at(running)
        elif ahead <= 0:
            due = expression.wild and expression.at(running)
        else:
            due = False
            while virtual < running and (ahead <= LATE or _local(zone, second) == running):
                if due:
                    yield second // 60
                    second += PAUSE
                virtual += 1
                due = expression.at(virtual)
        if due:
            yield second // 60
        if virtual == _local(zone, second):
            return second // 60, virtual
        if running == _local(zone, second):
            second = (second // 60 + 1) * 60 + 1


def _undisturbed(zone: tzinfo, minute: int) -> int:
    """The last minute up to that one before which the clocks have not changed for a while."""
    while _offset(zone, minute - WHILE) != _offset(zone, minute):
        minute -= WHILE
    return minute


def _steady(zone: tzinfo, minute: int) -> int:
    """The last minute of the next day before which the local clock does not jump."""
    offset, end = _offset(zone, minute), minute + DAY
    if _offset(zone, end) == offset:
        return end
    while end - minute > 1:
        middle = (minute + end) // 2
        minute, end = (middle, end) if _offset(zone, middle) == offset else (minute, middle)
    return minute


def _local(zone: tzinfo, second: int) -> int:
    return second // 60 + _offset(zone, second // 60)


def _offset(zone: tzinfo, minute: int) -> int:
    """Minutes that the local clock is ahead of UTC then."""
    offset = datetime.fromtimestamp(minute * 60, UTC).astimezone(zone).utcoffset()
    assert offset is not None
    return int(offset.total_seconds()) // 60
