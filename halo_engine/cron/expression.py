"""What a crontab's time fields say, read as Debian's cron reads them; what it would misread is refused.

`crontab(5)` describes the fields. Where Debian's cron silently drops what it does not understand (`0~30`, `1-5-9`), or
takes a job that never runs (`30-10`, the 31st of February), the expression is refused with the reason instead.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cached_property

from msgspec import Struct

from halo_engine.errors import Usage

ALIASES = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
MONTHS = {
    "jan": 1,
    "feb": 2,
    "mar": 3,
    "apr": 4,
    "may": 5,
    "jun": 6,
    "jul": 7,
    "aug": 8,
    "sep": 9,
    "oct": 10,
    "nov": 11,
    "dec": 12,
}
WEEKDAYS = {"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}
SUNDAY = 7
"""Beside 0."""
LONGEST_MONTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAY = 24 * 60
"""Minutes."""
LONGER_THAN_A_MONTH = timedelta(days=31)
EPOCH = date(1970, 1, 1).toordinal()
PART = re.compile(r"(?:(?P<star>\*)|(?P<first>[0-9]{1,9}|[A-Za-z]+)(?:-(?P<last>[0-9]{1,9}|[A-Za-z]+))?)(?P<step>/.*)?")
STEP = re.compile(r"/([0-9]{1,9})")
WORD = "[0-9A-Za-z]+"
TAKEN = re.compile(rf"(?P<taken>(?:\*|{WORD}-{WORD})(?:/[0-9]+(?!{WORD}))?|{WORD}(?![-/]))(?P<dropped>.+)")
"""What Debian's cron reads of a part, and what it then passes over up to the next blank."""
HINT = "minute hour day-of-month month day-of-week, as in `30 2 * * mon-fri`, or @hourly, @daily, @weekly, @monthly"


class BadSchedule(Usage, ValueError):
    """A schedule that cron would refuse, misread, or never come to."""


class Field(Struct, frozen=True):
    """One of the five: its name, its bounds, and the names that its values may have."""

    name: str
    low: int
    high: int
    names: dict[str, int] = {}

    def values(self, text: str) -> frozenset[int]:
        """The values that a list of ranges means.

        Raises BadSchedule.
        """
        return frozenset(value for part in text.split(",") for value in self._range(part, text))

    def _range(self, part: str, text: str) -> range:
        found = PART.fullmatch(part)
        if not found or (found["step"] and not found["step"][1:].isalnum() and found["step"] != "/"):
            raise self._fault(text, self._misread(part, text) if part else "has an empty part")
        step = self._step(found["step"], text)
        if found["star"]:
            return range(self.low, self.high + 1, step)
        first = self._value(found["first"], text)
        if found["last"] is None:
            if found["step"]:
                raise self._fault(text, f"has a step without a range; say {first}-{self.high}{found['step']}")
            return range(first, first + 1)
        last = self._value(found["last"], text)
        if last < first:
            sunday = f"; say {found['first']}-7" if self.high == SUNDAY and last == 0 else ""
            raise self._fault(text, f"has a range that runs backwards, {part}: cron would never come to it{sunday}")
        return range(first, last + 1, step)

    def _misread(self, part: str, text: str) -> str:
        """Why a part that is none cannot be had; where Debian's cron would run something else, what.

        Raises BadSchedule for what cron would not run either.
        """
        found = TAKEN.fullmatch(part)
        if not found:
            return f"cannot be read at {part!r}"
        taken, first = found["taken"], found["dropped"][0]
        if (first == "/" and "/" not in taken) or (first.isalnum() and taken != "*"):
            return f"cannot be read at {part!r}"
        self._range(taken, text)
        return f"is not what it seems: cron would run {taken!r}, and pass over {found['dropped']!r}"

    def _value(self, word: str, text: str) -> int:
        value = int(word) if word.isdigit() else self.names.get(word.lower())
        if value is None:
            known = f"; known: {' '.join(self.names)}" if self.names else ""
            raise self._fault(text, f"has {word!r}, which is no number{' or name' * bool(known)}{known}")
        if not self.low <= value <= self.high:
            raise self._fault(text, f"has {value}, which is not within {self.low}-{self.high}")
        return value

    def _step(self, text: str | None, whole: str) -> int:
        found = STEP.fullmatch(text or "/1")
        if not found or int(found[1]) == 0:
            raise self._fault(whole, f"has a step that is no number above 0: {text}")
        return int(found[1])

    def _fault(self, text: str, why: str) -> BadSchedule:
        return BadSchedule(f"the {self.name} field {text[:60]!r} {why[:120]}", HINT)


