"""What a note is called, and where other notes mention it."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

import msgspec

from halo_engine.memory.proposing.words import STOP, Word, placed, roots, running

_BRACKETS = re.compile(r"\s*[(\[]([^()\[\]]+)[)\]]\s*")
_NUMBER = re.compile(r"^\d{6,14}[\s_-]+")
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.IGNORECASE)
_LEAD = re.compile(r"[\s>*+\-#\d.\[\]|:_]*")
_TRAIL = " .,;:|*_-\t"
MOST = 2_000
"""Notes in which a name may stand to be a sign of anything."""
OWNERS = 8
"""Notes that may have a name for it to mean any of them."""
DATE = re.compile(r"\d{4}\D?\d\d\D?\d\d")


class Text(msgspec.Struct, frozen=True, gc=False):
    """What is known of a note here."""

    id: str
    title: str
    body: str
    path: str = ""
    tags: tuple[str, ...] = ()
    entities: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return self.path.rpartition("/")[2].removesuffix(".md")

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]


class Name(msgspec.Struct, frozen=True, gc=False):
    """One way to call a note."""

    words: tuple[str, ...]
    text: str
    own: bool
    """Its title, file name or alias; else made from them."""


class Mention(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The clearest place where a note names another."""

    source: str
    target: str
    name: str
    words: int
    exact: bool
    """Written as the name is, and the name has a capital or a digit."""
    marked: bool
    """Exact, and with more than one capital."""
    plain: bool
    """The name has neither capitals nor digits."""
    own: bool
    alone: float
    """1: it fills its line; 0.5: it begins it; 0."""
    count: int
    date: bool
    short: bool

    @property
    def strength(self) -> float:
        return 1.5 * self.exact + self.alone + 0.5 * self.words + self.own - self.short


def names(text: Text) -> list[Name]:
    """Each way to call a note once, those of its own first."""
    own = [text.title, text.stem, *text.aliases]
    found = {}
    for name, is_own in [*((each, True) for each in own), *((part, False) for each in own for part in _made(each))]:
        words = tuple(roots(name))
        if words and words not in found and _says_something(words, name):
            found[words] = Name(words, " ".join(name.split()), is_own)
    return list(found.values())


def _made(name: str) -> Iterator[str]:
    """What is left of a name without brackets, number or article; and what stands in the brackets."""
    bare = _BRACKETS.sub(" ", name)
    yield bare
    yield from _BRACKETS.findall(name)
    yield _ARTICLE.sub("", _NUMBER.sub("", bare))


def _says_something(words: tuple[str, ...], name: str) -> bool:
    letters = sum(map(len, words))
    return letters > 1 and any(word not in STOP for word in words) and (not name.strip().isdigit() or letters > 3)


class Called:
    """The names of all notes, to be found in texts; those that stand everywhere, or mean many notes, are left out."""

    def __init__(self, texts: Iterable[Text], holders: Callable[[tuple[str, ...]], int] = lambda _: 0) -> None:
        """`holders` says how many notes hold the words of a name, at most."""
        owners: dict[tuple[str, ...], list[tuple[str, Name]]] = defaultdict(list)
        for text in texts:
            for name in names(text):
                owners[name.words].append((text.id, name))
        self.owners = {
            words: having for words, having in owners.items() if len(having) <= OWNERS and holders(words) <= MOST
        }
        self._lengths: dict[str, list[int]] = defaultdict(list)
        for words in self.owners:
            lengths = self._lengths[words[0]]
            if len(words) not in lengths:
                lengths.append(len(words))

    def ambiguity(self, words: tuple[str, ...]) -> float:
        """0 for a name that one note has; the logarithm of how many have it."""
        return math.log(max(len(self.owners.get(words, ())), 1))

    def mentions(self, text: Text) -> Iterator[tuple[Mention, tuple[str, ...]]]:
        """The clearest mention of each other note in a text, with the words of the name."""
        body = running(text.body)
        words = placed(body)
        found: dict[str, list[tuple[Mention, tuple[str, ...]]]] = defaultdict(list)
        for place, word in enumerate(words):
            for length in self._lengths.get(word.root, ()):
                run = words[place : place + length]
                key = tuple(each.root for each in run)
                for owner, name in self.owners.get(key, ()):
                    if owner != text.id:
                        found[owner].append((_mention(text.id, owner, name, body, run), key))
        for each in found.values():
            best, key = max(each, key=lambda pair: pair[0].strength)
            yield msgspec.structs.replace(best, count=len(each)), key


def _mention(source: str, target: str, name: Name, body: str, run: list[Word]) -> Mention:
    start, stop = run[0].start, run[-1].stop
    capitals = sum(letter.isupper() for letter in name.text)
    telling = bool(capitals) or any(letter.isdigit() for letter in name.text)
    exact = telling and " ".join(body[start:stop].split()) == name.text
    return Mention(
        source,
        target,
        name.text,
        _length(name),
        exact,
        exact and capitals > 1,
        not telling,
        name.own,
        _alone(body, start, stop),
        1,
        bool(DATE.fullmatch(name.text)),
        sum(map(len, name.words)) < 4,
    )


def _length(name: Name) -> int:
    """Words; of scripts without spaces two characters are about one."""
    single = sum(len(word) == 1 and word > "\u3040" for word in name.words)
    return len(name.words) - single + math.ceil(single / 2)


def _alone(body: str, start: int, stop: int) -> float:
    begin = body.rfind("\n", 0, start) + 1
    end = body.find("\n", stop)
    before = _LEAD.sub("", body[begin:start], count=1)
    after = body[stop : end if end >= 0 else len(body)].strip(_TRAIL)
    return 0.0 if before else 0.5 if after else 1.0
