"""What a person sees of events on the command line."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from halo_engine import console

if TYPE_CHECKING:
    from halo_engine.events.model import Event
    from halo_engine.events.verify import Verdict


def table(events: Iterable[Event]) -> None:
    """One line an event, the oldest first."""
    rows = [
        (event.position, console.local(event.time), event.stream, event.type, event.source, event.payload.decode())
        for event in events
    ]
    if not rows:
        console.note("no events")
        return
    console.table(("#", console.heading(), "STREAM", "TYPE", "WHO", "SAYS"), rows, right=(0,), cut=True, whole=(0, 1))


def line(event: Event) -> None:
    """One event as it comes, for `tail`."""
    parts = (f"{event.position:>6}", console.moment(event.time), event.stream, event.type, event.source)
    console.line("  ".join((*parts, event.payload.decode())))
    console.flush()


def card(event: Event) -> None:
    """One event in full."""
    fields = [(name, value) for name, value in event.readable().items() if name != "payload"]
    console.table((event.stream, event.type), fields)
    console.line()
    console.line(msgspec.json.format(event.payload, indent=2).decode())


def verdict(found: Verdict) -> None:
    """What a check of the log found."""
    if found.faults:
        console.table(("#", "STREAM", "FAULT"), [(each.position, each.stream, each.what) for each in found.faults])
    word = f"{len(found.faults)} faults" if found.faults else "clean"
    console.line(f"{found.events:,} events in {found.streams:,} streams: {word}")
