"""The rows that triage keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row


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
    state: str
    """`waiting` (in the queue), `refused`, `gone` (from the folder while it waited), `decided` (not done yet), `done`,
    `missed`, `undoing` (not taken back yet) or `undone`.
    """
    decided: Timestamp
    """When it was proposed, decided or accepted, whatever came last."""
    already: bool = False
    copied: bool = False
    why: str = ""
    """Why it was missed, or could not be taken back."""
    rules: str = ""
    """Fingerprint of the rules that were asked."""
