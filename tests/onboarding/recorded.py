"""Facts as events, without a log."""

from __future__ import annotations

import msgspec

from halo_engine import clock, ids
from halo_engine.events.model import Event, Payload
from halo_engine.onboarding.commands import KINDS


def events_of(facts: tuple[Payload, ...], version: int) -> list[Event]:
    """These facts, after a stream's `version`."""
    return [
        Event(
            place,
            ids.new_id(),
            "user/u",
            place,
            KINDS[type(fact)],
            1,
            clock.stamp(),
            "test@host",
            "",
            None,
            msgspec.json.encode(fact),
        )
        for place, fact in enumerate(facts, version + 1)
    ]
