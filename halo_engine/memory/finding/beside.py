"""Which notes stand beside another one, and how much that says: linked ones, and those right before and after in time.

In a diary or a conversation the next note is about the same thing; in a heap of facts it is about anything. Which of
both a memory is shows in its words: `cohesion` compares notes that are next to each other with notes that are not.
"""

from __future__ import annotations

import math
import re
import sqlite3
from collections import Counter
from contextlib import suppress
from datetime import date, timedelta

from halo_engine.memory.finding.words import STOP
from halo_engine.memory.index import Index
from halo_engine.memory.scripts import WORD, indexed

NEXT = (0.35, 0.2, 0.1, 0.05)
"""A part of a note's score that the first, second, ... note before and after it gets where cohesion is whole."""
LINKED = 0.4
"""A part that a linked note gets; shared, roughly, where there are many."""
APART = timedelta(days=1)
SAMPLE = 300
"""Notes that cohesion is measured on."""
FEWEST = 20
"""Pairs below which nothing can be measured, and cohesion is taken for whole."""
NONE, WHOLE = 1.2, 1.5
"""There is none while neighbours have at most so many times as much in common as others, and all from the second on."""
CHANCE = 0.002
"""Likeness that says nothing."""
GROWN = 1.2
"""It is measured again when there are so many times as many notes, or so many times fewer."""
READ = 2_000
"""Characters of a note that are looked at for it."""
_DIGITS = re.compile(r"\d+")
_FACT = "cohesion"


def shares(index: Index, row: int, sort: str, whole: float) -> dict[int, float]:
    """The rows beside a note, each with the part of its score that it gets; `whole` is the memory's cohesion."""
    found: dict[int, float] = {}
    for sign, order in ((">", "ASC"), ("<", "DESC")) if whole else ():
        near = index.all(
            f"SELECT row, sort FROM note WHERE sort {sign} ? ORDER BY sort {order} LIMIT {len(NEXT)}", (sort,)
        )
        found |= {other: part * whole for (other, at), part in zip(near, NEXT, strict=False) if together(sort, at)}
    linked = index.all(
        "SELECT target FROM link WHERE source = :row AND target <> :row "
        "UNION SELECT source FROM link WHERE target = :row",
        {"row": row},
    )
    for (other,) in linked:
        found[other] = max(found.get(other, 0), LINKED / math.sqrt(max(len(linked) / 4, 1)))
    return found


def together(sort: str, other: str) -> bool:
    """Whether two notes that are next to each other in time belong together: made within a day, or, where it is not
    known when, numbered in one row.
    """
    created, _, name = sort.partition("|")
    others, _, other_name = other.partition("|")
    if created and others:
        return abs(date.fromisoformat(created[:10]) - date.fromisoformat(others[:10])) <= APART
    return created == others and _DIGITS.sub("", name) == _DIGITS.sub("", other_name)


def cohesion(index: Index, count: int) -> float:
    """How much being next to each other in time says in a memory of `count` notes: 0 nothing, 1 all it can. Measured
    when the memory has grown, else as it was.
    """
    measured, _, value = str(index.fact(_FACT, "")).partition(" ")
    if measured and int(measured) / GROWN <= count <= int(measured) * GROWN:
        return float(value)
    found = _measured(index, count)
    with suppress(sqlite3.OperationalError):  # someone writes just now, or the disk cannot be: measured again then
        index.state(_FACT, f"{count} {found:.3f}")
    return found


def _measured(index: Index, count: int) -> float:
    step = max(count // SAMPLE, 1)
    first = index.all("SELECT row, sort, title, body FROM note WHERE row % ? = 0 ORDER BY sort", (step,))
    pairs = []
    for _, sort, *texts in first:
        after = index.all("SELECT sort, title, body FROM note WHERE sort > ? ORDER BY sort LIMIT 1", (sort,))
        if after and together(sort, after[0][0]):
            pairs.append((_said(*texts), _said(*after[0][1:])))
    if len(pairs) < FEWEST:
        return 1.0
    known = Counter(word for one, _ in pairs for word in one)
    weights = {word: math.log(1 + len(pairs) / (1 + times)) for word, times in known.items()}
    half = len(pairs) // 2
    strangers = [one for one, _ in (*pairs[half:], *pairs[:half])]
    near = _alike(pairs, weights)
    far = _alike(list(zip((one for one, _ in pairs), strangers, strict=True)), weights)
    return min(1.0, max(0.0, (near / (far + CHANCE) - NONE) / (WHOLE - NONE)))


def _said(title: str, body: str) -> frozenset[str]:
    words = WORD.findall(indexed(f"{title} {body[:READ]}").casefold())
    return frozenset(word for word in words if len(word) > 2 or not word.isascii()) - STOP


def _alike(pairs: list[tuple[frozenset[str], frozenset[str]]], weights: dict[str, float]) -> float:
    """The mean share of their words that two notes have in common, rare words counting more."""
    unknown = max(weights.values(), default=1.0)

    def weight(words: frozenset[str]) -> float:
        return sum(weights.get(word, unknown) for word in words)

    return sum(weight(one & other) / (weight(one | other) or 1) for one, other in pairs) / len(pairs)
