"""Taking back what triage did: archived mail returns to its folder, labels go. Triage leaves it alone from then on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import msgspec

from halo_engine.errors import NotAllowed
from halo_engine.events.model import New
from halo_engine.mail import accounts
from halo_engine.mail.accounts import Place
from halo_engine.mail.acting import Spot, alone, located, present, relocate
from halo_engine.mail.events import MessageUndone
from halo_engine.mail.messages import chunks
from halo_engine.mail.projection import stream_of
from halo_engine.mail.session import COPIED, Session
from halo_engine.mail.store import Message
from halo_engine.workspace import Workspace


class Undone(msgspec.Struct, frozen=True):
    """What was taken back."""

    undone: list[str]
    """Ids of messages."""
    missed: list[str]
    """Ids of those that are not where triage left them, nor where they came from."""
    left: int
    """Messages for which nothing had been done, or was taken back before."""


def undo(workspace: Workspace, rows: Sequence[Message]) -> Undone:
    """Take back what was done about messages.

    Raises NotFound for an account that is no more, NotAllowed for one message for which nothing was done.
    """
    done = [row for row in rows if row.state == "done" and row.target]
    if len(rows) == 1 and not done and rows[0].state != "undone":
        raise NotAllowed(f"{rows[0].id}: nothing was done ({rows[0].action}), so nothing can be taken back")
    grouped: dict[str, list[Message]] = defaultdict(list)
    for row in done:
        grouped[row.account].append(row)
    undone: list[str] = []
    for account, some in grouped.items():
        place = accounts.one(workspace, account)
        with alone(workspace, account):
            undone += _of_account(workspace, place, some)
    missed = [row.id for row in done if row.id not in set(undone)]
    return Undone(undone, missed, len(rows) - len(done))


def _of_account(workspace: Workspace, place: Place, rows: list[Message]) -> list[str]:
    if workspace.dry_run:
        _record(workspace, rows, {row.id: Spot(row.origin, 0, 0) for row in rows})
        return [row.id for row in rows]
    session = Session(place)
    found: list[str] = []
    try:
        for chunk in chunks(rows):
            found += _chunk(workspace, session, chunk)
    finally:
        session.close()
    return found


def _chunk(workspace: Workspace, session: Session, rows: Sequence[Message]) -> list[str]:
    grouped: dict[tuple[str, str, str], list[Message]] = defaultdict(list)
    for row in rows:
        word = "" if row.action == "archive" and not row.copied else COPIED if row.copied else row.target
        grouped[row.folder, row.origin, word].append(row)
    found: list[str] = []
    for (folder, origin, word), some in grouped.items():
        spots = _unlabel(session, some, folder, word) if word else _back(session, some, folder, origin)
        _record(workspace, some, spots)
        found += spots
    return found


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
    known = [_at(row, there[row.id]) for row in rows if row.id in there]
    gone = [row for row in rows if row.id not in there]
    session.require(folder, readonly=False) if known else session.require(origin)
    found = located(session, gone, origin)
    return found | (relocate(session, known, origin, anew=True) if known else {})


def _at(row: Message, spot: Spot) -> Message:
    return row.with_(folder=spot.folder, uidvalidity=spot.uidvalidity, uid=spot.uid)


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
    if facts:
        workspace.log.append(facts)
