"""Eight processes append at once: is all of it there, in order, and how long did the unluckiest wait?"""

from __future__ import annotations

import multiprocessing
import time
from collections import defaultdict
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from benchmarks.measure import Figure, beside, median, ms, rate, scratch, share, under
from benchmarks.peers.plain_log import PlainLog
from halo_engine.events.model import New
from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.tasks.events import TaskNoted

PROCESSES = 8
BAR = 0.3
Append = Callable[[int, int], Any]


def halo(path: Path) -> Append:
    log, note = SqliteLog(path), TaskNoted("looked at it again, a part of it is left")
    log.append([])
    return lambda writer, version: log.append([New(f"task/T-{writer:03d}", "task.item.noted", note, version - 1)])


def plain(path: Path) -> Append:
    log = PlainLog(path)
    return lambda writer, version: log.append(f"task/T-{writer:03d}", version)


def write(opened: Callable[[Path], Append], path: Path, writer: int, events: int, start: Barrier, waits: Any) -> None:
    """One of the processes: its own stream, as fast as it goes."""
    append = opened(path)
    found = []
    start.wait()
    for version in range(1, events + 1):
        before = time.perf_counter()
        append(writer, version)
        found.append(time.perf_counter() - before)
    waits.put(found)


def race(opened: Callable[[Path], Append], path: Path, events: int) -> tuple[float, list[float]]:
    """Seconds for all, and every single wait."""
    processes = multiprocessing.get_context("fork")
    start, waits = processes.Barrier(PROCESSES + 1), processes.SimpleQueue()
    writers = [
        processes.Process(target=write, args=(opened, path, number, events, start, waits))
        for number in range(PROCESSES)
    ]
    for each in writers:
        each.start()
    start.wait()
    before = time.perf_counter()
    found = [wait for _ in writers for wait in waits.get()]
    seconds = time.perf_counter() - before
    for each in writers:
        each.join()
    return seconds, found


def complete(path: Path, events: int) -> bool:
    """Nothing lost, nothing twice, every stream in order, positions without gaps."""
    streams = defaultdict(list)
    log = SqliteLog(path)
    for place, event in enumerate(log.read(), 1):
        if event.position != place:
            return False
        streams[event.stream].append(event.version)
    log.close()
    return len(streams) == PROCESSES and all(seen == list(range(1, events + 1)) for seen in streams.values())


def run(*, quick: bool) -> list[Figure]:
    events, rounds = (300, 2) if quick else (2000, 5)
    seconds: dict[str, list[float]] = {"halo": [], "plain": []}
    waits: dict[str, list[float]] = {"halo": [], "plain": []}
    there = []
    with scratch() as folder:
        for number in range(rounds):
            for name, opened in (("halo", halo), ("plain", plain)):
                path = folder / f"{name}-{number}.db"
                if name == "plain":
                    PlainLog(path).connection.close()  # made by one: it has no patience for who makes it
                took, found = race(opened, path, events)
                seconds[name].append(took / PROCESSES / events)
                waits[name] += found
            there.append(complete(folder / f"halo-{number}.db", events))
    lost = "none lost, in order" if all(there) else "LOST OR OUT OF ORDER"
    worst = {name: max(found) for name, found in waits.items()}
    return [
        Figure(f"{PROCESSES} writers at once, {events:,} events each", lost, "", None, "all there", all(there)),
        under("the same: worst wait of all", worst["halo"], BAR, ms, ms(worst["plain"])),
        beside("the same: wait, p99", share(waits["halo"], 0.99), share(waits["plain"], 0.99), ms),
        beside("the same: throughput", median(seconds["halo"]), median(seconds["plain"]), rate),
    ]
