"""Looking for links: every text that has changed since the last run, against all others."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

import msgspec

from halo_engine import console
from halo_engine.memory.index import Index
from halo_engine.memory.proposing import judgement, words
from halo_engine.memory.proposing.cache import Cache, Key
from halo_engine.memory.proposing.evidence import Evidence, Pair, Surroundings, pair_of
from halo_engine.memory.proposing.names import MOST, Called, Mention, Text, names
from halo_engine.memory.proposing.similarity import Vectors

NEIGHBOURS = 24
"""Most alike notes of each that are looked at."""
LEAST = 0.004
"""Score below which a pair is not kept."""
ANEW = 0.2
"""Share of the notes that may change until all pairs are judged anew: rarity has changed then, too."""
BATCH = 1_000
Named = dict[Pair, tuple[bytes, str]]
"""Source and target -> the mention as it is kept, and the words of the name."""
_DECODER = msgspec.msgpack.Decoder(Mention)


def refresh(index: Index, cache: Cache) -> int:
    """Bring the proposals up to the notes; returns how many notes were looked at."""
    present = dict(index.all("SELECT id, hash FROM note WHERE NOT archived"))
    known: dict[str, str] = dict(cache.all("SELECT id, hash FROM said"))
    changed = {note for note, hash_ in present.items() if known.get(note) != hash_}
    gone = [note for note in known if note not in present]
    if not changed and not gone:
        return 0
    facts: dict[str, int] = dict(cache.all("SELECT key, value FROM fact"))
    drift = facts.get("drift", 0) + len(changed) + len(gone)
    if drift > ANEW * len(present) or len(known) == 0:
        cache.empty()
        changed, gone, drift = set(present), [], 0
    Looking(index, cache, changed).run(gone)
    cache.put("fact", [("drift", drift)])
    return len(changed)


def unseen(index: Index, cache: Cache) -> int:
    """How many notes `refresh` would look at."""
    known: dict[str, str] = dict(cache.all("SELECT id, hash FROM said"))
    return sum(known.get(note) != hash_ for note, hash_ in index.all("SELECT id, hash FROM note WHERE NOT archived"))


class Looking:
    """One run over the notes that have changed."""

    def __init__(self, index: Index, cache: Cache, changed: set[str]) -> None:
        self._index, self._cache, self._changed = index, cache, changed

    def run(self, gone: list[str]) -> None:
        before: dict[str, str] = dict(self._cache.all("SELECT id, called FROM said"))
        self._cache.forget([*self._changed, *gone])
        self._texts = list(self._outlines())
        self._read()
        self._vectors = self._weighed()
        self._called = Called(self._texts, self._holders_of)
        renamed = {text.id for text in self._texts if text.id in self._changed and before.get(text.id) != _key(text)}
        self._mentions(renamed)
        self._judge()

    def _outlines(self) -> Iterator[Text]:
        """Every note without its body."""
        labels: dict[str, list[str]] = defaultdict(list)
        sql = "SELECT note.id, tag FROM tag JOIN note ON note.row = tag.note WHERE NOT archived"
        for note, label in self._index.all(f"{sql} UNION ALL {sql.replace('tag', 'entity')}"):
            labels[note].append(label)
        sql = "SELECT id, title, path, aliases FROM note WHERE NOT archived ORDER BY id"
        for note, title, path, aliases in self._index.all(sql):
            yield Text(
                note, title, "", path, tuple(labels[note]), (), msgspec.json.decode(aliases, type=tuple[str, ...])
            )

    def _bodies(self, wanted: Iterable[str]) -> Iterator[Text]:
        """The wanted ones with it."""
        every = {text.id: text for text in self._texts}
        ids = sorted(wanted)
        for start in range(0, len(ids), BATCH):
            part = ids[start : start + BATCH]
            sql = f"SELECT id, body FROM note WHERE id IN ({', '.join('?' * len(part))})"
            for note, body in self._index.all(sql, part):
                yield msgspec.structs.replace(every[note], body=body)

    def _read(self) -> None:
        """Take the changed texts apart into terms."""
        import numpy as np

        hashes = dict(self._index.all("SELECT id, hash FROM note"))
        rows: list[Key] = []
        for text in self._bodies(self._changed):
            found = words.terms(words.roots(f"{text.title}\n{words.unlinked(text.body)}"))
            terms = np.fromiter(found.keys(), np.uint32, len(found)).tobytes()
            counts = np.fromiter(found.values(), np.float32, len(found)).tobytes()
            rows.append((text.id, hashes[text.id], _key(text), terms, counts))
            if len(rows) == BATCH:
                self._cache.put("said", rows)
                rows = []
        self._cache.put("said", rows)

    def _weighed(self) -> Vectors:
        import numpy as np

        rows = self._cache.all("SELECT id, terms, counts FROM said ORDER BY id")
        self._terms: dict[str, frozenset[int]] = {}
        self._stored = {note: np.frombuffer(terms, np.uint32) for note, terms, _ in rows}
        return Vectors(list(self._stored.values()), [np.frombuffer(counts, np.float32) for _, _, counts in rows])

    def _holders_of(self, name: tuple[str, ...]) -> int:
        """How many notes hold the rarest word, or two words, of a name; 0 where all say nothing."""
        found = words.terms(list(name))
        return min(map(self._vectors.holders, found), default=0)

    def _mentions(self, renamed: set[str]) -> None:
        """Find names in the changed texts; and in all texts, where names are new and texts have their words."""
        self._cache.connection.executemany("DELETE FROM mention WHERE target = ?", [(note,) for note in renamed])
        wanted = self._changed | (self._holding(renamed) if len(self._changed) < len(self._texts) else set())
        show = console.progress(len(wanted), "reading")
        for done, text in enumerate(self._bodies(wanted), 1):
            rows = [
                (m.source, m.target, " ".join(key), msgspec.msgpack.encode(m)) for m, key in self._called.mentions(text)
            ]
            self._cache.put("mention", rows)
            if done % BATCH == 0 or done == len(wanted):
                show(done)

    def _holding(self, renamed: set[str]) -> set[str]:
        """The notes that may mention the renamed ones: those with all words of one of their names."""
        wanted = [name for text in self._texts if text.id in renamed for name in names(text)]
        sought = [
            frozenset(each for word in name.words if len(word) > 1 and (each := words.term(word))) for name in wanted
        ]
        return {note for note in self._stored if any(each <= self._said(note) for each in sought if each)}

    def _said(self, note: str) -> frozenset[int]:
        if note not in self._terms:
            self._terms[note] = frozenset(self._stored[note].tolist())
        return self._terms[note]

    def _judge(self) -> None:
        """Weigh every pair with a changed note in it."""
        alike = Alike(list(self._stored), self._vectors, self._changed)
        around = Surroundings(self._texts)
        named = self._named()
        every = {*alike.ranks, *(pair_of(*each) for each in named), *around.candidates()}
        pairs = [pair for pair in every if not self._changed.isdisjoint(pair)]
        show = console.progress(len(pairs), "judging")
        for start in range(0, len(pairs), BATCH):
            part = pairs[start : start + BATCH]
            self._cache.put("proposal", list(self._judged(part, alike, named, around)))
            show(start + len(part))

    def _judged(self, pairs: list[Pair], alike: Alike, named: Named, around: Surroundings) -> Iterator[Key]:
        for pair in pairs:
            evidence = self._evidence(pair, alike, named, around)
            score = judgement.score(evidence)
            if score >= LEAST:
                way = (evidence.mention.source, evidence.mention.target) if evidence.mention else pair
                yield (*pair, *way, score, judgement.reason(evidence))

    def _named(self) -> Named:
        """Each mention, but of names that stand everywhere."""
        self._holders: Counter[str] = Counter(dict(self._cache.all("SELECT key, count(*) FROM mention GROUP BY key")))
        found = self._cache.all("SELECT source, target, key, data FROM mention")
        return {(one, other): (data, key) for one, other, key, data in found if self._holders[key] <= MOST}

    def _evidence(self, pair: Pair, alike: Alike, named: Named, around: Surroundings) -> Evidence:
        known = around.around(pair, self._said)
        known |= {"cosine": math.sqrt(max(alike.cosine(pair), 0.0)), "rank": alike.ranks.get(pair, 0.0)}
        both = [(_DECODER.decode(named[way][0]), named[way][1]) for way in (pair, pair[::-1]) if way in named]
        if not both:
            return Evidence(**known)
        mention, key = max(both, key=lambda each: each[0].strength + 2 * around.rarity(self._holders[each[1]]))
        rarity, ambiguity = around.rarity(self._holders[key]), self._called.ambiguity(tuple(key.split(" ")))
        return Evidence(mention, rarity, ambiguity, mutual=len(both) == 2, **known)


class Alike:
    """How alike the changed notes are to all others."""

    def __init__(self, ids: list[str], vectors: Vectors, changed: set[str]) -> None:
        self.ranks: dict[Pair, float] = {}
        self._vectors = vectors
        self._places = {note: place for place, note in enumerate(ids)}
        self._cosines: dict[Pair, float] = {}
        for note in changed:
            for rank, (other, cosine) in enumerate(vectors.alike(self._places[note], NEIGHBOURS), 1):
                pair = pair_of(note, ids[other])
                self._cosines[pair] = cosine
                self.ranks[pair] = max(self.ranks.get(pair, 0.0), 1 / rank)

    def cosine(self, pair: Pair) -> float:
        known = self._cosines.get(pair)
        return self._vectors.cosine(self._places[pair[0]], self._places[pair[1]]) if known is None else known


def _key(text: Text) -> str:
    return "\n".join(" ".join(name.words) for name in names(text))