FIELDS = (
    Field("minute", 0, 59),
    Field("hour", 0, 23),
    Field("day-of-month", 1, 31),
    Field("month", 1, 12, MONTHS),
    Field("day-of-week", 0, 7, WEEKDAYS),
)


class Expression(Struct, frozen=True, dict=True):
    """The minutes of the local calendar that an expression means."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    """0 is Sunday."""
    wild: bool
    """The minute or the hour field begins with `*`: cron takes the job for one that runs by the interval, not at fixed
    times, and does not make it up after a change of the clocks."""
    both: bool
    """One of the day fields begins with `*`: a day must then fit both; else either is enough."""

    @cached_property
    def times(self) -> tuple[int, ...]:
        """The minutes of a day that fits, counted from midnight, ascending."""
        return tuple(sorted(60 * hour + minute for hour in self.hours for minute in self.minutes))

    @cached_property
    def _times(self) -> frozenset[int]:
        return frozenset(self.times)

    def on(self, day: int) -> bool:
        """Whether a day fits, counted from 1970-01-01."""
        when = date.fromordinal(EPOCH + day)
        if when.month not in self.months:
            return False
        by_month, by_week = when.day in self.days, when.isoweekday() % 7 in self.weekdays
        return (by_month and by_week) if self.both else (by_month or by_week)

    def next_on(self, day: int) -> int:
        """The first day that fits, from that one on."""
        while not self.on(day):
            when = date.fromordinal(EPOCH + day)
            if when.month in self.months:
                day += 1
            else:
                day = (when.replace(day=1) + LONGER_THAN_A_MONTH).replace(day=1).toordinal() - EPOCH
        return day

    def at(self, minute: int) -> bool:
        """Whether a minute of the local calendar fits, counted from 1970-01-01 00:00."""
        day, rest = divmod(minute, DAY)
        return rest in self._times and self.on(day)

    @property
    def never(self) -> bool:
        """No year has such a day."""
        return self.both and not any(min(self.days) <= LONGEST_MONTHS[month - 1] for month in self.months)


def parse(text: str) -> Expression:
    """The expression that five fields, or one of the words with `@`, mean.

    Raises BadSchedule with the reason.
    """
    words = ALIASES.get(text.strip(" \t"), text).strip(" \t")
    if words.startswith("@"):
        raise _unknown_word(words)
    fields = re.split(r"[ \t]+", words)
    if len(fields) != len(FIELDS):
        raise BadSchedule(f"a schedule has five fields, {text[:60]!r} has {len(fields) if words else 0}", HINT)
    minutes, hours, days, months, weekdays = (
        field.values(written) for field, written in zip(FIELDS, fields, strict=True)
    )
    minute, hour, day, _, weekday = (written.startswith("*") for written in fields)
    weekdays = frozenset(each % 7 for each in weekdays)
    made = Expression(minutes, hours, days, months, weekdays, wild=minute or hour, both=day or weekday)
    if made.never:
        raise BadSchedule(f"{text[:60]!r} never comes: no month that it names has such a day", HINT)
    return made


def _unknown_word(word: str) -> BadSchedule:
    if word == "@reboot":
        return BadSchedule("@reboot is no time: it means each start of the machine", "leave that to cron or systemd")
    return BadSchedule(f"{word[:60]!r} is no schedule", f"known: {', '.join(ALIASES)}")
