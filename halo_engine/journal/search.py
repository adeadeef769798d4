"""Words in entries: SQLite's full-text index in a file beside the store, brought up to date before each search."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from halo_engine.errors import Usage
from halo_engine.events.sqlite import closed_on_error, connect, explained
from halo_engine.events.store import Store, opened
from halo_engine.journal.projection import journal
from halo_engine.journal.store import Entry
from halo_engine.workspace import Workspace

FILE = "journal-search.db"
TABLES = """
CREATE TABLE IF NOT EXISTS reached (position INTEGER NOT NULL, id TEXT NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
    id UNINDEXED, text, tags, mood, tokenize = "unicode61 remove_diacritics 2"
);
"""
TERM = re.compile(r'"([^"]*)"?|(\S+)')


def ids(workspace: Workspace, words: str) -> list[str]:
    """The ids of the entries that have all the words, the latest first.

    Raises Usage for a search without a word.
    """
    query = expression(words)
    path = workspace.store / FILE
    with opened(workspace, journal) as store:
        try:
            with closing(_index(workspace, path, store)) as index:
                found = index.execute("SELECT id FROM words WHERE words MATCH ? ORDER BY rowid DESC", [query])
                return [row[0] for row in found]
        except sqlite3.Error as error:
            raise explained(error, path) from error


def expression(words: str) -> str:
    """What a person typed as a query of FTS5: every word must be there; `"as a phrase"`; `begin*` for a beginning.

    Raises Usage when no word is in it.
    """
    terms = [_term(phrase or word) for phrase, word in TERM.findall(words.replace("\0", " "))]
    kept = [term for term in terms if term]
    if not kept:
        raise Usage("a search needs a word", 'halo-engine journal search "new prompt"')
    return " ".join(kept)


def _term(text: str) -> str:
    bare = text.rstrip("*")
    if not re.search(r"\w", bare):
        return ""
    return f'"{bare.replace(chr(34), " ")}"' + ("*" if bare != text else "")


def _index(workspace: Workspace, path: Path, store: Store) -> sqlite3.Connection:
    """The index, up to date; made in memory for the past, and where it cannot be written."""
    if workspace.moment is not None or workspace.dry_run:
        return _filled(sqlite3.connect(":memory:", isolation_level=None), store)
    try:
        return _filled(connect(path), store)
    except sqlite3.DatabaseError:
        pass  # damaged, of another log, or read-only: it can be made again from the store
    try:
        for suffix in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        return _filled(connect(path), store)
    except (sqlite3.DatabaseError, OSError):
        return _filled(sqlite3.connect(":memory:", isolation_level=None), store)


def _filled(index: sqlite3.Connection, store: Store) -> sqlite3.Connection:
    """Take in what the store has and the index has not.

    Raises sqlite3.DatabaseError when it cannot be, or when the index is of another store.
    """
    with closed_on_error(index):
        index.execute("PRAGMA busy_timeout = 10000")
        index.execute("BEGIN IMMEDIATE")
        for statement in TABLES.strip().split(";\n"):
            index.execute(statement)
        position, last = index.execute("SELECT position, id FROM reached").fetchone() or (0, "")
        if position and not store.all("SELECT 1 FROM entry WHERE position = ? AND id = ?", (position, last)):
            raise sqlite3.DatabaseError("the index is of another journal")
        for entry in _since(store, position):
            row = (entry.id, entry.text, " ".join(entry.tags), entry.mood)
            index.execute("INSERT INTO words VALUES (?, ?, ?, ?)", row)
            position, last = entry.position, entry.id
        index.execute("DELETE FROM reached")
        index.execute("INSERT INTO reached VALUES (?, ?)", (position, last))
        index.execute("COMMIT")
    return index


def _since(store: Store, position: int) -> Iterator[Entry]:
    yield from store.select(Entry, "WHERE position > ? ORDER BY position", [position])
