"""The facts that briefings record. Streams are `briefing/2026-11-21`, one a day."""

from __future__ import annotations

from halo_engine.clock import Timestamp
from halo_engine.digest import Section
from halo_engine.events.model import Payload, fact


@fact("briefing.day.written")
class BriefingWritten(Payload, frozen=True, omit_defaults=True):
    moment: Timestamp
    """As of when."""
    prose: str
    """What it says in words, above the facts."""
    sections: tuple[Section, ...]
    hash: str
    """SHA-256 over the facts, hex: two with the same say the same."""
    model: str = ""
    """Which language model wrote the prose; empty: the template."""
    since: Timestamp = ""
    """From when on it tells what happened."""


@fact("briefing.part.sent")
class PartSent(Payload, frozen=True, omit_defaults=True):
    channel: str
    part: int
    """1, 2, 3."""
    parts: int


@fact("briefing.day.sent")
class BriefingSent(Payload, frozen=True, omit_defaults=True):
    channel: str
    parts: int


@fact("briefing.day.not_sent")
class DeliveryFailed(Payload, frozen=True, omit_defaults=True):
    channel: str
    reason: str
