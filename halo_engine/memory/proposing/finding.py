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
_DECODER = msgspec.msgpack.Decoder(Mention)


def refresh(index: Index, cache: Cache) -> int:
    """Bring the proposals up to the notes; returns how many notes were looked at."""
    present = dict(index.all("SELECT id, hash FROM note WHERE NOT archived"))
    known = dict(cache.all("SELECT id, hash FROM said"))
    changed = {note for note, hash_ in present.items() if known.get(note) != hash_}
    gone = [note for note in known if note not in present]
    if not changed and not gone:
        return 0
    drift = int(dict(cache.all("SELECT key, value FROM fact")).get("drift", 0)) + len(changed) + len(gone)
    if drift > ANEW * len(present) or len(known) == 0:
        cache.empty()
        changed, gone, drift = set(present), [], 0
    Looking(index, cache, changed).run(gone)
    cache.put("fact", [("drift", drift)])
    return len(changed)


class Looking:
    """One run over the notes that have changed."""

    def __init__(self, index: Index, cache: Cache, changed: set[str]) -> None:
        self._index, self._cache, self._changed = index, cache, changed

    def run(self, gone: list[str]) -> None:
        before = {note: called for note, called in self._cache.all("SELECT id, called FROM said")}
        self._cache.forget([*self._changed, *gone])
        self._texts = list(self._outlines())
        self._called = Called(self._texts)
        self._read()
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
            yield Text(note, title, "", path, tuple(labels[note]), (), msgspec.json.decode(aliases, type=tuple[str, ...]))

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

    def _mentions(self, renamed: set[str]) -> None:
        """Find names in the changed texts; and in all texts, where names are new and texts have their words."""
        import numpy as np

        self._terms: dict[str, frozenset[int]] = {}
        stored = self._cache.all("SELECT id, terms, counts FROM said ORDER BY id")
        self._stored = {note: np.frombuffer(terms, np.uint32) for note, terms, _ in stored}
        self._counts = [np.frombuffer(counts, np.float32) for _, _, counts in stored]
        self._cache.connection.executemany("DELETE FROM mention WHERE target = ?", [(note,) for note in renamed])
        wanted = self._changed | (self._holding(renamed) if len(self._changed) < len(self._texts) else set())
        show = console.progress(len(wanted), "reading")
        for done, text in enumerate(self._bodies(wanted), 1):
            rows = [(m.source, m.target, " ".join(key), msgspec.msgpack.encode(m)) for m, key in self._called.mentions(text)]
            self._cache.put("mention", rows)
            if done % BATCH == 0 or done == len(wanted):
                show(done)

    def _holding(self, renamed: set[str]) -> set[str]:
        """The notes that may mention the renamed ones: those with all words of one of their names."""
        wanted = [name for text in self._texts if text.id in renamed for name in names(text)]
        sought = [frozenset(each for word in name.words if len(word) > 1 and (each := words.term(word))) for name in wanted]
        return {note for note in self._stored if any(each <= self._said(note) for each in sought if each)}

    def _said(self, note: str) -> frozenset[int]:
        if note not in self._terms:
            self._terms[note] = frozenset(self._stored[note].tolist())
        return self._terms[note]

    def _judge(self) -> None:
        """Weigh every pair with a changed note in it."""
        places = {note: place for place, note in enumerate(self._stored)}
        ids = list(places)
        vectors = Vectors(list(self._stored.values()), self._counts)
        ranks: dict[Pair, float] = {}
        cosines: dict[Pair, float] = {}
        for note in self._changed:
            for rank, (other, cosine) in enumerate(vectors.alike(places[note], NEIGHBOURS), 1):
                pair = pair_of(note, ids[other])
                cosines[pair], ranks[pair] = cosine, max(ranks.get(pair, 0.0), 1 / rank)
        around = Surroundings(self._texts)
        named, counted = self._named()
        pairs = {*cosines, *(pair_of(*each) for each in named), *around.candidates()}
        show = console.progress(len(pairs), "judging")
        rows: list[Key] = []
        for done, pair in enumerate(pairs, 1):
            if done % (10 * BATCH) == 0 or done == len(pairs):
                show(done)
            if self._changed.isdisjoint(pair):
                continue
            cosine = cosines.get(pair)
            if cosine is None:
                cosine = vectors.cosine(places[pair[0]], places[pair[1]])
            evidence = self._evidence(pair, named, counted, around)
            evidence = msgspec.structs.replace(evidence, cosine=math.sqrt(max(cosine, 0.0)), rank=ranks.get(pair, 0.0))
            score = judgement.score(evidence)
            if score >= LEAST:
                source, target = (evidence.mention.source, evidence.mention.target) if evidence.mention else pair
                rows.append((*pair, source, target, score, judgement.reason(evidence)))
        self._cache.put("proposal", rows)

    def _named(self) -> tuple[dict[Pair, tuple[bytes, str]], Counter[str]]:
        """Each mention with the words of its name, and how many notes hold those; without names that stand everywhere."""
        counted = Counter({key: count for key, count in self._cache.all("SELECT key, count(*) FROM mention GROUP BY key")})
        found = self._cache.all("SELECT source, target, key, data FROM mention")
        return {(one, other): (data, key) for one, other, key, data in found if counted[key] <= MOST}, counted

    def _evidence(
        self, pair: Pair, named: dict[Pair, tuple[bytes, str]], counted: Counter[str], around: Surroundings
    ) -> Evidence:
        both = [(_DECODER.decode(data), key) for way in (pair, pair[::-1]) if (data_key := named.get(way)) for data, key in [data_key]]
        known = around.around(pair, self._said)
        if not both:
            return Evidence(**known)
        mention, key = max(both, key=lambda each: each[0].strength + 2 * around.rarity(counted[each[1]]))
        ambiguity = self._called.ambiguity(tuple(key.split(" ")))
        return Evidence(mention, around.rarity(counted[key]), ambiguity, mutual=len(both) == 2, **known)


def _key(text: Text) -> str:
    return "\n".join(" ".join(name.words) for name in names(text))
