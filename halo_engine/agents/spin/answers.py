"""What the person was told, and whether it was told before."""

from __future__ import annotations

from collections import deque

from halo_engine.agents.spin.lately import Seen
from halo_engine.agents.spin.text import fingerprint, overlap, similarity, words

TOLD, TOLD_WORDS = 0.4, 0.9
"""Similarity, and the share of its words, from which an answer says what one before it said."""
LEAST = 12
"""Words of an answer."""
NAMES_SOMETHING = 4
"""Letters of a word that may be what an answer is about."""
KEPT, WORDS = 8, 20_000
"""Answers and words that are remembered."""


class Answers:
    """The latest answers of a session."""

    def __init__(self) -> None:
        self._answers: deque[str] = deque(maxlen=KEPT)
        self._words: Seen[int] = Seen(WORDS)

    def tells(self, text: str) -> bool:
        """Whether it tells the person at length what was not told before."""
        told = any(similarity(each, text) >= TOLD or overlap(each, text) >= TOLD_WORDS for each in self._answers)
        if len(words(text)) < LEAST or told:
            return False
        self._answers.append(text)
        return True

    def names(self, text: str) -> bool:
        """Whether a short answer has a word that none before it had, as the next question of a quiz has."""
        said = {fingerprint(word) for word in words(text) if len(word) >= NAMES_SOMETHING}
        new = any(word not in self._words for word in said)
        self._words.update(said)
        return new
