"""The contract of an event log. `SqliteLog` keeps it in one file; a JetStream log can keep it on a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

from halo_engine.events.model import Event, New

if TYPE_CHECKING:
    from halo_engine.events.sqlite_log import SqliteLog


ALL = range(10)
"""Tenths of the streams: all of them."""


class EventLog(Protocol):
    """Append, read, follow; and `index`, for everything that wants to search."""

    @property
    def index(self) -> SqliteLog:
        """The log in a form that SQL can search: the log itself, or a local mirror of a server's."""

    def append(self, new: Sequence[New]) -> list[Event]:
        """Append all of them, durably, or none.

        Raises Conflict when a stream is not at the version that the writer expected, Unavailable when the log
        cannot be written, Damaged when it cannot be read.
        """

    def read(
        self, after: int = 0, *, until: int | None = None, module: str | None = None, limit: int | None = None
    ) -> Iterator[Event]:
        """Events in order of position, of one module or of all, in `after < position <= until`."""

    def facts(self, after: int, *, until: int, module: str, share: range) -> Iterator[Event]:
        """What a projection needs, as fast as can be: like `read`, but without the ids of causes, and only of the
        streams in a share of tenths: `range(10)` is all of them.
        """

    def stream(self, name: str) -> list[Event]:
        """One stream from its beginning; empty when there is none."""

    def head(self, module: str | None = None) -> int:
        """Position of the last event (of that module), 0 when there is none."""

    def follow(self, after: int, *, idle: float | None = None) -> Iterator[list[Event]]:
        """Batches of events after a position, for ever; sleeps until somebody appends, in any process.

        With `idle` seconds an empty batch comes whenever nothing was appended for so long, so that the caller can
        look at something else.
        """

    def close(self) -> None:
        """Let go of files and connections."""
