"""The contract of an event log. `SqliteLog` keeps it in one file; a JetStream log can keep it on a server."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from halo_engine.events.model import Event, New

if TYPE_CHECKING:
    from halo_engine.events.sqlite_log import SqliteLog


class Share(NamedTuple):
    """Some of a module's streams, by name."""

    start: str = ""
    """The first of them; empty: from the module's first on."""
    end: str = ""
    """The first that is not of them; empty: up to the module's last."""


ALL = Share()


def bounds(module: str, share: Share) -> Share:
    """The same share with both its ends; `0` is what comes after `/`."""
    return Share(share.start or f"{module}/", share.end or f"{module}0")


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

    def facts(self, module: str, *, after: int = 0, until: int, share: Share = ALL) -> Generator[Event, None, None]:
        """What a projection needs, as fast as can be: the events of a module in `after < position <= until`, one stream
        after the other, without their ids. To be closed, when it is not read to its end.
        """

    def divided(self, module: str, part: float) -> str:
        """The stream before which lies about such a part (0 to 1) of a module's events."""

    def stream(self, name: str) -> list[Event]:
        """One stream from its beginning; empty when there is none."""

    def head(self, module: str | None = None) -> int:
        """Position of the last event (of that module), 0 when there is none."""

    def follow(
        self, after: int, *, idle: float | None = None, ended: threading.Event | None = None
    ) -> Iterator[list[Event]]:
        """Batches of events after a position, for ever; sleeps until somebody appends, in any process.

        With `idle` seconds an empty batch comes whenever nothing was appended for so long, so that the caller can
        look at something else. It is over, asleep or not, as soon as `ended` is set, by whichever thread.
        """

    def close(self) -> None:
        """Let go of files and connections."""
