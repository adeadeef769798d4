"""One claim a note: whether a claim is there already, whether one is nearly there, whether a text holds several."""

from __future__ import annotations

import re

from halo_engine.memory import scripts
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.proposing.words import STOP, WORD, root
from halo_engine.memory.wikilinks import name_key, unfenced

NEAR = 0.8
"""Share of their words that two claims have in common from which they are shown as nearly the same (Dice)."""
LOOKED_AT = 20
"""Notes with the rarest of a claim's words that are compared."""
MOST_WORDS = 12
"""That they are looked for by: the longest."""
LONGEST_TITLE = 80
_ITEM = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?P<text>\S.*(?:\n(?!\s*(?:[-*+]|\d+[.)])\s)[ \t]+\S.*)*)", re.MULTILINE)
LEAST_WORDS = 4
"""Of a sentence that is a claim by itself."""
_LEANING = """
it he him she hers they them theirs this that these those there then so but and or because also therefore however which
who both such otherwise instead
"""
LEANING = frozenset(_LEANING.split())
"""Words by which a sentence speaks of the one before it ..."""
BEGINNING = frozenset(["its", "his", "her", "their"])
"""... and those that do so where it begins with them."""
_END = re.compile(r"(?<=[^\W_]{2}[.!?])(?<!\b(?:Dr|Mr|Ms|St|No|vs)[.])(?<!\b(?:Mrs|etc|Inc)[.])\s+(?=[^\W\d_a-z])")
_STRUCTURE = re.compile(r"^\s*(?:#|>|\||```|~~~)", re.MULTILINE)
"""What a text has that is more than sentences."""
_SENTENCE = re.compile(r".+?(?:[.!?](?=\s|\Z)|\Z)", re.DOTALL)
_MARKUP = re.compile(r"^[#>\s*+-]+")


def title_of(body: str) -> str:
    """A title for a body that came without: its first sentence, shortened between words."""
    line = next((found for each in body.splitlines() if (found := _MARKUP.sub("", each).strip())), "")
    sentence = _SENTENCE.match(line)
    title = (sentence[0] if sentence else line).strip().removesuffix(".")
    if len(title) <= LONGEST_TITLE:
        return title
    return title[:LONGEST_TITLE].rpartition(" ")[0] or title[:LONGEST_TITLE]


def same(index: Index, title: str, body: str) -> NoteRow | None:
    """The note that says the same, letter for letter but for case and spaces; none that is archived. A body that only
    says the title again says nothing.
    """
    rows = index.select(
        "WHERE row IN (SELECT note FROM name WHERE key = ?) AND NOT archived ORDER BY sort", (name_key(title),)
    )
    claim = _claim(title, body)
    return next((row for row in rows if _claim(row.title, row.body) == claim), None)


def _claim(title: str, body: str) -> tuple[str, str]:
    head, said = name_key(title), name_key(body)
    return head, "" if said == head else said


def near(index: Index, title: str, body: str) -> list[NoteRow]:
    """Notes that say nearly the same, the nearest first."""
    said = content(f"{title} {body}")
    words = {scripts.folded(each.text) for each in scripts.parts(title if content(title) else body)} - STOP
    asked = " OR ".join(f'"{word}"' for word in sorted(words, key=len, reverse=True)[:MOST_WORDS])
    if len(said) < 3 or not asked:
        return []
    rows = index.select(
        "WHERE row IN (SELECT rowid FROM text WHERE text MATCH ? ORDER BY rank LIMIT ?) AND NOT archived",
        (asked, LOOKED_AT),
    )
    alike = [(_dice(said, content(f"{row.title} {row.body}")), row) for row in rows]
    return [row for share, row in sorted(alike, key=lambda each: -each[0]) if share >= NEAR]


def content(text: str) -> frozenset[str]:
    """The words that say something."""
    words = (word.casefold() for word in WORD.findall(text))
    return frozenset(root(word) for word in words if word not in STOP)


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    return 2 * len(one & other) / (len(one) + len(other) or 1)


def parts(body: str) -> list[str]:
    """The claims in a body that holds more than one: the items of its list, or sentences that stand on their own; empty
    where it holds one.
    """
    items = [" ".join(body[start:stop].split()) for start, stop in _items(body, "text")]
    found = items or ([] if _STRUCTURE.search(body) else _standing(body))
    return found if len(found) > 1 else []


def rest(body: str) -> str:
    """What is left of a body when its claims are taken out."""
    items = _items(body)
    if not items:
        return ""
    for start, stop in reversed(items):
        body = body[:start] + body[stop:]
    return re.sub(r"\n{3,}", "\n\n", body).strip()


def _items(body: str, group: str | int = 0) -> list[tuple[int, int]]:
    """Where the items of its lists are."""
    return [found.span(group) for found in _ITEM.finditer(unfenced(body))]


def _standing(text: str) -> list[str]:
    """The sentences that say something of their own, each with those after it that lean on it."""
    found: list[list[str]] = []
    known: set[str] = set()
    for sentence in _END.split(" ".join(text.split())):
        words = [word.casefold() for word in WORD.findall(sentence)]
        said = content(sentence)
        leans = len(words) < LEAST_WORDS or words[0] in BEGINNING
        leans = leans or not LEANING.isdisjoint(words) or not known.isdisjoint(said)
        known |= said
        if found and (leans or len(WORD.findall(found[-1][0])) < LEAST_WORDS):
            found[-1].append(sentence)
        else:
            found.append([sentence])
    return [" ".join(each) for each in found]
