"""What an instance's store holds: messages, replies, and what each call to the model cost."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from halo_engine.clock import Timestamp
from halo_engine.streaming import Usage


class State(StrEnum):
    """Where a message is. All but the first two are its end, and whoever sent it is told."""

    QUEUED = "queued"
    WORKING = "working"
    ANSWERED = "answered"
    FAILED = "failed"
    """The model could not be had; a reply says so."""
    QUARANTINED = "quarantined"
    """The runtime died over it again and again; it is put aside, and a reply says so."""


class Kind(StrEnum):
    """Whose words a reply has."""

    ANSWER = "answer"
    """The model's; only these are shown to it again."""
    NOTICE = "notice"
    """The runtime's own: why there is no answer."""
    ONBOARDING = "onboarding"
    """What a person is told and asked before the model answers them; it never learns of it."""


class Message(Struct, frozen=True, array_like=True):
    """What somebody said to the instance."""

    number: int
    id: str
    """By whoever sent it: sent again, it is the same message."""
    chat: str
    sender: str
    text: str
    received: Timestamp
    state: State
    tries: int
    """How often the model was asked for it since the runtime was started last."""
    crashes: int
    """How often the runtime died over it."""
    session: str
    """The conversation that it belongs to; a new one begins when the old one is in the way."""
    urgent: bool = False
    """It is heard before what waits in its chat, and instead of what is under way there."""


class Answer(Struct, frozen=True, array_like=True):
    """What the instance said; there is one for each message at most."""

    number: int
    message: int
    chat: str
    kind: Kind
    text: str
    made: Timestamp
    id: str
    """That of the message: whoever shows it can tell that it was shown before."""


class Call(Struct, frozen=True, array_like=True):
    """One request to the model, and what it cost."""

    id: str
    begun: Timestamp
    model: str
    usage: Usage
    reply: str
    """The server's id of its answer."""
    fault: str
    """Why there was none."""


class Spent(Struct, frozen=True):
    """What a day has cost so far, with what is set aside for calls under way."""

    tokens: int
    cost: float
    """US dollars."""


SCHEMA = """
CREATE TABLE message (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, chat TEXT NOT NULL, sender TEXT NOT NULL,
    text TEXT NOT NULL, received TEXT NOT NULL, state TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0,
    crashes INTEGER NOT NULL DEFAULT 0, session TEXT NOT NULL, recorded INTEGER NOT NULL DEFAULT 0,
    urgent INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX message_waiting ON message (number) WHERE state IN ('queued', 'working');
CREATE INDEX message_unrecorded ON message (number) WHERE recorded = 0 AND state NOT IN ('queued', 'working');
CREATE INDEX message_session ON message (session, number);
CREATE TABLE reply (
    number INTEGER PRIMARY KEY AUTOINCREMENT, message INTEGER NOT NULL UNIQUE REFERENCES message (number),
    chat TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL, made TEXT NOT NULL, id TEXT NOT NULL UNIQUE,
    delivered INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE INDEX reply_waiting ON reply (chat, number) WHERE delivered = 0;
CREATE TABLE call (
    id TEXT PRIMARY KEY, message INTEGER NOT NULL, day TEXT NOT NULL, begun TEXT NOT NULL, model TEXT NOT NULL,
    usage BLOB NOT NULL, tokens INTEGER NOT NULL, cost REAL NOT NULL, reply TEXT NOT NULL DEFAULT '',
    fault TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX call_day ON call (day);
CREATE INDEX call_message ON call (message);
CREATE TABLE chat (
    chat TEXT PRIMARY KEY, session TEXT NOT NULL, name TEXT NOT NULL DEFAULT '',
    main INTEGER NOT NULL DEFAULT 0) STRICT;
"""
LIFTS = ("ALTER TABLE message ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0",)
"""From each revision of the schema to the next: what makes the second out of the first, and so on."""
REVISION = 1 + len(LIFTS)
"""Of the schema, kept as `user_version`."""
