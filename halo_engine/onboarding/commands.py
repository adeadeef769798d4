"""The write side: what a person writes, heard; their answers; their leaving."""

from __future__ import annotations

import re

from msgspec import Struct

from halo_engine.errors import BadData, Conflict, NotAllowed
from halo_engine.events.model import New, declared
from halo_engine.events.projection import Fold
from halo_engine.events.store import opened
from halo_engine.onboarding import queries
from halo_engine.onboarding.events import QuestionAnswered, UserWithdrawn
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


def hear(workspace: Workspace, user: str, text: str, *, instance: str = "") -> Heard:
    """What a person wrote: either it belongs to their onboarding, or it may be passed on to the assistant.

    Raises BadData for an id that is none.
    """
    if not USER.fullmatch(user):
        raise BadData(f"{user[:80]!r} is no id of a person", "for example telegram:812 or console:operator")
    for _ in range(ATTEMPTS):
        row = queries.find(workspace, user)
        made = step(row, text, instance)
        try:
            return Heard(_recorded(workspace, user, row, made), made.say, made.passes)
        except Conflict:
            continue
    raise Conflict(f"{user} writes in too many places at a time", "send it again")


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


def _recorded(workspace: Workspace, user: str, row: User | None, made: Step) -> User | None:
    """Append the facts of a step, all or none; the person after them."""
    stream = f"user/{user}"
    first = row.version if row else 0
    new = [New(stream, KINDS[type(fact)], fact, first + place) for place, fact in enumerate(made.facts)]
    if not new:
        return row
    events = workspace.log.append(new)
    if not workspace.dry_run:
        with opened(workspace, onboarding):
            pass
    fold = Fold(onboarding, lambda *_: row)
    fold.apply(events)
    after = fold.row(stream)
    assert isinstance(after, User)
    return after
