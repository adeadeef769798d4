"""A history of all modules together: items, jobs by the clock, alerts, mail, sessions, a journal; in order of time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from heapq import merge
from operator import attrgetter
from pathlib import Path
from random import Random

from benchmarks.generate import APART, BEGINNING, SENTENCES, event, history, restored, said
from halo_engine import clock
from halo_engine.agents.events import SessionObserved, Slot
from halo_engine.alerts.events import AlertRaised, AlertResolved
from halo_engine.cron.events import RunFinished, RunStarted
from halo_engine.events.model import Event, Payload
from halo_engine.journal.events import EntryWritten
from halo_engine.mail.events import MessageDecided
from halo_engine.workspace import Workspace

Said = tuple[str, str, Payload]
"""Stream, type and payload of an event."""
JOBS = ("backup", "fleet-check", "daily-briefing", "prune", "weigh")
ACTIONS = ("surface", "archive", "archive", "label", "skip")


def cron(number: int, when: datetime, _: Random) -> Said:
    """A run begins, and ends with the next."""
    job = JOBS[number // 2 % len(JOBS)]
    place = number // 2 // len(JOBS) + 1
    run, due, folder = f"{job}.{place}", clock.stamp(when), f"logs/cron/{job}.{place}"
    if number % 2 == 0:
        started = RunStarted(run, place, "schedule", due, "bench:1:1", due, folder)
        return f"cron/{job}", "cron.run.started", started
    bad = place % 50 == 0
    ended = RunFinished(
        run, place, "schedule", due, due, folder, "bench:1:1", "failed" if bad else "succeeded", duration=2.5
    )
    return f"cron/{job}", "cron.run.finished", ended


def alerts(number: int, _: datetime, random: Random) -> Said:
    """An alert is raised, and resolved with the next."""
    stream = f"alert/A-{number // 2 + 1:03}"
    if number % 2:
        return stream, "alert.item.resolved", AlertResolved("it works again")
    kind, instance = random.choice(("error", "spin", "silent")), random.choice(("dad", "mum", "ben"))
    return stream, "alert.item.raised", AlertRaised(kind, str(number), random.choice(SENTENCES), instance=instance)


def mail(number: int, when: datetime, random: Random) -> Said:
    stamp, action = clock.stamp(when), random.choice(ACTIONS)
    sender, subject = f"Someone <{number % 500}@example.com>", random.choice(SENTENCES)
    letter = MessageDecided(str(number), "home", "INBOX", 1, number, f"<{number}@x>", sender, subject, stamp, action)
    return f"mail/{number:08}", "mail.message.decided", letter


def sessions(number: int, when: datetime, random: Random) -> Said:
    """A session of an hour."""
    begin = int(when.timestamp()) // 900 * 900
    first, last = clock.stamp(when), clock.stamp(when + timedelta(hours=1))
    slots = tuple(
        Slot(start, "claude-sonnet-5-5", "", 0, False, 9, *(random.randrange(9000) for _ in range(5)), 0.0, 0, 0)
        for start in range(begin, begin + 3600, 900)
    )
    seen = SessionObserved(instance=random.choice(("dad", "mum")), first=first, last=last, replies=36, usage=slots)
    return f"session/halo/{number:06}", "session.transcript.observed", seen


def journal(number: int, _: datetime, random: Random) -> Said:
    return (
        f"journal/{number:08}",
        "journal.entry.written",
        EntryWritten(said(random, 2), energy=random.randrange(1, 11)),
    )


PARTS: dict[Callable[[int, datetime, Random], Said], float] = {
    cron: 0.08,
    alerts: 0.02,
    mail: 0.03,
    sessions: 0.02,
    journal: 0.02,
}
"""How much of the history each module has; the rest is items."""


def told(part: Callable[[int, datetime, Random], Said], count: int, end: datetime) -> Iterator[Event]:
    """So many events of one module, evenly spread over the whole time."""
    what = part.__name__
    random, versions = Random(what), dict[str, int]()
    for number in range(count):
        when = BEGINNING + (end - BEGINNING) * (number / count)
        stream, name, payload = part(number, when, random)
        versions[stream] = versions.get(stream, 0) + 1
        identity = f"018cc252-{len(what):04x}-7000-9{ord(what[0]):03x}-{number:012x}"
        yield event(0, identity, stream, versions[stream], name, clock.stamp(when), payload)


def filled(root: Path, events: int) -> tuple[Workspace, datetime]:
    """A workspace with so many events in its log, and the morning on which they end; its stores are not made yet."""
    counts = {part: int(events * share) for part, share in PARTS.items()}
    items = events - sum(counts.values())
    end = BEGINNING + items * APART
    parts = [history(items // 10, items), *(told(part, count, end) for part, count in counts.items())]
    return restored(root, merge(*parts, key=attrgetter("time"))), end
