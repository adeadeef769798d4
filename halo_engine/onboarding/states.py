"""Where a person stands, and where they can go from there: the whole table."""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    FIRST_CONTACT = "first_contact"
    """They have not written yet."""
    TERMS = "terms"
    WAIVER = "waiver"
    QUESTIONS = "questions"
    TUTORIAL = "tutorial"
    ACTIVE = "active"
    """What they write goes to the assistant."""
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.FIRST_CONTACT: frozenset({State.TERMS}),
    State.TERMS: frozenset({State.WAIVER, State.DECLINED, State.WITHDRAWN}),
    State.WAIVER: frozenset({State.QUESTIONS, State.TUTORIAL, State.ACTIVE, State.DECLINED, State.WITHDRAWN}),
    State.QUESTIONS: frozenset({State.TUTORIAL, State.ACTIVE, State.TERMS, State.WITHDRAWN}),
    State.TUTORIAL: frozenset({State.ACTIVE, State.TERMS, State.WITHDRAWN}),
    State.ACTIVE: frozenset({State.QUESTIONS, State.TERMS, State.WITHDRAWN}),
    State.DECLINED: frozenset({State.TERMS}),
    State.WITHDRAWN: frozenset({State.TERMS}),
}
CONSENTED = frozenset({State.QUESTIONS, State.TUTORIAL, State.ACTIVE})
"""They have agreed; to terms that have changed since, they are asked again."""
ASLEEP = frozenset({State.DECLINED, State.WITHDRAWN})
