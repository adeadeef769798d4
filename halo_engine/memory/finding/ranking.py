"""In which order the notes are shown that have some of a query's words.

Full text finds the candidates; this weighs them. The score of a note is its own, and a part of its neighbours'.
Its own: BM25 (Robertson and Zaragoza 2009) over stems, with irregular forms taken as one word; more for a note that has
more of what is rare in the query, for one about a name that the query has, and for one of a day that it speaks of.
Neighbours are linked notes, and those next in time: an answer stands beside its question; see `beside`. What each part
is worth was measured; see docs/decisions/0016-ranking.md.
"""

from __future__ import annotations

import math
import re
from collections import Counter

import msgspec

from halo_engine.memory.finding import beside, dates
from halo_engine.memory.finding.asking import Asked, Term
from halo_engine.memory.finding.meaning import Likeness
from halo_engine.memory.finding.stems import stems
from halo_engine.memory.finding.words import STOP
from halo_engine.memory.index import Index
from halo_engine.memory.scripts import BY_MARKS, RUN, SPACED, folded, unaccented

K1, B = 0.9, 0.4
TITLE = 2.0
"""A word in the title counts as so many."""
COVERAGE = 0.8
"""A note with all words of a query is worth 1.8 times one with the same score for a part of them."""
SUBJECT = 0.5
"""More for a note that has a name of the query, where that name is a subject of the memory ..."""
OFTEN = 0.1
"""... and stands in so large a part of the notes; a rarer one counts as much less: its rarity has counted already."""
LEAST = 0.01
"""What a word is worth that most notes have."""
DAY = 1.0
"""More for a note of a day that the query speaks of."""
MEANING = 0.3
"""A part of the best score that a note gets which is the same in meaning."""
SPREADING = 60
"""Notes whose score is spread: the best."""
LOOKED_AT = 10_000
"""Notes that full text may have to look at for a query, unless the rarest of its words alone stands in more."""
CAPITAL = 0.9
"""A word that is written like a name in so much of its places is one, however the query has it."""
Reasons = dict[str, float]


class Candidate(msgspec.Struct):
    """A note that has some of the words, or stands beside one."""

    row: int
    id: str = ""
    title: str = ""
    rest: str = ""
    """Body and labels."""
    created: str = ""
    sort: str = ""
    score: float = 0.0
    reasons: Reasons = {}
    """What the score is made of: label -> share."""


class Word(msgspec.Struct):
    """A word of the query with its weight."""

    said: str
    stems: frozenset[str]
    prefix: str
    column: str
    name: bool
    weight: float
    term: Term
    frequency: int
    """How many notes have it."""


class Weights(msgspec.Struct):
    """What the words of a query are worth in a memory."""

    words: list[Word]
    count: int
    """How many notes the memory has."""


def ranked(
    index: Index, asked: Asked, weights: Weights, found: list[Candidate], alike: Likeness | None = None
) -> list[Candidate]:
    """Candidates, weighed, with their neighbours, the best first. With `alike`, meaning counts."""
    if weights.words:
        _score(index, asked, weights, found)
    elif asked.phrases:
        for place, each in enumerate(found):
            each.score = 1 / (1 + place)
    if alike:
        _mean(found, alike)
    spread = _spread(index, sorted(found, key=lambda each: -each.score)[:SPREADING], weights.count)
    known = {each.row: each for each in found}
    for row, shares in spread.items():
        each = known.setdefault(row, Candidate(row))
        for label, share in shares.items():
            each.score += share
            each.reasons[label] = share
    return sorted(known.values(), key=lambda each: (-each.score, each.row))


def _mean(found: list[Candidate], alike: Likeness) -> None:
    """Add what notes are like in meaning, as a part of the best score."""
    best = max((each.score for each in found), default=0.0) or 1.0
    for each in found:
        share = MEANING * best * alike.of(each.row)
        each.score += share
        each.reasons = each.reasons | {"meaning": share}


def weighed(index: Index, asked: Asked) -> Weights:
    """The words with their inverse document frequency."""
    terms = list(asked.terms)
    for each in asked.phrases:
        *others, last = (Term((word,), column=each.column) for word in each.words)
        terms += [term for term in others if term.forms[0] not in STOP]
        terms += [msgspec.structs.replace(last, prefix=each.begun)] if last.forms[0] not in STOP else []
    known = stems(index, (form for term in terms for form in term.forms))
    count = index.count
    words: dict[tuple[frozenset[str], str], Word] = {}
    for term in terms:
        roots = frozenset(known[form] for form in term.forms)
        frequency = min(_frequency(index, term, roots), count)
        weight = _rarity(frequency, count, name=term.capital)
        prefix = term.forms[0] if term.prefix else ""
        made = Word(term.forms[0], roots, prefix, term.column, term.capital, weight, term, frequency)
        words.setdefault((roots, prefix), made)
    return Weights([word for word in words.values() if word.weight], count)


def _rarity(frequency: int, count: int, *, name: bool) -> float:
    """What a word is worth that stands in so many of the notes: of one in half of them nothing, unless it is a name."""
    odds = (count - frequency + 0.5) / (frequency + 0.5)
    if not frequency:
        return 0.0
    return math.log(1 + odds) if name else max(math.log(odds), LEAST)


