"""A schedule in plain words."""

from __future__ import annotations

from collections.abc import Iterable

from halo_engine.cron.expression import Expression, parse

MINUTES, HOURS, DAYS, MONTHS, WEEKDAYS = range(60), range(24), range(1, 32), range(1, 13), range(7)
STEPPED = (MINUTES, HOURS, DAYS)
"""Where a step may say it better than a list: months and days of the week have names."""
ROUND = {MINUTES: 2, HOURS: 4, DAYS: 5}
"""From how many values on it does when it goes round evenly (`*/30`)."""
MANY = 6
"""From how many values on it does otherwise."""
RUN = 3
"""From how many values on a range does."""


def describe(text: str) -> str:
    """`30 2 * * mon-fri` -> `At 02:30, Monday through Friday`.

    Raises BadSchedule.
    """
    expression = parse(text)
    from cron_descriptor import CasingTypeEnum, Options, get_description

    options = Options()
    options.use_24hour_time_format = True
    options.casing_type = CasingTypeEnum.Sentence
    fields = _fields(expression)
    words = str(get_description(" ".join(fields), options))
    if fields[2] == "*" or fields[4] == "*":
        return words
    if expression.both:
        return words.replace(", or on ", ", and on ") + " (where both hold)"
    return f"{words} (where either holds)"


def _fields(expression: Expression) -> list[str]:
    """The values that the expression means, however it was written: `*/100` is minute 0."""
    week = {day or 7 if 6 in expression.weekdays else day for day in expression.weekdays}
    days, weekdays = _written(expression.days, DAYS), _written(week, WEEKDAYS)
    if not expression.both and "*" in (days, weekdays):
        days = weekdays = "*"
    months = _written(expression.months, MONTHS)
    return [_written(expression.minutes, MINUTES), _written(expression.hours, HOURS), days, months, weekdays]


def _written(values: Iterable[int], whole: range) -> str:
    """Values as a field says them shortest: `*`, `*/5`, `1-5`, `9-17/2`, or one by one."""
    found = sorted(values)
    if len(found) == len(whole):
        return "*"
    first, last = found[0], found[-1]
    step = found[1] - first if len(found) > 1 else 0
    if not step or found != list(range(first, last + 1, step)):
        return ",".join(map(str, found))
    if step == 1 and len(found) >= RUN:
        return f"{first}-{last}"
    if whole in STEPPED and first == whole[0] and len(found) * step == len(whole) and len(found) >= ROUND[whole]:
        return f"*/{step}"
    return f"{first}-{last}/{step}" if whole in STEPPED and len(found) >= MANY else ",".join(map(str, found))
