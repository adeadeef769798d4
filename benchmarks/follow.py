"""How soon a reader in another process knows of an append, and what waiting costs it while nothing happens."""

from __future__ import annotations

import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, median, ms, scratch, share, turns, under
from benchmarks.peers import polling
from halo_engine.events.model import New
from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.tasks.events import TaskNoted

BAR = 0.05
SETTLING = 0.5
"""Seconds for the follower to start."""
SPARE = 0.1
"""Seconds before its end at which a follower's processor time is read."""
BLOCK = 25
Follow = Callable[[Path, int, float], Iterator[int]]


def halo(path: Path, after: int, until: float) -> Iterator[int]:
    log = SqliteLog(path)
    for batch in log.follow(after, idle=max(0.0, until - time.monotonic())):
        yield from (event.position for event in batch)
        if time.monotonic() >= until:
            return


def listen(follow: Follow, path: Path, after: int, until: float, answer: Any) -> None:
    """The other process: when each position was seen."""
    answer.put({position: time.monotonic() for position in follow(path, after, until)})


def heard(follow: Follow, path: Path, count: int, seconds: float) -> tuple[list[float], float]:
    """Append so many events at odd moments while another process follows for so many seconds.

    Returns the wait of each, from before it was appended, and the follower's processor seconds.
    """
    log, note = SqliteLog(path), TaskNoted("looked at it again, a part of it is left")
    log.append([New("task/T-001", "task.item.noted", note)])
    processes = multiprocessing.get_context("fork")
    answer, head = processes.SimpleQueue(), log.head()
    until = time.monotonic() + SETTLING + seconds
    log.close()
    follower = processes.Process(target=listen, args=(follow, path, head, until, answer))
    follower.start()
    time.sleep(SETTLING)
    sent, busy = {}, used(follower.pid)
    for _ in range(count):
        time.sleep(random.uniform(0.01, 0.08))
        before = time.monotonic()
        (event,) = log.append([New("task/T-001", "task.item.noted", note)])
        sent[event.position] = before
    log.close()
    time.sleep(max(0.0, until - SPARE - time.monotonic()))
    busy = used(follower.pid) - busy
    seen = answer.get()
    follower.join()
    return [seen[position] - moment for position, moment in sent.items()], busy


def used(pid: int | None) -> float:
    """Processor seconds of all threads of a process so far, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(each.read_text(encoding="ascii").split()[0]) for each in threads) / 1e9


def run(*, quick: bool) -> list[Figure]:
    rounds, idle = (2, 3.0) if quick else (10, 15.0)
    waits: dict[Follow, list[float]] = {halo: [], polling.follow: []}
    with scratch() as folder:
        path = folder / "events.db"
        jobs = [_listening(follow, path, found) for follow, found in waits.items()]
        turns(rounds, *jobs)
        costs = turns(2, *(lambda follow=follow: heard(follow, path, 0, idle)[1] for follow in waits))
    a_minute = [median(each) * 60 / (idle - SPARE) for each in costs]
    ours, theirs = waits.values()
    return [
        under("append in another process to wake-up: p50", median(ours), BAR, ms, ms(median(theirs))),
        under("the same: p99", share(ours, 0.99), BAR, ms, ms(share(theirs, 0.99))),
        Figure("processor time a minute of waiting", *map(ms, a_minute), a_minute[0] / a_minute[1]),
    ]


def _listening(follow: Follow, path: Path, found: list[float]) -> Callable[[], float]:
    def listening() -> float:
        found.extend(heard(follow, path, BLOCK, BLOCK * 0.1)[0])
        return 0.0

    return listening
