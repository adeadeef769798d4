"""Writing notes out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from halo_engine import console
from halo_engine.errors import NotAllowed
from halo_engine.memory import queries
from halo_engine.memory.config import folder
from halo_engine.memory.exchange import importing, records
from halo_engine.memory.index import NoteRow
from halo_engine.memory.queries import NoteFilter
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace

VAULT = {
    ".obsidian/app.json": b'{"alwaysUpdateLinks": true, "newFileLocation": "folder", "newFileFolderPath": "notes"}\n'
}
"""What makes a folder open as a vault, with new notes where Halo puts its own."""


def lines(workspace: Workspace, wanted: NoteFilter) -> Iterator[str]:
    """Each note as a line of JSON, in the order they were made. Without a filter really all, the archive too."""
    for row, data in _notes(workspace, wanted):
        yield msgspec.json.encode(records.record(row, data)).decode()


def save(workspace: Workspace, wanted: NoteFilter, place: Path, form: str | None) -> int:
    """Write notes into a file of JSON lines, or (`markdown`, `obsidian`) a folder of their files, exactly as they are,
    with the pictures and the like beside them; returns how many notes.

    Raises NotAllowed for a folder in which something else is already.
    """
    if form in {None, "jsonl"}:
        return console.save(place, lines(workspace, wanted))
    if place.exists() and any(place.iterdir()):
        raise NotAllowed(f"{place} is not empty", "name a folder that does not exist yet")
    count = 0
    for row, data in _notes(workspace, wanted):
        importing.put(place / row.path, data)
        count += 1
    if wanted == NoteFilter():
        for source, name in importing.attachments(folder(workspace)):
            importing.put(place / name, source.read_bytes())
    for name, data in VAULT.items() if form == "obsidian" else ():
        importing.put(place / name, data)
    return count


def _notes(workspace: Workspace, wanted: NoteFilter) -> Iterator[tuple[NoteRow, bytes]]:
    every = wanted if wanted != NoteFilter() else NoteFilter(every=True)
    with looked(workspace) as index:
        where, values = queries.conditions(index, every)
        root = folder(workspace)
        for row in index.select(f"WHERE {where} ORDER BY sort", values):
            yield row, (root / row.path).read_bytes()
