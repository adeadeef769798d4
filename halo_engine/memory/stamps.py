"""Times in frontmatter: ISO dates and times as people and other tools write them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from halo_engine import clock
from halo_engine.clock import Timestamp

_OURS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def read(text: str, *, end: bool = False) -> Timestamp:
    """A time in frontmatter as a `Timestamp`: without a zone it is UTC, a day is its beginning, or with `end` its end.

    Empty for what is no ISO time.
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
        return ""


def written(time: Timestamp) -> str:
    """A `Timestamp` as frontmatter has it: to the second, or finer where it says more."""
    return time if not time.endswith(".000000Z") else f"{time[:19]}Z"
