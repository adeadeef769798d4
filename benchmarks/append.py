"""One event, durable when the call returns, beside the standard library's SQLite doing no more than that."""

from __future__ import annotations

import sys
from itertools import count

from benchmarks.generate import filled
from benchmarks.measure import (
    BIN,
    HERE,
    Figure,
    beside,
    child,
    median,
    ms,
    rate,
    scratch,
    share,
    timed,
    turns,
)
from benchmarks.peers.plain_log import PlainLog
from halo_engine.events.model import New
from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.tasks.events import TaskNoted

BAR = 1.5
NOTE = TaskNoted("looked at it again, a part of it is left")


def run(*, quick: bool) -> list[Figure]:
    return in_process(rounds=5 if quick else 20, block=100 if quick else 400) + whole_process(rounds=5 if quick else 30)


def in_process(*, rounds: int, block: int) -> list[Figure]:
    """Blocks of appends by turns; every tenth begins a stream, as items do."""
    with scratch() as folder:
        halo, plain = SqliteLog(folder / "halo.db"), PlainLog(folder / "plain.db")
        numbers = (count(), count())
        waits: tuple[list[float], list[float]] = ([], [])

        def ours() -> float:
            before = len(waits[0])
            for number in (next(numbers[0]) for _ in range(block)):
                new = New(f"task/T-{number // 10:03d}", "task.item.noted", NOTE, number % 10)
                waits[0].append(timed(lambda new=new: halo.append([new])))
            return sum(waits[0][before:])

        def theirs() -> float:
            before = len(waits[1])
            for number in (next(numbers[1]) for _ in range(block)):
                waits[1].append(timed(lambda n=number: plain.append(f"task/T-{n // 10:03d}", n % 10 + 1)))
            return sum(waits[1][before:])

        seconds = [median(each) / block for each in turns(rounds, ours, theirs)]
        halo.close()
    return [
        beside("append of an event, durable: p50", median(waits[0]), median(waits[1]), ms, BAR),
        beside("the same: p99", share(waits[0], 0.99), share(waits[1], 0.99), ms),
        beside("the same: throughput", *seconds, rate, BAR),
    ]


def whole_process(*, rounds: int) -> list[Figure]:
    """`nightctl add` beside a Python that starts, appends one event and ends."""
    with scratch() as folder:
        workspace = filled(folder / "halo", 100, 400)
        add = [BIN / "nightctl", "add", "Fix the deployment script", "--workspace", workspace.root]
        once = [sys.executable, HERE / "peers" / "plain_log.py", folder / "plain.db"]
        ours, theirs = turns(rounds, lambda: child(add).seconds, lambda: child(once).seconds)
    return [beside("`nightctl add` beside a bare Python that appends, whole process", median(ours), median(theirs), ms)]