def telling(asked: Asked, weights: Weights) -> Asked:
    """The query with no more of its words than it takes to find candidates quickly: the rarest. All are weighed."""
    kept: list[Word] = []
    for word in sorted(weights.words, key=lambda each: each.frequency):
        if kept and sum(each.frequency for each in kept) + word.frequency > LOOKED_AT:
            break
        kept.append(word)
    said = {word.term for word in kept}
    return msgspec.structs.replace(asked, terms=tuple(term for term in asked.terms if term in said))


def _frequency(index: Index, term: Term, roots: frozenset[str]) -> int:
    """How many notes have it; more where forms of it share some."""
    if term.prefix:
        sql, values = (
            "SELECT sum(doc) FROM word WHERE term >= ? AND term < ?",
            (term.forms[0], term.forms[0] + "\U0010ffff"),
        )
        return int(index.one(sql, values) or 0)
    return sum(int(index.one("SELECT doc FROM word WHERE term = ?", (root,)) or 0) for root in roots)


def _score(index: Index, asked: Asked, weights: Weights, found: list[Candidate]) -> None:
    """Each candidate's own score."""
    words, count = weights.words, max(weights.count, 1)
    texts = [(unaccented(each.title), unaccented(each.rest)) for each in found]
    counted = _count(index, words, texts)
    lengths = [_length(title) + _length(rest) for title, rest in texts]
    usual = sum(lengths) / max(len(lengths), 1)
    every = sum(word.weight for word in words)
    days = dates.spoken_of(asked.text)
    names = {place: min(words[place].frequency / count / OFTEN, 1) for place in _names(words, counted)}
    for each, counts, length in zip(found, counted, lengths, strict=True):
        norm = K1 * (1 - B + B * length / usual)
        there = {place: tf for place, (tf, _, _) in counts.items()}
        own = {words[place].said: words[place].weight * tf * (K1 + 1) / (tf + norm) for place, tf in there.items()}
        total = sum(own.values())
        raised = 1 + COVERAGE * sum(words[place].weight for place in there) / every
        subject = 1 + max((SUBJECT * names[place] for place in there if place in names), default=0.0)
        day = 1 + DAY * dates.closeness(days, each.created)
        each.score = total * raised * subject * day
        each.reasons = own | {"coverage": raised, "subject": subject, "day": day}


def _count(index: Index, words: list[Word], texts: list[tuple[str, str]]) -> list[dict[int, tuple[float, int, int]]]:
    """For each title and rest: place of a word -> how often it stands there (in the title more), and of these how often
    at all and how often with a capital.
    """
    beginnings = sorted(
        {re.escape(stem[:3]) for word in words for stem in ((word.prefix,) if word.prefix else word.stems)}
    )
    alike = re.compile(rf"(?<![^\W_])(?:{'|'.join(beginnings)})[^\W_]*", re.IGNORECASE)
    seen = [(_spoken(alike, title), _spoken(alike, rest)) for title, rest in texts]
    known = stems(index, {folded(word) for both in seen for part in both for word in part})
    by_stem: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        for stem in word.stems if not word.prefix else ():
            by_stem.setdefault(stem, []).append(place)
    prefixes = [(place, word.prefix) for place, word in enumerate(words) if word.prefix]
    pieces = [(place, word.said, word.column) for place, word in enumerate(words) if RUN.match(word.said)]
    counted = []
    for (title, rest), (title_text, text) in zip(seen, texts, strict=True):
        counts: dict[int, tuple[float, int, int]] = {}
        for place, piece, column in pieces:
            parts = (title_text.count(piece) * (column != "body"), text.count(piece) * (column != "title"))
            if any(parts):
                counts[place] = (TITLE * parts[0] + parts[1], sum(parts), 0)
        for column, worth, part in (("title", TITLE, title), ("body", 1.0, rest)):
            for spoken, times in part.items():
                plain = folded(spoken)
                places = [*by_stem.get(known[plain], ()), *(place for place, pre in prefixes if plain.startswith(pre))]
                for place in places:
                    if words[place].column not in {"", column}:
                        continue
                    tf, every, capital = counts.get(place, (0.0, 0, 0))
                    counts[place] = tf + worth * times, every + times, capital + times * spoken[0].isupper()
        counted.append(counts)
    return counted


def _length(text: str) -> int:
    """Words, roughly; of a script without spaces between them characters."""
    return text.count(" ") + 1 + (0 if text.isascii() else sum(map(len, RUN.findall(text))))


def _spoken(alike: re.Pattern[str], text: str) -> Counter[str]:
    """The words of a text that may be one of the query's: those that begin alike."""
    if text.isascii() or not BY_MARKS.search(text):
        return Counter(alike.findall(text))
    return Counter(word for word in SPACED.findall(text) if alike.match(word))


def _names(words: list[Word], counted: list[dict[int, tuple[float, int, int]]]) -> set[int]:
    """Places of the words that are names: typed so, or nearly always written so."""
    every, capital = Counter[int](), Counter[int]()
    for counts in counted:
        for place, (_, times, big) in counts.items():
            every[place] += times
            capital[place] += big
    return {
        place
        for place, word in enumerate(words)
        if word.name or (every[place] > 1 and capital[place] >= CAPITAL * every[place])
    }


def _spread(index: Index, best: list[Candidate], count: int) -> dict[int, Reasons]:
    """What the neighbours of the best get: row -> reason -> share."""
    spread: dict[int, Reasons] = {}
    whole = beside.cohesion(index, count)
    for each in best:
        for row, part in beside.shares(index, each.row, each.sort, whole).items():
            spread.setdefault(row, {})[f"beside {each.id}"] = part * each.score
    return spread
