"""One look at the texts that have changed; `runs` says what it knows of the others."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from halo_engine import console
from halo_engine.memory.index import Index
from halo_engine.memory.proposing import judgement, words
from halo_engine.memory.proposing.cache import MOST as PART
from halo_engine.memory.proposing.cache import Cache, Key
from halo_engine.memory.proposing.evidence import Evidence, Pair, Surroundings, pair_of
from halo_engine.memory.proposing.names import MOST, Called, Mention, Text, names

if TYPE_CHECKING:
    from halo_engine.memory.proposing.similarity import Ints

NEIGHBOURS = 24
"""Most alike notes of each that are looked at."""
LEAST = 0.004
"""Score below which a pair is not kept."""
BATCH = 1_000
Named = dict[Pair, tuple[bytes, str]]
"""Source and target -> the mention as it is kept, and the words of the name."""
_DECODER = msgspec.msgpack.Decoder(Mention)


class Looking(ABC):
    """One run over the notes that have changed."""

    around: Surroundings
    """Ready once the changed texts were read."""

    def __init__(self, index: Index, cache: Cache, changed: set[str]) -> None:
        self.index, self.cache, self.changed = index, cache, changed
        self.places: dict[str, int] = {}
        """Of the notes that have been asked for: their numbers in the cache."""
        self._terms: dict[str, frozenset[int]] = {}
        self._ranks: dict[Pair, float] = {}
        self._cosines: dict[Pair, float] = {}
        self._holders: Counter[str] = Counter()

    @abstractmethod
    def run(self) -> None:
        """Read, find mentions, judge."""

    @abstractmethod
    def stored(self, note: str) -> Ints:
        """The terms of a note."""

    @abstractmethod
    def alike(self, place: int) -> list[tuple[int, float]]:
        """The places most like one of the changed notes, each with its cosine."""

    @abstractmethod
    def cosine(self, one: int, other: int) -> float:
        """Of two places, one of a changed note."""

    @abstractmethod
    def locate(self, notes: Iterable[str]) -> None:
        """See that `places` has these."""

    @abstractmethod
    def at(self, places: Iterable[int]) -> dict[int, str]:
        """The notes at these places."""

    def outlines(self, ids: Iterable[str]) -> Iterator[Text]:
        """Notes without their bodies."""
        for part in parts(ids):
            marks = ", ".join("?" * len(part))
            labels: dict[str, list[str]] = defaultdict(list)
            for table in ("tag", "entity"):
                sql = f"SELECT note.id, {table} FROM {table} JOIN note ON note.row = {table}.note WHERE note.id IN "
                for note, label in self.index.all(f"{sql} ({marks})", part):
                    labels[note].append(label)
            sql = f"SELECT id, title, path, aliases FROM note WHERE NOT archived AND id IN ({marks}) ORDER BY id"
            for note, title, path, aliases in self.index.all(sql, part):
                known = msgspec.json.decode(aliases, type=tuple[str, ...])
                yield Text(note, title, "", path, tuple(labels[note]), (), known)

    def bodies(self, ids: Iterable[str]) -> Iterator[Text]:
        """Notes with them, in the order of their ids."""
        for part in parts(sorted(ids)):
            sql = f"SELECT id, body FROM note WHERE id IN ({', '.join('?' * len(part))})"
            said = dict(self.index.all(sql, part))
            for text in self.outlines(part):
                yield msgspec.structs.replace(text, body=said[text.id])

    def read(self) -> None:
        """Take the changed texts apart into terms."""
        self.cache.put("said", (self._said(text, hash_) for text, hash_ in self._hashed()))

    def _hashed(self) -> Iterator[tuple[Text, str]]:
        for part in parts(sorted(self.changed)):
            hashes = dict(self.index.all(f"SELECT id, hash FROM note WHERE id IN ({', '.join('?' * len(part))})", part))
            yield from ((text, hashes[text.id]) for text in self.bodies(part))

    def _said(self, text: Text, hash_: str) -> Key:
        import numpy as np

        found = words.terms(words.roots(f"{text.title}\n{words.unlinked(text.body)}"))
        terms = np.fromiter(found.keys(), np.uint32, len(found)).tobytes()
        counts = np.fromiter(found.values(), np.float32, len(found)).tobytes()
        return (text.id, hash_, called(text), terms, counts, self.places[text.id])

    def mention(self, texts: Iterable[Text], names_: Called, only: set[str] | None = None) -> None:
        """Keep what the texts mention; `only` of these notes."""
        for text in texts:
            found = (each for each in names_.mentions(text) if only is None or each[0].target in only)
            self.cache.put(
                "mention", [(m.source, m.target, " ".join(key), msgspec.msgpack.encode(m)) for m, key in found]
            )

    def judge(self, named: Named, names_: Called) -> None:
        """Weigh every pair with a changed note in it."""
        for note in self.changed:
            self._compare(note)
        candidates = {pair for text in self.outlines(self.changed) for pair in self.around.candidates(text)}
        every = {*self._ranks, *(pair_of(*each) for each in named), *candidates}
        pairs = [pair for pair in every if not self.changed.isdisjoint(pair)]
        self.around.know(self.outlines({note for pair in pairs for note in pair}))
        self.locate({note for pair in pairs for note in pair})
        show = console.progress(len(pairs), "judging")
        for start in range(0, len(pairs), BATCH):
            part = [pair for pair in pairs[start : start + BATCH] if all(each in self.around.by_id for each in pair)]
            self.cache.put("proposal", list(self._judged(part, named, names_)))
            show(min(start + BATCH, len(pairs)))

    def _compare(self, note: str) -> None:
        found = self.alike(self.places[note])
        ids = self.at(place for place, _ in found)
        for rank, (place, cosine) in enumerate(found, 1):
            pair = pair_of(note, ids[place])
            self._cosines[pair] = cosine
            self._ranks[pair] = max(self._ranks.get(pair, 0.0), 1 / rank)

    def _judged(self, pairs: list[Pair], named: Named, names_: Called) -> Iterator[Key]:
        for pair in pairs:
            evidence = self._evidence(pair, named, names_)
            score = judgement.score(evidence)
            if score >= LEAST:
                way = (evidence.mention.source, evidence.mention.target) if evidence.mention else pair
                yield (*pair, *way, score, judgement.reason(evidence))

    def named(self, rows: Iterable[tuple[str, str, str, bytes]], holders: Counter[str]) -> Named:
        """Mentions by pair, but of names that stand everywhere."""
        self._holders = holders
        return {(one, other): (data, key) for one, other, key, data in rows if holders[key] <= MOST}

    def _evidence(self, pair: Pair, named: Named, names_: Called) -> Evidence:
        known: dict[str, Any] = self.around.around(pair, self._terms_of)
        cosine = self._cosines.get(pair)
        cosine = self.cosine(*(self.places[each] for each in pair)) if cosine is None else cosine
        known |= {"cosine": math.sqrt(max(cosine, 0.0)), "rank": self._ranks.get(pair, 0.0)}
        both = [(_DECODER.decode(named[way][0]), named[way][1]) for way in (pair, pair[::-1]) if way in named]
        if not both:
            return Evidence(**known)
        mention, key = max(both, key=lambda each: each[0].strength + 2 * self.around.rarity(self._holders[each[1]]))
        rarity, ambiguity = self.around.rarity(self._holders[key]), names_.ambiguity(tuple(key.split(" ")))
        return Evidence(mention, rarity, ambiguity, mutual=len(both) == 2, **known)

    def _terms_of(self, note: str) -> frozenset[int]:
        if note not in self._terms:
            self._terms[note] = frozenset(self.stored(note).tolist())
        return self._terms[note]


def parts(ids: Iterable[str]) -> Iterator[list[str]]:
    """In pieces that fit into one statement."""
    every = list(ids)
    yield from (every[start : start + PART] for start in range(0, len(every), PART))


def called(text: Text) -> str:
    """All names of a note, to be compared."""
    return "\n".join(" ".join(name.words) for name in names(text))
