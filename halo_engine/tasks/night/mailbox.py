"""The runner's mailbox: runs that ended, events that others appended, requests to stop."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime

import msgspec

from halo_engine import clock
from halo_engine.errors import HaloError
from halo_engine.events.log import EventLog
from halo_engine.runs.results import Result

LONGEST_SLEEP = 300.0
"""Seconds: the clock may be set, and a machine may sleep, without a word to who waits."""
IDLE = 2.0
"""Seconds after which the listener looks whether it is still wanted."""


class Stopping(msgspec.Struct, frozen=True):
    """End everything and return."""

    why: str


class Changed(msgspec.Struct, frozen=True):
    """Somebody appended to these streams."""

    streams: frozenset[str]


Message = Stopping | Changed | HaloError | Future[Result]
"""An error: the log cannot be followed any more. A future: that run has ended."""


class Mailbox:
    """Messages for one reader. `put` may be called from any thread, and from a signal handler at any moment."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._seen = log.head()
        self._messages: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._listener: threading.Thread | None = None
        self._closed = threading.Event()
        self.put = self._messages.put

    def wait(self, until: datetime | None = None) -> Iterator[Message]:
        """Sleep until a message comes, or until a moment, or for a while; then all messages that are there."""
        self._listen()
        seconds = LONGEST_SLEEP if until is None else (until - clock.now()).total_seconds()
        with suppress(queue.Empty):
            yield self._messages.get(timeout=min(max(seconds, 0.0), LONGEST_SLEEP))
            while True:
                yield self._messages.get_nowait()

    def close(self) -> None:
        """Let the listener go."""
        self._closed.set()

    def _listen(self) -> None:
        """Follow the log, from where it was when the mailbox was made, once somebody waits."""
        if self._listener is None:
            self._listener = threading.Thread(target=self._follow, name="listener", daemon=True)
            self._listener.start()

    def _follow(self) -> None:
        try:
            for batch in self._log.follow(self._seen, idle=IDLE):
                if self._closed.is_set():
                    return
                if batch:
                    self.put(Changed(frozenset(event.stream for event in batch)))
        except HaloError as error:
            self.put(error)
