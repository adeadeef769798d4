"""The rows that briefings keep. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from halo_engine.clock import Timestamp
from halo_engine.digest import Section
from halo_engine.events.table import Row


class Briefing(Row, frozen=True):
    """A day's briefing as it was last written."""

    table: ClassVar = "briefing"

    date: str
    """`2026-11-21`, in the operator's zone."""
    version: int
    moment: Timestamp
    prose: str
    sections: tuple[Section, ...]
    hash: str
    model: str = ""
    parts: dict[str, int] = {}
    """Channel -> how many of its messages have been delivered."""
    sent: dict[str, Timestamp] = {}
    """Channel -> when the whole had been delivered."""
    failure: str = ""
    """Why the last delivery failed."""
    since: Timestamp = ""
    """From when on it tells what happened; empty for one of an older Halo: from the day before."""
