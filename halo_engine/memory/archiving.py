"""Into the archive and back: the file moves, nothing is deleted, and links to it go on leading to it."""

from __future__ import annotations

from halo_engine.errors import Conflict, HaloError
from halo_engine.events.model import Event, New
from halo_engine.memory import indexing
from halo_engine.memory.config import folder
from halo_engine.memory.events import NoteArchived, NoteRestored
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.notes import ARCHIVE, note_of
from halo_engine.memory.writing import unnoticed
from halo_engine.workspace import Workspace, writing


def archive(workspace: Workspace, index: Index, row: NoteRow, *, reason: str = "", score: float = 0.0) -> list[Event]:
    """Move a note's file into the archive; to be called with an index that is being changed (`writing.changing`)."""
    path = ARCHIVE + row.path
    return _move(
        workspace, index, row, path, New(f"note/{row.id}", "note.item.archived", NoteArchived(path, reason, score))
    )


def restore(workspace: Workspace, index: Index, row: NoteRow) -> list[Event]:
    """Move it back to where it was."""
    path = row.path.removeprefix(ARCHIVE)
    return _move(workspace, index, row, path, New(f"note/{row.id}", "note.item.restored", NoteRestored(path)))


def _move(workspace: Workspace, index: Index, row: NoteRow, path: str, new: New) -> list[Event]:
    """Raises Conflict where another file is at that place."""
    if workspace.dry_run:
        return workspace.log.append([new])
    root = folder(workspace)
    source, target = root / row.path, root / path
    if target.exists():
        raise Conflict(f"{target} is there already", "see which of the two is right, and take the other away")
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        with unnoticed(index, root, row.path), unnoticed(index, root, path):
            source.rename(target)
    try:
        events = workspace.log.append([new])
    except HaloError:
        target.rename(source)
        raise
    data = target.read_bytes()
    indexing.remove(index, row)
    indexing.put(index, note_of(data, path), target.stat().st_mtime_ns)
    return events
