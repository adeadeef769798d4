"""Doing on the server what was decided, and recording that it was done: once, whatever is cut off in between.

What is to be done is in the log before it is done. When the connection drops, or a triage is killed, the server is
asked first what of it was done already.
"""

from __future__ import annotations

import fcntl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import msgspec

from halo_engine.errors import Conflict, HaloError, NotAllowed, Unavailable
from halo_engine.events.model import New, Payload
from halo_engine.mail import accounts
from halo_engine.mail.events import MessageHandled, MessageMissed
from halo_engine.mail.messages import CHUNK, chunks, fetched, grouped
from halo_engine.mail.projection import stream_of
from halo_engine.mail.session import COPIED, Dropped, Session
from halo_engine.mail.store import Message
from halo_engine.workspace import Workspace, writing

TRIES = 4
TOGETHER = 1000
"""Messages that are moved at a time: a server that keeps each in a file looks through the folder at every move."""
LONGEST_ID = 200
GONE = "it was not there any more"


class Spot(msgspec.Struct, frozen=True):
    """Where a message is."""

    folder: str
    uidvalidity: int
    uid: int


@contextmanager
def alone(workspace: Workspace, account: str) -> Iterator[None]:
    """Only one at a time changes an account's mail.

    Raises Conflict when another does.
    """
    if workspace.dry_run:
        yield
        return
    path = workspace.run / f"mail-{account.encode().hex()[:80]}.lock"
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("w")
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict(f"another triage or undo of {account} is under way", "try again when it is done") from None
        yield


def perform(workspace: Workspace, session: Session, rows: Sequence[Message], *, anew: bool) -> set[str]:
    """Do what was decided about messages of the folder that is open, and record it; the ids of those with which that
    could not be done.

    `anew`: nothing of it can have been done yet.
    """
    if workspace.dry_run:
        for row in rows:
            folder = row.target if row.action == "archive" else row.folder
            _record(workspace, [(row, MessageHandled(folder, 0, 0, row.already))])
        return set()
    if not anew:
        rows = settled(session, rows)
    missed: set[str] = set()
    for (archive, target), some in grouped(rows, lambda row: (row.action == "archive", row.target)).items():
        for chunk in chunks(some, TOGETHER):
            if archive:
                outcomes = _archived(session, chunk, target, anew=anew)
            else:
                outcomes = _labelled(session, chunk, target, anew=anew)
            _record(workspace, outcomes)
            missed |= {row.id for row, fact in outcomes if isinstance(fact, MessageMissed)}
    return missed


def finish(workspace: Workspace, session: Session, folder: str, rows: Sequence[Message]) -> set[str]:
    """Do what was decided about messages of a folder, of which some may be done already, and record it; the ids of
    those with which that could not be done: of all when none is open, as there is no such folder any more.
    """
    if session.folder:
        return perform(workspace, session, rows, anew=False)
    _record(workspace, [(row, MessageMissed(f"there is no folder {folder} any more")) for row in rows])
    return {row.id for row in rows}


def by_account(
    rows: Sequence[Message], work: Callable[[list[Message]], dict[str, bool]]
) -> tuple[dict[str, bool], list[HaloError]]:
    """Do something with the messages of each account; of each message, by its id, whether it could be done. With it,
    what went wrong in an account, whose messages are left out.

    Raises what went wrong when it did with every account.
    """
    found, wrong = accounts.over(list(grouped(rows, lambda row: row.account).values()), work)
    return {message: done for each in found for message, done in each.items()}, wrong


def _record(workspace: Workspace, outcomes: Sequence[tuple[Message, Payload]]) -> None:
    names = {MessageHandled: "mail.message.handled", MessageMissed: "mail.message.missed"}
    workspace.log.append([New(stream_of(row.id), names[type(fact)], fact, row.version) for row, fact in outcomes])


def _labelled(session: Session, rows: Sequence[Message], word: str, *, anew: bool) -> list[tuple[Message, Payload]]:
    there = rows if anew else present(session, rows)
    have = session.keyword([row.uid for row in there], word) if there else set()
    labelled = {row.id for row in there if row.uid in have}
    outcomes: list[tuple[Message, Payload]] = []
    for row in rows:
        if row.id in labelled:
            outcomes.append((row, MessageHandled(row.folder, session.uidvalidity, row.uid, row.already)))
        else:
            outcomes.append((row, MessageMissed(f"{GONE}, or {session.place.host} keeps no such label")))
    return outcomes


