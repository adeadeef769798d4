"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import asdict

from halo_engine.agents.events import SessionObserved
from halo_engine.agents.store import Session, Use
from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.events.table import Row


def key_of(stream: str) -> str:
    """`session/claude_code/ID` -> `claude_code/ID`."""
    return stream.partition("/")[2]


agents = Projection("agents", module="session", main=Session, others=(Use,), key=key_of)


@agents.on(SessionObserved)
def observed(_: Session | None, data: SessionObserved, event: Event) -> Iterable[Row]:
    key = key_of(event.stream)
    source, identity = key.split("/", 1)
    said = asdict(data)
    for slot in said.pop("usage"):
        place = f"{key}|{slot.start}|{slot.model}|{slot.tier}|{slot.band}|{slot.paid:d}"
        yield Use(key=place, session=key, **asdict(slot))
    yield Session(key=key, id=identity, source=source, revision=event.version, **said)
