"""Histories as long as wanted: items that live as the table of states allows, many at a time, from a seed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from random import Random

import msgspec

from halo_engine import clock
from halo_engine.events.model import Event, Payload
from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.tasks.events import RunFinished, RunStarted, TaskAdded, TaskEdited, TaskMoved, TaskNoted
from halo_engine.tasks.states import OVER, Kind, Move, State, moves
from halo_engine.workspace import Workspace

BEGINNING = datetime(2024, 1, 1, tzinfo=UTC)
APART = timedelta(seconds=61)
BATCH = 20_000
AT_ONCE = 300
"""Items that are worked on at about the same time."""
WHAT = ("Fix", "Review", "Write up", "Rotate", "Compress", "Look into", "Restore", "Answer", "Renew", "Measure")
WHOM = ("the deployment script", "mum's instance", "the backup of the fleet", "ben's budget", "the weekly report")
SENTENCES = (
    "The last run ended early because the token had expired, and nobody was told.",
    "Asked the host for the log of Tuesday; the answer is expected by the end of the week.",
    "It works on the small instance, but the large one still takes four minutes to answer.",
    "Compared both settings over a day: the second needs a third of the tokens for the same result.",
    "Do not touch the governance block, it was agreed upon with everyone in March.",
)
OUTPUT = "".join(f"step {number:02d}: {each}\n" for number, each in enumerate(SENTENCES * 3))
TAGS = ("ops", "docs", "fleet", "governance", "money", "briefing", "memory")
KINDS = {Kind.TASK: 8, Kind.JOB: 3, Kind.AGENT_JOB: 1}
LIKELY = {"done": 0.3, "cancel": 0.05, "defer": 0.4, "reopen": 0.7, "plan": 0.5}
"""How likely a move is taken when it is drawn; the others always."""


class Life:
    """One item on its way through the table."""

    def __init__(self, number: int, random: Random, *, ends: bool) -> None:
        self.id = f"T-{number:03d}"
        self.number, self.ends, self.version = number, ends, 0
        self.kind = random.choices(list(KINDS), list(KINDS.values()))[0]
        self.state, self.previous, self.attempt, self.started = State.OPEN, State.OPEN, 0, ""

    def begin(self, random: Random, time: str) -> tuple[str, Payload]:
        """The fact that makes it; one in ten depends on one that was made shortly before."""
        before = self.number - random.randrange(1, 40)
        return "task.item.added", TaskAdded(
            title=f"{random.choice(WHAT)} {random.choice(WHOM)} {self.number}",
            kind=self.kind,
            priority=random.choice((0, 0, 1, 2, 2, 3)),
            tags=tuple(random.sample(TAGS, random.randrange(3))),
            due=time if random.random() < 0.3 else None,
            context=said(random, 2),
            command="./backup.sh --all --quiet" if self.kind is Kind.JOB else None,
            depends_on=(f"T-{before:03d}",) if before > 0 and random.random() < 0.1 else (),
        )

    def go_on(self, random: Random, time: str) -> tuple[str, Payload]:
        """The next fact: a move or a run, now and then a note or a change."""
        if self.state is State.RUNNING:
            return self._finish(random)
        drawn = random.random()
        allowed = [move for move in moves(self.state, self.kind, by_runner=True) if self._likely(move, random)]
        if drawn < 0.12 or not allowed:
            return "task.item.noted", TaskNoted(said(random, 2))
        if drawn < 0.24:
            return "task.item.edited", TaskEdited({"priority": int(drawn * 100) % 4, "context": said(random, 3)})
        move = random.choice(allowed)
        origin, self.state = self.state, move.to or self.previous
        if self.state is State.RUNNING:
            return self._start(origin, time)
        if self.state is State.BLOCKED:
            self.previous = origin
        reason = random.choice(SENTENCES) if move.verb in {"block", "reject", "cancel"} else ""
        until = time if move.verb == "defer" else None
        return f"task.item.{move.fact}", TaskMoved(origin, self.state, reason, until)

    def _likely(self, move: Move, random: Random) -> bool:
        return (self.ends or move.to not in OVER) and random.random() < LIKELY.get(move.verb, 1)

    def _start(self, origin: State, time: str) -> tuple[str, Payload]:
        self.attempt, self.started = self.attempt + 1, time
        run = f"{self.id}.{self.attempt}"
        return "task.run.started", RunStarted(run, self.attempt, origin, "bench:1:1", time, f"logs/runs/{run}")

    def _finish(self, random: Random) -> tuple[str, Payload]:
        good = State.REVIEW if self.kind is Kind.AGENT_JOB else State.DONE if self.ends else State.FAILED
        self.state = good if random.random() < 0.6 else State.FAILED
        failed = self.state is State.FAILED
        run = f"{self.id}.{self.attempt}"
        return "task.run.finished", RunFinished(
            run=run,
            attempt=self.attempt,
            outcome="failed" if failed else "succeeded",
            to=self.state,
            started=self.started,
            duration=random.uniform(1, 90),
            folder=f"logs/runs/{run}",
            exit_code=int(failed),
            peak_memory=20_000_000,
            output_bytes=len(OUTPUT),
            tail=OUTPUT,
            reason="exit code 1" if failed else "",
        )


def said(random: Random, sentences: int) -> str:
    """A note as people and agents leave them."""
    return " ".join(random.sample(SENTENCES, sentences))


def history(items: int, events: int, *, seed: int = 1, ends: bool = True) -> Iterator[Event]:
    """So many events of so many items. `ends`: items may be done or cancelled; else all stay on the list."""
    random = Random(seed)
    living: list[Life] = []
    made = 0
    for position in range(1, events + 1):
        time = clock.stamp(BEGINNING + position * APART)
        if made < items and (not living or random.random() * (events - position + 1) <= items - made):
            made += 1
            life = Life(made, random, ends=ends)
            living.append(life)
            name, payload = life.begin(random, time)
        else:
            life = living[-1 - min(int(random.expovariate(1 / AT_ONCE)), len(living) - 1)]
            name, payload = life.go_on(random, time)
        life.version += 1
        identity = f"018cc251-f400-7000-8000-{position:012x}"
        yield event(position, identity, f"task/{life.id}", life.version, name, time, payload)
        if life.state in OVER and len(living) > 1:
            living.remove(life) if life is not living[-1] else living.pop()


def event(position: int, identity: str, stream: str, version: int, name: str, time: str, payload: Payload) -> Event:
    return Event(
        position=position,
        id=identity,
        stream=stream,
        version=version,
        type=name,
        schema=1,
        time=time,
        source="operator@bench",
        correlation_id=identity,
        causation_id=None,
        payload=msgspec.json.encode(payload),
    )


def filled(root: Path, items: int, events: int, *, seed: int = 1, ends: bool = True) -> Workspace:
    """A workspace in `root` with that history in its log; its stores are not made yet."""
    return restored(root, history(items, events, seed=seed, ends=ends))


def restored(root: Path, facts: Iterator[Event]) -> Workspace:
    """A workspace in `root` with these events in its log; its stores are not made yet."""
    workspace = Workspace(root)
    workspace.create()
    log = SqliteLog(workspace.store / "events.db")
    while batch := list(islice(facts, BATCH)):
        log.restore(batch)
    log.close()
    return workspace
