"""What speaks for a link between two notes: the columns that `judgement` weighs."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import msgspec

from halo_engine.memory.proposing.names import DATE, Mention, Text
from halo_engine.memory.proposing.words import STOP, roots, term

Pair = tuple[str, str]
"""Two ids, sorted."""
_NUMBER = re.compile(r"\d+")
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
    """What the titles, tags and places of all notes say about a pair."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self.by_id = {text.id: text for text in texts}
        self._log = math.log(max(len(texts), 2))
        self._titles = {text.id: _title_words(text) for text in texts}
        self._words = Counter(word for words in self._titles.values() for word in words)
        self._weights = {word: 1 - 0.8 * math.log(count) / self._log for word, count in self._words.items()}
        self._heard = {
            note: [(term(each), self._weights[each]) for each in all_] for note, all_ in self._titles.items()
        }
        self._whole = {note: self._weight(words) for note, words in self._titles.items()}
        self._labels = Counter(label for text in texts for label in _labels(text))
        self._folders = Counter(text.folder for text in texts)
        self._parents = set(_parents(texts))
        self._sequences = set(_sequences(texts))
        self._series = {text.id: _series(text) for text in texts}
        self._members = Counter(self._series.values())

    def candidates(self) -> Iterator[Pair]:
        """Pairs worth a look for their titles or places alone."""
        yield from self._parents
        yield from self._sequences
        having: dict[str, list[str]] = defaultdict(list)
        for note, words in self._titles.items():
            for word in words:
                if self._words[word] <= FEW:
                    having[word].append(note)
        for notes in having.values():
            yield from (pair_of(one, other) for place, one in enumerate(notes) for other in notes[place + 1 :])

    def around(self, pair: Pair, said: Callable[[str], frozenset[int]]) -> dict[str, Any]:
        """The columns of `Evidence` that titles, tags and places give; `said` has the terms of a note's text."""
        one, other = (self.by_id[each] for each in pair)
        mine, theirs = self._titles[one.id], self._titles[other.id]
        shared = self._weight(mine & theirs)
        either = self._whole[one.id] + self._whole[other.id] - shared
        together = one.folder == other.folder
        return {
            "title": shared / either if shared else 0.0,
            "inside": bool(shared) and (mine <= theirs or theirs <= mine),
            "cover": max(self._cover(one.id, said(other.id)), self._cover(other.id, said(one.id))),
            "parent": pair in self._parents,
            "sequence": pair in self._sequences,
            "alternate": pair not in self._sequences and self._alternate(one, other),
            "tags": sum(1 - math.log(self._labels[each]) / self._log for each in _labels(one) & _labels(other)),
            "folder": 1 - math.log(self._folders[one.folder]) / self._log if together else 0.0,
        }

    def _alternate(self, one: Text, other: Text) -> bool:
        series = self._series[one.id]
        return bool(series) and series == self._series[other.id] and self._members[series] >= SERIES

    def _weight(self, words: Iterable[str]) -> float:
        return sum(self._weights[word] for word in words)

    def _cover(self, note: str, said: frozenset[int]) -> float:
        """How much of a note's title is in a text with these terms."""
        whole = self._whole[note]
        return sum(weight for each, weight in self._heard[note] if each in said) / whole if whole else 0.0

    def rarity(self, mentions: int) -> float:
        """Of a name that so many notes mention."""
        return max(0.0, 1 - math.log(max(mentions, 1)) / self._log)


def _series(text: Text) -> str:
    """What a note's name has in common with those that differ in numbers only; empty for one without numbers."""
    name = _NUMBER.sub("#", text.stem.casefold())
    return f"{text.folder}/{name}" if "#" in name else ""


def _title_words(text: Text) -> frozenset[str]:
    words = roots(f"{text.title} {text.stem}")
    return frozenset(word for word in words if word not in STOP and not word.isdigit())


def _labels(text: Text) -> set[str]:
    return {label.casefold() for label in (*text.tags, *text.entities)}


def _parents(texts: Sequence[Text]) -> Iterator[Pair]:
    named: dict[tuple[str, str], str] = {(text.folder, text.stem.casefold()): text.id for text in texts}
    for text in texts:
        above, _, last = text.folder.rpartition("/")
        dotted = text.stem.casefold().rpartition(".")[0]
        for place in ((text.folder, last.casefold()), (above, last.casefold()), (text.folder, dotted)):
            found = named.get(place)
            if found and found != text.id and place[1]:
                yield pair_of(found, text.id)


def _sequences(texts: Sequence[Text]) -> Iterator[Pair]:
    series: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
    for text in texts:
        name = text.title
        if DATE.fullmatch(name.strip()):
            series["", "date"].append((int("".join(_NUMBER.findall(name))), text.id))
        elif len(numbers := _NUMBER.findall(name)) == 1 and len(numbers[0]) < 6:
            series[text.folder, _NUMBER.sub("#", name)].append((int(numbers[0]), text.id))
    for members in series.values():
        for (_, one), (_, other) in pairwise(sorted(members)):
            yield pair_of(one, other)
