"""Taking back what triage did: archived mail returns to its folder, labels go. Triage leaves it alone from then on.

That it is to be taken back is in the log before it is: what is cut off in between, the next command goes on with.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import msgspec

from halo_engine.errors import HaloError, NotAllowed
from halo_engine.events.model import New
from halo_engine.mail import accounts, queries
from halo_engine.mail.acting import Spot, alone, at, by_account, located, present, relocate
from halo_engine.mail.events import MessageMissed, MessageRecalled, MessageUndone
from halo_engine.mail.messages import chunks, grouped
from halo_engine.mail.projection import recalled, stream_of
from halo_engine.mail.session import COPIED, Session
from halo_engine.mail.store import Message
from halo_engine.workspace import Workspace

LOST = "it is not where triage left it, nor where it came from"
UNDER_WAY = ("decided", "done", "undoing")


class Undone(msgspec.Struct, frozen=True):
    """What was taken back."""

    undone: list[str]
    """Ids of messages."""
    missed: list[str]
    """Ids of those that are not where triage left them, nor where they came from."""
    left: int
    """Messages for which nothing had been done, or was taken back before."""
    unfinished: list[str] = []
    """Ids of those of accounts in which something went wrong: the next command goes on with them."""


def undo(workspace: Workspace, rows: Sequence[Message]) -> tuple[Undone, list[HaloError]]:
    """Take back what was done about messages, also what was only begun. With it, what went wrong in an account, which
    keeps no other waiting.

    Raises NotAllowed for one message for which nothing was done, and what went wrong when it did with every account:
    NotFound for one that is no more, Conflict, NotAllowed, Unavailable.
    """
    done = [row for row in rows if row.state in UNDER_WAY and row.target]
    if len(rows) == 1 and not done and rows[0].state != "undone":
        raise NotAllowed(f"{rows[0].id}: nothing was done ({_told(rows[0])}), so nothing can be taken back")
    outcomes, wrong = by_account(done, lambda some: _of_account(workspace, some))
    undone = Undone(
        undone=[row.id for row in done if outcomes.get(row.id)],
        missed=[row.id for row in done if outcomes.get(row.id) is False],
        left=len(rows) - len(done),
        unfinished=[row.id for row in done if row.id not in outcomes],
    )
    return undone, wrong


def _told(row: Message) -> str:
    return row.action if row.state == "done" else row.state


def _of_account(workspace: Workspace, rows: list[Message]) -> dict[str, bool]:
    """Take back what was done about messages of one account; of each, by its id, whether it was."""
    account = rows[0].account
    place = accounts.one(workspace, account)
    with alone(workspace, account):
        rows = recall(workspace, rows)
        if workspace.dry_run:
            _record(workspace, rows, {row.id: Spot(row.origin, 0, 0) for row in rows})
            return dict.fromkeys((row.id for row in rows), True)
        left = queries.pending(workspace, account, "undoing")
        with closing(Session(place)) as session:
            taken = take_back(workspace, session, left)
        return {row.id: row.id in taken for row in rows}


def recall(workspace: Workspace, rows: Sequence[Message]) -> list[Message]:
    """Record that what was done about messages is to be taken back; the rows as they are then."""
    fresh = [row for row in rows if row.state != "undoing"]
    kind = "mail.message.recalled"
    events = workspace.log.append([New(stream_of(row.id), kind, MessageRecalled(), row.version) for row in fresh])
    made = [recalled(row, event.data(), event) for row, event in zip(fresh, events, strict=True)]
    return [row for row in rows if row.state == "undoing"] + made


def take_back(workspace: Workspace, session: Session, rows: Sequence[Message]) -> set[str]:
    """Take back what was done about recalled messages of an account, and record it; the ids of those that were."""
    found: set[str] = set()
    for chunk in chunks(rows):
        found |= _chunk(workspace, session, chunk)
    return found


def _chunk(workspace: Workspace, session: Session, rows: Sequence[Message]) -> set[str]:
    found: set[str] = set()
    for (folder, origin, word), some in grouped(rows, lambda row: _where(session, row)).items():
        spots = _unlabel(session, some, folder, word) if word else _back(session, some, folder, origin)
        _record(workspace, some, spots)
        found |= spots.keys()
    return found


def _where(session: Session, row: Message) -> tuple[str, str, str]:
    """The folder that a message is in, the one it came from, and the label that it got; empty: it was moved."""
    if row.action != "archive":
        return row.folder, row.origin, row.target
    begun = row.folder == row.origin
    if row.copied or (begun and not session.moves):
        return row.origin, row.origin, COPIED
    return row.target if begun else row.folder, row.origin, ""


def _unlabel(session: Session, rows: list[Message], folder: str, word: str) -> dict[str, Spot]:
    """Take a label off, but not of those that had it before; where each is."""
    spots = _spots(session, rows, folder)
    ours = [spots[row.id].uid for row in rows if row.id in spots and not row.already]
    if ours:
        session.keyword(ours, word, on=False)
    return spots


def _back(session: Session, rows: list[Message], folder: str, origin: str) -> dict[str, Spot]:
    """Move messages to where they came from; those that are there already are found there."""
    there = _spots(session, rows, folder)
    known = [at(row, there[row.id]) for row in rows if row.id in there]
    gone = [row for row in rows if row.id not in there]
    session.require(folder, readonly=False) if known else session.require(origin)
    found = located(session, gone, origin)
    return found | (relocate(session, known, origin, anew=True) if known else {})


def _spots(session: Session, rows: list[Message], folder: str) -> dict[str, Spot]:
    """Where in a folder, which is open then, messages are: under the known UID, else wherever they are found."""
    if not session.select(folder, readonly=False):
        return {}
    there = {row.id: Spot(folder, session.uidvalidity, row.uid) for row in present(session, rows)}
    return there | located(session, [row for row in rows if row.id not in there], folder)


def _record(workspace: Workspace, rows: Sequence[Message], spots: dict[str, Spot]) -> None:
    facts: list[New] = []
    for row in rows:
        spot = spots.get(row.id)
        if spot is not None:
            fact = MessageUndone(spot.folder, spot.uidvalidity, spot.uid)
            facts.append(New(stream_of(row.id), "mail.message.undone", fact, row.version))
        else:
            facts.append(New(stream_of(row.id), "mail.message.kept", MessageMissed(LOST), row.version))
    workspace.log.append(facts)
