"""Which days a query speaks of: `7 May 2023`, `in May`, `May 2022`, `2023-05-07`, `in 2022`."""

from __future__ import annotations

import re
from datetime import date

import msgspec

_ALL = "january february march april may june july august september october november december"
MONTHS = _ALL.split()
_NAMES = {name: number for number, name in enumerate(MONTHS, 1)} | {
    name[:3]: number for number, name in enumerate(MONTHS, 1) if name != "may"
}
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
_ISO = re.compile(r"\b(\d{4})-(\d\d)(?:-(\d\d))?\b")
_SPOKEN = re.compile(
    rf"\b(?:(?P<before>\d{{1,2}})(?:st|nd|rd|th)?(?:\s+of)?\s+)?(?P<month>{_MONTH})\b\.?"
    rf"(?:\s+(?P<after>\d{{1,2}})(?:st|nd|rd|th)?\b)?(?:,?\s+(?P<year>(?:19|20)\d\d)\b)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
NEXT_DAYS = 10
"""What happened on a day is told on it, or soon after."""


class Day(msgspec.Struct, frozen=True):
    """A year, month or day; 0 for what is not said."""

    year: int = 0
    month: int = 0
    day: int = 0


def spoken_of(text: str) -> list[Day]:
    """The days of a query, in its order; none where it speaks of none."""
    found = [Day(int(year), int(month), int(day or 0)) for year, month, day in _ISO.findall(text)]
    for each in _SPOKEN.finditer(text):
        word = each["month"]
        if word.lower() in {"may", "mar", "march"} and word.islower() and not (each["before"] or each["year"]):
            continue
        found.append(Day(int(each["year"] or 0), _NAMES[word.lower()], int(each["before"] or each["after"] or 0)))
    years = [int(year) for year in _YEAR.findall(text)]
    if found:
        return [each if each.year or not years else msgspec.structs.replace(each, year=years[0]) for each in found]
    return [Day(year) for year in years]


def closeness(days: list[Day], created: str) -> float:
    """How well the time of a note fits the days of a query: 0 not at all, 1 well, 2 to the day."""
    if not days or not created:
        return 0.0
    year, month, day = int(created[:4]), int(created[5:7]), int(created[8:10])
    return max(_fit(each, year, month, day) for each in days)


def _fit(asked: Day, year: int, month: int, day: int) -> float:
    if not asked.month:
        return 0.5 if asked.year == year else 0.0
    if asked.day:
        gap = _days(asked, year, month, day)
        if 0 <= gap <= NEXT_DAYS:
            return 2.0 if gap <= 2 else 1.0
    months = (year - (asked.year or year)) * 12 + month - asked.month
    fit = 1.0 if months == 0 else 0.4 if months == 1 and asked.year else 0.0
    return fit / 2 if asked.day else fit


def _days(asked: Day, year: int, month: int, day: int) -> int:
    """Days from the one asked for to a note's; -1 for a day that does not exist."""
    try:
        return (date(year, month, day) - date(asked.year or year, asked.month, asked.day)).days
    except ValueError:
        return -1
