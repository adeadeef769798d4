"""What a query asks for. Whatever a person or an agent types is one: words, "phrases", pref* and field:value."""

from __future__ import annotations

import re

import msgspec

from halo_engine.memory.finding.words import IRREGULAR, STOP
from halo_engine.memory.scripts import WORD, Part, folded, parts, sequence

MOST_WORDS = 64
"""Of a query that are looked for: the first ones."""
FIELDS = ("tag", "type", "entity", "since", "linked", "title", "body")
_PIECE = re.compile(
    rf"(?:(?P<field>{'|'.join(FIELDS)}):(?=\S))?(?:\"(?P<phrase>[^\"]*)\"|(?P<prefix>{WORD.pattern})\*|(?P<plain>\S+?(?=\"|\s|$)|\S))"
    r"|\s+",
    re.IGNORECASE,
)


class Term(msgspec.Struct, frozen=True):
    """A word that is looked for."""

    forms: tuple[str, ...]
    """Any of these, without case and accents; the first is the one that was typed."""
    prefix: bool = False
    column: str = ""
    """title or body; empty for anywhere."""
    capital: bool = False
    """It was typed like a name."""


class Phrase(msgspec.Struct, frozen=True):
    """Words that must stand one after the other."""

    words: tuple[str, ...]
    column: str = ""
    begun: bool = False
    """The last of them is a beginning."""


class Asked(msgspec.Struct, frozen=True):
    """A query, understood."""

    text: str
    terms: tuple[Term, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()
    """Field and value of filters."""


def understand(text: str) -> Asked:
    """The parts of a query. Never raises."""
    terms: list[Term] = []
    phrases: list[Phrase] = []
    fields: list[tuple[str, str]] = []
    for found in _PIECE.finditer(text):
        field, phrase, prefix, plain = found["field"], found["phrase"], found["prefix"], found["plain"]
        field = (field or "").lower()
        value = phrase or prefix or plain or ""
        if field and field not in {"title", "body"}:
            fields.append((field, value))
        elif phrase is not None:
            phrases += _phrase(phrase, field)
        elif prefix and not (said := parts(prefix))[-1].piece:
            terms += [_term(each, field, begun=True) for each in said[:-1]]
            terms.append(Term((folded(said[-1].text),), prefix=True, column=field))
        elif prefix or plain:
            begun = not text[: found.start()].strip()
            terms += [_term(part, field, begun=begun) for part in parts(value)]
    return Asked(text, _chosen(terms), tuple(phrases), tuple(fields))


def _phrase(said: str, column: str) -> list[Phrase]:
    words = sequence(said)
    return [Phrase(tuple(folded(each.text) for each in words), column, words[-1].begins)] if words else []


def _term(part: Part, column: str, *, begun: bool) -> Term:
    word, plain = part.text, folded(part.text)
    forms = dict.fromkeys((plain, *IRREGULAR.get(plain, ())))
    return Term(
        tuple(forms), prefix=part.begins, column=column, capital=word[0].isupper() and len(word) > 1 and not begun
    )


def _chosen(terms: list[Term]) -> tuple[Term, ...]:
    """Each word once, and without stop words unless there is nothing else."""
    once = {(frozenset(term.forms), term.prefix, term.column): term for term in reversed(terms)}
    kept = list(once.values())[::-1]
    return tuple([term for term in kept if term.prefix or term.forms[0] not in STOP] or kept)[:MOST_WORDS]


def expression(asked: Asked) -> str:
    """The same for FTS5: every phrase, and any of the words; empty for a query without either."""
    words = [_word(term) for term in asked.terms]
    phrases = [_in(phrase.column, '"' + " ".join(phrase.words) + '"' + " *" * phrase.begun) for phrase in asked.phrases]
    if not phrases:
        return " OR ".join(words)
    return f"({' AND '.join(phrases)}) AND ({' OR '.join((*phrases, *words))})"


def _word(term: Term) -> str:
    made = " OR ".join(_in(term.column, f'"{form}"' + " *" * term.prefix) for form in term.forms)
    return f"({made})" if len(term.forms) > 1 else made


def _in(column: str, made: str) -> str:
    return f"{column} : {made}" if column else made
