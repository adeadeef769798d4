"""The facts that the journal records. Streams are `journal/ID`, one an entry, and `journal/@HASH`, one a window."""

from __future__ import annotations

from halo_engine.events.model import Payload, fact


@fact("journal.entry.written")
class EntryWritten(Payload, frozen=True, omit_defaults=True):
    text: str
    tags: tuple[str, ...] = ()
    mood: str = ""
    """A word."""
    energy: int | None = None
    """1 to 10."""


@fact("journal.window.summarised")
class WindowSummarised(Payload, frozen=True, omit_defaults=True):
    """What the language model made of some entries; asked for once."""

    text: str
    model: str
    entries: int
