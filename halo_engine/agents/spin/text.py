"""Comparing texts: without what differs by chance, by similarity, and for repetition within one."""

from __future__ import annotations

import re
import zlib
from collections import Counter
from functools import lru_cache
from itertools import pairwise

COLOUR = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
VOLATILE = re.compile(
    r"""
    \b(?=[\w-]*\d|(?:mon|tue|wed|thu|fri|sat|sun|attempt|try|retr|req|pid|process|port|job|run|trace|session|id|nonce|seed|
      tick|ref|uid|handle|node|(?:in|out)\s?\[))                                    # nothing else begins one: soon told
    (?:\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b              # UUID
    | \b\d{4}-\d\d-\d\d(?:[t ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?\s?(?:z|[+-]\d\d:?\d\d)?)?   # date and time
    | \b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\s?(?:[ap]m)?\b                      # clock
    | \b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+(?:\d{1,2}\s+)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\w*
      (?:\s+\d{1,2})?\b
    | \b0x[0-9a-f]+\b                                                            # address
    | \b(?=[0-9a-f]*\d)(?=\d*[a-f])[0-9a-f]{6,}(?:-[0-9a-f]{2,})*\b                      # hash, and what hangs on it
    | \b(?=[a-z]*\d)(?=[0-9]*[a-z])(?:[a-z0-9]{10,}|[a-z0-9_-]{20,})\b     # nonce, token
    | \b\d+(?:\.\d+)?\s?(?:ns|[uµ]s|ms|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?)\b   # duration
    | \b(?:attempt|try|retry|retries|request|req|pid|process|port|job|run|trace|session|id|nonce|seed|tick)
      [\s:=\#_-]*(?:id[\s:=\#-]*)?[0-9a-z]*\d[0-9a-z]*\b                            # numbered occasions
    | \b(?:in|out)\s?\[\d+\]                                                         # cells of a notebook, as they run
    | \b(?:ref|uid|handle|node)[=:]\s?"?[\w-]*\d[\w-]*                              # an element, numbered anew
    | (?<!\.)\b\d{8,}(?:\.\d+)?\b                                                   # epoch, large ids; no fraction
        )
    """,
    re.VERBOSE,
)
"""Of a text in lower case."""
TOOK = re.compile(
    r"(?:laten|latên|elapsed|duration|took|millis|uptime|_(?:ms|s|secs?|seconds)\b)\w*\"?\s?[:=]?\s?\d+(?:\.\d+)?\b"
)
"""How long something took, by the name of the field."""
OCCASION = re.compile(
    r"""
    \b\d{4}-\d\d-\d\d[T_ ]\d\d:?\d\d:?(?!00)\d\d(?:[.,]\d+)?\s?(?:Z|[+-]\d\d:?\d\d)?   # a moment; a day is asked for
    | (?<=[?&]_=)\w+ | (?<=[?&]t=)\w+                                             # against caches
    | \b1[5-9]\d{8}(?:\d{3})?\b                                                  # epoch
    | (?:nonce|idempotency[_-]?key|request[_-]?id|trace[_-]?id|timestamp|seed)["'\s:=]+[\w-]+
    | "(?:ref|uid|handle)":\s?"[\w-]*\d[\w-]*"
    """,
    re.VERBOSE | re.IGNORECASE,
)
DIGIT = re.compile(r"\d")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
COUNT = re.compile(r"(?<![\w.])\d{5,9}(?![\w.])")
WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
PART = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
GUTTER = re.compile(r"^\s*\d+\s*[→|\t:]\s?")
STRUCTURE = re.compile(r"\s*(?:\||[-*+•>#]|\d+[.)]|[-=_*]{3,}|\{|\}|\[|\]|<|\$)")
PIECES = re.compile(r"[\n,;]|[.!?:]\s")
UNLIKE = 0.5
PARAPHRASE = 0.5
"""The share of words from which one text says another in other words."""
SHORT = 3
"""Lines up to which a result, like `ok`, says nothing about whether its call was another."""
SAYS_MUCH = 12
"""Words of an answer that two different questions do not get by chance."""
SHORT_LINE = 400
"""Characters."""
MOST = 100_000
"""Characters of a result that are looked at."""
STOP = frozenset(
    (  # noqa: SIM905
        "a an and are as at be been before but by can could do first for from has have how i if in into is it its "
        "just let me my need now of on or out see should so that the then there these this to too up was we what "
        "when which will with would you your i'll i'm let's again still once more need want going must okay right "
        "actually"
    ).split()
)


def steady(text: str) -> str:
    """The text in lower case, times, durations, ids and nonces masked, blanks collapsed; small numbers stay."""
    return " ".join(filter(None, map(steady_line, text.splitlines())))


def steady_line(line: str) -> str:
    """The same of one line."""
    return _steady_short(line) if len(line) <= SHORT_LINE else _steady(line)


