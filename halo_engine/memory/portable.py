"""`index.json` in the memory folder: everything about the notes but their bodies, for other programs."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.memory import config
from halo_engine.memory.index import Index
from halo_engine.workspace import Workspace, replace

FILE = "index.json"
VERSION = 1
Lists = defaultdict[str, list[str]]
BY_CHANGE, BY_COMMAND = "every change", "memctl index"


class _Note(msgspec.Struct):
    id: str
    hash: str


class _Written(msgspec.Struct):
    notes: list[_Note]


def follow(workspace: Workspace, index: Index) -> None:
    """After a change: write it where the notes are few. Where they have just become many, once more, so that it says
    what it is written by from now on.
    """
    if workspace.dry_run:
        return
    if writer(workspace, index) == BY_CHANGE or index.fact("portable") == BY_CHANGE:
        write(workspace, index)


def write(workspace: Workspace, index: Index) -> int:
    """Write it whole; returns how many notes are in it."""
    made = contents(workspace, index, writer(workspace, index))
    config.folder(workspace).mkdir(parents=True, exist_ok=True)
    replace(config.folder(workspace) / FILE, msgspec.json.encode(made).decode() + "\n")
    index.state("portable", made["written_by"])
    return len(made["notes"])


def writer(workspace: Workspace, index: Index) -> str:
    """What writes it, now that there are so many notes."""
    return BY_CHANGE if index.count <= config.memory_settings(workspace).index_limit else BY_COMMAND


def state(workspace: Workspace, index: Index) -> str:
    """Whether the file says what the index says: current, behind or missing."""
    try:
        data = msgspec.json.decode((config.folder(workspace) / FILE).read_bytes(), type=_Written)
    except FileNotFoundError:
        return "missing"
    except (msgspec.MsgspecError, ValueError):
        return "behind"
    same = {note.id: note.hash for note in data.notes} == dict(index.all("SELECT id, hash FROM note"))
    return "current" if same else "behind"


def contents(workspace: Workspace, index: Index, written_by: str) -> dict[str, Any]:
    """The portable index as data."""
    from halo_engine.memory import decay

    ids: dict[int, str] = dict(index.all("SELECT row, id FROM note"))
    out, behind, newer, wanted = _graph(index, ids)
    scores = decay.scores(workspace, index)
    fields = ("id", "path", "title", "type", "tags", "entities", "aliases", "confidence", "created", "modified")
    more = ("expires", "source", "pinned", "archived", "hash")
    notes = [
        {name: getattr(note, name) for name in fields + more}
        | {"links": out[note.id], "missing": wanted[note.id], "backlinks": behind[note.id]}
        | {"superseded_by": newer[note.id], "score": round(scores.get(note.id, 0.0), 4)}
        for note in index.select("ORDER BY sort")
    ]
    return {
        "schema_version": VERSION,
        "written": clock.stamp(),
        "written_by": written_by,
        "note_count": len(notes),
        "notes": notes,
    }


def _graph(index: Index, ids: dict[int, str]) -> tuple[Lists, Lists, Lists, Lists]:
    """By id: links, backlinks, what supersedes it, and names that it links and that no note has."""
    out, behind, newer, wanted = (Lists(list) for _ in range(4))
    for source, target, kind, text in index.all(
        "SELECT source, target, kind, text FROM link ORDER BY source, key, kind"
    ):
        if target is None:
            wanted[ids[source]].append(text)
        elif source != target and ids[target] not in out[ids[source]]:
            out[ids[source]].append(ids[target])
            behind[ids[target]].append(ids[source])
        if kind == "supersedes" and target is not None:
            newer[ids[target]].append(ids[source])
    return out, behind, newer, wanted
