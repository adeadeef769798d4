"""Taking notes into the index, and out of it."""

from __future__ import annotations

import posixpath
import re
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from halo_engine.memory.index import LATER, NOTE, Index, NoteRow
from halo_engine.memory.notes import ARCHIVE, Note
from halo_engine.memory.scripts import indexed
from halo_engine.memory.wikilinks import name_key

NUMBERED = re.compile(r"note-(\d{1,15})")
_DIGITS = re.compile(r"\d+")
_ID, _PATH, _FILE, _TITLE, _ALIAS = range(5)
"""Which note a name means when several have it: the one whose id it is, and so on down."""
_PARTS = (("link", "source"), ("name", "note"), ("tag", "note"), ("entity", "note"))
_RESOLVED = """(
    SELECT name.note FROM name JOIN note ON note.row = name.note WHERE name.key = link.key
    ORDER BY name.rank, note.archived, length(note.path), note.path LIMIT 1)"""
_INSERT = {
    "link": "INSERT OR IGNORE INTO link VALUES (?, ?, ?, NULL, ?, ?)",
    "name": "INSERT OR IGNORE INTO name VALUES (?, ?, ?)",
    "tag": "INSERT OR IGNORE INTO tag VALUES (?, ?)",
    "entity": "INSERT OR IGNORE INTO entity VALUES (?, ?)",
}
_TEXT = "INSERT INTO text (rowid, title, body, labels) VALUES (?, ?, ?, ?)"
_BATCH = 2_000


def put(index: Index, note: Note, changed: int) -> NoteRow:
    """Take in a note as its file says now; `changed` is the file's modification time in nanoseconds."""
    connection = index.connection
    before = index.select("WHERE path = ?", (note.path,))
    note = _with_own_id(index, note)
    if before:
        _forget(connection, before[0])
    number = before[0].row if before else (index.one("SELECT max(row) FROM note") or 0) + 1
    row = row_of(note, number, changed)
    connection.execute(NOTE.upsert, NOTE.values(row))
    connection.execute(_TEXT, _texts(row))
    for table, rows in _parts(note, number).items():
        connection.executemany(_INSERT[table], rows)
    _stir(connection, number)
    connection.execute(
        f"UPDATE link SET target = {_RESOLVED} WHERE source = ? OR key IN (SELECT key FROM temp.stirred)", (number,)
    )
    connection.execute("DELETE FROM temp.stirred")
    _count_on(index, [note.id])
    return row


def remove(index: Index, row: NoteRow) -> None:
    """Forget a note. Links to it stay, and wait for a note of that name."""
    connection = index.connection
    _forget(connection, row)
    connection.execute("DELETE FROM note WHERE row = ?", (row.row,))
    connection.execute(f"UPDATE link SET target = {_RESOLVED} WHERE key IN (SELECT key FROM temp.stirred)")
    connection.execute("DELETE FROM temp.stirred")


def fill(index: Index, notes: Iterable[tuple[Note, int]]) -> int:
    """Take in many notes, none of which is there yet, into an empty index; returns how many."""
    connection, first, ids = index.connection, 1, set[str]()
    for name in LATER:
        connection.execute(f"DROP INDEX {name}")
    again: list[tuple[Note, int]] = []
    for batch in _batches(notes):
        made: list[tuple[Note, int]] = []
        for each in batch:
            (again if each[0].id in ids else made).append(each)
            ids.add(each[0].id)
        rows = [row_of(note, number, changed) for number, (note, changed) in enumerate(made, first)]
        connection.executemany(NOTE.upsert, map(NOTE.values, rows))
        connection.executemany(_TEXT, map(_texts, rows))
        parts = [_parts(note, number) for number, (note, _) in enumerate(made, first)]
        for table, insert in _INSERT.items():
            connection.executemany(insert, (row for part in parts for row in part[table]))
        first += len(made)
    connection.execute(f"UPDATE link SET target = {_RESOLVED}")
    for statement in LATER.values():
        connection.execute(statement)
    _count_on(index, ids)
    for note, changed in again:
        put(index, note, changed)
    return first - 1 + len(again)


