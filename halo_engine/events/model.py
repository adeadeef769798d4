"""An event, and how its payload is typed, versioned and lifted to the present version."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, TypeVar

import msgspec

from halo_engine.clock import Timestamp
from halo_engine.errors import BadData


class Event(msgspec.Struct, frozen=True, gc=False):
    """One fact, as the log keeps it."""

    position: int
    """Place in the log: 1, 2, 3, without gaps. The only order there is."""
    id: str
    stream: str
    """What it happened to, `task/T-042`; the part before the slash is its module."""
    version: int
    """Place in its stream: 1, 2, 3."""
    type: str
    """`task.item.blocked`."""
    schema: int
    time: Timestamp
    """When it was recorded, for people; never for ordering."""
    source: str
    """Who and where, `operator@host`."""
    correlation_id: str
    """The id of what set this off, over all that followed from it."""
    causation_id: str | None
    """The event that led to this one directly."""
    payload: bytes
    """JSON, as written at `schema`."""
    previous_hash: bytes = b""
    """Hash of the event before it in its stream; empty for the first."""
    hash: bytes = b""

    @property
    def module(self) -> str:
        return self.stream.partition("/")[0]

    @property
    def actor(self) -> str:
        return _actor(self.source)

    def data(self) -> Any:
        """The payload, lifted to its present version and typed; None when this Halo does not know the type.

        Raises BadData when the payload does not fit its type.
        """
        return decode(self.type, self.schema, self.payload)

    def readable(self) -> dict[str, Any]:
        """The event for a person or a program: payload as data, hashes as hex."""
        row = msgspec.structs.asdict(self)
        row["payload"] = msgspec.Raw(self.payload)
        row["previous_hash"], row["hash"] = self.previous_hash.hex(), self.hash.hex()
        return row


@cache
def _actor(source: str) -> str:
    return source.rpartition("@")[0]


class Payload(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a fact says. Subclasses are declared with `fact`; fields with defaults may be added at any time."""


class New(msgspec.Struct, frozen=True):
    """An event to append."""

    stream: str
    type: str
    payload: Payload
    expected: int | None = None
    """The stream's version that the writer saw (0: it must not exist); None takes whatever is there."""
    cause: Event | None = None
    """The event that led to this one; None: what `HALO_CORRELATION_ID` and `HALO_CAUSATION_ID` say, if anything."""


class _Fact(msgspec.Struct, frozen=True):
    payload: type[Payload]
    schema: int
    decoder: msgspec.json.Decoder[Any]


_facts: dict[str, _Fact] = {}
_lifts: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
P = TypeVar("P", bound=type[Payload])
UNFIT = (msgspec.MsgspecError, ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What a pure function raises over facts that cannot be."""


def fact(*types: str, schema: int = 1) -> Callable[[P], P]:
    """Class decorator: this payload is what events of these types carry, at this schema version."""

    def declare(payload: P) -> P:
        for name in types:
            _facts[name] = _Fact(payload, schema, msgspec.json.Decoder(payload))
        return payload

    return declare


def lift(name: str, schema: int) -> Callable[[Callable[[dict[str, Any]], dict[str, Any]]], Any]:
    """Declare how a payload of `schema` becomes one of `schema + 1`: a pure function from dict to dict."""

    def declare(function: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[dict[str, Any]], dict[str, Any]]:
        _lifts[name, schema] = function
        return function

    return declare


def declared() -> dict[str, tuple[type[Payload], int]]:
    """Every known event type with its payload class and present schema version."""
    return {name: (entry.payload, entry.schema) for name, entry in sorted(_facts.items())}


def reader(name: str) -> tuple[int, Callable[[bytes], Any]]:
    """The present schema of an event type, and what decodes a payload of it."""
    entry = _facts[name]
    return entry.schema, entry.decoder.decode


def schema_of(name: str) -> int:
    """The present schema version of a declared event type."""
    return _facts[name].schema


def types_of(payload: type[Payload]) -> Iterable[str]:
    """The event types that carry this payload."""
    return [name for name, entry in _facts.items() if entry.payload is payload]


def decode(name: str, schema: int, payload: bytes) -> Any:
    """A stored payload, typed and lifted; None for a type (or a later schema) that this Halo does not know.

    Raises BadData when it does not fit.
    """
    known = _facts.get(name)
    if known is None or schema > known.schema:
        return None
    try:
        if schema == known.schema:
            return known.decoder.decode(payload)
        data = msgspec.json.decode(payload)
        for step in range(schema, known.schema):
            data = _lifts[name, step](data)
        return msgspec.convert(data, known.payload)
    except UNFIT as error:
        raise BadData(f"the payload of a {name} event does not fit its schema {schema}: {error}") from error
