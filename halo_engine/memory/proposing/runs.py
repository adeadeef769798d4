"""The two runs: over all notes, with everything in memory; and over a few, with what the cache has of the others."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from halo_engine import console
from halo_engine.memory import scripts
from halo_engine.memory.index import Index
from halo_engine.memory.proposing import traits, words
from halo_engine.memory.proposing.cache import Cache
from halo_engine.memory.proposing.evidence import Surroundings
from halo_engine.memory.proposing.looking import BATCH, NEIGHBOURS, Looking, called, parts
from halo_engine.memory.proposing.names import Called, Text, names
from halo_engine.memory.proposing.postings import Postings
from halo_engine.memory.proposing.similarity import Vectors

if TYPE_CHECKING:
    from halo_engine.memory.proposing.similarity import Ints

_POSSESSIVE = re.compile(r"['’]s\b")


class Whole(Looking):
    """Over all notes; also makes what the next runs need."""

    def __init__(self, index: Index, cache: Cache, changed: set[str]) -> None:
        super().__init__(index, cache, changed)
        self._ids = sorted(changed)
        self.places = {note: place for place, note in enumerate(self._ids)}

    def run(self) -> None:
        import numpy as np

        self.read()
        rows = self.cache.all("SELECT terms, counts FROM said ORDER BY place")
        self._stored = [np.frombuffer(terms, np.uint32) for terms, _ in rows]
        self._vectors = Vectors(self._stored, [np.frombuffer(counts, np.float32) for _, counts in rows])
        self.cache.put("posting", self._vectors.rows())
        self._texts = {text.id: text for text in self.outlines(self._ids)}
        census = traits.Counted(self._texts.values())
        self.cache.put("trait", census.rows())
        self.around = Surroundings(census)
        every = Called(self._texts.values(), rarest(self._vectors.holders))
        self.mention(self._shown(), every)
        keys = self.cache.all("SELECT key, count(*) FROM mention GROUP BY key")
        rows = self.cache.all("SELECT source, target, key, data FROM mention")
        self.judge(self.named(rows, Counter(dict(keys))), every)
        self.cache.finish()

    def _shown(self) -> Iterator[Text]:
        show = console.progress(len(self._ids), "reading")
        for done, text in enumerate(self.bodies(self._ids), 1):
            yield text
            if done % BATCH == 0 or done == len(self._ids):
                show(done)

    def outlines(self, ids: Iterable[str]) -> Iterator[Text]:
        known: dict[str, Text] = getattr(self, "_texts", {})
        return (known[note] for note in ids) if known else super().outlines(ids)

    def stored(self, note: str) -> Ints:
        return self._stored[self.places[note]]

    def alike(self, place: int) -> list[tuple[int, float]]:
        return self._vectors.alike(place, NEIGHBOURS)

    def cosine(self, one: int, other: int) -> float:
        return self._vectors.cosine(one, other)

    def locate(self, notes: Iterable[str]) -> None:
        """All are known."""

    def at(self, places: Iterable[int]) -> dict[int, str]:
        return {place: self._ids[place] for place in places}


class Again(Looking):
    """Over a few that have changed; the rest is in the cache."""

    def __init__(self, index: Index, cache: Cache, changed: set[str], gone: set[str]) -> None:
        super().__init__(index, cache, changed)
        self._gone = gone

    def run(self) -> None:
        before = self._take_out()
        self.read()
        texts = list(self.outlines(self.changed))
        self.cache.put("trait", ((key, at, text.id) for text in texts for key, at in traits.traits(text)))
        self._put_in()
        self._census = traits.Kept(self.cache)
        self.around = Surroundings(self._census)
        renamed = {text.id for text in texts if before.get(text.id) != called(text)}
        self._mentions(renamed)
        mine = list(self.changed)
        rows = {row[:2]: row for column in ("source", "target") for row in self._mentioned(column, mine)}
        keys = {row[2] for row in rows.values()}
        holders = Counter(dict(self.cache.some(_HOLDERS, keys)))
        self.judge(self.named(rows.values(), holders), self._naming(traits.begun(key.split(" ")) for key in keys))

    def _mentioned(self, column: str, notes: list[str]) -> Iterator[tuple[str, str, str, bytes]]:
        return self.cache.some(f"SELECT source, target, key, data FROM mention WHERE {column} IN ({{}})", notes)

    def _take_out(self) -> dict[str, str]:
        """Forget what was known of the notes; returns how the changed ones were called."""
        import numpy as np

        size = self.cache.all("SELECT count(*), coalesce(max(place), -1) FROM said")[0]
        rows = list(
            self.cache.some("SELECT id, called, terms, place FROM said WHERE id IN ({})", {*self.changed, *self._gone})
        )
        known = {note for note, *_ in rows}
        new = sorted(self.changed - known)
        self._postings = Postings(self.cache, size[0] + len(new) - len(self._gone))
        for _, _, terms, place in rows:
            self._postings.take_out(place, np.frombuffer(terms, np.uint32))
        self.places = {note: place for note, _, _, place in rows if note in self.changed}
        self.places |= {note: size[1] + 1 + place for place, note in enumerate(new)}
        self.cache.forget([*self.changed, *self._gone])
        return {note: name for note, name, _, _ in rows}

    def _put_in(self) -> None:
        import numpy as np

        rows = list(self.cache.some("SELECT id, place, terms, counts FROM said WHERE id IN ({})", self.changed))
        vectors = [
            (place, np.frombuffer(terms, np.uint32), np.frombuffer(counts, np.float32))
            for _, place, terms, counts in rows
        ]
        for _, terms, _ in vectors:
            self._postings.count(terms)
        for each in vectors:
            self._postings.put(*each)
        self._postings.save()

    def _mentions(self, renamed: set[str]) -> None:
        """Find names in the changed texts; and in all texts, where names are new and texts have their words."""
        self.cache.connection.executemany("DELETE FROM mention WHERE target = ?", [(note,) for note in renamed])
        for part in parts(sorted(self.changed)):
            texts = list(self.bodies(part))
            self.mention(texts, self._naming({key for text in texts for key in _beginnings(text.body)}))
        wanted = {name.words: name.text for text in self.outlines(renamed) for name in names(text)}
        names_ = self._naming(map(traits.begun, wanted))
        holding = {note for key in wanted if key in names_.owners for note in self._holding(wanted[key])}
        self.mention(self.bodies(holding), names_, only=renamed)

    def _naming(self, keys: Iterable[str]) -> Called:
        """The names that begin so."""
        having = self.cache.some("SELECT DISTINCT note FROM trait WHERE key IN ({})", keys)
        return Called(self.outlines({note for (note,) in having}), rarest(self._postings.holders))

    def _holding(self, name: str) -> Iterator[str]:
        """The notes whose bodies have all words of a name, in any form."""
        said = scripts.parts(_POSSESSIVE.sub("", name))
        asked = " AND ".join(f'"{scripts.folded(each.text)}"' + " *" * each.begins for each in said)
        sql = "SELECT id FROM text JOIN note ON note.row = text.rowid WHERE text MATCH ? AND NOT archived"
        return (note for (note,) in self.index.all(sql, (f"body : ({asked})",))) if asked else iter(())

    def stored(self, note: str) -> Ints:
        import numpy as np

        rows = self.cache.all("SELECT terms FROM said WHERE id = ?", (note,))
        return np.frombuffer(rows[0][0] if rows else b"", np.uint32)

    def alike(self, place: int) -> list[tuple[int, float]]:
        return self._postings.alike(place, NEIGHBOURS)

    def cosine(self, one: int, other: int) -> float:
        return self._postings.cosine(one, other)

    def locate(self, notes: Iterable[str]) -> None:
        wanted = [note for note in notes if note not in self.places]
        self.places |= dict(self.cache.some("SELECT id, place FROM said WHERE id IN ({})", wanted))

    def at(self, places: Iterable[int]) -> dict[int, str]:
        return dict(self.cache.some("SELECT place, id FROM said WHERE place IN ({})", places))


_HOLDERS = "SELECT key, count(*) FROM mention WHERE key IN ({}) GROUP BY key"


def rarest(holders: Callable[[int], int]) -> Callable[[tuple[str, ...]], int]:
    """How many notes hold the rarest word, or two words, of a name; 0 where all say nothing."""
    return lambda name: min(map(holders, words.terms(list(name))), default=0)


def _beginnings(body: str) -> Iterator[str]:
    """How a name would begin that the text has."""
    said = [each.root for each in words.placed(words.running(body))]
    yield from map(traits.begun, ((each,) for each in said))
    yield from map(traits.begun, pairwise(said))
