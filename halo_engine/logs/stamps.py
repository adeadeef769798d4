"""The time of a record, from whatever a logger writes, as nanoseconds since 1970 in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo
from typing import Any

Nanoseconds = int
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
_BOUNDS = ((10**11, SECOND), (10**14, 10**6), (10**17, 10**3), (2**63, 1))
"""An epoch below the first number is in seconds (up to the year 5138), then milli-, micro-, nanoseconds."""
_ISO = re.compile(
    r"([0-9]{4})[-/]([0-9]{2})[-/]([0-9]{2})[T _t]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[.,]([0-9]{1,9}))?[0-9]*"
    r" ?(?:(Z|z|UTC)|([+-])([0-9]{2}):?([0-9]{2}))?"
)
_DIGIT = re.compile(r"[0-9]")
_NUMBER = re.compile(r"[0-9]{1,19}(?:\.[0-9]{1,9})?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(value: Any, zone: tzinfo = UTC) -> Nanoseconds | None:
    """The instant that a field means: epoch s, ms, us or ns by its size, or ISO text; None for anything else.

    None too for one that 64 bits do not hold, before 1677 or after 2262: such a time (Go's zero, the end of all days)
    stands for "none". `zone` is that of text without an offset.
    """
    if isinstance(value, str):
        return _from_text(value, zone)
    if type(value) is int and 10**11 <= value < 10**14:
        return value * 10**6
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**63:
        return None
    for bound, unit in _BOUNDS:
        if value < bound:
            return value * unit if isinstance(value, int) else round(value * unit)
    return None


def _from_text(text: str, zone: tzinfo) -> Nanoseconds | None:
    try:
        parsed = datetime.fromisoformat(text)
        if len(text) < 19 or text[26:27].isdigit():
            return from_iso(text, zone)
    except ValueError:
        return from_iso(text, zone)
    return _held(nanoseconds(parsed if parsed.tzinfo else parsed.replace(tzinfo=zone)))


def _held(at: Nanoseconds) -> Nanoseconds | None:
    return at if -(2**63) <= at < 2**63 else None


def from_iso(text: str, zone: tzinfo) -> Nanoseconds | None:
    """What the standard library does not take: a comma, nine digits, a space before the offset; also an epoch."""
    found = _ISO.fullmatch(text.strip())
    if found is None:
        plain = _NUMBER.fullmatch(text.strip())
        return instant(float(text) if "." in text else int(text), zone) if plain else None
    return from_match(found, zone)


def from_match(found: re.Match[str], zone: tzinfo) -> Nanoseconds | None:
    """The instant of a match of the ISO pattern; None for a day or hour that does not exist, or is too far away."""
    year, month, day, hour, minute, second = map(int, found.groups()[:6])
    fraction = int((found[7] or "").ljust(9, "0"))
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC if found[8] or found[9] else zone)
    except ValueError:
        return None
    offset = (int(found[10]) * 60 + int(found[11])) * MINUTE * (-1 if found[9] == "-" else 1) if found[9] else 0
    return _held(nanoseconds(moment) + fraction + (SECOND if second == 60 else 0) - offset)


def extremes(values: list[Any], zone: tzinfo = UTC) -> tuple[Nanoseconds | None, Nanoseconds | None]:
    """The earliest and the latest of the instants that many fields of one type mean, as `instant` reads each.

    Where the fields compare as their instants do, only two are read.
    """
    sorts: dict[Any, list[Any]] = {}
    for value in values if type(values[0]) is str else ():
        sorts.setdefault((len(value), value[-1:]), []).append(value)
    found = []
    for alike in list(sorts.values()) or [values]:
        ends = [min(alike), max(alike)] if _comparable(alike) else []
        times = [instant(value, zone) for value in ends]
        if not ends or None in times:
            times = [instant(value, zone) for value in alike]
        found += [time for time in times if time is not None]
    return min(found, default=None), max(found, default=None)


def _comparable(values: list[Any]) -> bool:
    """Whether fields are epochs in one unit, or text that differs in nothing but the digits of its clock."""
    first = values[0]
    if type(first) in {int, float}:
        low, high = min(values), max(values)
        return low > 0 and not any(low < bound <= high for bound, _ in _BOUNDS)
    shape = _ISO.fullmatch(first) if type(first) is str else None
    if shape is None or not (shape[8] or shape[9]):
        return False  # in a zone whose clocks may go back
    clock = shape.end(7) if shape[7] else shape.end(6)
    alike = _DIGIT.sub("[0-9]", re.escape(first[:clock])) + re.escape(first[clock:])
    return re.fullmatch(f"(?:{alike}\n)*", "\n".join((*values, ""))) is not None


def leading(text: str, zone: tzinfo) -> tuple[Nanoseconds | None, int]:
    """The instant at the start of a text, perhaps in brackets, and where it ends; (None, 0) when there is none."""
    bracket = 1 if text[:1] == "[" else 0
    found = _ISO.match(text, bracket)
    if found is None:
        return None, 0
    time, end = from_match(found, zone), found.end()
    return (None, 0) if time is None else (time, end + (text[end : end + 1] == "]" and bracket))


def nanoseconds(moment: datetime) -> Nanoseconds:
    """An aware datetime as nanoseconds since 1970."""
    passed = moment - _EPOCH
    return (passed.days * 86400 + passed.seconds) * SECOND + passed.microseconds * 1000


def iso(at: Nanoseconds) -> str:
    """UTC text of fixed width to the microsecond, `2026-11-20T14:02:11.000000Z`."""
    moment = datetime.fromtimestamp(at // SECOND, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at % SECOND // 1000:06}Z"
