"""The only place that asks what time it is, so that it can be held still."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from halo_engine.errors import Usage

Timestamp = str
"""An instant as UTC text of fixed width, `2026-11-20T14:02:11.000000Z`: sorts as it reads."""

_held: datetime | None = None


def now() -> datetime:
    """The present instant, aware, in UTC; what `held` or `HALO_NOW` (an ISO time) says, where one does.

    Raises Usage when `HALO_NOW` is no time.
    """
    if _held is not None:
        return _held
    fixed = os.environ.get("HALO_NOW")
    try:
        return datetime.fromisoformat(fixed).astimezone(UTC) if fixed else datetime.now(UTC)
    except ValueError as error:
        raise Usage(f"HALO_NOW is no time: {fixed}", "2026-11-20T14:00:00+00:00") from error


@contextmanager
def held(instant: datetime) -> Iterator[None]:
    """Hold time still in this process, for what is made up about the past."""
    global _held
    before, _held = _held, instant.astimezone(UTC)
    try:
        yield
    finally:
        _held = before


def stamp(instant: datetime | None = None) -> Timestamp:
    """An instant (default: now) as a `Timestamp`."""
    return (instant or now()).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def instant(text: Timestamp) -> datetime:
    """A `Timestamp` as an aware datetime.

    Raises ValueError for text that is not an ISO time.
    """
    return datetime.fromisoformat(text)
