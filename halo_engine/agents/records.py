"""The normalised stream of a session: what every source is turned into, and all that usage and spin detection read.

A source yields records in the order of the file. One API reply may be many lines: each line gives its own `Thought`,
`Said` or `Call`, and a `Spent` that repeats the reply's ids; the largest `Spent` of one reply is the true one.
"""

from __future__ import annotations

from typing import Any

import msgspec

from halo_engine.clock import Timestamp


class Record(msgspec.Struct, frozen=True, kw_only=True, tag=str.lower, omit_defaults=True, gc=False):
    """One thing that a session's file says."""

    line: int = 0
    """Of the file, from 1; of a database, the place of the row in its session."""
    time: Timestamp = ""
    """When; empty where the file does not say."""
    session: str = ""
    agent: str = ""
    """The sub-agent that it belongs to; empty for the session's own."""
    sidechain: bool = False
    """Beside the main conversation: a sub-agent's, or a side question."""


class Prompt(Record, frozen=True):
    """A person (or the program in a person's place) said something. Not a tool's result, nor what the client adds."""

    text: str


class Thought(Record, frozen=True):
    """The model reasoned; empty where the file keeps it encrypted."""

    text: str
    message: str = ""


class Said(Record, frozen=True):
    """The model wrote to the person."""

    text: str
    message: str = ""


class Call(Record, frozen=True):
    """The model called a tool, by the name and with the arguments that the source has."""

    id: str
    tool: str
    arguments: dict[str, Any]
    message: str = ""


class Change(msgspec.Struct, frozen=True, gc=False):
    """What a tool did to one file, in lines; both sides hold only what differs."""

    path: str
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


class Result(Record, frozen=True):
    """What a call gave back."""

    call: str
    """The id of the `Call`."""
    text: str
    failed: bool = False
    changes: tuple[Change, ...] = ()
    """Empty also where the source does not say; the call's arguments may then tell."""


class Tokens(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Tokens of one API reply, each counted once."""

    input: int = 0
    """Fresh input: neither read from nor written to a cache."""
    output: int = 0
    """With reasoning."""
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    reasoning: int = 0
    """The part of `output` that was reasoning, where the source says."""

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write_5m + self.cache_write_1h


class Spent(Record, frozen=True):
    """What one API reply cost, so far as this line knows."""

    message: str
    """The reply's id; empty where there is none."""
    model: str
    tokens: Tokens
    request: str = ""
    tier: str = ""
    """`standard`, `fast`, `priority`, ...; empty where the source does not say."""
    cost: float | None = None
    """US dollars, where the source has worked it out."""


class Mark(Record, frozen=True):
    """Something that happened to the session itself."""

    what: str
    """`compacted`, `interrupted`, `resumed`, `rewound`, `title`, `api_error`."""
    text: str = ""


class Malformed(Record, frozen=True):
    """A line that could not be read, or of a type that is not known: counted, never fatal."""

    why: str


AnyRecord = Prompt | Thought | Said | Call | Result | Spent | Mark | Malformed
