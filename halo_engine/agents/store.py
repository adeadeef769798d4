"""The rows that agents keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row


class Session(Row, frozen=True):
    """A session as it was last observed. The first field is the key."""

    table: ClassVar = "session"
    indexes: ClassVar = ("last DESC", "id")

    key: str
    """`claude_code/ID`."""
    id: str
    source: str
    revision: int
    """Version of its stream."""
    project: str
    cwd: str
    branch: str
    version: str
    instance: str
    parent: str
    path: str
    first: Timestamp
    last: Timestamp
    files: int
    lines: int
    damaged: int
    prompts: int
    calls: int
    failures: int
    agents: int
    replies: int
    side_replies: int
    side_tokens: int


class Use(Row, frozen=True):
    """A slot of a session; see `events.Slot`."""

    table: ClassVar = "use"
    indexes: ClassVar = ("session", "start")

    key: str
    session: str
    start: int
    model: str
    tier: str
    band: int
    paid: bool
    replies: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_1h: int
    cost: float
    first: int
    last: int
