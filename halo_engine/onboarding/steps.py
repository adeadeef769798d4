"""One step of the way: where somebody stands and what they wrote, to what is said and recorded. Pure."""

from __future__ import annotations

import re

from msgspec import Struct

from halo_engine.errors import BadData
from halo_engine.onboarding.bank import Question, bank
from halo_engine.onboarding.events import (
    QuestionAnswered,
    QuestionMissed,
    QuestionsDeferred,
    TutorialRead,
    UserMoved,
    UserWithdrawn,
    Written,
)
from halo_engine.onboarding.states import ASLEEP, CONSENTED, State
from halo_engine.onboarding.store import User

LIKERT = re.compile(r"[1-5]")


class Step(Struct, frozen=True):
    """What follows from something that was written."""

    facts: tuple[Written, ...]
    say: tuple[str, ...] = ()
    passes: bool = False


def step(user: User | None, text: str, instance: str) -> Step:
    """What follows from what somebody wrote to an instance."""
    texts, words = bank().texts, bank().words
    said = _plain(text)
    if user is None:
        return Step((UserMoved(State.TERMS, instance),), (texts.greeting, texts.terms))
    if user.state in ASLEEP:
        if said in words.start:
            return Step((UserMoved(State.TERMS, instance),), (texts.greeting, texts.terms))
        return Step((), (texts.asleep,))
    if said in words.withdraw:
        return Step((UserWithdrawn(instance),), (texts.withdrawn,))
    if user.state in CONSENTED and user.terms < bank().terms:
        return Step((UserMoved(State.TERMS, instance),), (texts.renewed, texts.terms))
    return _WAYS[user.state](user, said, instance)


def leaves(text: str) -> bool:
    """Whether somebody who writes this wants to be left alone."""
    return _plain(text) in bank().words.withdraw


def valid(key: str, response: str) -> tuple[Question, str]:
    """The question of a key, and a response to it as it is kept.

    Raises BadData for a key that there is not, and for a response that does not fit.
    """
    question = bank().question(key)
    if question is None:
        raise BadData(f"no question {key[:80]}", f"there are: {', '.join(each.key for each in bank().questions)}")
    response = response.strip()
    if not response or (question.kind == "likert" and not LIKERT.fullmatch(response)):
        raise BadData(f"{response[:80]!r} is no answer to {key}", "1 to 5" if question.kind == "likert" else "words")
    return question, response


def _terms(_: User, said: str, instance: str) -> Step:
    return _asked(said, instance, Step((UserMoved(State.WAIVER, instance),), (bank().texts.waiver,)))


def _waiver(user: User, said: str, instance: str) -> Step:
    """Agreed to all of it: the questions come next, or what is left of the way for who has been here before."""
    where, say = _after_consent(user)
    agreed = UserMoved(where, instance, terms=bank().terms)
    return _asked(said, instance, Step((agreed,), say))


def _asked(said: str, instance: str, agreed: Step) -> Step:
    texts, words = bank().texts, bank().words
    if said in words.yes:
        return agreed
    if said in words.no:
        return Step((UserMoved(State.DECLINED, instance),), (texts.declined,))
    return Step((), (texts.yes_or_no,))


def _after_consent(user: User) -> tuple[State, tuple[str, ...]]:
    texts = bank().texts
    left = _open(user)
    if left and not user.deferred:
        return State.QUESTIONS, (texts.questions, left[0].text)
    if user.tutorial < len(bank().tutorial):
        return State.TUTORIAL, (texts.tutorial, bank().tutorial[user.tutorial])
    return State.ACTIVE, (texts.ready,)


def _questions(user: User, said: str, instance: str) -> Step:
    texts, words = bank().texts, bank().words
    left = _open(user)
    if said in words.later:
        return _left_for_later(user, instance, "they asked for it")
    if not left:
        return _go_on(user, instance, ())
    if not LIKERT.fullmatch(said):
        if user.strikes + 1 >= bank().strikes:
            return _left_for_later(user, instance, f"{bank().strikes} answers beside the question")
        return Step((QuestionMissed(left[0].key),), (texts.one_to_five, left[0].text))
    fact = QuestionAnswered(left[0].key, left[0].text, said, instance)
    if len(left) > 1:
        return Step((fact,), (left[1].text,))
    return _go_on(user, instance, (fact,))


def _left_for_later(user: User, instance: str, reason: str) -> Step:
    return _go_on(user, instance, (QuestionsDeferred(reason),), bank().texts.deferred)


def _go_on(user: User, instance: str, facts: tuple[Written, ...], *before: str) -> Step:
    """After the questions: the hints that somebody has not had, then the assistant."""
    texts, hints = bank().texts, bank().tutorial
    if user.tutorial < len(hints):
        moved = UserMoved(State.TUTORIAL, instance)
        return Step((*facts, moved), (*before, texts.tutorial, hints[user.tutorial]))
    return Step((*facts, UserMoved(State.ACTIVE, instance)), (*before, texts.ready))


def _tutorial(user: User, _: str, instance: str) -> Step:
    hints = bank().tutorial
    read = min(user.tutorial + 1, len(hints))
    if read < len(hints):
        return Step((TutorialRead(read),), (hints[read],))
    return Step((TutorialRead(read), UserMoved(State.ACTIVE, instance)), (bank().texts.ready,))


def _active(user: User, said: str, instance: str) -> Step:
    left = _open(user)
    if said in bank().words.questions and left:
        return Step((UserMoved(State.QUESTIONS, instance),), (left[0].text,))
    known = instance in user.instances or not instance
    return Step(() if known else (UserMoved(State.ACTIVE, instance),), passes=True)


def _open(user: User) -> list[Question]:
    return [each for each in bank().of("pre") if each.key not in user.answers]


def _plain(text: str) -> str:
    """What was written, as it is compared: without case, spaces around, and what ends a sentence."""
    return " ".join(text.casefold().split()).strip(" .!\"'")


_WAYS = {
    State.TERMS: _terms,
    State.WAIVER: _waiver,
    State.QUESTIONS: _questions,
    State.TUTORIAL: _tutorial,
    State.ACTIVE: _active,
}
