"""What an event carries besides its payload: who, when, why, and the hash that chains it to the one before."""

from __future__ import annotations

import os
import socket
from collections.abc import Sequence

import msgspec

from halo_engine import clock
from halo_engine.errors import Conflict
from halo_engine.events.model import Event, New, schema_of
from halo_engine.ids import new_id


def whoami() -> str:
    """`actor@host` of this process: `HALO_ACTOR`, else the operator."""
    return f"{os.environ.get('HALO_ACTOR') or 'operator'}@{os.environ.get('HALO_HOST') or socket.gethostname()}"


def drafts(new: Sequence[New]) -> list[Event]:
    """Events that have everything but their places and hashes. They share a correlation id; a cause goes before."""
    correlation = os.environ.get("HALO_CORRELATION_ID")
    causation = os.environ.get("HALO_CAUSATION_ID") or correlation
    source, time_ = whoami(), clock.stamp()
    events = []
    for item in new:
        identity = new_id()
        correlation = correlation or (None if item.cause else identity)
        events.append(
            Event(
                position=0,
                id=identity,
                stream=item.stream,
                version=0,
                type=item.type,
                schema=schema_of(item.type),
                time=time_,
                source=source,
                correlation_id=item.cause.correlation_id if item.cause else correlation or identity,
                causation_id=item.cause.id if item.cause else causation,
                payload=msgspec.json.encode(item.payload),
            )
        )
    return events


def placed(event: Event, position: int, version: int, previous: bytes) -> Event:
    """An event at its place in the log and in its stream; `previous` is the hash of the one before it there."""
    event = msgspec.structs.replace(event, position=position, version=version, previous_hash=previous)
    return msgspec.structs.replace(event, hash=chain_hash(event))


def chain_hash(event: Event) -> bytes:
    """SHA-256 over the hash of the stream's previous event and every field of this one, each with its length first."""
    import hashlib

    digest = hashlib.sha256(event.previous_hash)
    for field in (
        event.position,
        event.id,
        event.stream,
        event.version,
        event.type,
        event.schema,
        event.time,
        event.source,
        event.correlation_id,
        event.causation_id or "",
    ):
        text = str(field).encode()
        digest.update(b"%d:%b" % (len(text), text))
    digest.update(event.payload)
    return digest.digest()


def conflict(item: New, version: int) -> Conflict:
    """What a writer hears who saw another version than the present one."""
    seen = "not to exist" if item.expected == 0 else f"at version {item.expected}"
    return Conflict(
        f"{item.stream} has changed meanwhile: expected {seen}, it is at version {version}", "look again and repeat"
    )
