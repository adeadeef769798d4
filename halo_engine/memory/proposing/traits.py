"""What a note's name and place say, as keys: notes that share one are worth comparing, and how many share it is what it
is worth.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from halo_engine.memory.proposing.cache import Cache
from halo_engine.memory.proposing.names import DATE, Text, names
from halo_engine.memory.proposing.words import STOP, roots

_NUMBER = re.compile(r"\d+")
Trait = tuple[str, int]
"""A key, and a place in its order where it has one."""


def title_words(text: Text) -> frozenset[str]:
    """The words of title and file name that say something."""
    words = roots(f"{text.title} {text.stem}")
    return frozenset(word for word in words if word not in STOP and not word.isdigit())


def labels(text: Text) -> set[str]:
    return {label.casefold() for label in (*text.tags, *text.entities)}


def series(text: Text) -> str:
    """What a note's name has in common with those that differ in numbers only; empty for one without numbers."""
    name = _NUMBER.sub("#", text.stem.casefold())
    return f"{text.folder}/{name}" if "#" in name else ""


def word(each: str) -> str:
    return f"word {each}"


def label(each: str) -> str:
    return f"label {each}"


def folder(path: str) -> str:
    return f"folder {path}"


def member(name: str) -> str:
    """Of a `series`."""
    return f"series {name}"


def begun(words: Sequence[str]) -> str:
    """How a name begins: with these two words, or its only one."""
    return f"name {' '.join(words[:2])}"


def is_named(text: Text) -> str:
    return f"at {text.folder}/{text.stem.casefold()}"


def holders(text: Text) -> list[str]:
    """How the notes are named that would be of the folder, or of the dotted path, that holds this one."""
    above, _, last = text.folder.rpartition("/")
    dotted = text.stem.casefold().rpartition(".")[0]
    places = ((text.folder, last.casefold()), (above, last.casefold()), (text.folder, dotted))
    return [f"{place}/{name}" for place, name in dict.fromkeys(places) if name]


def turn(text: Text) -> Trait | None:
    """Its place in a row of dates or numbers."""
    if DATE.fullmatch(text.title.strip()):
        return "dates", int("".join(_NUMBER.findall(text.title)))
    numbers = _NUMBER.findall(text.title)
    if len(numbers) != 1 or len(numbers[0]) >= 6:
        return None
    return f"row {text.folder}/{_NUMBER.sub('#', text.title)}", int(numbers[0])


def traits(text: Text) -> Iterator[Trait]:
    """All of a note, each once."""
    keys = [word(each) for each in title_words(text)]
    keys += [label(each) for each in labels(text)]
    keys += [folder(text.folder), is_named(text), *(f"in {place}" for place in holders(text))]
    keys += [member(name)] if (name := series(text)) else []
    keys += dict.fromkeys(begun(each.words) for each in names(text))
    yield from ((key, 0) for key in keys)
    if place := turn(text):
        yield place


class Census(Protocol):
    """Who has a trait."""

    total: int
    """Notes there are."""

    def count(self, key: str) -> int:
        """How many notes have it."""

    def having(self, key: str) -> Sequence[str]:
        """Their ids."""

    def beside(self, trait: Trait, note: str) -> list[str]:
        """The notes right before and after one in a row."""


class Counted:
    """The census of texts that are all at hand."""

    def __init__(self, texts: Iterable[Text]) -> None:
        self._having: dict[str, list[tuple[int, str]]] = defaultdict(list)
        self.total = 0
        for text in texts:
            self.total += 1
            for key, at in traits(text):
                self._having[key].append((at, text.id))
        for rows in self._having.values():
            rows.sort()

    def count(self, key: str) -> int:
        return len(self._having.get(key, ()))

    def having(self, key: str) -> list[str]:
        return [note for _, note in self._having.get(key, ())]

    def beside(self, trait: Trait, note: str) -> list[str]:
        rows = self._having.get(trait[0], [])
        place = bisect_left(rows, (trait[1], note))
        return [other for _, other in (*rows[max(place - 1, 0) : place], *rows[place + 1 : place + 2])]

    def rows(self) -> Iterator[tuple[str, int, str]]:
        """As the cache keeps them."""
        return ((key, at, note) for key, rows in self._having.items() for at, note in rows)


class Kept:
    """The census in the cache."""

    def __init__(self, cache: Cache) -> None:
        self._cache, self._counts = cache, dict[str, int]()
        self.total: int = cache.all("SELECT count(*) FROM said")[0][0]

    def count(self, key: str) -> int:
        if key not in self._counts:
            self._counts[key] = self._cache.all("SELECT count(*) FROM trait WHERE key = ?", (key,))[0][0]
        return self._counts[key]

    def having(self, key: str) -> list[str]:
        return [note for (note,) in self._cache.all("SELECT note FROM trait WHERE key = ?", (key,))]

    def beside(self, trait: Trait, note: str) -> list[str]:
        sql = "SELECT note FROM trait WHERE key = ? AND (at, note) {} (?, ?) ORDER BY at {}, note {} LIMIT 1"
        return [
            other
            for sign, order in (("<", "DESC"), (">", "ASC"))
            for (other,) in self._cache.all(sql.format(sign, order, order), (*trait, note))
        ]
