"""Links by the textbook: cosine of TF-IDF over words and two-word phrases, and a point more where a title is named."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from itertools import pairwise

WORD = re.compile(r"\w+")
SHORTEST = 4
"""Letters of a title that counts when it is mentioned."""


def ranked(notes: dict[str, tuple[str, str]]) -> list[tuple[str, str]]:
    """Pairs of ids, sorted within each, the likeliest first; `notes` are title and body by id."""
    words = {note: WORD.findall(f"{title} {body}".lower()) for note, (title, body) in notes.items()}
    counts = {note: Counter([*said, *map(" ".join, pairwise(said))]) for note, said in words.items()}
    spread = Counter(term for count in counts.values() for term in count)
    having: dict[str, list[tuple[str, float]]] = defaultdict(list)
    for note, count in counts.items():
        weights = {term: (1 + math.log(n)) * math.log(len(notes) / spread[term]) for term, n in count.items()}
        norm = math.sqrt(sum(weight**2 for weight in weights.values())) or 1.0
        for term, weight in weights.items():
            having[term].append((note, weight / norm))
    scores: Counter[tuple[str, str]] = Counter()
    for holders in having.values():
        for place, (one, weight) in enumerate(holders):
            for other, share in holders[place + 1 :]:
                scores[min(one, other), max(one, other)] += weight * share
    mentions = {
        (min(note, other), max(note, other))
        for note, (_, body) in notes.items()
        for other, (title, _) in notes.items()
        if note != other and len(title) >= SHORTEST and title.lower() in body.lower()
    }
    for pair in mentions:
        scores[pair] += 1
    return sorted(scores, key=lambda pair: (-scores[pair], pair))
