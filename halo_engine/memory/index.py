"""The index of the notes' files: `store/notes.db`. It can be thrown away; the files say the same.

Tables: `note` (one row a note, `NoteRow`), `link` (source and target are rows of `note`; target is NULL while nothing
has that name), `name` (what a note is called: id, path, file name, title, alias), `tag`, `entity`, and `text`, the full
text over title, body and labels (tags, entities, aliases).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from halo_engine import console
from halo_engine.events.sqlite import begin, connect, explained, is_damage
from halo_engine.events.table import Row, table_of
from halo_engine.workspace import Workspace

FILE = "notes.db"
FORMAT = 1


class NoteRow(Row, frozen=True):
    """A note as its file said when it was last looked at."""

    table: ClassVar = "note"
    indexes: ClassVar = ("sort", "type")

    row: int
    id: str
    path: str
    """Relative to the memory folder."""
    title: str
    body: str
    labels: str
    """Tags, entities and aliases in one text, for the full text."""
    type: str
    tags: tuple[str, ...]
    entities: tuple[str, ...]
    aliases: tuple[str, ...]
    confidence: str
    created: str
    """Like all times here a `Timestamp`, or empty."""
    modified: str
    """The frontmatter's; else the file's."""
    expires: str
    source: str
    pinned: bool
    archived: bool
    hash: str
    size: int
    changed: int
    """Modification time of the file, in nanoseconds."""
    fault: str
    sort: str
    """Order in time: what was created, or numbered, next."""


SCHEMA = (
    "CREATE UNIQUE INDEX note_id ON note (id)",
    "CREATE UNIQUE INDEX note_path ON note (path)",
    "CREATE TABLE link (source INTEGER, key TEXT, kind TEXT, target INTEGER, text TEXT, label TEXT, "
    "PRIMARY KEY (source, key, kind)) WITHOUT ROWID",
    "CREATE INDEX link_target ON link (target)",
    "CREATE INDEX link_key ON link (key)",
    "CREATE TABLE name (key TEXT, rank INTEGER, note INTEGER, PRIMARY KEY (key, rank, note)) WITHOUT ROWID",
    "CREATE INDEX name_note ON name (note)",
    "CREATE TABLE tag (tag TEXT, note INTEGER, PRIMARY KEY (tag, note)) WITHOUT ROWID",
    "CREATE INDEX tag_note ON tag (note)",
    "CREATE TABLE entity (entity TEXT, note INTEGER, PRIMARY KEY (entity, note)) WITHOUT ROWID",
    "CREATE INDEX entity_note ON entity (note)",
    "CREATE TABLE folder (path TEXT PRIMARY KEY, changed INTEGER) WITHOUT ROWID",
    "CREATE TABLE fact (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    "CREATE VIRTUAL TABLE text USING fts5 (title, body, labels, content='note', content_rowid='row', "
    "tokenize='porter unicode61 remove_diacritics 2')",
)
TABLES = ("text", "note", "link", "name", "tag", "entity", "folder", "fact")
