"""The operator's word about what is proposed: accepted, it is done; refused, it is not proposed again."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import msgspec

from halo_engine.errors import HaloError, NotAllowed
from halo_engine.events.model import New
from halo_engine.ids import new_id
from halo_engine.mail import accounts
from halo_engine.mail.acting import alone, by_account, finish, settled
from halo_engine.mail.events import MessageAccepted, MessageRefused
from halo_engine.mail.messages import grouped
from halo_engine.mail.projection import accepted, stream_of
from halo_engine.mail.resuming import resume
from halo_engine.mail.session import Session, flags, number
from halo_engine.mail.store import Message
from halo_engine.workspace import Workspace

ACCEPTABLE = frozenset({"waiting", "refused", "undone", "missed", "gone"})
REFUSABLE = frozenset({"waiting", "gone"})


class Answered(msgspec.Struct, frozen=True):
    """What came of an answer."""

    answered: list[str]
    """Ids of messages."""
    missed: list[str]
    """Ids of those with which it could not be done; `mailctl summary` says why."""
    left: int
    """Messages that were answered before."""
    unfinished: list[str] = []
    """Ids of those of accounts in which something went wrong: they wait, or the next command goes on with them."""


def accept(workspace: Workspace, rows: Sequence[Message]) -> tuple[Answered, list[HaloError]]:
    """Do what is proposed about messages; also what was refused, taken back, or could not be done before. With it,
    what went wrong in an account, which keeps no other waiting: what was done until then is recorded.

    Raises what went wrong when it did with every account: NotFound for one that is no more, Conflict, NotAllowed,
    Unavailable.
    """
    wanted = [row for row in rows if row.state in ACCEPTABLE]
    run = new_id()
    outcomes, wrong = by_account(wanted, lambda some: _of_account(workspace, some, run))
    answered = Answered(
        answered=[row.id for row in wanted if outcomes.get(row.id)],
        missed=[row.id for row in wanted if outcomes.get(row.id) is False],
        left=len(rows) - len(wanted),
        unfinished=[row.id for row in wanted if row.id not in outcomes],
    )
    return answered, wrong


def _of_account(workspace: Workspace, rows: list[Message], run: str) -> dict[str, bool]:
    """Accept messages of one account; of each, by its id, whether it could be done."""
    account = rows[0].account
    place = accounts.one(workspace, account)
    with alone(workspace, account), closing(Session(place)) as session:
        if not workspace.dry_run:
            resume(workspace, session)
        missed = set[str]()
        for folder, some in grouped(rows, lambda row: row.origin).items():
            missed |= _of_folder(workspace, session, folder, some, run)
        return {row.id: row.id not in missed for row in rows}


def _of_folder(workspace: Workspace, session: Session, folder: str, rows: list[Message], run: str) -> set[str]:
    """Accept messages of one folder; the ids of those with which it could not be done."""
    there = session.select(folder, readonly=workspace.dry_run)
    rows = _accepted(workspace, session, settled(session, rows) if there else rows, run)
    return finish(workspace, session, folder, [row for row in rows if row.state == "decided"])


def _accepted(workspace: Workspace, session: Session, rows: Sequence[Message], run: str) -> list[Message]:
    """Record the word, before anything is done; the rows as they are then."""
    had = _labelled(session, rows)
    facts = [
        New(stream_of(row.id), "mail.message.accepted", MessageAccepted(run, row.id in had), row.version)
        for row in rows
    ]
    events = workspace.log.append(facts)
    return [accepted(row, event.data(), event) for row, event in zip(rows, events, strict=True)]


def _labelled(session: Session, rows: Sequence[Message]) -> set[str]:
    """The ids of those that have the label that they are to get."""
    asked = [row for row in rows if row.action != "archive" and row.target and row.uid]
    found = session.fetch([row.uid for row in asked], "(UID FLAGS)") if session.folder else []
    marks = {number(each.get("UID")): flags(each) for each in found}
    return {row.id for row in asked if row.target.lower().encode() in marks.get(row.uid, set())}


def refuse(workspace: Workspace, rows: Sequence[Message]) -> Answered:
    """Remember that what is proposed about messages shall not be done; no server is asked.

    Raises NotAllowed for one message that does not wait for an answer.
    """
    wanted = [row for row in rows if row.state in REFUSABLE]
    if len(rows) == 1 and not wanted and rows[0].state != "refused":
        raise NotAllowed(f"{rows[0].id} is {rows[0].state}: nothing is proposed", f"mailctl undo {rows[0].id[:8]}")
    kind = "mail.message.refused"
    workspace.log.append([New(stream_of(row.id), kind, MessageRefused(), row.version) for row in wanted])
    return Answered([row.id for row in wanted], [], len(rows) - len(wanted))
