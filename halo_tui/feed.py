"""The one live feed: a thread that sleeps on the event log and tells the app what was appended."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from halo_engine.errors import HaloError

if TYPE_CHECKING:
    from halo_engine.events.log import EventLog
    from halo_engine.events.model import Event

IDLE = 5.0
"""Seconds after which the thread looks by itself, should the file system give no notice; notices wake it at once."""
PAUSE = 2.0
"""Seconds before it tries again after the log could not be read."""
ENDING = 2.0
"""Seconds that the end waits for the thread; it takes some 20 ms."""
MANY = 500
"""Changed streams that are told one by one; with more, everything has changed."""


class Change:
    """What was appended since the last time somebody looked."""

    def __init__(self) -> None:
        self.head = 0
        self.events = 0
        self.streams: set[str] = set()
        self.fault: HaloError | None = None

    @property
    def many(self) -> bool:
        """Too many streams to name."""
        return len(self.streams) >= MANY

    def numbers(self) -> set[int]:
        """The numbers of the items among the streams."""
        return {int(stream[7:]) for stream in self.streams if stream.startswith("task/T-") and stream[7:].isdigit()}

    def add(self, batch: list[Event]) -> None:
        self.head = batch[-1].position
        self.events += len(batch)
        if not self.many:
            self.streams.update(event.stream for event in batch)


class Feed:
    """Follows the log in a daemon thread. `tell` is called, in that thread, once for all that is not yet taken."""

    def __init__(self, log: EventLog, after: int, tell: Callable[[], None]) -> None:
        self._log, self._after, self._tell = log, after, tell
        self._lock = threading.Lock()
        self._pending: Change | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="halo-feed", daemon=True)
        self._thread.start()

    def take(self) -> Change:
        """What happened since the last call."""
        with self._lock:
            change, self._pending = self._pending or Change(), None
            return change

    def end(self) -> None:
        """Stop telling, and wait for the thread: whoever closes the log next closes it under nobody."""
        self._ended.set()
        self._thread.join(ENDING)

    def _run(self) -> None:
        while not self._ended.is_set():
            try:
                self._follow()
            except HaloError as error:
                self._add(error)
                self._ended.wait(PAUSE)

    def _follow(self) -> None:
        for batch in self._log.follow(self._after, idle=IDLE, ended=self._ended):
            if batch and not self._ended.is_set():
                self._after = batch[-1].position
                self._add(batch)

    def _add(self, news: list[Event] | HaloError) -> None:
        with self._lock:
            first = self._pending is None
            self._pending = self._pending or Change()
            if isinstance(news, HaloError):
                self._pending.fault = news
            else:
                self._pending.add(news)
        if first:
            self._tell()
