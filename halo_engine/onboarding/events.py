"""The facts that onboarding records. Streams are `user/ID`, one a person, over all instances."""

from __future__ import annotations

from halo_engine.events.model import Payload, fact
from halo_engine.onboarding.states import State


class Written(Payload, frozen=True, omit_defaults=True, kw_only=True):
    """What follows from something that a person wrote."""

    message: str = ""
    """The id of what they wrote: heard twice, it is recorded once."""


@fact("user.person.moved")
class UserMoved(Written, frozen=True, omit_defaults=True):
    """They went on: met, agreed, declined, were asked again, came back."""

    to: State
    instance: str = ""
    """Where it happened."""
    terms: int = 0
    """The version of the terms that was agreed to, where it was."""


@fact("user.question.answered")
class QuestionAnswered(Written, frozen=True, omit_defaults=True):
    """An answer, under the question's key; the latest one counts."""

    key: str
    text: str
    """The question as it was asked."""
    response: str
    instance: str = ""
    conversations: int = 0
    """How many they have had by then."""


@fact("user.question.missed")
class QuestionMissed(Written, frozen=True, omit_defaults=True):
    """What they wrote was beside the question."""

    key: str


@fact("user.questions.deferred")
class QuestionsDeferred(Written, frozen=True, omit_defaults=True):
    """The questions are left until they ask for them."""

    reason: str = ""


@fact("user.tutorial.read")
class TutorialRead(Written, frozen=True, omit_defaults=True):
    step: int
    """From 1."""


@fact("user.person.withdrawn")
class UserWithdrawn(Written, frozen=True, omit_defaults=True):
    """They have had enough. From here on nothing of what they answered is shown any more."""

    instance: str = ""
