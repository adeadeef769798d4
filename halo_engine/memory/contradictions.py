"""Claims that cannot both hold: the same subject, another value. A list for the operator; nothing is settled by itself.

Looked at are titles, and first sentences of short notes that name what the title does. Two claims contradict each other
when they are the same words but for one number or date that a verb says of something, but for a negation, but for what
follows a verb that has one object at a time (`prefers`, `lives in`), or but for what something is that is one thing at
a time (`the address is`, `is blue`). What differs in its numbers and has no verb, or comes in many, is a series:
`Lecture 3`, `Signals of 2026-05-01`. What superseded, expired and archived notes say is over, and contradicts nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import msgspec

from halo_engine import clock
from halo_engine.memory.claims import BEGINNING, LEANING, content
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.proposing.words import root
from halo_engine.memory.queries import CURRENT

LONGEST = 25
"""Words of a claim."""
LEAST = 3
"""Words beside the numbers of a claim whose numbers are compared."""
MOST_VALUES = 3
"""That claims with the same subject have between them; more are a series."""
LONGEST_VALUE = 6
"""Words of what something is; more explain it."""
SHORT = 600
"""Characters of a body whose first sentence is taken for a claim."""
_WORD = re.compile(r"\d[\d.,:/-]*\d|\d|[^\W\d_]+(?:['’][^\W\d_]+)?")
_SENTENCE = re.compile(r"[^.!?\n]+(?:[.!?](?=\S)[^.!?\n]*)*")
_NEGATIONS = frozenset(
    {
        "not",
        "no",
        "never",
        "cannot",
        "without",
        "don't",
        "doesn't",
        "didn't",
        "isn't",
        "aren't",
        "wasn't",
        "won't",
        "can't",
    }
)
_FILLING = frozenset({"a", "an", "the", "very", "really", "now", "currently", "do", "does", "did", "that"})
_SINGLE = (
    ("prefer",),
    ("live", "in"),
    ("work", "at"),
    ("work", "for"),
    ("is", "called"),
    ("is", "named"),
    ("is", "married", "to"),
    ("was", "born", "in"),
    ("was", "born", "on"),
    ("report", "to"),
    ("cost",),
    ("default", "to"),
    ("is", "due"),
    ("moved", "to"),
)
"""Verbs with one object at a time."""
_ATTRIBUTES = """
name number address email phone port host url version size colour color birthday deadline password owner dentist doctor
bank landlord timezone language currency capital branch model budget limit price rent salary
"""
_ONE_OF_ITS_KIND = "favourite favorite preferred default"
_KINDS = (
    "red orange yellow green blue purple violet pink brown black white grey gray",
    "monday tuesday wednesday thursday friday saturday sunday",
    "january february march april may june july august september october november december",
)
_SINGULAR = frozenset(map(root, (_ATTRIBUTES + _ONE_OF_ITS_KIND).split()))
"""What has one value at a time, and the words that make anything so."""
_KIND = {root(word): str(number) for number, kind in enumerate(_KINDS) for word in kind.split()}
"""Words of which one excludes the others, each with its sort."""
_TELLING = """
is are was were has have had will costs cost weighs weighed takes took lasts ends ended starts started begins began
opens closes leaves arrives expires turns turned earns pays owes measures runs holds contains needs uses allows seats
keeps gets reaches equals listens returns lives wakes happens falls charges moved changed stands sits at until by
ist sind war waren hat haben kostet beträgt endet beginnt liegt est sont était coûte es son está cuesta tiene è sono
costa kost
"""
_TELLS = frozenset(_TELLING.split())
"""Words after which a number is a value; before them it says what is spoken of."""
_NAMELESS = LEANING | BEGINNING | {"a", "an"}
"""First words of what is said of something that is not named: `He lives in`, `A fifth is`."""
_IS = frozenset({"is", "are"})
_EMBED = re.compile(r"!\[\[[^\[\]\n]*\]\]|!\[[^\[\]\n]*\]\([^()\n]*\)|(?<=\])\([^()\s]*\)|\w+://\S+")
"""Pictures and addresses: their numbers are names."""
_LINKED = re.compile(r"\[\[(?:[^\[\]\n|]*\|)?([^\[\]\n|]*)\]\]")
Claim = tuple[str, ...]


class Contradiction(msgspec.Struct, frozen=True):
    """Two notes that cannot both be right."""

    one: str
    other: str
    says: str
    but: str
    why: str
    """number, negation or value."""


def contradictions(index: Index) -> list[Contradiction]:
    """Every pair that is found, each once, by ids."""
    groups: dict[tuple[str, Claim], list[tuple[Claim, str, str]]] = defaultdict(list)
    for row in index.select(f"WHERE {CURRENT} AND type <> 'event'", {"now": clock.stamp()}):
        for said in dict.fromkeys(_sentences(row)):
            for why, subject, value in _readings(said):
                groups[why, subject].append((value, row.id, said))
    found: dict[tuple[str, str], Contradiction] = {}
    for (why, _), members in groups.items():
        values: dict[Claim, tuple[str, str]] = {}
        for value, note, said in members:
            values.setdefault(value, (note, said))
        if len(values) > MOST_VALUES:
            continue
        (first, *others) = sorted(values.values())
        for note, said in others:
            if note != first[0]:
                found.setdefault((first[0], note), Contradiction(first[0], note, first[1], said, why))
    return sorted(found.values(), key=lambda each: (each.one, each.other))


def _sentences(row: NoteRow) -> Iterator[str]:
    yield row.title.strip()
    if len(row.body) <= SHORT:
        sentence = _SENTENCE.search(_LINKED.sub(r"\1", _EMBED.sub("", row.body)))
        if sentence and not content(row.title).isdisjoint(content(sentence[0])):
            yield sentence[0].strip()


def _words(said: str) -> Claim:
    words = tuple(root(word) for word in _WORD.findall(said))
    return words if 2 < len(words) <= LONGEST and words[0] not in _NAMELESS else ()


def _readings(said: str) -> Iterator[tuple[str, Claim, Claim]]:
    """Ways to read a claim: what sort, what is said of, what is said."""
    plain = tuple(word for word in _words(said) if word not in _FILLING)
    yield from _numbers(said, plain)
    without = tuple(word for word in plain if word not in _NEGATIONS)
    if len(without) > 2:
        yield "negation", without, ("not",) if (len(plain) - len(without)) % 2 else ()
    for verb in _SINGLE:
        place = _at(without, verb)
        if place > 0 and len(without) == len(plain):
            yield "value", without[: place + len(verb)], without[place + len(verb) :]
            return
    place = next((place for place in range(1, len(plain) - 1) if plain[place] in _IS), 0)
    if place and len(without) == len(plain):
        subject, value = plain[:place], plain[place + 1 :]
        if not _SINGULAR.isdisjoint(subject) and len(value) <= LONGEST_VALUE:
            yield "value", plain[: place + 1], value
        elif len(value) == 1 and value[0] in _KIND:
            yield "value", (*plain[: place + 1], _KIND[value[0]]), value


def _numbers(said: str, plain: Claim) -> Iterator[tuple[str, Claim, Claim]]:
    """For each number of a claim that is a value: what the claim is without it."""
    found = [(word.casefold(), word[0].isdigit()) for word in _WORD.findall(said)]
    told = next((place for place, (word, _) in enumerate(found) if place and word in _TELLS), len(found))
    before = sum(number for _, number in found[:told])
    places = [place for place, word in enumerate(plain) if word[0].isdigit()]
    if len(plain) - len(places) < LEAST or not plain or plain[0][0].isdigit():
        return
    for place in places[before:]:
        yield "number", (*plain[:place], "#", *plain[place + 1 :]), (plain[place],)


def _at(words: Claim, verb: Claim) -> int:
    """Where a verb stands that something follows; -1 for nowhere."""
    places = range(1, len(words) - len(verb))
    return next((place for place in places if words[place : place + len(verb)] == verb), -1)
