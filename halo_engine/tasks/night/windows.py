"""The window of the day in which work may start, `22:00-05:30` on the operator's clock. Pure functions of instants.

When the clocks go forward, a window keeps what is left of it; one that is skipped as a whole opens right after the gap,
for its usual length, so that no night is lost. When they go back, a window that comes twice is open from its first
start to its last end.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from halo_engine.errors import Usage

PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]$"
DAY = timedelta(days=1)
REACH = 3
"""Days around an instant whose windows can matter to it: a window of 24 hours, and a zone that skips a day."""


class Window(Struct, frozen=True):
    """From `start` up to, and without, `end`; over midnight when `end` is earlier; all day when they are equal."""

    start: time
    end: time

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    @property
    def length(self) -> timedelta:
        """On a day without a change of the clocks."""
        begin, end = (timedelta(hours=each.hour, minutes=each.minute) for each in (self.start, self.end))
        return end - begin if end > begin else end - begin + DAY


def parse(text: str) -> Window:
    """A window as people write it.

    Raises Usage for anything but `HH:MM-HH:MM`.
    """
    if not re.match(PATTERN, text) or text.endswith("\n"):
        raise Usage(f"not a window: {text[:40]!r}", "a window reads 02:00-05:00; 22:00-05:30 goes over midnight")
    start, end = (time.fromisoformat(part) for part in text.split("-"))
    return Window(start, end)


def contains(window: Window, instant: datetime, zone: tzinfo) -> bool:
    """Whether the window is open then."""
    return any(opens <= instant < closes for opens, closes in _around(window, instant, zone))


def next_opening(window: Window, instant: datetime, zone: tzinfo) -> datetime:
    """When the window is open next: the instant itself when it is open then."""
    if contains(window, instant, zone):
        return instant
    return next(opens for opens, _ in _around(window, instant, zone) if opens > instant)


def closes(window: Window, instant: datetime, zone: tzinfo) -> datetime | None:
    """When the window that is open then, or else the next one, closes; None for one that never does."""
    if window.start == window.end:
        return None
    end = next_opening(window, instant, zone)
    for opens, close in _around(window, end, zone):
        if opens <= end < close:
            end = close
    return end


def _around(window: Window, instant: datetime, zone: tzinfo) -> list[tuple[datetime, datetime]]:
    """The windows of the days around an instant as pairs of opening and closing in UTC, in order."""
    today = instant.astimezone(zone).date()
    return [_on(window, today + days * DAY, zone) for days in range(-REACH, REACH + 1)]


def _on(window: Window, day: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """The window that begins on a day."""
    last = day if window.end > window.start else day + DAY
    opens = _instant(datetime.combine(day, window.start), zone, last=False)
    close = _instant(datetime.combine(last, window.end), zone, last=window.start != window.end)
    return opens, close if close > opens else opens + window.length


def _instant(local: datetime, zone: tzinfo, *, last: bool) -> datetime:
    """The instant of a local time: of two, the first or the last; right after the gap when it is skipped."""
    instant = local.replace(tzinfo=zone, fold=int(last)).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None, fold=0) == local:
        return instant
    low = local.replace(tzinfo=zone, fold=1).astimezone(UTC)
    high = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):  # bisect for the change of the offset
        middle = low + (high - low) // 2
        low, high = (middle, high) if middle.astimezone(zone).utcoffset() == before else (low, middle)
    return high.replace(microsecond=0)
