"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from halo_engine.briefings.events import BriefingSent, BriefingWritten, DeliveryFailed, PartSent
from halo_engine.briefings.store import Briefing
from halo_engine.events.model import Event
from halo_engine.events.projection import Projection


def date_of(stream: str) -> str:
    """`briefing/2026-11-21` -> `2026-11-21`."""
    return stream.partition("/")[2]


briefings = Projection("briefings", module="briefing", main=Briefing, key=date_of)


@briefings.on(BriefingWritten)
def written(row: Briefing | None, data: BriefingWritten, event: Event) -> Briefing:
    sent = row.sent if row else {}
    return Briefing(
        date_of(event.stream),
        event.version,
        data.moment,
        data.prose,
        data.sections,
        data.hash,
        data.model,
        sent=sent,
        since=data.since,
    )


@briefings.on(PartSent)
def part_sent(row: Briefing, data: PartSent, event: Event) -> Briefing:
    return row.with_(version=event.version, parts=row.parts | {data.channel: data.part})


@briefings.on(BriefingSent)
def sent(row: Briefing, data: BriefingSent, event: Event) -> Briefing:
    kept = {channel: count for channel, count in row.parts.items() if channel != data.channel}
    return row.with_(version=event.version, parts=kept, sent=row.sent | {data.channel: event.time}, failure="")


@briefings.on(DeliveryFailed)
def failed(row: Briefing, data: DeliveryFailed, event: Event) -> Briefing:
    return row.with_(version=event.version, failure=f"{data.channel}: {data.reason}")
