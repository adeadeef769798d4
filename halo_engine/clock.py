"""The only place that asks what time it is, so that a test can hold time still."""

from __future__ import annotations

import os
from datetime import UTC, datetime

Timestamp = str
"""An instant as UTC text of fixed width, `2026-11-20T14:02:11.000000Z`: sorts as it reads."""


def now() -> datetime:
    """The present instant, aware, in UTC; `HALO_NOW` (an ISO time) holds it still."""
    held = os.environ.get("HALO_NOW")
    return datetime.fromisoformat(held).astimezone(UTC) if held else datetime.now(UTC)


def stamp(instant: datetime | None = None) -> Timestamp:
    """An instant (default: now) as a `Timestamp`."""
    return (instant or now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: Timestamp) -> datetime:
    """A `Timestamp` as an aware datetime.

    Raises ValueError for text that is not an ISO time.
    """
    return datetime.fromisoformat(text)