def row_of(note: Note, row: int, changed: int) -> NoteRow:
    """The index's row of a note."""
    return NoteRow(
        row=row,
        id=note.id,
        path=note.path,
        title=note.title,
        body=note.body,
        labels=" ".join((*note.tags, *note.hashtags, *note.entities, *note.aliases)),
        type=note.type,
        tags=note.tags,
        entities=note.entities,
        aliases=note.aliases,
        confidence=note.confidence,
        created=note.created,
        modified=note.modified,
        expires=note.expires,
        source=note.source,
        pinned=note.pinned,
        archived=note.archived,
        hash=note.hash,
        size=note.size,
        changed=changed,
        fault=note.fault,
        sort=sort_key(note.id, note.created),
    )


def sort_key(note_id: str, created: str) -> str:
    """Order in time, and where that is the same or not known in the order of the numbers in the id."""
    return f"{created}|{_DIGITS.sub(lambda found: found[0].zfill(12), note_id)}"


def names(note: Note) -> dict[str, int]:
    """What a note is called, as `name_key`s, each with its best rank."""
    place = name_key(note.path)
    found = {name_key(note.id): _ID}
    found.setdefault(place, _PATH)
    steps = place.removeprefix(ARCHIVE).split("/")
    for start in range(len(steps)):
        found.setdefault("/".join(steps[start:]), _FILE)
    found.setdefault(name_key(note.title), _TITLE)
    for alias in note.aliases:
        found.setdefault(name_key(alias), _ALIAS)
    found.pop("", None)
    return found


def _parts(note: Note, row: int) -> dict[str, list[tuple[Any, ...]]]:
    return {
        "link": [(row, link.key, link.kind.value, link.target, link.label) for link in note.links],
        "name": [(key, rank, row) for key, rank in names(note).items()],
        "tag": [(tag.casefold(), row) for tag in (*note.tags, *note.hashtags)],
        "entity": [(entity.casefold(), row) for entity in note.entities],
    }


def _texts(row: NoteRow) -> tuple[int, str, str, str]:
    """What the full text is given. It keeps no text: to take a note out it must be told the same again."""
    return row.row, indexed(row.title), indexed(row.body), indexed(row.labels)


def _forget(connection: sqlite3.Connection, row: NoteRow) -> None:
    """Take out all that is kept of a note but its row, and note which names go."""
    connection.execute("INSERT INTO text (text, rowid, title, body, labels) VALUES ('delete', ?, ?, ?, ?)", _texts(row))
    _stir(connection, row.row)
    for table, column in _PARTS:
        connection.execute(f"DELETE FROM {table} WHERE {column} = ?", (row.row,))


def _stir(connection: sqlite3.Connection, row: int) -> None:
    """Remember the names of a note: links with these may lead elsewhere now."""
    connection.execute("INSERT OR IGNORE INTO temp.stirred SELECT key FROM name WHERE note = ?", (row,))


def _with_own_id(index: Index, note: Note) -> Note:
    """The note, known by its path where another file has its id: the one named after it, else the first."""
    other = index.select("WHERE id = ? AND path <> ?", (note.id, note.path))
    if not other:
        return note
    winner, loser = sorted(
        (note.path, other[0].path), key=lambda path: (posixpath.basename(path) != f"{note.id}.md", path)
    )
    made, fault = loser.removesuffix(".md"), f"its id {note.id} is that of {winner} too"
    while index.one("SELECT 1 FROM note WHERE id = ? AND path <> ?", (made, loser)):
        made += "+"
    if loser == note.path:
        return msgspec.structs.replace(note, id=made, fault=note.fault or fault)
    row = other[0].row
    index.connection.execute("UPDATE note SET id = ?, fault = ? WHERE row = ?", (made, fault, row))
    index.connection.execute("UPDATE name SET key = ? WHERE note = ? AND rank = ?", (name_key(made), row, _ID))
    return note


def _count_on(index: Index, ids: Iterable[str]) -> None:
    """Keep the highest number of a note, so that the next one is known."""
    highest = max((int(found[1]) for each in ids if (found := NUMBERED.fullmatch(each))), default=0)
    if highest > index.fact("number", 0):
        index.state("number", highest)


def _batches(notes: Iterable[tuple[Note, int]]) -> Iterator[list[tuple[Note, int]]]:
    batch: list[tuple[Note, int]] = []
    for each in notes:
        batch.append(each)
        if len(batch) == _BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
