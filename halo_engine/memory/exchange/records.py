"""A note as a line of JSON, ours and other people's."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Any
from urllib.parse import quote

import msgspec

from halo_engine.errors import BadData
from halo_engine.memory import stamps
from halo_engine.memory.index import NoteRow
from halo_engine.memory.notes import Document, note_of
from halo_engine.memory.writing import NOTES

TEXTS = ("title", "type", "confidence", "created", "modified", "expires", "source")
LISTS = ("tags", "entities", "aliases", "links", "supersedes")
BODIES = ("body", "text", "content")
OURS = frozenset({"id", "path", "pinned", "archived", "file", "file_base64", *TEXTS, *LISTS, *BODIES})
_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,150}")
LONGEST = 180
"""Characters of a file's name before `.md`."""


class Record(msgspec.Struct, frozen=True):
    """A note that is to be taken in."""

    id: str
    path: str
    """Where its file goes, relative to the memory folder."""
    data: bytes


def record(row: NoteRow, data: bytes) -> dict[str, Any]:
    """A note as JSON has it; with the whole `file` where the fields alone would not make it again."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        whole = base64.b64encode(data).decode()
        return {"id": row.id, "path": row.path, "title": row.title, "body": row.body, "file_base64": whole}
    fields = _fields(data, row.path)
    made: dict[str, Any] = {"id": row.id, "path": row.path, **fields, "body": Document.read(data).body}
    if _made(made).data == data and row.path == path_of(row.id):
        del made["path"]
        return made
    return made | {"file": text}


def _fields(data: bytes, path: str) -> dict[str, Any]:
    """What the frontmatter says, as far as we know its keys."""
    try:
        fields = Document.read(data).fields()
    except BadData:
        return {"title": note_of(data, path).title}
    known: dict[str, Any] = {key: value for key, value in fields.items() if key in TEXTS and isinstance(value, str)}
    known |= {key: value for key, value in fields.items() if key in LISTS and isinstance(value, list)}
    known |= {"pinned": True} if fields.get("pinned") == "true" else {}
    return _unlinked(known)


def _unlinked(fields: dict[str, Any]) -> dict[str, Any]:
    """Links by their bare names."""
    for key in ("links", "supersedes"):
        if key in fields:
            fields[key] = [str(each).removeprefix("[[").removesuffix("]]") for each in fields[key]]
    return fields


def read(line: bytes, number: int) -> Record:
    """The note in a line of JSON.

    Raises BadData naming the line.
    """
    try:
        said = msgspec.json.decode(line)
    except msgspec.DecodeError as error:
        raise BadData(f"line {number} is no JSON: {error}", "nothing was taken in") from error
    if not isinstance(said, dict):
        raise BadData(f"line {number} is no JSON object", 'a note is {"id": ..., "title": ..., "body": ...}')
    whole = isinstance(said.get("file"), str) or isinstance(said.get("file_base64"), str)
    if not said.get("id") and not whole:
        said["id"] = f"imported-{hashlib.sha256(line).hexdigest()[:12]}"
    note_id = str(said.get("id") or "")
    path = _text(said.get("path"))
    if path and (path.startswith("/") or ".." in path.split("/") or not path.lower().endswith(".md")):
        raise BadData(f"line {number}: {path} is no place for a note", "a path below the memory folder, ending in .md")
    if isinstance(said.get("file_base64"), str):
        data = _bytes(said["file_base64"], number)
    elif isinstance(said.get("file"), str):
        data = _encoded(said["file"], number)
    else:
        data = _encoded(_made(said).text, number)
    path = path or path_of(note_id or f"imported-{hashlib.sha256(data).hexdigest()[:12]}")
    return Record(note_id or note_of(data, path).id, path, data)


def _bytes(text: str, number: int) -> bytes:
    try:
        return base64.b64decode(text)
    except ValueError as error:
        raise BadData(f"line {number}: its file_base64 is none", "nothing was taken in") from error


def _encoded(text: str, number: int) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise BadData(f"line {number} is no Unicode", "nothing was taken in") from error


def _made(said: dict[str, Any]) -> Document:
    """The file for a record's fields."""
    fields: list[tuple[str, str | list[str]]] = [("id", str(said["id"]))] if said.get("id") else []
    fields.append(("title", _text(said.get("title"))))
    for key in ("type", *LISTS, *TEXTS[2:]):
        value: str | list[str]
        if key in LISTS:
            value = _listed(said.get(key))
            value = [f"[[{each}]]" for each in value] if key in {"links", "supersedes"} else value
        else:
            value = _time(_text(said.get(key))) if key in {"created", "modified", "expires"} else _text(said.get(key))
        if value:
            fields.append((key, value))
    fields += [("pinned", "true")] * bool(said.get("pinned"))
    fields += [(key, value) for key, value in _others(said)]
    body = next((_text(said[key]) for key in BODIES if said.get(key)), "")
    return Document.made(fields, body)


def _others(said: dict[str, Any]) -> list[tuple[str, str | list[str]]]:
    """Keys that are not ours survive where a line of frontmatter can hold them."""
    kept: list[tuple[str, str | list[str]]] = []
    for key, value in said.items():
        if key in OURS or not re.fullmatch(r"[A-Za-z_][\w-]*", key) or value is None:
            continue
        if isinstance(value, list) and all(isinstance(each, str | int | float) for each in value):
            kept.append((key, [str(each) for each in value]))
        else:
            kept.append((key, _text(value)))
    return kept


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _time(text: str) -> str:
    """A time as frontmatter has it; one that cannot be read stays as it is."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d.*", text):
        return text
    read = stamps.read(text)
    return stamps.written(read) if read else text


def _listed(value: Any) -> list[str]:
    """A list of names: of texts, of objects with an id, or one text with commas."""
    if isinstance(value, str):
        return [part for each in value.split(",") if (part := each.strip())]
    if not isinstance(value, list):
        return []
    named = (
        next((each[key] for key in ("id", "to", "target", "name") if each.get(key)), "")
        if isinstance(each, dict)
        else each
        for each in value
    )
    return [text for each in named if (text := _text(each))]


def path_of(note_id: str) -> str:
    """The file of a note with that id: `notes/note-42.md`; other characters are written as in an address."""
    name = note_id if _SAFE.fullmatch(note_id) else quote(note_id, safe=" ,()+=@&")
    if len(name) > LONGEST or name.startswith((".", " ")):
        name = f"{name.strip('. ')[: LONGEST - 20]}-{hashlib.sha256(note_id.encode()).hexdigest()[:16]}"
    return f"{NOTES}{name}.md"
