"""The rows that memory keeps of its events. What the files say is in the index; see `index`."""

from __future__ import annotations

from typing import ClassVar

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row


class Record(Row, frozen=True):
    """What happened to a note, as far as it matters now."""

    table: ClassVar = "record"

    id: str
    version: int
    """Of its stream."""
    path: str
    hash: str
    """Of the file when it was last recorded."""
    state: str
    """live, archived or gone."""
    made: Timestamp
    changed: Timestamp
    changed_by: str
    written: Timestamp = ""
    """When what it says was last changed, by a command or by hand; links, and what is done to many at once, are no such
    change.
    """
    strength: float = 0.0
    """The decayed counter of uses as it was at `used`: s <- s * 2^(-dt/H) + weight."""
    used: Timestamp = ""
    uses: int = 0
    reason: str = ""
    """Why it was archived."""


class Decision(Row, frozen=True):
    """What the operator said of a proposed link, for ever."""

    table: ClassVar = "decision"
    indexes: ClassVar = ("source", "target")

    pair: str
    """`pair_key(source, target)`: the same in both directions."""
    source: str
    target: str
    accepted: bool
    time: Timestamp
    by: str
    score: float = 0.0
    reason: str = ""


def pair_key(one: str, other: str) -> str:
    """Two notes, in no order."""
    return "\n".join(sorted((one, other)))
