"""The write side: what a person writes, heard; their answers; their leaving."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from halo_engine.errors import BadData, Conflict, NotAllowed
from halo_engine.events.model import Event, New, declared
from halo_engine.events.store import opened
from halo_engine.onboarding import queries
from halo_engine.onboarding.events import QuestionAnswered, UserWithdrawn, Written
from halo_engine.onboarding.projection import onboarding
from halo_engine.onboarding.states import ASLEEP, State
from halo_engine.onboarding.steps import Step, step, valid
from halo_engine.onboarding.store import User
from halo_engine.workspace import Workspace

USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9:@._+-]{0,119}")
ATTEMPTS = 20
KINDS = {payload: name for name, (payload, _) in declared().items() if name.startswith("user.")}
LONGEST = 4_000
"""Characters of an answer."""


class Heard(Struct, frozen=True):
    """What came of what a person wrote."""

    user: User | None
    """As they stand now; None in a dry run for somebody new."""
    say: tuple[str, ...]
    """What to answer, in this order, word for word."""
    passes: bool
    """What they wrote is for the assistant, and nothing is answered here."""


def hear(workspace: Workspace, user: str, text: str, *, instance: str = "", message: str = "") -> Heard:
    """What a person wrote: either it belongs to their onboarding, or it may be passed on to the assistant.

    With the id of the `message` the same again says the same and is recorded once, so that who was killed between
    hearing and answering may simply hear again.

    Raises BadData for an id of a person that is none.
    """
    if not is_person(user):
        raise BadData(f"{user[:80]!r} is no id of a person", "for example telegram:812 or console:operator")
    for _ in range(ATTEMPTS):
        events = workspace.log.stream(f"user/{user}")
        known = _before(events, message)
        before = queries.folded(events[:known])
        made = step(before, text, instance)
        if made.passes and known < len(events):  # they may have withdrawn since
            known, before = len(events), queries.folded(events)
            made = step(before, text, instance)
        try:
            after = queries.folded(events) if known < len(events) else _recorded(workspace, user, before, made, message)
        except Conflict:
            continue
        return Heard(after, made.say, made.passes)
    raise Conflict(f"{user} writes in too many places at a time", "send it again")


def is_person(user: str) -> bool:
    """Whether it can be the id of a person."""
    return USER.fullmatch(user) is not None


def _before(events: Sequence[Event], message: str) -> int:
    """How many events there were before a message was heard; all of them when it is a new one."""
    places = (place for place, event in enumerate(events) if message and _said(event) == message)
    return next(places, len(events))


def _said(event: Event) -> str:
    """The message that an event follows from."""
    data = event.data()
    return data.message if isinstance(data, Written) else ""


def answer(workspace: Workspace, user: str, key: str, response: str, *, conversations: int = 0) -> User:
    """An answer that was given outside the onboarding, or another than before. The same again is nothing.

    Raises NotFound for an unknown person, BadData for a key or a response that is none, NotAllowed for somebody who
    has not agreed.
    """
    row = queries.get(workspace, user)
    question, response = valid(key, response[:LONGEST])
    if row.state in ASLEEP or not row.terms:
        raise NotAllowed(f"{user} has not agreed to be asked ({row.state})", "they can write: start")
    before = row.answers.get(key)
    if before and before.response == response:
        return row
    fact = QuestionAnswered(key, question.text, response, conversations=conversations)
    return _recorded(workspace, user, row, Step((fact,))) or row


def withdraw(workspace: Workspace, user: str) -> User:
    """Take somebody out, as they do themselves by writing so. Nothing when they are out already.

    Raises NotFound.
    """
    row = queries.get(workspace, user)
    if row.state is State.WITHDRAWN:
        return row
    return _recorded(workspace, user, row, Step((UserWithdrawn(),))) or row


def _recorded(workspace: Workspace, user: str, row: User | None, made: Step, message: str = "") -> User | None:
    """Append the facts of a step, all or none; the person after them."""
    stream = f"user/{user}"
    first = row.version if row else 0
    facts = [replace(fact, message=message) for fact in made.facts]
    new = [New(stream, KINDS[type(fact)], fact, first + place) for place, fact in enumerate(facts)]
    if not new:
        return row
    events = workspace.log.append(new)
    if not workspace.dry_run:
        with opened(workspace, onboarding):
            pass
    return queries.folded(events, row)
