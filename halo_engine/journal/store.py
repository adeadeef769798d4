"""The rows that the journal keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row


class Entry(Row, frozen=True):
    """An entry. The first field is the key."""

    table: ClassVar = "entry"
    indexes: ClassVar = ("written DESC, id DESC", "position")

    id: str
    """Unique over all machines, and in the order of time: a UUID of version 7."""
    position: int
    """Of its event in the log."""
    written: Timestamp
    written_by: str
    text: str
    tags: tuple[str, ...] = ()
    mood: str = ""
    energy: int | None = None

    @property
    def short(self) -> str:
        """The end of the id, which is by chance: enough to name an entry by."""
        return self.id[-6:]


class Summary(Row, frozen=True):
    """What the language model made of a window."""

    table: ClassVar = "summary"
    indexes: ClassVar = ()

    hash: str
    """Of the entries and of the question."""
    text: str
    model: str
    made: Timestamp
