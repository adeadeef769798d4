"""Going on with what was cut off: killed, or without its server. Each command that changes mail does that first."""

from __future__ import annotations

from halo_engine.mail import queries
from halo_engine.mail.acting import finish
from halo_engine.mail.messages import grouped
from halo_engine.mail.session import Session
from halo_engine.mail.undo import take_back
from halo_engine.workspace import Workspace


def resume(workspace: Workspace, session: Session) -> tuple[int, int]:
    """Do what was decided about an account's mail and not done, take back what was to be; how many messages that were,
    and for how many it could not be done.
    """
    account = session.place.name
    decided, undoing = queries.pending(workspace, account, "decided"), queries.pending(workspace, account, "undoing")
    missed: set[str] = set()
    for folder, rows in grouped(decided, lambda row: row.origin).items():
        session.select(folder, readonly=False)
        missed |= finish(workspace, session, folder, rows)
    taken = take_back(workspace, session, undoing) if undoing else set()
    return len(decided) + len(undoing), len(missed) + len(undoing) - len(taken)
