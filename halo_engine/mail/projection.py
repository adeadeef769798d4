"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.mail.events import (
    MessageAccepted,
    MessageDecided,
    MessageHandled,
    MessageMissed,
    MessageRecalled,
    MessageRefused,
    MessageUndone,
)
from halo_engine.mail.store import Message, State

MISSED: dict[str, State] = {
    "mail.message.missed": "missed",
    "mail.message.withdrawn": "gone",
    "mail.message.kept": "done",
}
"""Event -> the state that it leaves."""


def id_of(stream: str) -> str:
    """`mail/ID` -> `ID`."""
    return stream.partition("/")[2]


def stream_of(message: str) -> str:
    """`ID` -> `mail/ID`."""
    return f"mail/{message}"


mail = Projection("mail", module="mail", main=Message, key=id_of)


def _to_do(target: str) -> State:
    return "decided" if target else "done"


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
        state="waiting" if event.type == "mail.message.proposed" else _to_do(data.target),
        decided=event.time,
        already=data.already,
        rules=data.rules,
    )


@mail.on(MessageAccepted)
def accepted(row: Message, data: MessageAccepted, event: Event) -> Message:
    return row.with_(
        version=event.version,
        state=_to_do(row.target),
        run=data.run,
        decided=event.time,
        already=data.already,
        copied=False,
        why="",
    )


@mail.on(MessageRefused)
def refused(row: Message, _: MessageRefused, event: Event) -> Message:
    return row.with_(version=event.version, state="refused")


@mail.on(MessageRecalled)
def recalled(row: Message, _: MessageRecalled, event: Event) -> Message:
    return row.with_(version=event.version, state="undoing", why="")


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
    return row.with_(version=event.version, state=MISSED[event.type], why=data.reason)


@mail.on(MessageUndone)
def undone(row: Message, data: MessageUndone, event: Event) -> Message:
    return row.with_(
        version=event.version, folder=data.folder, uidvalidity=data.uidvalidity, uid=data.uid, state="undone"
    )
