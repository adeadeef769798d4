"""How alike a few changed texts are to all others, from what the cache has of these: who has each term.

The same as `similarity`, term by term. What a term weighs in a note is as it was when that note was looked at.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from halo_engine.memory.proposing.cache import Cache
from halo_engine.memory.proposing.similarity import HEAVIEST, most_holders, nearest, summed

if TYPE_CHECKING:
    import numpy as np

    from halo_engine.memory.proposing.similarity import Floats, Ints

    Posting = tuple[int, "np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]


class Postings:
    """The terms in the cache, and the vectors of the notes that were put in this time."""

    def __init__(self, cache: Cache, size: int) -> None:
        self._cache, self._size = cache, size
        self._most = most_holders(size)
        self._known: dict[int, Posting] = {}
        self._vectors: dict[int, dict[int, float]] = {}
        self._sums: dict[int, tuple[Any, Any]] = {}

    def _read(self, terms: list[int]) -> None:
        import numpy as np

        sql = "SELECT term, holders, places, weights FROM posting WHERE term IN ({})"
        for term, holders, places, weights in self._cache.some(
            sql, (each for each in terms if each not in self._known)
        ):
            self._known[term] = (holders, np.frombuffer(places, np.int32), np.frombuffer(weights, np.float32))
        for term in terms:
            self._known.setdefault(term, (0, np.empty(0, np.int32), np.empty(0, np.float32)))

    def take_out(self, place: int, terms: Ints) -> None:
        """Forget a note that had these terms."""
        self._read(terms.tolist())
        for term in terms.tolist():
            holders, places, weights = self._known[term]
            other = places != place
            self._known[term] = (max(holders - 1, 0), places[other], weights[other])

    def count(self, terms: Ints) -> None:
        """Count a note that has these terms now; to be done for all before any is `put`."""
        self._read(terms.tolist())
        for term in terms.tolist():
            holders, places, weights = self._known[term]
            self._known[term] = (holders + 1, places, weights)

    def put(self, place: int, terms: Ints, counts: Floats) -> None:
        """Weigh the terms of a note, and add it to those that have them."""
        import numpy as np

        every = terms.tolist()
        idf = np.array([math.log((self._size + 1) / self._known[term][0]) for term in every])
        weight = (1 + np.log(counts)) * idf
        weight = (weight / max(float(np.linalg.norm(weight)), 1e-9)).astype(np.float32)
        vector = {every[each]: float(weight[each]) for each in np.argsort(-weight, kind="stable")[:HEAVIEST]}
        self._vectors[place] = vector = {term: w for term, w in vector.items() if self._known[term][0] <= self._most}
        for term, share in vector.items():
            holders, places, weights = self._known[term]
            added = np.append(places, np.int32(place)), np.append(weights, np.float32(share))
            self._known[term] = (holders, *added)

    def save(self) -> None:
        """Write what has changed."""
        rows = (
            (term, count, *(each.tobytes() for each in rest)) for term, (count, *rest) in self._known.items() if count
        )
        self._cache.put("posting", rows)
        gone = [(term,) for term, (count, _, _) in self._known.items() if not count]
        self._cache.connection.executemany("DELETE FROM posting WHERE term = ?", gone)

    def holders(self, term: int) -> int:
        """How many notes have a term."""
        self._read([term])
        return self._known[term][0]

    def alike(self, note: int, most: int) -> list[tuple[int, float]]:
        """The places most like one that was put in, each with its cosine, the most alike first."""
        return nearest(note, *self._sum(note), most)

    def cosine(self, one: int, other: int) -> float:
        """Of two places, one of which was put in."""
        if one not in self._vectors:
            one, other = other, one
        others, cosines = self._sum(one)
        place = int(others.searchsorted(other))
        return float(cosines[place]) if place < len(others) and others[place] == other else 0.0

    def _sum(self, note: int) -> tuple[Any, Any]:
        import numpy as np

        if note not in self._sums:
            shared = [(self._known[term], share) for term, share in self._vectors[note].items()]
            places = [places for (_, places, _), _ in shared]
            shares = [weights * share for (_, _, weights), share in shared]
            self._sums[note] = summed(
                np.concatenate([*places, np.empty(0, np.int32)]), np.concatenate([*shares, np.empty(0, np.float32)])
            )
        return self._sums[note]
