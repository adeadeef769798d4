"""How alike texts are: cosine of TF-IDF vectors over words and two-word phrases (Salton and Buckley 1988).

A note's vector keeps its heaviest terms only, and terms that nearly every note has are left out, so the work grows with
the notes and not with their pairs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

    Floats = np.ndarray[Any, np.dtype[np.float32]]
    Ints = np.ndarray[Any, np.dtype[np.uint32]]

HEAVIEST = 300
"""Terms of a note that are looked at."""
SHARE = 0.2
"""A term that stands in more of the notes than this says nothing ..."""
LONGEST = 1_000
"""... nor one that stands in more than this and in more than 100 notes."""
LEAST = 100


def most_holders(size: int) -> float:
    """Notes that may have a term for it to say anything, of so many."""
    return max(LEAST, min(SHARE * size, LONGEST))


def _heaviest(owner: Any, weight: Any, lengths: Any) -> Any:
    """Which entries are among the heaviest of their note."""
    import numpy as np

    order = np.lexsort((-weight, owner))
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return rank < HEAVIEST


def summed(owners: Any, shares: Any) -> tuple[Any, Any]:
    """Each owner once, with the sum of its shares."""
    import numpy as np

    others, which = np.unique(owners, return_inverse=True)
    return others, np.bincount(which, shares, len(others))


def nearest(note: int, others: Any, cosine: Any, most: int) -> list[tuple[int, float]]:
    """Those of the others that are most like a note, without itself, the most alike first."""
    import numpy as np

    cosine = np.where(others == note, 0, cosine)
    best = np.argsort(-cosine, kind="stable")[:most]
    return [(int(others[each]), float(cosine[each])) for each in best if cosine[each] > 0]


class Vectors:
    """The vectors of notes, by their places in `terms`, all in memory."""

    def __init__(self, terms: Sequence[Ints], counts: Sequence[Floats]) -> None:
        import numpy as np

        self.size = len(terms)
        lengths = np.array([len(each) for each in terms], dtype=np.int64)
        every = np.concatenate([*terms, np.empty(0, np.uint32)])
        owner = np.repeat(np.arange(self.size, dtype=np.int32), lengths)
        self.terms, place, frequency = np.unique(every, return_inverse=True, return_counts=True)
        self.idf = np.log((self.size + 1) / frequency).astype(np.float32)
        self._frequency = frequency
        weight = (1 + np.log(np.concatenate([*counts, np.empty(0, np.float32)]))) * self.idf[place]
        norm = np.sqrt(np.bincount(owner, weight * weight, self.size)).astype(np.float32)
        weight = (weight / np.maximum(norm[owner], 1e-9)).astype(np.float32)
        kept = (frequency[place] <= most_holders(self.size)) & _heaviest(owner, weight, lengths)
        self._keep(owner[kept], place[kept].astype(np.int32), weight[kept])

    def _keep(self, owner: Any, place: Any, weight: Any) -> None:
        import numpy as np

        shared = self._frequency[place] > 1
        self._place, self._weight = place[shared], weight[shared]
        self._start = np.searchsorted(owner[shared], np.arange(self.size + 1))
        order = np.argsort(place, kind="stable")
        self._owners, self._weights = owner[order], weight[order]
        self._first = np.searchsorted(place[order], np.arange(len(self.terms) + 1))

    def holders(self, term: int) -> int:
        """How many notes have a term."""
        import numpy as np

        place = int(np.searchsorted(self.terms, np.uint32(term)))
        return int(self._frequency[place]) if place < len(self.terms) and self.terms[place] == term else 0

    def alike(self, note: int, most: int) -> list[tuple[int, float]]:
        """The notes most like one, each with its cosine, the most alike first."""
        import numpy as np

        mine = slice(self._start[note], self._start[note + 1])
        place, weight = self._place[mine], self._weight[mine]
        if not len(place):
            return []
        start, stop = self._first[place], self._first[place + 1]
        lengths = stop - start
        at = np.arange(lengths.sum()) + np.repeat(start - np.cumsum(lengths) + lengths, lengths)
        return nearest(note, *summed(self._owners[at], self._weights[at] * np.repeat(weight, lengths)), most)

    def cosine(self, one: int, other: int) -> float:
        """Of two notes."""
        import numpy as np

        a, b = (slice(self._start[each], self._start[each + 1]) for each in (one, other))
        _, mine, theirs = np.intersect1d(self._place[a], self._place[b], assume_unique=True, return_indices=True)
        return float(self._weight[a][mine] @ self._weight[b][theirs])

    def rows(self) -> Iterator[tuple[int, int, bytes, bytes]]:
        """Each term with how many notes have it, their places and what it weighs there; no places of common terms."""
        owners, weights = self._owners.astype("int32"), self._weights.astype("float32")
        for place, (term, holders) in enumerate(zip(self.terms.tolist(), self._frequency.tolist(), strict=True)):
            part = slice(self._first[place], self._first[place + 1])
            yield term, holders, owners[part].tobytes(), weights[part].tobytes()
