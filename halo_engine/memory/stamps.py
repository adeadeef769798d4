"""Times in frontmatter: ISO dates and times as people and other tools write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from halo_engine import clock
from halo_engine.clock import Timestamp

_OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAYS = ("%d %B, %Y", "%d %B %Y", "%d %b %Y", "%B %d, %Y", "%b %d, %Y", "%Y/%m/%d", "%Y/%m/%d (%a)")
_FORMS = (*_DAYS, *(f"%I:%M %p on {day}" for day in _DAYS), *(f"{day} %H:%M" for day in _DAYS))
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def read(text: str, *, end: bool = False) -> Timestamp:
    """A time in frontmatter as a `Timestamp`: without a zone it is UTC, a day is its beginning, or with `end` its end.

    Empty for what is no time.
    """
    if _OURS.fullmatch(text):
        return f"{text[:-1]}.000000Z"
    if not text:
        return ""
    try:
        found = datetime.fromisoformat(text.strip())
        if end and _DAY.fullmatch(text.strip()):
            found += timedelta(days=1, microseconds=-1)
        return clock.stamp(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        return _spoken(" ".join(text.split()))


def _spoken(text: str) -> Timestamp:
    """As other tools and people write it: `1:56 pm on 8 May, 2023`, `May 8, 2023`, `2023/05/20 (Sat) 02:21`."""
    for form in _FORMS:
        try:
            return clock.stamp(datetime.strptime(text, form).replace(tzinfo=UTC))
        except (ValueError, OverflowError):
            continue
    return ""


def written(time: Timestamp) -> str:
    """A `Timestamp` as frontmatter has it: to the second, or finer where it says more."""
    return time if not time.endswith(".000000Z") else f"{time[:19]}Z"
