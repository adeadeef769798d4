"""Times and durations as people write them, read strictly, and instants as a table shows them."""

from __future__ import annotations

import os
import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path

from halo_engine.errors import BadConfig, Usage

DURATIONS = "90s, 15m, 2h, 2h30m, 7d or 1w"
MOMENTS = (
    "2026-11-20, '2026-11-20 14:30', 2026-11-20T14:30:00+02:00, now, today, tomorrow, yesterday, friday, "
    "'friday 09:00', 14:30, or a time from now such as 3d or 2h30m"
)

_DURATION = re.compile(r"(?:([0-9]{1,9})w)?(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?(?:([0-9]{1,9})s)?")
_WHEN = re.compile(
    r"(?:(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[a-z]+)(?:$|(?:(?<=[0-9])t| +)(?=[0-9])))?"
    r"(?:(?P<time>[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?)(?: ?(?P<offset>z|[+-][0-9]{2}:?[0-9]{2}))?)?"
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAY_WORDS = {"today": 0, "tomorrow": 1, "yesterday": -1}
_MACHINE = Path("/etc/localtime")
_EPOCH = date(1970, 1, 1)
_FIRST_SECOND, _LAST_SECOND = time(), time(23, 59, 59, fold=1)


def duration(text: str) -> timedelta:
    """A length of time: `90s`, `15m`, `2h30m`, `7d`, `1w`, the larger units first, each at most once.

    Raises Usage for anything else.
    """
    found = _DURATION.fullmatch(text.strip())
    if not text.strip() or not found:
        raise Usage(f"{_shown(text)} is not a length of time", f"accepted: {DURATIONS}")
    try:
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise Usage(f"{_shown(text)} is too long a time", f"accepted: {DURATIONS}") from error


def moment(text: str, now: datetime, zone: tzinfo, *, end: bool = False, past: bool = False) -> datetime:
    """An instant, in UTC, from what a person wrote in their own zone.

    A day without a time means its beginning, or with `end` its last second. `friday` is the next one, never today;
    `14:30` the next 14:30; `3d` three days from now. With `past` these look back: the last Friday, the last 14:30,
    three days ago. A sign (`+3d`, `-3d`) always decides. Days and weeks keep the time on the clock, hours and
    smaller count real time.

    When the clocks go back, a time that comes twice means the first (the last second of a day: the second). When
    they go forward, a time that is skipped means as much later as was skipped.

    Raises Usage for anything else.
    """
    words = text.strip().lower()
    local = now.astimezone(zone)
    try:
        found = _relative(words, local, past) or _absolute(words, local, end, past)
        if found is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise Usage(f"{_shown(text)} is not a time that exists: {error}", f"accepted: {MOMENTS}") from error
    raise Usage(f"{_shown(text)} is not a time", f"accepted: {MOMENTS}")


def backwards() -> Usage:
    """The error for a window that ends before it begins."""
    return Usage("--until is before --since: nothing can be between them", "swap them")


def _shown(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def _relative(words: str, now: datetime, past: bool) -> datetime | None:
    if words == "now":
        return now
    sign, length = (words[0], words[1:]) if words[:1] in ("+", "-") else ("-" if past else "+", words)
    found = _DURATION.fullmatch(length)
    if not length or not found:
        return None
    direction = -1 if sign == "-" else 1
    weeks, days, hours, minutes, seconds = (direction * int(part or 0) for part in found.groups())
    on_the_clock = now + timedelta(weeks=weeks, days=days)
    return on_the_clock.astimezone(UTC) + timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _absolute(words: str, now: datetime, end: bool, past: bool) -> datetime | None:
    """A day, a time, or both, in the zone of `now` or at the offset given; None when it is neither."""
    found = _WHEN.fullmatch(words)
    if not words or not found:
        return None
    if found["offset"]:
        now = now.astimezone(datetime.strptime(found["offset"].upper(), "%z").tzinfo)
    clock = _clock(found["time"]) if found["time"] else None
    if clock and not found["day"]:
        return _next_time(clock, now, past)
    day = _day(found["day"], now.date(), past)
    if day is None:
        return None
    return datetime.combine(day, clock or (_LAST_SECOND if end else _FIRST_SECOND), now.tzinfo)


def day(text: str) -> date:
    """`2026-11-20`: a day of the calendar on which something can have happened.

    Raises Usage for anything else.
    """
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Usage(f"{text[:40]!r} is no date", "write it as 2026-11-21") from None
    if found.year <= _EPOCH.year:
        raise Usage(f"{found} is too long ago", "give a day after 1970")
    return found


def _clock(text: str) -> time:
    hour, minute, second = (*text.split(":"), "0")[:3]
    whole, _, fraction = second.partition(".")
    return time(int(hour), int(minute), int(whole), int(fraction.ljust(6, "0")))


def _day(name: str, today: date, past: bool) -> date | None:
    if name in _DAY_WORDS:
        return today + timedelta(days=_DAY_WORDS[name])
    weekdays = [n for n, weekday in enumerate(_WEEKDAYS) if name in {weekday, weekday[:3]}]
    if weekdays:
        ahead = (weekdays[0] - today.weekday()) % 7
        return today + timedelta(days=ahead - 7 if past else ahead or 7)
    return date.fromisoformat(name) if name[0].isdigit() else None


def _next_time(clock: time, now: datetime, past: bool) -> datetime:
    today = datetime.combine(now.date(), clock, now.tzinfo)
    passed = today.astimezone(UTC) <= now.astimezone(UTC)
    return today + timedelta(days=(not past and passed) - (past and not passed))


def zone(name: str = "") -> tzinfo:
    """The time zone of that IANA name; empty: the one this machine is set to (`TZ`, `/etc/localtime`, else UTC).

    Raises BadConfig for a name that does not exist.
    """
    name = name or told()
    if not name:
        return machine()
    if name == "UTC":
        return UTC
    from zoneinfo import ZoneInfo

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise BadConfig(f"there is no time zone {_shown(name)}", "write a name such as Europe/Riga or UTC") from error


def machine() -> tzinfo:
    """The time zone that the machine itself is set to, whatever `TZ` says; UTC where it does not say."""
    if machine_name() in {"UTC", "Etc/UTC"}:
        return UTC  # as most servers are: it spares them the tables of all zones
    from zoneinfo import ZoneInfo

    try:
        with _MACHINE.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (ValueError, OSError):
        return UTC


def machine_name() -> str:
    """The IANA name of `machine`; empty where the system does not tell it."""
    return str(_MACHINE.resolve()).partition("/zoneinfo/")[2]


def told() -> str:
    """The time zone that `TZ` names, which other programs on this machine need not know of; empty for none."""
    return os.environ.get("TZ", "").removeprefix(":")


def own_name() -> str:
    """The IANA name of `zone()`; empty where the system does not tell it."""
    return told() or machine_name()


_UNITS = ((365 * 86400, "y"), (7 * 86400, "w"), (86400, "d"), (3600, "h"), (60, "m"), (1, "s"))


def ago(then: datetime, now: datetime) -> str:
    """How long before `now` that was, in its largest unit: `3m`; `in 2h` when it is yet to come; `now`."""
    seconds = int((now - then).total_seconds())
    length = abs(seconds)
    if length == 0:
        return "now"
    size, unit = next((size, unit) for size, unit in _UNITS if length >= (2 * size if unit == "w" else size))
    return f"{'in ' if seconds < 0 else ''}{length // size}{unit}"


def span(seconds: float) -> str:
    """A duration in at most two units: `0.4s`, `42s`, `3m 05s`, `1h 02m`, `2d 03h`."""
    if seconds < 9.95:
        return f"{max(seconds, 0):.1f}s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole}s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02}s"
    if whole < 86400:
        return f"{whole // 3600}h {whole % 3600 // 60:02}m"
    return f"{whole // 86400}d {whole % 86400 // 3600:02}h"
