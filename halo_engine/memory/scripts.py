"""Text as the full text and a query have it: without accents, and with scripts that have no spaces between words taken
apart.

FTS5's tokenizer knows words by what stands between them. Chinese, Japanese, Thai and the like have nothing there, and
Korean writes its particles onto the word; so of each run of their characters the full text is given every two that are
next to each other, and the last one (東京都 is 東京 京都 都). So a word is found anywhere in a run, and one of a single
character as what such pieces begin with. A character is one with its vowel signs and tones.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

import msgspec

EAST = (
    "\u3005-\u3007\u3040-\u309a\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
    "\uf900-\ufaff\U00020000-\U0003ffff\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ece\u1000-\u1049\u1050-\u109d\u1780-\u17d3"
)
"""For a character class: what is written without spaces between words, or with particles on them."""
_SIGNS = (
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ece\u102b-\u1038\u103a-\u103e\u1056-\u1059\u105e-\u1060"
    "\u1062-\u1064\u1067-\u106d\u1071-\u1074\u1082-\u108d\u108f\u109a-\u109d\u17b4-\u17d1\u17d3"
)
"""Of these the ones that belong to the character before them."""
_INDIC = "\u0900-\u0963\u0966-\u0dff"
"""Scripts whose words hold vowel signs, which are no letters to Python."""
_ACCENTS = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20f0\ufe00-\ufe0f\ufe20-\ufe2f]+"
)
CATEGORIES = "L* N* Co Mn Mc"
"""What the full text's tokenizer takes for parts of words."""
_UNIT = re.compile(f"[{EAST}](?:[{_SIGNS}]|[\u1039\u17d2][{EAST}])*")
RUN = re.compile(f"[{EAST}]+")
BY_MARKS = re.compile(f"[{_INDIC}{EAST}]")
"""A character of a word that is more to the full text than letters to Python."""
SPACED = re.compile(rf"(?:[^\W_{EAST}]|(?!\w)[{_INDIC}])+")
"""A word that has an end."""
WORD = re.compile(rf"(?:[^\W_]|(?!\w)[{_INDIC}{EAST}])+")
"""A word, or a run of them in a script without spaces."""
_PART = re.compile(f"(?P<run>{RUN.pattern})|{SPACED.pattern}")


def unaccented(text: str) -> str:
    """Without accents, and with one way to write each character. Upper case stays."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", text))).replace("ß", "ss")


def folded(text: str) -> str:
    """Without accents and case."""
    return unaccented(text).casefold()


def divided(text: str) -> str:
    """Without accents, and with runs of characters taken apart. Upper case stays."""
    if text.isascii():
        return text
    return RUN.sub(lambda found: f" {' '.join(_pieces(found[0]))} ", unaccented(text))


def indexed(text: str) -> str:
    """What the full text is given of a text."""
    return text if text.isascii() else divided(text).casefold()


def _pieces(run: str) -> list[str]:
    units: list[str] = _UNIT.findall(run)
    return [*map("".join, pairwise(units)), units[-1]]


class Part(msgspec.Struct, frozen=True):
    """A word of a query, or a piece of one."""

    text: str
    piece: bool = False
    """Of a run that was taken apart."""
    begins: bool = False
    """A single character: whatever begins with it."""


def parts(text: str) -> list[Part]:
    """The words of a query, in any order."""
    found: list[Part] = []
    for each in _PART.finditer(unaccented(text)):
        if not each["run"]:
            found.append(Part(each[0]))
            continue
        pieces = _pieces(each[0])
        found += [Part(piece, piece=True) for piece in pieces[:-1]] or [Part(pieces[0], piece=True, begins=True)]
    return found


def sequence(text: str) -> list[Part]:
    """The words of a phrase, one after the other as the full text has them; the last may be the beginning of one."""
    found: list[Part] = []
    pieces: list[str] = []
    for each in _PART.finditer(unaccented(text)):
        pieces = _pieces(each[0]) if each["run"] else []
        found += [Part(piece, piece=True) for piece in pieces] or [Part(each[0])]
    if len(pieces) > 1:
        return found[:-1]
    return [*found[:-1], Part(pieces[0], piece=True, begins=True)] if pieces else found
