"""What notes are like in meaning, where `memctl.yaml` asks for it and the extra `semantic` is installed.

A text's vector is the mean of static word vectors, 256 numbers that come inside the wheel of WordLlama; nothing is
downloaded, and of the package only its two data files are read. Vectors are kept in `store/notes.db`, a byte a number.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from halo_engine import console
from halo_engine.events.sqlite import begin
from halo_engine.memory.index import Index

if TYPE_CHECKING:
    import numpy as np
    from tokenizers import Tokenizer

    Floats = np.ndarray[Any, np.dtype[np.float32]]
    Ints = np.ndarray[Any, np.dtype[np.int64]]

WEIGHTS = "weights/l2_supercat_256.safetensors"
TOKENS = "tokenizers/l2_supercat_tokenizer_config.json"
READ = 4_000
"""Characters of a note that are read for its meaning."""
BATCH = 1_000
STEPS = 127
TABLE = "CREATE TABLE IF NOT EXISTS meaning (row INTEGER PRIMARY KEY, hash TEXT, vector BLOB)"
_CHANGED = """SELECT note.row, note.hash, note.title, note.body FROM note LEFT JOIN meaning ON meaning.row = note.row
    WHERE meaning.hash IS NOT note.hash ORDER BY note.row"""


def installed() -> bool:
    """Whether the extra is there."""
    return _place() is not None and find_spec("safetensors") is not None and find_spec("tokenizers") is not None


def _place() -> Path | None:
    """The folder of the package that has the vectors; it is not imported."""
    spec = find_spec("wordllama")
    places = spec.submodule_search_locations if spec else None
    found = Path(places[0]) if places else None
    return found if found and (found / WEIGHTS).exists() and (found / TOKENS).exists() else None


@cache
def _model() -> tuple[Tokenizer, Floats]:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    place = _place()
    assert place, "asked for without the extra"
    tokens = Tokenizer.from_file(str(place / TOKENS))
    tokens.no_padding()
    tokens.no_truncation()
    return tokens, load_file(place / WEIGHTS)["embedding.weight"]


def vectors(texts: Sequence[str]) -> Floats:
    """A row a text, of length 1; of a text that says nothing all zeros."""
    import numpy as np

    tokens, table = _model()
    made = np.zeros((len(texts), table.shape[1]), np.float32)
    for place, each in enumerate(tokens.encode_batch(list(texts), add_special_tokens=False)):
        made[place] = table[each.ids].sum(0, dtype=np.float32)
    return _unit(made)


def _unit(rows: Floats) -> Floats:
    import numpy as np

    made: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return made


class Meanings:
    """The vectors of all notes of an index, as they are now."""

    def __init__(self, index: Index) -> None:
        import numpy as np

        rows = index.all("SELECT row, vector FROM meaning ORDER BY row")
        self.rows = np.array([row for row, _ in rows], np.int64)
        said = np.frombuffer(b"".join(vector for _, vector in rows), np.int8)
        self._vectors = _unit(said.reshape(len(rows), -1 if rows else 1).astype(np.float32))

    def likeness(self, text: str) -> Likeness:
        """How like a text the notes are."""
        if not len(self.rows):
            return Likeness(self.rows, self._vectors[:, 0])
        return Likeness(self.rows, self._vectors @ vectors([text])[0])


class Likeness:
    """The cosine of each note with one text."""

    def __init__(self, rows: Ints, cosines: Floats) -> None:
        self._rows, self._cosines = rows, cosines

    def of(self, row: int) -> float:
        """Of the note in a row of the index, but no less than 0."""
        place = int(self._rows.searchsorted(row))
        known = place < len(self._rows) and self._rows[place] == row
        return max(float(self._cosines[place]), 0.0) if known else 0.0

    def nearest(self, most: int, among: Collection[int] | None = None) -> list[int]:
        """The rows that are most like it, the most alike first; none that is not at all."""
        import numpy as np

        cosines = self._cosines
        if among is not None:
            cosines = np.where(np.isin(self._rows, np.array(list(among), np.int64)), cosines, 0)
        best = np.argpartition(-cosines, most)[:most] if most < len(cosines) else np.arange(len(cosines))
        best = best[cosines[best] > 0]
        found: list[int] = self._rows[best[np.argsort(-cosines[best], kind="stable")]].tolist()
        return found


_open: WeakKeyDictionary[Index, Meanings] = WeakKeyDictionary()


def of(index: Index) -> Meanings:
    """The meanings of an open index; what has changed since the last time is read first."""
    if index not in _open:
        _bring_up(index)
        _open[index] = Meanings(index)
    return _open[index]


def _bring_up(index: Index) -> None:
    """Read the notes that have changed. Where nothing can be written, for this time only."""
    connection = index.connection
    inside = connection.in_transaction
    if _is_current(index):
        return
    try:
        if not inside:
            begin(connection)
        connection.execute(TABLE)
    except sqlite3.OperationalError:
        connection.execute(TABLE.replace("meaning", "temp.meaning", 1))
    _read(index)
    if connection.in_transaction and not inside:
        connection.execute("COMMIT")


def _is_current(index: Index) -> bool:
    there = index.one("SELECT 1 FROM sqlite_master WHERE name = 'meaning'")
    return bool(there) and not index.all(f"{_CHANGED} LIMIT 1")


def _read(index: Index) -> None:
    import numpy as np

    index.connection.execute("DELETE FROM meaning WHERE row NOT IN (SELECT row FROM note)")
    notes = index.all(_CHANGED)
    show = console.progress(len(notes), "reading for meaning")
    for start in range(0, len(notes), BATCH):
        part = notes[start : start + BATCH]
        made = vectors([f"{title}\n{body[:READ]}".strip() for _, _, title, body in part])
        most = np.maximum(np.abs(made).max(axis=1, keepdims=True), 1e-9)
        kept = np.rint(made / most * STEPS).astype(np.int8)
        index.connection.executemany(
            "INSERT OR REPLACE INTO meaning VALUES (?, ?, ?)",
            [(row, hash_, vector.tobytes()) for (row, hash_, _, _), vector in zip(part, kept, strict=True)],
        )
        show(start + len(part))
