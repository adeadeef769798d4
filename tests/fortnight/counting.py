"""The same figures by counting the raw log: its JSON read here, with nothing of the projections or the digests."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

SLOT = (
    "start", "model", "tier", "band", "paid", "replies",
    "input", "output", "cache_read", "cache_write_5m", "cache_write_1h", "cost", "first", "last",
)  # fmt: skip
"""What the list is, in order, that stands for a slot."""


class Fact(NamedTuple):
    """One event as it lies in the file."""

    position: int
    stream: str
    type: str
    time: str
    data: dict[str, Any]


class History:
    """The log, read once."""

    def __init__(self, path: Path, commits: Iterable[datetime] = ()) -> None:
        with sqlite3.connect(path) as connection:
            rows = connection.execute("SELECT position, stream, type, time, payload FROM events ORDER BY position")
            self.facts = [Fact(*row[:4], json.loads(row[4])) for row in rows]
        self.commits = [f"{each:%Y-%m-%dT%H:%M:%S.%fZ}" for each in commits]

    def of(self, kind: str, since: str = "", until: str = "9", before: int = 1 << 60) -> list[Fact]:
        """The events of a type in `since <= time < until`, ahead of a position."""
        return [f for f in self.facts if f.type == kind and since <= f.time < until and f.position < before]

    def states(self, before: int) -> Counter[str]:
        """How many items are in each state."""
        now: dict[str, str] = {}
        for fact in self.facts:
            if fact.stream.startswith("task/") and fact.position < before:
                if fact.type == "task.item.added":
                    now[fact.stream] = fact.data.get("state", "open")
                elif fact.type == "task.run.started":
                    now[fact.stream] = "running"
                elif "to" in fact.data:
                    now[fact.stream] = fact.data["to"]
        return Counter(now.values())

    def alerts(self, before: int) -> dict[str, str]:
        """Alert -> `raised` or `acknowledged`, of those that are not over."""
        now: dict[str, str] = {}
        for fact in self.facts:
            if fact.stream.startswith("alert/") and fact.position < before:
                verb = fact.type.rpartition(".")[2]
                if verb in {"raised", "acknowledged", "resolved"}:
                    now[fact.stream.partition("/")[2]] = verb
        return {alert: verb for alert, verb in now.items() if verb != "resolved"}

    def active(self, before: int) -> Counter[str]:
        """How many instances are active, frozen."""
        words = {"created": "active", "frozen": "frozen"}
        now: dict[str, str] = {}
        for fact in self.facts:
            verb = fact.type.rpartition(".")[2]
            if fact.type.startswith("fleet.instance.") and verb in words and fact.position < before:
                now[fact.stream] = words[verb]
        return Counter(now.values())

    def slots(self, since: str, until: str, before: int = 1 << 60) -> list[dict[str, Any]]:
        """What was used in quarters of an hour that begin in `since <= start < until`, as last observed."""
        last: dict[tuple[Any, ...], dict[str, Any]] = {}
        for fact in self.of("session.transcript.observed", before=before):
            for each in fact.data.get("usage", ()):
                slot = dict(zip(SLOT, each, strict=True)) | {"session": fact.stream}
                last[(fact.stream, *each[:5])] = slot
        begin, end = (seconds(each) for each in (since, until))
        return [each for each in last.values() if begin // 900 * 900 <= each["start"] < end]


def seconds(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp()


def tokens(slot: dict[str, Any]) -> int:
    return int(sum(slot[name] for name in ("input", "output", "cache_read", "cache_write_5m", "cache_write_1h")))


def day_of(stamp: str, zone: tzinfo) -> date:
    """The day on the operator's clock."""
    return datetime.fromisoformat(stamp).astimezone(zone).date()


def by_day(history: History, zone: tzinfo, days: list[date]) -> dict[str, list[float | None]]:
    """Every measure that a report has, a value a day."""
    first, last = days[0], days[-1]

    def per_day(found: Iterable[tuple[str, float]]) -> list[float]:
        sums = dict.fromkeys(days, 0.0)
        for stamp, amount in found:
            if first <= day_of(stamp, zone) <= last:
                sums[day_of(stamp, zone)] += amount
        return list(sums.values())

    def count(kind: str, wanted: Callable[[Fact], bool] = lambda _: True) -> list[float]:
        return per_day((fact.time, 1) for fact in history.of(kind) if wanted(fact))

    ran = "cron.run.finished"
    slots = history.slots("2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z")
    used = [(f"{datetime.fromtimestamp(each['start'], UTC):%Y-%m-%dT%H:%M:%SZ}", each) for each in slots]
    observed = {f.stream: f.data["first"] for f in history.of("session.transcript.observed") if f.data.get("first")}
    found: dict[str, list[Any]] = {
        "tasks.added": count("task.item.added"),
        "tasks.done": _done(history, per_day),
        "tasks.runs": count("task.run.finished"),
        "tasks.failed_runs": count("task.run.finished", lambda f: f.data["outcome"] != "succeeded"),
        "alerts.raised": count("alert.item.raised"),
        "agents.sessions": per_day((first, 1) for first in observed.values()),
        "agents.replies": per_day((stamp, slot["replies"]) for stamp, slot in used),
        "agents.tokens": per_day((stamp, tokens(slot)) for stamp, slot in used),
        "agents.cost": per_day((stamp, slot["cost"]) for stamp, slot in used),
        "memory.added": count("note.item.created"),
        "cron.runs": count(ran),
        "cron.failed": count(ran, lambda f: f.data["outcome"] in {"failed", "timed_out", "lost"}),
        "cron.missed": per_day((f.time, f.data.get("missed", 0)) for f in history.of("cron.run.passed")),
        "journal.entries": count("journal.entry.written"),
        "mail.messages": count("mail.message.decided"),
        "mail.surfaced": count("mail.message.decided", lambda f: f.data["action"] == "surface"),
        "commits": per_day((stamp, 1) for stamp in history.commits),
    }
    ends = [datetime(each.year, each.month, each.day, tzinfo=zone) + timedelta(days=1) for each in days]
    marks = [f"{each.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}" for each in ends]
    found["tasks.open"] = [_open(history, mark) for mark in marks]
    found["memory.notes"] = [len(history.of("note.item.created", until=mark)) for mark in marks]
    return found


def _done(history: History, per_day: Callable[[Iterable[tuple[str, float]]], list[float]]) -> list[float]:
    """Items that came to their end for good: by hand, or as a job that succeeded."""
    return per_day((f.time, 1) for f in history.facts if f.stream.startswith("task/") and f.data.get("to") == "done")


def _open(history: History, mark: str) -> int:
    """Items that are not over at an instant."""
    over = next((fact.position for fact in history.facts if fact.time >= mark), 1 << 60)
    return sum(count for state, count in history.states(over).items() if state not in {"done", "cancelled"})
