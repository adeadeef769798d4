"""The facts that agents records: what a session was found to be. Streams are `session/claude_code/ID`."""

from __future__ import annotations

import msgspec

from halo_engine.clock import Timestamp
from halo_engine.events.model import Payload, fact


class Slot(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """Replies of a session in one quarter of an hour that cost the same: one model, tier and size of context."""

    start: int
    """Seconds since 1970, a multiple of 900."""
    model: str
    tier: str
    """`fast`, `batch`, ...; empty for the usual."""
    band: int
    """Each reply's model read more tokens than this, and not more than the next band."""
    paid: bool
    """The source says what they cost; otherwise the price table does."""
    replies: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    cost: float
    """US dollars, where `paid`."""
    first: int
    """Milliseconds since 1970, of the first reply and the last."""
    last: int


@fact("session.transcript.observed")
class SessionObserved(Payload, frozen=True, omit_defaults=True):
    """A session as it stands, with the slots that have changed since it was last observed."""

    project: str = ""
    cwd: str = ""
    branch: str = ""
    version: str = ""
    instance: str = ""
    parent: str = ""
    path: str = ""
    """Its first file."""
    first: Timestamp = ""
    last: Timestamp = ""
    files: int = 0
    lines: int = 0
    damaged: int = 0
    prompts: int = 0
    calls: int = 0
    failures: int = 0
    agents: int = 0
    replies: int = 0
    side_replies: int = 0
    """Of sub-agents and side questions."""
    side_tokens: int = 0
    usage: tuple[Slot, ...] = ()
