"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from msgspec.structs import replace

from halo_engine import clock
from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.events.table import Row
from halo_engine.memory.events import (
    NoteArchived,
    NoteGone,
    NoteRestored,
    NoteUsed,
    NoteWritten,
    ProposalDecided,
)
from halo_engine.memory.notes import ARCHIVE
from halo_engine.memory.store import Decision, Record, pair_key

DAY = timedelta(days=1)
REFRESHING = {"", "new", "edit", "merge", "undo"}
"""Verbs that change what a note says; empty is a person's editor."""


def id_of(stream: str) -> str:
    """`note/note-42` -> `note-42`."""
    return stream.partition("/")[2]


memory = Projection("memory", module="note", main=Record, others=(Decision,), key=id_of)


def touched(row: Record | None, event: Event, **changes: object) -> Record:
    """The note after an event; a new one where this is the first that is known of it."""
    if row is None:
        row = Record(id_of(event.stream), 0, "", "", "live", event.time, event.time, event.actor)
    return replace(row, version=event.version, **changes)


@memory.on(NoteWritten)
def written(row: Record | None, data: NoteWritten, event: Event) -> Record:
    refreshed = row is not None and data.did in REFRESHING and data.hash != row.hash
    before = row.written if row else ""
    time = event.time if refreshed or (row is None and data.did == "new") else before
    state = "archived" if data.path.startswith(ARCHIVE) else "live"
    row = touched(row, event, path=data.path, hash=data.hash, state=state, written=time)
    return replace(row, changed=event.time, changed_by=event.actor)


@memory.on(NoteArchived)
def archived(row: Record | None, data: NoteArchived, event: Event) -> Record:
    return touched(row, event, path=data.path, state="archived", reason=data.reason)


@memory.on(NoteRestored)
def restored(row: Record | None, data: NoteRestored, event: Event) -> Record:
    return touched(row, event, path=data.path, state="live", reason="")


@memory.on(NoteGone)
def gone(row: Record | None, data: NoteGone, event: Event) -> Record:
    return touched(row, event, path=data.path, state="gone")


@memory.on(NoteUsed)
def used(row: Record | None, data: NoteUsed, event: Event) -> Record:
    row = touched(row, event)
    strength = decayed(row.strength, row.used, event.time, data.half_life) + data.weight
    return replace(row, strength=strength, used=event.time, uses=row.uses + 1)


def decayed(strength: float, since: str, until: str, half_life: float) -> float:
    """A strength after the time between two stamps, halved every `half_life` days."""
    if not since or not strength:
        return 0.0
    days = max((clock.instant(until) - clock.instant(since)) / DAY, 0.0)
    return float(strength * 2 ** (-days / half_life))


@memory.on(ProposalDecided)
def decided(row: Record | None, data: ProposalDecided, event: Event) -> Iterable[Row]:
    row = touched(row, event)
    accepted = event.type.endswith("accepted")
    yield row
    yield Decision(
        pair_key(row.id, data.target), row.id, data.target, accepted, event.time, event.actor, data.score, data.reason
    )
