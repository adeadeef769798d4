"""What speaks for a link between two notes: the columns that `judgement` weighs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from halo_engine.memory.proposing import traits
from halo_engine.memory.proposing.names import Mention, Text
from halo_engine.memory.proposing.traits import Census
from halo_engine.memory.proposing.words import term

Pair = tuple[str, str]
"""Two ids, sorted."""
SERIES = 6
"""Notes whose names are the same but for numbers, from which they are a series."""
FEW = 40
"""Titles that may share a word for it to be a reason to look at each pair of them."""


def pair_of(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


class Evidence(msgspec.Struct, frozen=True, gc=False):
    """What is known of one pair. All are between 0 and about 1 unless they say otherwise."""

    mention: Mention | None = None
    """The clearer one of both directions."""
    rarity: float = 0.0
    """Of the mentioned name: 1 when it is mentioned once, 0 when every note mentions it."""
    ambiguity: float = 0.0
    """Logarithm of the number of notes that are called so."""
    mutual: bool = False
    cosine: float = 0.0
    """Square root of it: differences between unlike texts count too."""
    rank: float = 0.0
    """One over the place of one among those most like the other; the better of both directions."""
    title: float = 0.0
    """Shared words of the titles over all of them, rare words counting more; without numbers."""
    cover: float = 0.0
    """How much of one title stands in the other text, rare words counting more; the better of both directions."""
    inside: bool = False
    """All words of one title are in the other."""
    parent: bool = False
    """One note is named as the folder, or the dotted path, that holds the other."""
    tags: float = 0.0
    """Shared tags and entities, the rare ones counting more; may exceed 1."""
    folder: float = 0.0
    """1 when a folder holds the two alone, 0 when it holds all notes or they are in two."""
    sequence: bool = False
    """The next date or number of a series."""
    alternate: bool = False
    """Both are of one series, `log 2026-11-20` and `log 2026-11-24`, and not next to each other."""


class Surroundings:
    """What the titles, tags and places of notes say about a pair of them."""

    def __init__(self, census: Census) -> None:
        self.by_id: dict[str, Text] = {}
        self._census = census
        self._log = math.log(max(census.total, 2))
        self._titles: dict[str, frozenset[str]] = {}
        self._heard: dict[str, list[tuple[int, float]]] = {}
        self._whole: dict[str, float] = {}
        self._worth: dict[str, float] = {}
        self._series: dict[str, str] = {}
        self._parents: set[Pair] = set()
        self._sequences: set[Pair] = set()

    def know(self, texts: Iterable[Text]) -> None:
        """Take in the texts of pairs that are to be judged."""
        for text in texts:
            if text.id not in self.by_id:
                self.by_id[text.id] = text
                self._titles[text.id] = said = traits.title_words(text)
                for word in said:
                    if word not in self._worth:
                        count = self._census.count(traits.word(word)) or 1
                        self._worth[word] = 1 - 0.8 * math.log(count) / self._log
                self._heard[text.id] = [(term(each), self._worth[each]) for each in said]
                self._whole[text.id] = sum(self._worth[each] for each in said)
                self._series[text.id] = traits.series(text)

    def candidates(self, text: Text) -> Iterator[Pair]:
        """Pairs of a note that are worth a look for titles or places alone."""
        census = self._census
        parents = [other for place in traits.holders(text) for other in census.having(f"at {place}")]
        parents += census.having(traits.is_named(text).replace("at ", "in ", 1))
        self._parents |= {pair_of(text.id, other) for other in parents if other != text.id}
        place = traits.turn(text)
        near = census.beside(place, text.id) if place else []
        self._sequences |= {pair_of(text.id, other) for other in near}
        words = [each for each in map(traits.word, traits.title_words(text)) if 1 < census.count(each) <= FEW]
        alike = [other for word in words for other in census.having(word)]
        yield from (pair_of(text.id, other) for other in (*parents, *near, *alike) if other != text.id)

    def around(self, pair: Pair, said: Callable[[str], frozenset[int]]) -> dict[str, Any]:
        """The columns of `Evidence` that titles, tags and places give; `said` has the terms of a note's text."""
        one, other = (self.by_id[each] for each in pair)
        mine, theirs = self._titles[one.id], self._titles[other.id]
        shared = sum(self._worth[each] for each in mine & theirs)
        either = self._whole[one.id] + self._whole[other.id] - shared
        together = one.folder == other.folder
        return {
            "title": shared / either if shared else 0.0,
            "inside": bool(shared) and (mine <= theirs or theirs <= mine),
            "cover": max(self._cover(one.id, said(other.id)), self._cover(other.id, said(one.id))),
            "parent": pair in self._parents,
            "sequence": pair in self._sequences,
            "alternate": pair not in self._sequences and self._alternate(one, other),
            "tags": sum(self._rare(traits.label(each)) for each in traits.labels(one) & traits.labels(other)),
            "folder": self._rare(traits.folder(one.folder)) if together else 0.0,
        }

    def _rare(self, trait: str) -> float:
        return 1 - math.log(self._census.count(trait) or 1) / self._log

    def _alternate(self, one: Text, other: Text) -> bool:
        series = self._series[one.id]
        alike = bool(series) and series == self._series[other.id]
        return alike and self._census.count(traits.member(series)) >= SERIES

    def _cover(self, note: str, said: frozenset[int]) -> float:
        """How much of a note's title is in a text with these terms."""
        whole = self._whole[note]
        return sum(weight for each, weight in self._heard[note] if each in said) / whole if whole else 0.0

    def rarity(self, mentions: int) -> float:
        """Of a name that so many notes mention."""
        return max(0.0, 1 - math.log(max(mentions, 1)) / self._log)
