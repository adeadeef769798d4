"""Looking for links: every text that has changed since the last run, against all others."""

from __future__ import annotations

from halo_engine.memory.index import Index
from halo_engine.memory.proposing.cache import Cache
from halo_engine.memory.proposing.runs import Again, Whole

ANEW = 0.2
"""Share of the notes that may change until all pairs are judged anew: rarity has changed then, too."""


def refresh(index: Index, cache: Cache) -> int:
    """Bring the proposals up to the notes; returns how many notes were looked at."""
    present = dict(index.all("SELECT id, hash FROM note WHERE NOT archived"))
    known: dict[str, str] = dict(cache.all("SELECT id, hash FROM said"))
    changed = {note for note, hash_ in present.items() if known.get(note) != hash_}
    gone = {note for note in known if note not in present}
    if not changed and not gone:
        return 0
    facts: dict[str, int] = dict(cache.all("SELECT key, value FROM fact"))
    drift = facts.get("drift", 0) + len(changed) + len(gone)
    if drift > ANEW * len(present) or len(known) == 0:
        cache.empty()
        changed, drift = set(present), 0
        Whole(index, cache, changed).run()
    else:
        Again(index, cache, changed, gone).run()
    cache.put("fact", [("drift", drift)])
    return len(changed)


def unseen(index: Index, cache: Cache) -> int:
    """How many notes `refresh` would look at."""
    known: dict[str, str] = dict(cache.all("SELECT id, hash FROM said"))
    return sum(known.get(note) != hash_ for note, hash_ in index.all("SELECT id, hash FROM note WHERE NOT archived"))