def _steady(line: str) -> str:
    if "\x1b" in line:
        line = COLOUR.sub("", line)
    line = line.lower()
    return " ".join((VOLATILE.sub("~", TOOK.sub("~", line)) if DIGIT.search(line) else line).split())


_steady_short = lru_cache(maxsize=8192)(_steady)
"""Most short lines come more than once, in one result or another."""


def timeless(text: str) -> str:
    """A call's text with times and nonces masked. Ids stay: other ids make other calls of the same kind, a batch."""
    return " ".join(OCCASION.sub("~", text).split())


def loose(text: str) -> str:
    """The same with every number masked."""
    return unnumbered(steady(text))


def unnumbered(steady_text: str) -> str:
    """A steady text with every number masked."""
    return NUMBER.sub("#", steady_text)


def fingerprint(text: str) -> int:
    """A number for a text, the same in every process."""
    return zlib.crc32(text.encode(errors="replace"))


def line_prints(text: str) -> list[int]:
    """A print of each line that says something, gutters of line numbers off and volatile parts masked."""
    found = text[:MOST].splitlines()[:2000]
    lines = (steady_line(GUTTER.sub("", line) if line.lstrip()[:1].isdigit() else line) for line in found)
    return [fingerprint(line) for line in lines if len(line) > 2]


@lru_cache(maxsize=1024)
def words(text: str) -> tuple[str, ...]:
    """The words that carry meaning, in order, in lower case, endings off."""
    found = (word.lower() for word in WORD.findall(text[:4000]))
    return tuple(_stem(word) for word in found if word not in STOP)


def _stem(word: str) -> str:
    for ending in ("ing", "ed", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)]
    return word


@lru_cache(maxsize=1024)
def shingles(text: str) -> frozenset[tuple[str, ...] | str]:
    """The words and the pairs of neighbours of a text: what its likeness to another is measured by."""
    found = words(text)
    return frozenset(found) | frozenset(pairwise(found))


@lru_cache(maxsize=1024)
def roots(text: str) -> frozenset[str]:
    """The beginnings of the words in names and sentences; `isValidKey` and `key_validator` share theirs."""
    return frozenset(part.lower()[:5] for part in PART.findall(text) if len(part) > 2 and part.lower() not in STOP)


def similarity(one: str, other: str) -> float:
    """Jaccard's coefficient of the shingles, 0 to 1."""
    left, right = shingles(one), shingles(other)
    if not left or not right:
        return 1.0 if one.strip() == other.strip() else 0.0
    return len(left & right) / len(left | right)


def overlap(one: str, other: str) -> float:
    """Which share of the shorter text's words the other has too, 0 to 1: paraphrases keep their subject."""
    left, right = frozenset(words(one)), frozenset(words(other))
    if not left or not right:
        return 0.0
    return len(left & right) / min(len(left), len(right))


def is_paraphrase(one: str, other: str, alike: float) -> bool:
    """Whether two texts say the same in like words."""
    return similarity(one, other) >= alike or overlap(one, other) >= max(PARAPHRASE, alike)


def prose(text: str) -> str:
    """A text without code, tables, lists, quotes and headings, which repeat by nature."""
    kept, fenced = [], False
    for line in text.splitlines():
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and not STRUCTURE.match(line):
            kept.append(line)
    return "\n".join(kept)


def repetition(text: str, size: int = 6) -> tuple[int, float]:
    """How often the commonest run of `size` words occurs in the prose, and which share of it is such repeats.

    Counted where longest no new word comes up: a song of many verses says something new in each, a loop does not.
    Nothing, where most lines, clauses and items are unlike each other: lists share beginnings and endings by nature.
    """
    plain = prose(text)[:40_000]
    pieces = [" ".join(piece.lower().split()) for piece in PIECES.split(plain)]
    pieces = [piece for piece in pieces if len(piece) > 3]
    found = [word.lower() for word in WORD.findall(plain)]
    if len(found) < 4 * size or (len(pieces) >= 8 and len(set(pieces)) > len(pieces) * UNLIKE):
        return 0, 0.0
    runs = [tuple(found[place : place + size]) for place in range(len(found) - size + 1)]
    counts = Counter(runs)
    repeated = sum(1 for run in runs if counts[run] >= 3)
    start, end = _nothing_new(found)
    return max(Counter(runs[start : end - size + 1]).values(), default=0), repeated / len(runs)


def _nothing_new(found: list[str]) -> tuple[int, int]:
    """The longest stretch of words that all came before it: where it begins and ends. Numbers are not new."""
    firsts = {word: place for place, word in reversed([*enumerate(found)]) if not word.isdecimal()}
    return max(pairwise([-1, *sorted(firsts.values()), len(found)]), key=lambda pair: pair[1] - pair[0])
