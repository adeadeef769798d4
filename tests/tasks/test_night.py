"""Whole nights: many jobs that fail, hang, fork, flood and wait for each other, and runners that die."""

from __future__ import annotations

import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from halo_engine import process_tree
from halo_engine.tasks import queries
from halo_engine.tasks.states import State
from tests.tasks.night import Night, gone, wait_for

DAEMON = """\
import os, sys, time
if os.fork(): os._exit(0)
os.setsid()
if os.fork(): os._exit(0)
open(sys.argv[1], 'w').write(str(os.getpid()))
time.sleep(600)
"""
DONE, FAILED, OPEN = State.DONE, State.FAILED, State.OPEN


@pytest.fixture
def night(tmp_path: Path) -> Night:
    made = Night(tmp_path / "work", "backoff: 0.05\nbackoff_cap: 0.2\nkill_grace: 0.3\nworkers: 4\n")
    (made.workspace.root / "daemon.py").write_text(DAEMON)
    return made


def daemon(name: str) -> str:
    return f"{sys.executable} daemon.py {name}.pid; while [ ! -s {name}.pid ]; do sleep 0.01; done"


def forty(night: Night) -> dict[str, tuple[State, str]]:
    """Add forty jobs; returns where each ends, and how its last run does."""
    ends: dict[str, tuple[State, str]] = {}

    def job(command: str, state: State = DONE, outcome: str = "succeeded", **fields: object) -> str:
        item = night.job(command, **fields)
        ends[item] = (state, outcome)
        return item

    for number in range(8):
        job(f"echo {number}", priority=number % 4)
    for code in (1, 2, 127):
        job(f"exit {code}", FAILED, "failed")
    for name in ("KILL", "TERM", "SEGV"):
        job(f"kill -{name} $$", FAILED, "failed")
    for number in range(3):
        job(f"echo x >> tries{number}; test $(wc -l < tries{number}) = 2", retries=2)
    job("sleep 600", FAILED, "timed_out", timeout=0.3)
    job("trap '' TERM; sleep 600 & wait; sleep 600", FAILED, "timed_out", timeout=0.3)
    job("sleep 600 | sleep 600", FAILED, "timed_out", timeout=0.3, retries=1)
    for number in range(3):
        job(f"for n in 1 2 3; do sleep 600 & done; echo left{number}")
    job("(setsid nohup sleep 600 >/dev/null 2>&1 &)")
    for number in range(3):
        job(daemon(f"daemon{number}"))
    job(daemon("hanging") + "; sleep 600", FAILED, "timed_out", timeout=1.5)
    job("head -c 50000000 /dev/zero | tr '\\0' x")
    job("head -c 1000000 /dev/urandom")
    job("printf '\\377\\376 caf\\303\\251 \\303'")
    job("printf 'no end of line'")
    first = job("sleep 0.2; touch one")
    second = job("test -e one && touch two", depends_on=[first])
    third = job("test -e one && touch three", depends_on=[first])
    job("test -e two && test -e three", depends_on=[second, third], priority=3)
    broken = job("false", FAILED, "failed")
    held = job("true", OPEN, "", depends_on=[broken])
    job("true", OPEN, "", depends_on=[held, first])
    while len(ends) < 40:
        job("true")
    return ends


def ended(night: Night, item: str) -> tuple[State, str]:
    runs = night.runs(item)
    return night.state(item), runs[-1].outcome if runs else ""


def test_a_night_of_forty_jobs(night: Night) -> None:
    ends = forty(night)
    assert len(ends) == 40
    report = night.run()
    assert {item: ended(night, item) for item in ends} == ends
    assert report.exit_code == 1
    assert not night.strays()
    for pid in night.workspace.root.glob("*.pid"):
        assert process_tree.identity(int(pid.read_text() or 0)) is None
    runs = {run.item: run for run in queries.runs(night.workspace)}
    assert max(run.output_bytes for run in runs.values()) == 50_000_000
    assert all(len(run.tail) <= 4000 for run in runs.values())
    assert "café" in next(run.tail for run in runs.values() if "café" in run.tail)
    assert night.run().started == 0


def test_a_night_in_which_the_runner_is_killed_again_and_again(night: Night) -> None:
    items = [night.job("echo $HALO_RUN_ID >> ran; (setsid sleep 600 &); sleep 1", retries=100) for _ in range(8)]
    chance = random.Random(7)
    for _ in range(5):
        process = night.start("--now")
        wait_for(lambda: queries.counts(night.workspace)[State.RUNNING] > 0, "a run")
        time.sleep(chance.uniform(0, 0.3))
        gone(process, signal.SIGKILL)
    report = night.run()
    assert report.exit_code == 0
    assert {night.state(item) for item in items} == {DONE}
    assert not night.strays()
    outcomes = Counter(run.outcome for run in queries.runs(night.workspace))
    assert outcomes["succeeded"] == 8
    assert outcomes["lost"] == outcomes.total() - 8 > 0
    ran = Counter((night.workspace.root / "ran").read_text().split())
    assert max(ran.values()) == 1


def test_a_night_of_two_runners(night: Night) -> None:
    ends = forty(night)
    both = [night.start("--now"), night.start("--now", "--workers", "2")]
    said = [gone(process)[1] for process in both]
    assert {item: ended(night, item) for item in ends} == ends, said
    attempts = Counter(run.id for run in queries.runs(night.workspace))
    assert max(attempts.values()) == 1
    started = Counter(
        event.stream for event in night.workspace.log.read(module="task") if event.type == "task.run.started"
    )
    assert started == Counter(f"task/{item}" for item in ends for _ in night.runs(item))
    assert not night.strays()


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_many_nights(night: Night, seed: int) -> None:
    """Three runners on 300 jobs with random dependencies, one of them killed every moment, fifty times."""
    chance = random.Random(seed)
    commands = ["true", "sleep 0.1", "(setsid sleep 600 &)", daemon(f"d$$.{seed}"), "echo x", "sleep 600 & true"]
    items: list[str] = []
    for _ in range(300):
        needed = chance.sample(items, min(len(items), chance.choice([0, 0, 1, 2])))
        command = f"echo $HALO_RUN_ID >> ran; {chance.choice(commands)}"
        items.append(night.job(command, depends_on=needed, retries=1000, priority=chance.randrange(4)))
    processes = [night.start("--now") for _ in range(3)]
    for _ in range(50):
        time.sleep(chance.uniform(0.05, 0.6))
        gone(processes.pop(chance.randrange(3)), signal.SIGKILL)
        processes.append(night.start("--now"))
    for process in processes:
        gone(process)
    night.run()
    wait_for(lambda: {night.state(item) for item in items} == {DONE}, "the end of the night")
    assert not night.strays()
    ran = Counter((night.workspace.root / "ran").read_text().split())
    assert max(ran.values()) == 1
    for item in items:
        assert {run.outcome for run in night.runs(item)} <= {"succeeded", "lost"}
