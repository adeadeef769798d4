"""Remembering that a note was of use, for its decay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from halo_engine import clock
from halo_engine.errors import Unavailable
from halo_engine.events.model import Event, New
from halo_engine.events.store import opened
from halo_engine.memory import queries
from halo_engine.memory.events import NoteUsed
from halo_engine.memory.finding.search import Hit
from halo_engine.memory.index import NoteRow
from halo_engine.memory.projection import memory
from halo_engine.workspace import Workspace

COUNTED = 3
"""Notes of a list that count as used."""
AGAIN = timedelta(hours=1)
"""A note that is used again within this time counts once: a loop does not keep it alive."""


def shares(hits: Sequence[Hit]) -> list[tuple[NoteRow, float]]:
    """What a place in a list is worth: 1, 1/2, 1/3, and nothing further down."""
    return [(hit.note, 1 / place) for place, hit in enumerate(hits[:COUNTED], 1)]


def used(workspace: Workspace, found: Sequence[tuple[NoteRow, float]]) -> list[Event]:
    """Record that notes were used, each with a weight; where that cannot be written, it is left."""
    from halo_engine.memory import decay

    if not found or workspace.moment is not None:
        return []
    try:
        known = queries.records(workspace, [row.id for row, _ in found])
        latest = clock.stamp(clock.now() - AGAIN)
        new = [
            New(f"note/{row.id}", "note.item.used", NoteUsed(round(weight, 3), decay.half_life(workspace, row.type)))
            for row, weight in found
            if row.id not in known or known[row.id].used < latest
        ]
        events = workspace.log.append(new) if new else []
        if events and not workspace.dry_run:
            with opened(workspace, memory):
                pass
    except Unavailable:
        return []
    return events
