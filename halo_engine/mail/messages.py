"""Messages as triage sees them: headers first, their parts when a rule asks for them, text last and not all of it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import Any, TypeVar

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.mail import text
from halo_engine.mail.responses import Part, parts
from halo_engine.mail.session import HEADER, TEXT, Session, flags, number

T = TypeVar("T")
K = TypeVar("K")
CHUNK = 400
"""Messages whose headers are asked for at a time."""
TEXTS = 16
"""Messages whose text is asked for at a time."""
SUMMARY = f"UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER]<0.{HEADER}>"


class Mail(msgspec.Struct, frozen=True, dict=True):
    """A message without its text."""

    id: str
    uid: int
    message_id: str
    sender: str
    """As it is written: `Ana <ana@example.com>`."""
    subject: str
    date: Timestamp
    """When the server received it."""
    size: int
    unread: bool
    keywords: tuple[str, ...]
    malformed: bool
    """Its headers are not what they should be."""
    headers: dict[str, str]
    parts: tuple[Part, ...] = ()
    """Where they were asked for."""

    @cached_property
    def address(self) -> str:
        """The sender's, in small letters."""
        return next(iter(text.addresses(self.headers.get("from", ""))), "")

    @cached_property
    def domain(self) -> str:
        """The sender's, in small letters."""
        return self.address.rpartition("@")[2]

    @cached_property
    def recipients(self) -> list[str]:
        return text.addresses(f"{self.headers.get('to', '')}, {self.headers.get('cc', '')}")

    @cached_property
    def attachments(self) -> list[str]:
        return [text.decoded(part.name) for part in self.parts if part.attached]


def grouped(what: Iterable[T], key: Callable[[T], K]) -> dict[K, list[T]]:
    """Things by what they have in common, in the order in which they came."""
    found: dict[K, list[T]] = defaultdict(list)
    for each in what:
        found[key(each)].append(each)
    return found


def chunks(what: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    for start in range(0, len(what), size):
        yield what[start : start + size]


def fetched(session: Session, uids: Sequence[int], *, structure: bool = False) -> list[Mail]:
    """Messages by UID, those that are still there; with their parts, if asked."""
    items = f"({SUMMARY}{' BODYSTRUCTURE' if structure else ''})"
    found = [mail_of(session.place.name, item) for item in session.fetch(uids, items)]
    return sorted(found, key=lambda mail: mail.uid)


def mail_of(account: str, item: dict[str, Any]) -> Mail:
    """A message from what the server said of it."""
    raw = next((value for key, value in item.items() if key.startswith("BODY[HEADER]") and value), b"")
    known, sound = text.headers(raw)
    size = number(item.get("RFC822.SIZE"))
    marks = flags(item)
    return Mail(
        id=identity(account, raw, known.get("message-id", ""), size),
        uid=number(item.get("UID")),
        message_id=known.get("message-id", "")[:250],
        sender=known.get("from", "")[:250],
        subject=known.get("subject", "")[:250],
        date=_received(item.get("INTERNALDATE")),
        size=size,
        unread=rb"\seen" not in marks,
        keywords=tuple(sorted(each.decode("ascii", "replace") for each in marks if not each.startswith(b"\\"))),
        malformed=not sound,
        headers=known,
        parts=tuple(parts(item.get("BODYSTRUCTURE"))),
    )


def identity(account: str, raw: bytes, message_id: str, size: int) -> str:
    """What a message is known by, in whatever folder: its headers, byte for byte; without an id its size too."""
    told = hashlib.sha256(account.encode() + b"\0" + raw)
    if not message_id:
        told.update(b"\0%d" % size)
    return told.hexdigest()[:16]


def _received(value: Any) -> Timestamp:
    """`17-Nov-2026 14:02:11 +0200` as a timestamp; now where it is none."""
    try:
        found = parsedate_to_datetime(value.decode())
        return clock.stamp(found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC))
    except (AttributeError, OverflowError, TypeError, ValueError):
        return clock.stamp()


def readable(mail: Mail) -> Part | None:
    """The part that holds what a person would read: plain text, else HTML."""
    kept = [part for part in mail.parts if not part.attached and part.kind.startswith("text/")]
    for kind in ("text/plain", "text/html"):
        found = next((part for part in kept if part.kind == kind), None)
        if found is not None:
            return found
    return kept[0] if kept else None


def texts(session: Session, mails: Iterable[Mail], limit: int = TEXT) -> Iterator[tuple[Mail, str]]:
    """Each message with the beginning of its text, a few at a time; without parts it has none."""
    grouped: dict[str, list[tuple[Mail, Part]]] = defaultdict(list)
    for mail in mails:
        part = readable(mail)
        if part is None:
            yield mail, ""
        else:
            grouped[part.number].append((mail, part))
    for section, wanted in grouped.items():
        for start in range(0, len(wanted), TEXTS):
            some = wanted[start : start + TEXTS]
            found = session.fetch([mail.uid for mail, _ in some], f"(UID BODY.PEEK[{section}]<0.{limit}>)")
            raw = {number(each.get("UID")): _content(each) for each in found}
            for mail, part in some:
                yield mail, text.body(raw.get(mail.uid, b""), part.encoding, part.charset, part.kind)


def _content(item: dict[str, Any]) -> bytes:
    return next((value for key, value in item.items() if key.startswith("BODY[") and isinstance(value, bytes)), b"")
