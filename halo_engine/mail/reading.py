"""Mail to look at: lists, one message as text, and what the rules say about a file. Nothing is marked as read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from email import message_from_bytes
from email.message import Message as Raw
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound, Usage
from halo_engine.mail import accounts, deciding, queries, rules, text
from halo_engine.mail.accounts import Place
from halo_engine.mail.deciding import Decision
from halo_engine.mail.messages import Mail, chunks, fetched, identity, readable, texts
from halo_engine.mail.responses import Part
from halo_engine.mail.session import HEADER, TEXT, Session
from halo_engine.workspace import Workspace

PLAIN = "text/plain"
LARGEST = 64 * 1024 * 1024
"""Bytes of a file that `rules test` takes."""


class Listed(msgspec.Struct, frozen=True):
    """A line of a list of mail."""

    account: str
    uid: int
    date: Timestamp
    sender: str
    subject: str
    size: int
    unread: bool
    keywords: tuple[str, ...]


class Attachment(msgspec.Struct, frozen=True):
    """A file in a message; it is not fetched."""

    name: str
    kind: str
    size: int
    """Bytes, as they are encoded."""


class Letter(msgspec.Struct, frozen=True):
    """A message to read."""

    uid: int
    id: str
    folder: str
    date: Timestamp
    sender: str
    to: str
    subject: str
    size: int
    malformed: bool
    attachments: list[Attachment]
    text: str
    cut: bool
    """There is more text than the 256 KiB that were fetched."""


def found(place: Place, folder: str, criteria: str, limit: int, charset: str | None = None) -> tuple[list[Listed], int]:
    """The latest messages that the server finds (limit 0: all), and how many more there are.

    Raises NotFound for a folder that is not there.
    """
    session = Session(place)
    try:
        session.require(_folder(folder) or place.folder)
        uids = session.search(criteria, charset)[::-1]
        chosen = uids[: limit or None]
        mails = [mail for chunk in chunks(chosen) for mail in reversed(fetched(session, chunk))]
    finally:
        session.close()
    return [_listed(place.name, mail) for mail in mails], len(uids) - len(chosen)


def merged(found: Sequence[tuple[list[Listed], int]], limit: int) -> tuple[list[Listed], int]:
    """What was found in several accounts as one list, the latest first (limit 0: all), and how many more there are."""
    rows = [row for rows, _ in found for row in rows]
    if len(found) > 1:
        rows.sort(key=lambda row: row.date, reverse=True)
    shown = rows[: limit or None]
    return shown, sum(more for _, more in found) + len(rows) - len(shown)


def _listed(account: str, mail: Mail) -> Listed:
    return Listed(account, mail.uid, mail.date, mail.sender, mail.subject, mail.size, mail.unread, mail.keywords)


def _folder(name: str) -> str:
    if any(not sign.isprintable() for sign in name):
        raise Usage(f"{name[:60]!r} is no name of a folder")
    return name


def criteria(words: tuple[str, ...], *, sender: str, to: str, subject: str, since: Timestamp, unread: bool) -> str:
    """A search in IMAP's words.

    Raises Usage for one without anything to look for, or with what cannot be said in a line.
    """
    from imap_tools import AND

    given: dict[str, Any] = {"from_": sender, "to": to, "subject": subject, "text": words}
    kept = {key: value for key, value in given.items() if value}
    for each in (*words, sender, to, subject):
        if any(not sign.isprintable() for sign in each):
            raise Usage(f"{each[:60]!r} cannot be searched for")
    if since:
        kept["date_gte"] = clock.instant(since).date()
    if unread:
        kept["seen"] = False
    if not kept:
        raise Usage("a search needs something to look for", "mailctl search invoice --since 30d")
    return str(AND(**kept))


def read(workspace: Workspace, reference: str, account: str, folder: str, *, source: bool) -> Letter:
    """A message by UID, or by the id that triage gave it.

    Raises NotFound.
    """
    if reference.isascii() and reference.isdecimal() and len(reference) < 11:
        place, uid = accounts.one(workspace, account), int(reference)
    else:
        row = queries.message(workspace, reference)
        place, uid, folder = accounts.one(workspace, row.account), row.uid, row.folder
    session = Session(place)
    try:
        session.require(_folder(folder) or place.folder)
        mails = fetched(session, [uid] if uid else [], structure=True)
        if not mails:
            raise NotFound(f"no message {reference} in {session.folder}", "`mailctl inbox` shows what there is")
        return _letter(session, mails[0], source=source)
    finally:
        session.close()


def _letter(session: Session, mail: Mail, *, source: bool) -> Letter:
    part = readable(mail)
    if part is not None and source:
        plain = msgspec.structs.replace(part, kind=PLAIN)
        mail = msgspec.structs.replace(mail, parts=tuple(plain if each is part else each for each in mail.parts))
    (_, body), *_ = texts(session, [mail])
    return Letter(
        uid=mail.uid,
        id=mail.id,
        folder=session.folder,
        date=mail.date,
        sender=mail.sender,
        to=mail.headers.get("to", ""),
        subject=mail.subject,
        size=mail.size,
        malformed=mail.malformed,
        attachments=[
            Attachment(text.decoded(each.name) or "(no name)", each.kind, each.size)
            for each in mail.parts
            if each.attached
        ],
        text=body,
        cut=part is not None and part.size > TEXT,
    )


def tested(workspace: Workspace, file: Path, archive: str) -> Decision:
    """What the rules say about a message in a file.

    Raises NotFound; Usage for a file that is too large.
    """
    listed = rules.load(workspace)
    if str(file) != "-" and not file.is_file():
        raise NotFound(f"no file {file}")
    stream = sys.stdin.buffer if str(file) == "-" else file.open("rb")
    with stream:
        raw = stream.read(LARGEST + 1)
    if len(raw) > LARGEST:
        raise Usage(f"{file} is over {LARGEST // 2**20} MiB", "cut the attachment out")
    message = message_from_bytes(raw)
    mail, words = _from_file(raw, message)
    return deciding.decide(listed, mail, archive, words)


def _from_file(raw: bytes, message: Raw) -> tuple[Mail, str]:
    head = raw.replace(b"\r\n", b"\n").partition(b"\n\n")[0][:HEADER]
    known, sound = text.headers(head)
    leaves = [part for part in message.walk() if not part.is_multipart()]
    parts = tuple(_part(each, place) for place, each in enumerate(leaves))
    mail = Mail(
        id=identity("", head, known.get("message-id", ""), len(raw)),
        uid=0,
        message_id=known.get("message-id", ""),
        sender=known.get("from", ""),
        subject=known.get("subject", ""),
        date=clock.stamp(),
        size=len(raw),
        unread=True,
        keywords=(),
        malformed=not sound,
        headers=known,
        parts=parts,
    )
    part = readable(mail)
    if part is None:
        return mail, ""
    content = leaves[int(part.number)].get_payload(decode=True)
    body = content[:TEXT] if isinstance(content, bytes) else b""
    return mail, text.body(body, "", part.charset, part.kind)


def _part(part: Raw, place: int) -> Part:
    name = str(part.get_filename() or "").encode("utf-8", "replace")
    attached = bool(name) or part.get_content_disposition() == "attachment"
    charset = str(part.get_content_charset() or "")
    return Part(str(place), part.get_content_type(), charset, "", 0, name, attached)
