"""Which notes go into the archive, and back. Nothing is ever deleted."""

from __future__ import annotations

import msgspec

from halo_engine import clock
from halo_engine.errors import NotAllowed
from halo_engine.events.model import Event
from halo_engine.memory import archiving, decay, queries
from halo_engine.memory.config import MemorySettings, memory_settings
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.store import Record
from halo_engine.memory.sync import looked
from halo_engine.memory.writing import Changed, changing, find
from halo_engine.workspace import Workspace

LINKED = "linked"
"""In `prune_spares`: notes that one links which has not decayed itself."""


class Candidate(msgspec.Struct, frozen=True):
    """A note that `prune` would archive."""

    id: str
    title: str
    type: str
    score: float
    reason: str


class Pruned(msgspec.Struct, frozen=True):
    """What `prune` found, or did."""

    notes: list[Candidate]
    """The least worth first."""
    looked_at: int
    archived: int
    events: list[Event]


def candidates(workspace: Workspace) -> list[Candidate]:
    """The notes that have decayed below `prune_below`, or whose claim is over; the least worth first. Never a pinned
    one, and none that `prune_spares` names.
    """
    with looked(workspace) as index:
        return _candidates(workspace, index)


def _candidates(workspace: Workspace, index: Index) -> list[Candidate]:
    settings, scores, now = memory_settings(workspace), decay.scores(workspace, index), clock.stamp()
    living = {note for note, score in scores.items() if score >= settings.prune_below}
    linked, superseded = _linked(index, living), _superseded(index)
    records = queries.records(workspace)
    found = []
    for row in index.select("WHERE NOT archived AND NOT pinned AND fault = ''"):
        over = _over(row, superseded, now)
        spared = row.type in settings.prune_spares or (LINKED in settings.prune_spares and row.row in linked)
        if (over or scores[row.id] < settings.prune_below) and not (spared and not over):
            reason = over or _reason(workspace, row, settings, records.get(row.id))
            found.append(Candidate(row.id, row.title, row.type, round(scores[row.id], 4), reason))
    return sorted(found, key=lambda each: (each.score, each.id))


def _over(row: NoteRow, superseded: dict[int, str], now: str) -> str:
    """Why the claim does not hold any more; empty where it does. Being superseded alone does not archive a note."""
    if not row.expires or row.expires > now:
        return ""
    by = f", superseded by {superseded[row.row]}" if row.row in superseded else ""
    return f"expired on {row.expires[:10]}{by}"


def _reason(workspace: Workspace, row: NoteRow, settings: MemorySettings, record: Record | None) -> str:
    since = (row.created or row.modified)[:10] or "an unknown day"
    used = f"used {record.uses} times, last {record.used[:10]}" if record and record.uses else "never used"
    life = decay.half_life(workspace, row.type)
    return f"below {settings.prune_below:g}: written {since}, {used}, half-life {life:g} days"


def _linked(index: Index, living: set[str]) -> set[int]:
    sql = (
        "SELECT DISTINCT note.id, target FROM link JOIN note ON note.row = link.source "
        "WHERE target IS NOT NULL AND link.source <> target AND kind <> 'supersedes' AND NOT note.archived"
    )
    return {row for note, row in index.all(sql) if note in living}


def _superseded(index: Index) -> dict[int, str]:
    sql = "SELECT target, note.id FROM link JOIN note ON note.row = link.source WHERE kind = 'supersedes'"
    return dict(index.all(f"{sql} AND target IS NOT NULL"))


def prune(workspace: Workspace, *, execute: bool = False, limit: int = 0) -> Pruned:
    """What would go into the archive; with `execute` (and not in a dry run) it goes there. `limit` 0 is all.

    Each note is moved, recorded and indexed by itself: an interruption leaves the rest for the next time.
    """
    found = candidates(workspace)
    wanted = found[: limit or None]
    with looked(workspace) as index:
        total = index.one("SELECT count(*) FROM note WHERE NOT archived")
    events: list[Event] = []
    if execute:
        for each in wanted:
            events += _archive(workspace, each)
    return Pruned(wanted, total, len(events) if not workspace.dry_run else 0, events)


def _archive(workspace: Workspace, what: Candidate) -> list[Event]:
    with changing(workspace) as index:
        row = find(workspace, index, what.id)
        if row.archived:
            return []
        return archiving.archive(workspace, index, row, reason=what.reason, score=what.score)


def restore(workspace: Workspace, reference: str) -> Changed:
    """Bring a note back from the archive, to where it was. That counts as a use of it.

    Raises NotFound, Conflict where another file is at its place, NotAllowed for one that was never archived.
    """
    with changing(workspace) as index:
        row = find(workspace, index, reference)
        if not row.archived:
            record = queries.records(workspace, [row.id]).get(row.id)
            if record is None:
                raise NotAllowed(f"{row.id} is not in the archive", "memctl prune shows what would go there")
            return Changed(row, [], f"{row.id} is not in the archive; nothing changed")
        events = archiving.restore(workspace, index, row)
        after = row if workspace.dry_run else queries.find(index, row.id)
    from halo_engine.memory import using

    over = bool(after.expires) and after.expires <= clock.stamp()
    said = f"it expired on {after.expires[:10]}: prune archives it again until `memctl edit --expires` says otherwise"
    return Changed(after, [*events, *using.used(workspace, [(after, 1.0)])], said if over else "")
