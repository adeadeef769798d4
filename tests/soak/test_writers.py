"""Many processes append to one log: nothing is lost, nothing doubled, whoever is killed."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.events.verify import verify

ROOT = Path(__file__).parents[2]
WRITERS = 8
WRITE = """
import sys, time
from pathlib import Path
from halo_engine.events.sqlite_log import SqliteLog
from tests.events.contract import seen
path, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
log, worst = SqliteLog(path), 0.0
log.head()
print("ready", flush=True)
sys.stdin.readline()
for number in range(1, count + 1):
    began = time.perf_counter()
    log.append([seen(f"probe/{name}", str(number), expected=number - 1)])
    worst = max(worst, time.perf_counter() - began)
    print(number, flush=True)
print("worst", worst)
"""
"""Appends so many events to a stream of its own, and says so after each."""


class Writer:
    """A process that appends."""

    def __init__(self, path, name, count):
        self.name = name
        self.process = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(path), name, str(count)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout.readline() == "ready\n"

    def go(self):
        self.process.stdin.write("go\n")
        self.process.stdin.flush()

    def end(self):
        """How many appends it has seen succeed, and its longest wait in seconds."""
        lines = self.process.communicate(timeout=900)[0].splitlines()
        worst = [float(line.split()[1]) for line in lines if line.startswith("worst")]
        numbers = [int(line) for line in lines if line.isdecimal()]
        return max(numbers, default=0), max(worst, default=0.0)


def sound(path):
    """The log is whole; how many events each stream has."""
    log = SqliteLog(path)
    counts: Counter[str] = Counter()
    for place, event in enumerate(log.read(), 1):
        counts[event.stream] += 1
        assert (event.position, event.version) == (place, counts[event.stream])
        assert msgspec.json.decode(event.payload) == {"what": str(event.version)}
    found = verify(log)
    log.close()
    assert (found.events, found.faults) == (counts.total(), [])
    return counts


@pytest.mark.timeout(900)
@pytest.mark.parametrize("count", [500, pytest.param(10_000, marks=pytest.mark.soak)])
def test_eight_writers(tmp_path, memory_path, count, record_property):
    """The full size on a disk."""
    path = (tmp_path if count > 500 else memory_path) / "events.db"
    writers = [Writer(path, str(number), count) for number in range(WRITERS)]
    began = time.monotonic()
    for writer in writers:
        writer.go()
    ended = [writer.end() for writer in writers]
    took = time.monotonic() - began
    assert [done for done, _ in ended] == [count] * WRITERS
    assert sound(path) == {f"probe/{number}": count for number in range(WRITERS)}
    record_property("worst_wait_ms", round(max(worst for _, worst in ended) * 1000))
    record_property("appends_per_second", round(count * WRITERS / took))


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("times", "count"), [(5, 60), pytest.param(50, 400, marks=pytest.mark.soak)])
def test_eight_writers_of_which_one_is_killed(memory_path, times, count):
    """What a killed writer has said it did, is there; at most one more, which it could not say any more."""
    path, dice = memory_path / "events.db", random.Random(20261120)
    kept: Counter[str] = Counter()
    for turn in range(times):
        writers = [Writer(path, f"{turn}-{number}", count) for number in range(WRITERS)]
        for writer in writers:
            writer.go()
        victim = dice.choice(writers)
        time.sleep(dice.uniform(0, 0.003 * count))
        victim.process.send_signal(signal.SIGKILL)
        said = {writer.name: writer.end()[0] for writer in writers}
        counts = sound(path)
        for name, done in said.items():
            stored = counts[f"probe/{name}"]
            assert done == stored == count or (name == victim.name and done <= stored <= done + 1), (name, done, stored)
            kept[f"probe/{name}"] = stored
        assert counts == +kept
