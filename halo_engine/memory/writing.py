"""Writing a note: its file, the fact that it was written, its place in the index; all under the index's lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from halo_engine.errors import BadData, HaloError, NotAllowed, NotFound
from halo_engine.events.model import Event, New, Payload
from halo_engine.events.store import opened
from halo_engine.memory import index as indices
from halo_engine.memory import indexing, portable, queries, scanning, sync
from halo_engine.memory.config import folder
from halo_engine.memory.events import TEXT_LIMIT, NoteWritten
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.notes import Document, Note, note_of
from halo_engine.memory.projection import memory
from halo_engine.workspace import Workspace, replace, writing

NOTES = "notes/"
"""Below the memory folder: where new notes go."""


class Changed(msgspec.Struct, frozen=True):
    """What a verb did."""

    note: NoteRow
    """As it is now (in a dry run: as it would be)."""
    events: list[Event]
    """Appended (in a dry run: that would be); empty when everything was so already."""
    said: str = ""
    """Why nothing was appended, or a warning."""


class Editing:
    """A note under change."""

    def __init__(self, row: NoteRow, document: Document) -> None:
        self.row = row
        self.before = document
        self.document = document
        self.changed = Changed(row, [], f"{row.id} says so already; nothing changed")

    def set(self, key: str, value: str | list[str] | None) -> None:
        """Set a key of the frontmatter, or (None) take it away; nothing where it says so already."""
        if self.document.fields().get(key) != value:
            self.document = self.document.set(key, value)


@contextmanager
def changing(workspace: Workspace) -> Iterator[Index]:
    """The index, locked, for a command that writes notes; the portable index follows where that is cheap.

    What people have changed by hand meanwhile is not looked for: `find` and `edit` do so on need.
    """
    _catch_up(workspace)
    with indices.changing(workspace) as index:
        before = index.connection.total_changes
        yield index
        if index.connection.total_changes != before:
            portable.follow(workspace, index)
    _catch_up(workspace)


def _catch_up(workspace: Workspace) -> None:
    """Bring the records up to the log."""
    if not workspace.dry_run:
        with opened(workspace, memory):
            pass


def find(workspace: Workspace, index: Index, reference: str) -> NoteRow:
    """The note that a reference means, also when its file was made or renamed by hand just now.

    Raises NotFound.
    """
    try:
        row = queries.find(index, reference)
        if (folder(workspace) / row.path).exists():
            return row
    except NotFound:
        pass
    sync.bring_up(workspace, index)
    return queries.find(index, reference)


@contextmanager
def editing(workspace: Workspace, index: Index, reference: str, did: str) -> Iterator[Editing]:
    """The note as its file says at this moment, to be changed; written on leaving where something was changed.

    Raises NotFound, and NotAllowed for a note whose file has something wrong in it.
    """
    row = find(workspace, index, reference)
    data = (folder(workspace) / row.path).read_bytes()
    now = note_of(data, row.path)
    if now.fault:
        raise NotAllowed(f"{row.path}: {now.fault}", "mend it in an editor first")
    edit = Editing(row, Document.read(data))
    yield edit
    if edit.document.data != data:
        edit.changed = save(workspace, index, row.id, row.path, edit.document, did=did)


def save(
    workspace: Workspace,
    index: Index,
    note_id: str,
    path: str,
    document: Document,
    *,
    did: str,
    fact: str = "changed",
    expected: int | None = None,
) -> Changed:
    """Write a note's file, record it, index it.

    Raises Conflict where `expected` is not the version of its stream; the file is as it was then.
    """
    data = document.data
    note = note_of(data, path)
    if note.fault:
        raise BadData(f"{path} would not be a note any more: {note.fault}", "nothing was changed")
    text = document.text if len(data) <= TEXT_LIMIT else ""
    payload = NoteWritten(path, note.hash, note.title, note.type, did, text)
    return put(workspace, index, note, data, New(f"note/{note_id}", f"note.item.{fact}", payload, expected))


def put(workspace: Workspace, index: Index, note: Note, data: bytes, new: New) -> Changed:
    """The same for a file's bytes, and the fact that tells it."""
    if workspace.dry_run:
        return Changed(indexing.row_of(note, 0, 0), workspace.log.append([new]))
    target = folder(workspace) / note.path
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        before = target.read_bytes() if target.exists() else None
        with unnoticed(index, folder(workspace), note.path):
            replace(target, data)
    try:
        events = workspace.log.append([new])
    except HaloError:
        _restore(target, before)
        raise
    row = indexing.put(index, note, target.stat().st_mtime_ns)
    return Changed(row, events)


@contextmanager
def unnoticed(index: Index, root: Path, path: str) -> Iterator[None]:
    """Let our own change of a folder not look like a person's."""
    name = path.rpartition("/")[0]
    name += "/" if name else ""
    known = index.one("SELECT changed FROM folder WHERE path = ?", (name,))
    same = known is None or scanning.folder_time(root / name) == known
    made = known is None and index.one("SELECT 1 FROM folder") is not None
    yield
    if same and not made:
        index.connection.execute(
            "INSERT OR REPLACE INTO folder VALUES (?, ?)", (name, scanning.folder_time(root / name))
        )


def _restore(target: Path, before: bytes | None) -> None:
    if before is None:
        target.unlink(missing_ok=True)
    else:
        replace(target, before)


def record(workspace: Workspace, note_id: str, name: str, payload: Payload) -> list[Event]:
    """Append a fact about a note that is not about its file."""
    return workspace.log.append([New(f"note/{note_id}", name, payload)])
