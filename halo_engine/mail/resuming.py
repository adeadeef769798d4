"""Going on with what was cut off: killed, or without its server. Each command that changes mail does that first."""

from __future__ import annotations

from collections import defaultdict

from halo_engine.mail import queries
from halo_engine.mail.acting import missing, perform
from halo_engine.mail.session import Session
from halo_engine.mail.store import Message
from halo_engine.mail.undo import take_back
from halo_engine.workspace import Workspace


def resume(workspace: Workspace, session: Session) -> tuple[int, int]:
    """Do what was decided about an account's mail and not done, take back what was to be; how many messages that were,
    and for how many it could not be done.
    """
    account = session.place.name
    decided, undoing = (queries.pending(workspace, account, state) for state in ("decided", "undoing"))
    grouped: dict[str, list[Message]] = defaultdict(list)
    for row in decided:
        grouped[row.origin].append(row)
    missed: set[str] = set()
    for folder, rows in grouped.items():
        if session.select(folder, readonly=False):
            missed |= perform(workspace, session, rows, anew=False)
        else:
            missed |= missing(workspace, rows, f"there is no folder {folder} any more")
    taken = take_back(workspace, session, undoing) if undoing else set()
    return len(decided) + len(undoing), len(missed) + len(undoing) - len(taken)
