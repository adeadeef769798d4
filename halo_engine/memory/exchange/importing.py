"""Taking notes in."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from halo_engine.errors import BadData, NotFound
from halo_engine.events.model import New
from halo_engine.memory import scanning, sync
from halo_engine.memory.config import folder
from halo_engine.memory.events import NoteWritten
from halo_engine.memory.exchange import records
from halo_engine.memory.exchange.records import Record
from halo_engine.memory.index import Index
from halo_engine.memory.notes import note_of
from halo_engine.memory.writing import changing
from halo_engine.workspace import Workspace, writing

SHOWN = 20
LINES = frozenset({".jsonl", ".ndjson", ".json"})


class Imported(msgspec.Struct):
    """What an import did."""

    new: int = 0
    same: int = 0
    """That were there already, letter for letter."""
    replaced: int = 0
    different: list[str] = []
    """Ids that are there and say something else: left as they were; the first of them."""
    kept: int = 0
    """How many of these."""
    attachments: int = 0
    """Files that are no notes: pictures and the like."""
    faults: dict[str, str] = {}
    """Path -> what is wrong in a note that was taken in, or why a file was not."""


def import_(workspace: Workspace, place: Path, *, replace: bool = False) -> Imported:
    """Take in JSON lines (`-` is stdin), a folder of markdown or an Obsidian vault: ids, paths and files as they are.

    A note that is there already and says something else stays as it is, unless `replace`. Raises BadData for lines that
    are no notes: nothing is taken in then.
    """
    if str(place) != "-" and not place.exists():
        raise NotFound(f"there is no {place}", "a file of JSON lines, or a folder of markdown")
    if place.is_dir():
        away = _leading_out(place)
        others = [each for each in attachments(place) if each[1] not in away]
        wanted: Iterable[Record] = (each for each in _files(place) if each.path not in away)
    else:
        away, others, wanted = [], [], _lines(place)
    with changing(workspace) as index:
        if not workspace.dry_run:
            sync.bring_up(workspace, index)
        report = Imported(faults=dict.fromkeys(away, "leads out of the folder, and was not taken in"))
        _write(workspace, index, wanted, report, replace=replace)
        for source, name in others:
            report.attachments += _copy(workspace, source, name)
        if not workspace.dry_run:
            os.sync()
            before = sync.faults(index)["faults"]
            sync.bring_up(workspace, index)
            report.faults |= {path: fault for path, fault in sync.faults(index)["faults"].items() if path not in before}
        return report


def _lines(place: Path) -> list[Record]:
    data = sys.stdin.buffer.read() if str(place) == "-" else place.read_bytes()
    if data.lstrip()[:1] == b"[":
        try:
            data = b"\n".join(msgspec.json.encode(each) for each in msgspec.json.decode(data))
        except msgspec.DecodeError as error:
            raise BadData(f"{place} is no JSON: {error}", "nothing was taken in") from error
    lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    return [records.read(line, number) for number, line in enumerate(lines, 1) if line.strip()]


def _files(place: Path) -> Iterator[Record]:
    for path, _ in sorted(scanning.found(place, {}, [])):
        data = (place / path).read_bytes()
        yield Record(note_of(data, path).id, path, data)


def _leading_out(place: Path) -> list[str]:
    """Symbolic links to what is no part of the folder: whoever made it does not say what of ours is taken in."""
    root = place.resolve()
    links = (each for each in sorted(place.rglob("*")) if each.is_symlink() and each.is_file())
    return [each.relative_to(place).as_posix() for each in links if not each.resolve().is_relative_to(root)]


def attachments(place: Path) -> list[tuple[Path, str]]:
    found = []
    for path in sorted(place.rglob("*")):
        name = path.relative_to(place).as_posix()
        hidden = any(part.startswith(".") for part in name.split("/"))
        if not hidden and path.is_file() and not name.lower().endswith(".md") and name != "index.json":
            found.append((path, name))
    return found


def _write(workspace: Workspace, index: Index, wanted: Iterable[Record], report: Imported, *, replace: bool) -> None:
    """Write the files. They are flushed to disk together, at the end. Of two with one id the second is known by its
    path, as in a folder that is not imported.
    """
    root, came = folder(workspace), dict[str, str]()
    places = dict(index.all("SELECT id, path FROM note"))
    taken = {path: note_id for note_id, path in places.items()}
    for record in wanted:
        again = came.setdefault(record.id, record.path) != record.path or _is_there(root, record, places)
        own = taken.get(record.path, record.path.removesuffix(".md"))
        each = msgspec.structs.replace(record, id=own) if again else record
        path = places.get(each.id) or _free(each, taken)
        there = (root / path).read_bytes() if each.id in places and (root / path).exists() else None
        if there == each.data:
            report.same += 1
        elif there is not None and not replace:
            report.kept += 1
            report.different += [each.id] if len(report.different) < SHOWN else []
        else:
            report.new += there is None
            report.replaced += there is not None
            places[each.id], taken[path] = path, each.id
            if workspace.dry_run:
                note = note_of(each.data, path)
                said = NoteWritten(path, note.hash, note.title, note.type)
                workspace.log.append([New(f"note/{each.id}", "note.item.found", said)])
            else:
                put(root / path, each.data)


def _is_there(root: Path, said: Record, places: dict[str, str]) -> bool:
    """Whether this very file is there, though another one has its id."""
    other = places.get(said.id, said.path)
    return other != said.path and (root / said.path).is_file() and (root / said.path).read_bytes() == said.data


def _free(each: Record, taken: dict[str, str]) -> str:
    """Its path, or the next one that no other note has."""
    path, number = each.path, 2
    while taken.get(path, each.id) != each.id:
        path = f"{each.path.removesuffix('.md')}-{number}.md"
        number += 1
    return path


def _copy(workspace: Workspace, source: Path, name: str) -> bool:
    target = folder(workspace) / name
    if target.exists():
        return False
    if not workspace.dry_run:
        put(target, source.read_bytes())
    return True


def put(target: Path, data: bytes) -> None:
    """Write a file whole; it is durable once the disk has been flushed."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.new")
    with writing(target):
        try:
            draft.write_bytes(data)
        except FileNotFoundError:
            target.parent.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(data)
        draft.replace(target)
