"""A text as words that can be compared: without case, plural and markup that says nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from halo_engine.memory.wikilinks import prose

_EAST = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
WORD = re.compile(rf"[{_EAST}]|[^\W_{_EAST}]+(?:['’][^\W_]+)?")
"""A word; of scripts that are written without spaces between words each character."""
_NOISE = re.compile(r"!?\[\[[^\[\]\n]*\]\]|(?<=\])\([^()\s]*\)|\w+://\S+|<!--.*?-->", re.DOTALL)
"""What is no running text: links that are there, addresses, comments."""
_ADDRESS = re.compile(r"(?<=\])\([^()\s]*\)|\w+://\S+")
_STOP = """
a about after again all also am an and any are as at be been before being both but by can could did do does
each either few for from get had has have he her here hers him his how i if in into is it its just like may me
might more most my new no nor not now of off on once one only or other our out over own per same she should so
some such than that the their them then there these they this those to too under up us use used using very via
was we were what when where which while who whom why will with would you your
"""
STOP = frozenset(_STOP.split())


class Word(NamedTuple):
    """A word in its place."""

    root: str
    start: int
    stop: int


@lru_cache(maxsize=200_000)
def root(word: str) -> str:
    """What a word has in common with its plural and its possessive."""
    word = word.casefold()
    if word.endswith(("'s", "’s")):
        word = word[:-2]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    return f"{word[:-3]}y" if word.endswith("ies") else word[:-1]


def roots(text: str) -> list[str]:
    return [root(word) for word in WORD.findall(text)]


def unlinked(body: str) -> str:
    """The body without addresses; what is written of a link stays, since it is a word like another."""
    return _ADDRESS.sub(" ", body)


def running(body: str) -> str:
    """The body with everything blanked out where a mention would be none: code, links, addresses."""
    return _NOISE.sub(lambda found: " " * len(found[0]), prose(body))


def placed(text: str) -> list[Word]:
    return [Word(root(found[0]), found.start(), found.end()) for found in WORD.finditer(text)]


def terms(words: list[str]) -> Counter[int]:
    """How often each word and each phrase of two words occurs, by a checksum of its text; stop words do not count."""
    return Counter(_terms(words))


@lru_cache(maxsize=200_000)
def term(word: str) -> int:
    """The checksum of one word; 0 for one that says nothing."""
    return 0 if word in STOP else crc32(word.encode())


def _terms(words: list[str]) -> Iterator[int]:
    before = 0
    for word in words:
        this = term(word)
        if this and len(word) > 1:
            yield this
        if this and before:
            yield crc32(word.encode(), before)
        before = this
