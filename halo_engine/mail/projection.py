"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.mail.events import MessageDecided, MessageHandled, MessageMissed, MessageUndone
from halo_engine.mail.store import Message


def id_of(stream: str) -> str:
    """`mail/ID` -> `ID`."""
    return stream.partition("/")[2]


def stream_of(message: str) -> str:
    """`ID` -> `mail/ID`."""
    return f"mail/{message}"


mail = Projection("mail", module="mail", main=Message, key=id_of)


@mail.on(MessageDecided)
def decided(_: Message | None, data: MessageDecided, event: Event) -> Message:
    return Message(
        id=id_of(event.stream),
        version=event.version,
        run=data.run,
        account=data.account,
        origin=data.folder,
        folder=data.folder,
        uidvalidity=data.uidvalidity,
        uid=data.uid,
        message_id=data.message_id,
        sender=data.sender,
        subject=data.subject,
        date=data.date,
        action=data.action,
        rule=data.rule,
        reason=data.reason,
        target=data.target,
        state="decided" if data.target else "done",
        decided=event.time,
    )


@mail.on(MessageHandled)
def handled(row: Message, data: MessageHandled, event: Event) -> Message:
    return row.with_(
        version=event.version,
        folder=data.folder,
        uidvalidity=data.uidvalidity,
        uid=data.uid,
        already=data.already,
        copied=data.copied,
        state="done",
    )


@mail.on(MessageMissed)
def missed(row: Message, data: MessageMissed, event: Event) -> Message:
    return row.with_(version=event.version, state="missed", why=data.reason)


@mail.on(MessageUndone)
def undone(row: Message, data: MessageUndone, event: Event) -> Message:
    return row.with_(
        version=event.version, folder=data.folder, uidvalidity=data.uidvalidity, uid=data.uid, state="undone"
    )
