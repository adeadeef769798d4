"""Notes that say the same, and notes that say nearly the same."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from halo_engine.memory.index import Index
from halo_engine.memory.proposing import cache, finding
from halo_engine.memory.proposing.evidence import Pair, pair_of
from halo_engine.memory.proposing.similarity import Vectors
from halo_engine.memory.wikilinks import name_key
from halo_engine.workspace import Workspace

NEAR = 0.9
"""Cosine from which a note is nearly another one."""
LOOKED_AT = 5


class Duplicate(msgspec.Struct, frozen=True):
    """Two notes of which one would do."""

    one: str
    other: str
    alike: float
    """1 for the same text; else the cosine."""


def duplicates(workspace: Workspace, index: Index) -> list[Duplicate]:
    """Every pair of live notes with the same text, or nearly, the most alike first; of many with the same each with the
    first.
    """
    same: dict[tuple[str, str], list[str]] = defaultdict(list)
    for note, title, body in index.all("SELECT id, title, body FROM note WHERE NOT archived ORDER BY sort"):
        same[("", name_key(body)) if len(body) > 40 else (name_key(title), name_key(body))].append(note)
    found = {pair_of(first, other): 1.0 for first, *others in same.values() for other in others}
    copies = {other for _, *others in same.values() for other in others}
    near = {pair: share for pair, share in _near(workspace, index).items() if copies.isdisjoint(pair)}
    return sorted((Duplicate(*pair, share) for pair, share in {**near, **found}.items()), key=lambda each: -each.alike)


def _near(workspace: Workspace, index: Index) -> dict[Pair, float]:
    import numpy as np

    with cache.opened(workspace, change=True) as kept:
        finding.refresh(index, kept)
        rows = kept.all("SELECT id, terms, counts FROM said ORDER BY id")
    ids = [note for note, _, _ in rows]
    vectors = Vectors(
        [np.frombuffer(terms, np.uint32) for _, terms, _ in rows],
        [np.frombuffer(counts, np.float32) for _, _, counts in rows],
    )
    return {
        pair_of(note, ids[other]): round(min(cosine, 0.9999), 4)
        for place, note in enumerate(ids)
        for other, cosine in vectors.alike(place, LOOKED_AT)
        if cosine >= NEAR
    }
