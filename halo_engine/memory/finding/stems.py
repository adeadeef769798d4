"""The stems that the full text has of words, asked of SQLite itself so that both are always the same."""

from __future__ import annotations

from collections.abc import Iterable

from halo_engine.memory.index import TOKENS, Index

KEPT = 200_000
_known: dict[str, str] = {}


def stems(index: Index, words: Iterable[str]) -> dict[str, str]:
    """Word -> stem. Words are folded; what the full text takes for several words has the stem of the first."""
    new = [word for word in dict.fromkeys(words) if word not in _known]
    if new:
        if len(_known) > KEPT:
            _known.clear()
        _known.update(_asked(index, new))
    return _known


def _asked(index: Index, words: list[str]) -> dict[str, str]:
    connection = index.connection
    connection.execute(f"CREATE VIRTUAL TABLE IF NOT EXISTS temp.said USING fts5 (word, tokenize='{TOKENS}')")
    connection.execute("CREATE VIRTUAL TABLE IF NOT EXISTS temp.stem USING fts5vocab (temp, said, 'instance')")
    connection.execute("DELETE FROM temp.said")
    connection.executemany("INSERT INTO temp.said (rowid, word) VALUES (?, ?)", enumerate(words))
    found = connection.execute("SELECT doc, term FROM temp.stem ORDER BY doc, offset DESC").fetchall()
    return dict.fromkeys(words, "") | {words[place]: stem for place, stem in found}
