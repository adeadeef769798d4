"""The rows that triage keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar, Literal

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row

State = Literal["waiting", "refused", "missed", "done", "undone", "decided", "undoing", "gone"]
"""`waiting` (in the queue), `refused`, `missed`, `done`, `undone`, `decided` (not done yet), `undoing` (not taken back
yet) or `gone` (from the folder while it waited).
"""


class Message(Row, frozen=True):
    """A message that triage has seen to. The first field is the key."""

    table: ClassVar = "mail_message"
    indexes: ClassVar = (
        "account, folder, uidvalidity, uid",
        "decided DESC, id",
        "run",
        "account | WHERE state IN ('decided', 'undoing')",
        "decided DESC, id | WHERE state = 'waiting'",
    )

    id: str
    """Of the account and the message's headers: it stays the same wherever the message is moved."""
    version: int
    run: str
    account: str
    origin: str
    """The folder that it was found in."""
    folder: str
    """Where it is, as far as triage knows."""
    uidvalidity: int
    uid: int
    message_id: str
    sender: str
    subject: str
    date: Timestamp
    action: str
    rule: str
    reason: str
    target: str
    state: State
    decided: Timestamp
    """When it was proposed, decided or accepted, whatever came last."""
    already: bool = False
    copied: bool = False
    why: str = ""
    """Why it was missed, or could not be taken back."""
    rules: str = ""
    """Fingerprint of the rules that were asked."""
