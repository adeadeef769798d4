"""The facts that triage records. Streams are `mail/ID`, one a message, and `mail/@rules`."""

from __future__ import annotations

from halo_engine.clock import Timestamp
from halo_engine.events.model import Payload, fact


@fact("mail.message.proposed", "mail.message.decided")
class MessageDecided(Payload, frozen=True, omit_defaults=True):
    """What a rule wants. Proposed: it waits in the queue. Decided: it is recorded before anything is done, so that what
    was cut off in between can be gone on with.
    """

    run: str
    """The triage that it was part of; empty for what is only proposed."""
    account: str
    folder: str
    uidvalidity: int
    uid: int
    message_id: str
    sender: str
    subject: str
    date: Timestamp
    """When the server received it."""
    action: str
    """`surface`, `label`, `archive` or `skip`."""
    rule: str = ""
    """Empty: no rule matched."""
    reason: str = ""
    target: str = ""
    """The keyword that is set, or the folder that it goes to; empty: nothing is done on the server."""
    already: bool = False
    """It had that label when this was recorded."""
    rules: str = ""
    """Fingerprint of the rules that were asked."""


@fact("mail.message.accepted")
class MessageAccepted(Payload, frozen=True, omit_defaults=True):
    """What was proposed shall be done; recorded before it is."""

    run: str
    already: bool = False
    """It has that label already."""


@fact("mail.message.refused")
class MessageRefused(Payload, frozen=True):
    """What was proposed shall not be done, nor proposed again."""


@fact("mail.message.recalled")
class MessageRecalled(Payload, frozen=True):
    """What was done shall be taken back; recorded before it is."""


@fact("mail.message.handled")
class MessageHandled(Payload, frozen=True, omit_defaults=True):
    """It was done, and where the message is since."""

    folder: str
    uidvalidity: int
    uid: int
    """0: the server did not tell."""
    already: bool = False
    """It had that label before; taking back leaves it."""
    copied: bool = False
    """The server cannot move: a copy is in the archive, and the message stays, with the label `halo-archived`."""


@fact("mail.message.missed", "mail.message.withdrawn", "mail.message.kept")
class MessageMissed(Payload, frozen=True):
    """Missed: it could not be done. Withdrawn: it is no longer proposed, the message is not there any more. Kept: it
    could not be taken back.
    """

    reason: str


@fact("mail.message.undone")
class MessageUndone(Payload, frozen=True):
    """What was done was taken back, and where the message is since."""

    folder: str
    uidvalidity: int
    uid: int


@fact("mail.rule.added")
class RuleAdded(Payload, frozen=True):
    name: str
    text: str
    """As it stands in the file."""
