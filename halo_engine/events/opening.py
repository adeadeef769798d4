"""Which event log a workspace uses, and how it is seen: as it is, as it was, or without writing."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from halo_engine.errors import BadConfig, NotAllowed
from halo_engine.events.envelope import conflict, drafts, placed
from halo_engine.events.log import ALL, EventLog, Share
from halo_engine.events.model import Event, New
from halo_engine.events.sqlite_log import SqliteLog

if TYPE_CHECKING:
    from halo_engine.workspace import Workspace


def open_log(workspace: Workspace) -> EventLog:
    """The log of `bus.url`.

    Raises BadConfig for a bus that this Halo does not know.
    """
    url = workspace.settings.bus.url
    if url != "sqlite":
        raise BadConfig(f"{workspace.root / 'halo.yaml'}: bus.url: no bus `{url}`", "known: sqlite")
    log = SqliteLog(workspace.store / "events.db")
    if workspace.moment is not None:
        return PastLog(log, workspace.moment)
    return DryLog(log) if workspace.dry_run else log


class PastLog:
    """A log as it was after a position. Nothing can be appended to the past."""

    def __init__(self, log: EventLog, moment: int) -> None:
        self._log = log
        self.moment = moment

    @property
    def index(self) -> SqliteLog:
        return self._log.index

    def append(self, new: Sequence[New]) -> list[Event]:
        raise NotAllowed(
            f"this is the past, as it was after event {self.moment}: nothing can be changed in it",
            "return to the present",
        )

    def read(
        self, after: int = 0, *, until: int | None = None, module: str | None = None, limit: int | None = None
    ) -> Iterator[Event]:
        until = self.moment if until is None else min(until, self.moment)
        return self._log.read(after, until=until, module=module, limit=limit)

    def facts(self, module: str, *, after: int = 0, until: int, share: Share = ALL) -> Generator[Event, None, None]:
        return self._log.facts(module, after=after, until=min(until, self.moment), share=share)

    def divided(self, module: str, part: float) -> str:
        return self._log.divided(module, part)

    def stream(self, name: str) -> list[Event]:
        return [event for event in self._log.stream(name) if event.position <= self.moment]

    def head(self, module: str | None = None) -> int:
        head = self._log.head(module)
        if head <= self.moment or module is None:
            return min(head, self.moment)
        sql = "SELECT max(position) FROM events WHERE module = ? AND position <= ?"
        return int(self.index.rows(sql, [module, self.moment])[0][0] or 0)

    def follow(
        self, after: int, *, idle: float | None = None, ended: threading.Event | None = None
    ) -> Iterator[list[Event]]:
        raise NotAllowed("the past does not go on", "return to the present")

    def close(self) -> None:
        self._log.close()


class DryLog:
    """A log that checks and works out what would be appended, keeps it in `planned`, and writes nothing."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self.planned: list[Event] = []
        self._planned_on: defaultdict[str, list[Event]] = defaultdict(list)
        self.read = log.read
        self.facts = log.facts
        self.divided = log.divided
        self.head = log.head
        self.follow = log.follow
        self.close = log.close

    @property
    def index(self) -> SqliteLog:
        return self._log.index

    def stream(self, name: str) -> list[Event]:
        return self._log.stream(name) + self._planned_on[name]

    def append(self, new: Sequence[New]) -> list[Event]:
        heads: dict[str, int] = {}
        events: list[Event] = []
        for item, event in zip(new, drafts(new), strict=True):
            version = heads.get(item.stream) or len(self.stream(item.stream))
            if item.expected is not None and item.stream not in heads and item.expected != version:
                raise conflict(item, version)
            heads[item.stream] = version + 1
            position = self.head() + len(self.planned) + len(events) + 1
            events.append(placed(event, position, version + 1, b""))
        for event in events:
            self.planned.append(event)
            self._planned_on[event.stream].append(event)
        return events
