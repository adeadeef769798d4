"""Bringing the index up to the files, and telling the event log what people changed by hand."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from halo_engine.errors import Unavailable
from halo_engine.events.model import New
from halo_engine.events.store import Store, opened
from halo_engine.memory import index as indices
from halo_engine.memory import indexing, portable, reading, scanning
from halo_engine.memory.config import folder, memory_settings
from halo_engine.memory.events import NoteGone, NoteWritten
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.merges import CONFLICT
from halo_engine.memory.projection import memory
from halo_engine.memory.scanning import Difference
from halo_engine.memory.store import Record
from halo_engine.workspace import Workspace

BULK = 20
"""Files that have changed at a time from which it was no person who read each of them."""
MANY = 1_000
"""Events that are appended at a time."""


class Synced(msgspec.Struct):
    """What a look at the files found."""

    notes: int = 0
    """All there are."""
    new: list[str] = []
    changed: list[str] = []
    gone: list[str] = []
    conflicts: list[str] = []
    """Notes with both sides of a git merge in them."""
    faults: dict[str, str] = {}
    """Path -> what is wrong with it."""

    @property
    def any(self) -> bool:
        return bool(self.new or self.changed or self.gone)


@contextmanager
def looked(workspace: Workspace) -> Iterator[Index]:
    """The index, after a look at what was changed by hand: at every file where they are few, or where the last such
    look was a while ago; else at the folders, which know what was made, moved, replaced or deleted.
    """
    with indices.reading(workspace) as index:
        behind = _is_behind(workspace, index)
        if behind and not workspace.dry_run:
            sync(workspace)
        if not behind or not workspace.dry_run:
            yield index
            return
    with indices.changing(workspace) as index:
        bring_up(workspace, index)
        yield index


def _is_behind(workspace: Workspace, index: Index) -> bool:
    settings, root = memory_settings(workspace), folder(workspace)
    if scanning.folders_changed(index, root):
        return True
    if index.count > settings.scan_limit:
        return bool(time.time() - index.fact("scanned", 0.0) > settings.rescan)
    found = scanning.difference(index, root)
    return bool(found.written or found.gone)


def sync(workspace: Workspace) -> Synced:
    """Look at every file, take in what has changed, and record what people did.

    Raises Unavailable when the memory folder is not there though there are notes.
    """
    root = folder(workspace)
    with indices.changing(workspace) as index:
        if not root.exists() and index.count:
            raise Unavailable(
                f"the memory folder {root} is not there; the index still knows its {index.count:,} notes",
                "is the disk mounted? `memctl index rebuild` accepts that they are gone",
            )
        return bring_up(workspace, index)


def bring_up(workspace: Workspace, index: Index) -> Synced:
    """The same, in an index that is being changed."""
    root = folder(workspace)
    found = scanning.difference(index, root)
    for draft in found.drafts if not workspace.dry_run else ():
        (root / draft).unlink(missing_ok=True)
    report = take_in(workspace, index, found)
    index.state("scanned", time.time())
    return report


def take_in(workspace: Workspace, index: Index, found: Difference) -> Synced:
    """Read the files that have changed."""
    root, before = folder(workspace), {row.path: row for row in _rows(index, [*found.written, *found.gone])}
    for path in found.gone:
        indexing.remove(index, before[path])
    rows: list[NoteRow] = []
    if index.count:
        rows = [indexing.put(index, note, changed) for note, changed in reading.notes(root, found.written)]
    else:
        indexing.fill(index, reading.notes(root, found.written))
        rows = index.select()
    index.connection.execute("DELETE FROM folder")
    index.connection.executemany("INSERT INTO folder VALUES (?, ?)", found.folders.items())
    tell(workspace, index, rows, [before[path] for path in found.gone])
    if rows or found.gone:
        portable.follow(workspace, index)
    return _report(index, rows, before, found)


def _rows(index: Index, paths: list[str]) -> Iterator[NoteRow]:
    for start in range(0, len(paths), MANY):
        part = paths[start : start + MANY]
        yield from index.select(f"WHERE path IN ({', '.join('?' * len(part))})", part)


def _report(index: Index, rows: list[NoteRow], before: dict[str, NoteRow], found: Difference) -> Synced:
    new = {row.path: row.id for row in rows if row.path not in before}
    changed = [row.id for row in rows if row.path in before and row.hash != before[row.path].hash]
    here = set(new.values())
    moved = [before[path].id for path in found.gone if before[path].id in here]
    return Synced(
        notes=index.count,
        new=[each for each in new.values() if each not in moved],
        changed=changed + moved,
        gone=[before[path].id for path in found.gone if before[path].id not in here],
        **faults(index),
    )


def faults(index: Index) -> dict[str, Any]:
    """`conflicts` and `faults` of a report: every file with something wrong in it."""
    found = dict(index.all("SELECT path, fault FROM note WHERE fault <> '' ORDER BY path"))
    return {"conflicts": [path for path, fault in found.items() if fault == CONFLICT], "faults": found}


def tell(workspace: Workspace, index: Index, rows: list[NoteRow], gone: list[NoteRow]) -> None:
    """Record what the event log does not know yet of these notes. Where it cannot be written now, later."""
    if workspace.dry_run or workspace.moment is not None:
        return
    if index.fact("untold"):
        rows = index.select()
    if not rows and not gone:
        return
    try:
        with opened(workspace, memory) as store:
            new = list(_news(store, rows, gone))
        for start in range(0, len(new), MANY):
            workspace.log.append(new[start : start + MANY])
        index.state("untold", None)
    except Unavailable:
        index.state("untold", 1)


def _news(store: Store, rows: list[NoteRow], gone: list[NoteRow]) -> Iterator[New]:
    known = {each.id: each for each in _records(store, [row.id for row in (*rows, *gone)])}
    here = {row.id for row in rows}
    did = "bulk" if len(rows) >= BULK else ""
    for row in rows:
        record = known.get(row.id)
        if record is None or record.state == "gone" or (record.hash, record.path) != (row.hash, row.path):
            yield New(f"note/{row.id}", "note.item.found", NoteWritten(row.path, row.hash, row.title, row.type, did))
    for row in gone:
        record = known.get(row.id)
        if record and record.state != "gone" and record.path == row.path and row.id not in here:
            yield New(f"note/{row.id}", "note.item.gone", NoteGone(row.path))


def _records(store: Store, ids: list[str]) -> list[Record]:
    if len(ids) > MANY:
        return store.select(Record)
    return store.select(Record, f"WHERE id IN ({', '.join('?' * len(ids))})", ids)
