"""The bank: what people are told and asked, as `templates/onboarding/bank.yaml` has it."""

from __future__ import annotations

import re
from functools import cache
from typing import Annotated, Literal

from msgspec import Meta, Struct
from msgspec.structs import asdict, replace

from halo_engine import resources
from halo_engine.configuration import load

FILE = "onboarding/bank.yaml"
WRAPPED = re.compile(r"(?<=[^\n])\n[ ]*(?=[^\n\s-])")
"""An end of a line that is none of a paragraph or a point."""
Text = Annotated[str, Meta(min_length=1)]
Words = Annotated[list[Text], Meta(min_length=1)]


class Texts(Struct, frozen=True, forbid_unknown_fields=True):
    """What is said, word for word."""

    greeting: Text
    terms: Text
    waiver: Text
    questions: Text
    tutorial: Text
    ready: Text
    yes_or_no: Text
    one_to_five: Text
    deferred: Text
    declined: Text
    withdrawn: Text
    renewed: Text
    asleep: Text


class Understood(Struct, frozen=True, forbid_unknown_fields=True):
    """Words that count, whatever their case and the full stop behind them."""

    yes: Words
    no: Words
    later: Words
    start: Words
    withdraw: Words
    questions: Words


class Question(Struct, frozen=True, forbid_unknown_fields=True):
    """One question; its key is for ever."""

    key: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    phase: Literal["pre", "early", "post"]
    """`pre`: before the first conversation; `early`: in one of the first; `post`: when the operator asks for it."""
    kind: Literal["likert", "words"]
    """`likert`: a whole number from 1 to 5."""
    text: Text
    pair_of: str = ""
    """The question that was asked before, which its answer is compared with."""


class Early(Struct, frozen=True, forbid_unknown_fields=True, rename={"first": "from", "last": "to"}):
    """In which conversations the open questions may be asked."""

    first: Annotated[int, Meta(ge=1)]
    last: Annotated[int, Meta(ge=1)]


class Bank(Struct, frozen=True, forbid_unknown_fields=True):
    """`bank.yaml`."""

    terms: Annotated[int, Meta(ge=1)]
    """The version of what is agreed to."""
    texts: Texts
    words: Understood
    strikes: Annotated[int, Meta(ge=1)]
    questions: Annotated[list[Question], Meta(min_length=1)]
    early: Early
    tutorial: Words

    def of(self, phase: str) -> list[Question]:
        return [each for each in self.questions if each.phase == phase]

    def question(self, key: str) -> Question | None:
        return next((each for each in self.questions if each.key == key), None)


@cache
def bank() -> Bank:
    """The bank that ships.

    Raises BadConfig naming line and key.
    """
    text = (resources.folder("templates") / FILE).read_text(encoding="utf-8")
    found = load(text, Bank, FILE)
    texts = Texts(**{name: flowing(each) for name, each in asdict(found.texts).items()})
    return replace(found, texts=texts, tutorial=[flowing(each) for each in found.tutorial])


def flowing(text: str) -> str:
    """A text whose paragraphs and points are a line each: a telephone breaks lines elsewhere than the file does."""
    return WRAPPED.sub(" ", text)
