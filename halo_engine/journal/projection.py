"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from msgspec.structs import asdict

from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.journal.events import EntryWritten, WindowSummarised
from halo_engine.journal.store import Entry, Summary


def id_of(stream: str) -> str:
    """`journal/ID` -> `ID`."""
    return stream.partition("/")[2]


journal = Projection("journal", module="journal", main=Entry, others=(Summary,), key=id_of)


@journal.on(EntryWritten)
def written(_: Entry | None, data: EntryWritten, event: Event) -> Entry:
    return Entry(id_of(event.stream), event.position, event.time, event.actor, **asdict(data))


@journal.on(WindowSummarised)
def summarised(_: Entry | None, data: WindowSummarised, event: Event) -> list[Summary]:
    return [Summary(id_of(event.stream)[1:], data.text, data.model, event.time)]
