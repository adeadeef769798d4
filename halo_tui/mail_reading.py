"""What the Schedule screen reads of mail, and what its actions do, each in one call for a worker."""

from __future__ import annotations

from threading import Lock
from typing import NamedTuple, get_args

from halo_engine.errors import HaloError
from halo_engine.mail import accounts, answering, queries, reading, rules, triage, undo
from halo_engine.mail.reading import Letter
from halo_engine.mail.store import Message, State
from halo_engine.workspace import Workspace

STATES = tuple(state for state in get_args(State) if state != "gone")
SHOWN = 500
"""Messages that show."""
_TURN = Lock()
"""Held while a server is changed: the next key's answer waits for its turn instead of being refused."""


class Queue(NamedTuple):
    """What waits for a word, and below it what became of others."""

    messages: dict[str, Message] = {}
    more: int = 0
    """Messages that do not show."""
    waiting: int = 0
    """Of all, also of those that do not show."""
    accounts: int = 0
    rules: int = 0
    fault: HaloError | None = None
    """What is wrong with the accounts or the rules."""


def queue(workspace: Workspace) -> Queue:
    """The queue, without asking a server."""
    rows, more = queries.queue(workspace, states=STATES, limit=SHOWN)
    found = Queue({row.id: row for row in rows}, more, queries.waiting(workspace))
    try:
        return found._replace(accounts=len(accounts.every(workspace)), rules=len(rules.load(workspace)))
    except HaloError as error:
        return found._replace(fault=error)


def letter(workspace: Workspace, message: str) -> Letter:
    """A message as text, from its server. Raises NotFound, Unavailable."""
    return reading.read(workspace, message, "", "", source=False)


# What the screen's actions do: each returns a word about it


def look(workspace: Workspace) -> str:
    """Look for new mail in every account, and propose."""
    done, wrong = triage.all_of(workspace, accounts.ALL, execute=False)
    looked = sum(each.looked for each in done)
    said = f"{looked:,} looked at, {queries.waiting(workspace):,} waiting"
    return said + "".join(f"; {error.message}" for error in wrong)


def accept(workspace: Workspace, message: str = "") -> str:
    """Accept one message, or all that wait."""
    with _TURN:
        done, wrong = answering.accept(workspace, _rows(workspace, message))
    missed = f"; {len(done.missed):,} could not be done" if done.missed else ""
    return f"{len(done.answered):,} done{missed}" + "".join(f"; {error.message}" for error in wrong)


def refuse(workspace: Workspace, message: str) -> str:
    answering.refuse(workspace, _rows(workspace, message))
    return "it is not proposed again"


def take_back(workspace: Workspace, message: str) -> str:
    with _TURN:
        done, _ = undo.undo(workspace, [queries.message(workspace, message)])
    return "it is not where it was left" if done.missed else "taken back"


def _rows(workspace: Workspace, message: str) -> list[Message]:
    return [queries.message(workspace, message)] if message else queries.queue(workspace)[0]