def _archived(session: Session, rows: Sequence[Message], target: str, *, anew: bool) -> list[tuple[Message, Payload]]:
    try:
        session.ensure(target)
        spots = relocate(session, rows, target, anew=anew)
    except NotAllowed as error:
        return [(row, MessageMissed(error.message)) for row in rows]
    copied = not session.moves
    if copied:
        session.keyword([row.uid for row in rows if row.id in spots], COPIED)
    outcomes: list[tuple[Message, Payload]] = []
    for row in rows:
        spot = spots.get(row.id)
        if spot is None:
            outcomes.append((row, MessageMissed(GONE)))
        elif copied:
            outcomes.append((row, MessageHandled(row.folder, session.uidvalidity, row.uid, copied=True)))
        else:
            outcomes.append((row, MessageHandled(spot.folder, spot.uidvalidity, spot.uid)))
    return outcomes


def relocate(session: Session, rows: Sequence[Message], target: str, *, anew: bool) -> dict[str, Spot]:
    """Move messages of the open folder to another, or copy them where the server cannot move; where each is then.

    Those that are in neither folder are left out. Raises NotAllowed, Unavailable.
    """
    spots: dict[str, Spot] = {}
    left = list(rows)
    for _ in range(TRIES):
        if not anew:
            left = _not_yet(session, left, target, spots)
        if not left:
            return spots
        with suppress(Dropped):
            validity, places = session.transfer([row.uid for row in left], target)
            return spots | _arrived(session, left, target, validity, places)
        anew = False
    raise Unavailable(f"{session.place.host} hangs up again and again", "what was done is known; repeat later")


def _arrived(
    session: Session, rows: Sequence[Message], target: str, validity: int, places: dict[int, int]
) -> dict[str, Spot]:
    if places:
        return {row.id: Spot(target, validity, places[row.uid]) for row in rows if row.uid in places}
    stayed = {row.id for row in present(session, rows)} if session.moves else set()
    return {row.id: Spot(target, 0, 0) for row in rows if row.id not in stayed}


def _not_yet(session: Session, rows: list[Message], target: str, spots: dict[str, Spot]) -> list[Message]:
    """Those that are still to be moved; where the others are already goes into `spots`."""
    there = present(session, rows)
    here = {row.id for row in there}
    asked = [row for row in rows if row.id not in here] if session.moves else rows
    found = located(session, asked, target)
    spots |= found
    return [row for row in there if row.id not in found]


def settled(session: Session, rows: Sequence[Message]) -> list[Message]:
    """The rows; those of the open folder that have another UID since it was made anew with that one."""
    lost = [row for row in rows if not row.uid or row.uidvalidity not in {0, session.uidvalidity}]
    found = located(session, lost, session.folder)
    return [at(row, found[row.id]) if row.id in found else row for row in rows]


def at(row: Message, spot: Spot) -> Message:
    return row.with_(folder=spot.folder, uidvalidity=spot.uidvalidity, uid=spot.uid)


def present(session: Session, rows: Sequence[Message]) -> list[Message]:
    """Those that are in the open folder under the UID by which they are known."""
    known = [row for row in rows if row.uid and row.uidvalidity in {0, session.uidvalidity}]
    ids = {mail.id for chunk in chunks([row.uid for row in known]) for mail in fetched(session, chunk)}
    return [row for row in known if row.id in ids]


def located(session: Session, rows: Sequence[Message], folder: str) -> dict[str, Spot]:
    """Where in a folder messages are, by their headers; the open folder stays open."""
    if not rows:
        return {}
    back, readonly = session.folder, session.readonly
    found: dict[str, Spot] = {}
    if session.select(folder):
        for row in rows:
            uid = _uid(session, row)
            if uid:
                found[row.id] = Spot(folder, session.uidvalidity, uid)
    session.require(back, readonly=readonly)
    return found


def _uid(session: Session, row: Message) -> int:
    """The UID of a message in the open folder; 0 where it is not."""
    name = row.message_id
    plain = name.isascii() and name.isprintable() and not set(name) & {'"', "\\"} and 0 < len(name) < LONGEST_ID
    candidates = session.search(f'HEADER Message-ID "{name}"' if plain else "ALL")[-CHUNK:]
    return next((mail.uid for mail in fetched(session, candidates) if mail.id == row.id), 0)
