"""The index of the notes' files: `store/notes.db`. It can be thrown away; the files say the same.

Tables: `note` (one row a note, `NoteRow`), `link` (source and target are rows of `note`; target is NULL while nothing
has that name), `name` (what a note is called: id, path, file name, title, alias), `tag`, `entity`, and `text`, the full
text over title, body and labels (tags, entities, aliases) as `scripts` has them; the texts themselves are in `note`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, ClassVar

from halo_engine import console
from halo_engine.errors import HaloError, Unavailable
from halo_engine.events.sqlite import begin, closed_on_error, connect, explained, is_damage, is_of_disk, patiently
from halo_engine.events.table import Row, table_of
from halo_engine.memory.scripts import CATEGORIES
from halo_engine.workspace import Workspace

FILE = "notes.db"
FORMAT = 3


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


Values = Sequence[Any] | Mapping[str, Any]
TOKENS = f"porter unicode61 remove_diacritics 2 categories ''{CATEGORIES}''"
SCHEMA = (
    "CREATE UNIQUE INDEX note_id ON note (id)",
    """CREATE TABLE link (source INTEGER, key TEXT, kind TEXT, target INTEGER, text TEXT, label TEXT,
    PRIMARY KEY (source, key, kind)) WITHOUT ROWID""",
    "CREATE INDEX link_key ON link (key)",
    "CREATE TABLE name (key TEXT, rank INTEGER, note INTEGER, PRIMARY KEY (key, rank, note)) WITHOUT ROWID",
    "CREATE TABLE tag (tag TEXT, note INTEGER, PRIMARY KEY (tag, note)) WITHOUT ROWID",
    "CREATE TABLE entity (entity TEXT, note INTEGER, PRIMARY KEY (entity, note)) WITHOUT ROWID",
    "CREATE TABLE folder (path TEXT PRIMARY KEY, changed INTEGER) WITHOUT ROWID",
    "CREATE TABLE fact (key TEXT PRIMARY KEY, value) WITHOUT ROWID",
    f"""CREATE VIRTUAL TABLE text USING fts5 (title, body, labels, content='', tokenize='{TOKENS}')""",
    "CREATE VIRTUAL TABLE word USING fts5vocab (text, 'row')",
)
LATER = {
    "note_path": "CREATE UNIQUE INDEX note_path ON note (path)",
    "link_target": "CREATE INDEX link_target ON link (target)",
    "name_note": "CREATE INDEX name_note ON name (note)",
    "tag_note": "CREATE INDEX tag_note ON tag (note)",
    "entity_note": "CREATE INDEX entity_note ON entity (note)",
}
"""Indexes that are cheaper made when the tables are full."""
TABLES = ("word", "text", "note", "link", "name", "tag", "entity", "folder", "fact")
NOTE = table_of(NoteRow)


class Index:
    """An open index."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def all(self, sql: str, values: Values = ()) -> list[tuple[Any, ...]]:
        return self.connection.execute(sql, values).fetchall()

    def one(self, sql: str, values: Values = ()) -> Any:
        """The first column of the first row; None where there is none."""
        found = self.connection.execute(sql, values).fetchone()
        return found[0] if found else None

    def select(self, clause: str = "", values: Values = ()) -> list[NoteRow]:
        """The notes that a clause (`WHERE ... ORDER BY ... LIMIT ...`) leaves."""
        return [NOTE.from_values(found) for found in self.all(f"{NOTE.select} {clause}", values)]

    def fact(self, key: str, default: Any = None) -> Any:
        """Something that is kept about the index itself."""
        found = self.one("SELECT value FROM fact WHERE key = ?", (key,))
        return default if found is None else found

    def state(self, key: str, value: Any) -> None:
        self.connection.execute("INSERT OR REPLACE INTO fact VALUES (?, ?)", (key, value))

    @property
    def count(self) -> int:
        """How many notes there are, archived ones too."""
        return int(self.one("SELECT count(*) FROM note"))


@contextmanager
def reading(workspace: Workspace) -> Iterator[Index]:
    """The index as it stands; in memory, and empty, where there is none and none can be made."""
    path = workspace.store / FILE
    try:
        with closing(_there(workspace, path)) as connection:
            yield Index(connection)
    except sqlite3.Error as error:
        raise _explained(error, path) from error


@contextmanager
def changing(workspace: Workspace) -> Iterator[Index]:
    """The index alone, in a transaction that ends with the block: no other process of this machine changes notes
    meanwhile. Nothing is kept when the block raises, or in a dry run.
    """
    path = workspace.store / FILE
    try:
        with closing(_there(workspace, path)) as connection:
            begin(connection)
            yield Index(connection)
            connection.execute("ROLLBACK" if workspace.dry_run else "COMMIT")
    except sqlite3.Error as error:
        raise _explained(error, path) from error


def clear(connection: sqlite3.Connection) -> None:
    """Make all tables anew; to be called in a transaction."""
    for name in TABLES:
        connection.execute(f"DROP TABLE IF EXISTS {name}")
    for statement in (NOTE.create, *NOTE.index, *SCHEMA, *LATER.values()):
        connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def _there(workspace: Workspace, path: Path) -> sqlite3.Connection:
    """A connection; in a dry run to nothing where there is no index yet."""
    if workspace.dry_run and not path.exists():
        return _made(sqlite3.connect(":memory:", isolation_level=None))
    return _connected(path)


def _connected(path: Path) -> sqlite3.Connection:
    """A connection; a damaged index is thrown away and begun again, since the files say it all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _made(connect(path))
    except sqlite3.DatabaseError as error:
        if is_damage(error):
            console.note(f"{path.name} was damaged ({error}); reading all notes again")
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            return _made(connect(path))
        if not is_of_disk(error):
            raise
    except OSError:
        pass
    return _made(sqlite3.connect(":memory:", isolation_level=None))


def _made(connection: sqlite3.Connection) -> sqlite3.Connection:
    with closed_on_error(connection):
        if patiently(lambda: connection.execute("PRAGMA user_version").fetchone())[0] != FORMAT:
            connection.execute("PRAGMA journal_mode = WAL")
            begin(connection)
            if connection.execute("PRAGMA user_version").fetchone()[0] != FORMAT:
                clear(connection)
            connection.execute("COMMIT")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA cache_size = -32000")
        connection.execute("CREATE TEMP TABLE stirred (key TEXT PRIMARY KEY) WITHOUT ROWID")
    return connection


def _explained(error: sqlite3.Error, path: Path) -> HaloError:
    if is_damage(error):
        return Unavailable(f"{path} is damaged ({error})", "memctl index rebuild")
    return explained(error, path)
