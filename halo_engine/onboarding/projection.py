"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.onboarding.events import (
    QuestionAnswered,
    QuestionMissed,
    QuestionsDeferred,
    TutorialRead,
    UserMoved,
    UserWithdrawn,
)
from halo_engine.onboarding.states import State
from halo_engine.onboarding.store import Answered, User


def id_of(stream: str) -> str:
    """`user/telegram:812` -> `telegram:812`."""
    return stream.partition("/")[2]


onboarding = Projection("onboarding", module="user", main=User, key=id_of, revision=2)


@onboarding.on(UserMoved)
def moved(row: User | None, data: UserMoved, event: Event) -> User:
    row = row or User(id_of(event.stream), data.to, event.version, met=event.time, changed=event.time)
    instances = row.instances
    if data.instance and data.instance not in instances:
        instances = (*instances, data.instance)
    return touched(row, event, state=data.to, strikes=0, instances=instances, terms=data.terms or row.terms)


@onboarding.on(QuestionAnswered)
def answered(row: User, data: QuestionAnswered, event: Event) -> User:
    answer = Answered(data.text, data.response, event.time, data.conversations)
    deferred = row.deferred and row.state is not State.QUESTIONS  # an answer that was given elsewhere takes nothing up
    return touched(row, event, strikes=0, deferred=deferred, answers=row.answers | {data.key: answer})


@onboarding.on(QuestionMissed)
def missed(row: User, _: QuestionMissed, event: Event) -> User:
    return touched(row, event, strikes=row.strikes + 1)


@onboarding.on(QuestionsDeferred)
def deferred(row: User, _: QuestionsDeferred, event: Event) -> User:
    return touched(row, event, strikes=0, deferred=True)


@onboarding.on(TutorialRead)
def read(row: User, data: TutorialRead, event: Event) -> User:
    return touched(row, event, tutorial=data.step)


@onboarding.on(UserWithdrawn)
def withdrawn(row: User, _: UserWithdrawn, event: Event) -> User:
    return touched(row, event, state=State.WITHDRAWN, answers={}, terms=0, strikes=0, deferred=False)


def touched(row: User, event: Event, **changes: object) -> User:
    """The person after an event."""
    return row.with_(version=event.version, changed=event.time, **changes)
