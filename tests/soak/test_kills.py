"""Commands killed with kill -9 at random, and at every statement: never a broken store, never a half state."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from uuid import UUID

import psutil
import pytest

from halo_engine.events.verify import verify
from halo_engine.ids import new_id
from halo_engine.tasks import commands, queries
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import Kind, State
from tests.tasks import walking

ROOT = Path(__file__).parents[2]
SEED = 20261120
NIGHTCTL = [sys.executable, "-c", "from halo_engine.tasks.cli import main; main()"]
DYING = """
import os, signal, sys
from halo_engine.events.sqlite import Connection
from halo_engine.tasks.cli import main
left = int(sys.argv.pop(1))
def dying(real):
    def call(*arguments):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments)
    return call
for name in ("execute", "executemany"):
    setattr(Connection, name, dying(getattr(Connection, name)))
main()
"""
"""`nightctl`, killed before its nth statement."""
LONG = 60


def start(workspace, *words, command=NIGHTCTL, **environment):
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HALO_WORKSPACE": str(workspace.root), **environment}
    return subprocess.Popen(
        [*command, *words], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def killed(process, after):
    """Wait so many seconds, kill; what it had said by then."""
    try:
        return process.communicate(timeout=after)[0]
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        return process.communicate(timeout=LONG)[0]


def duration(workspace, *words):
    """Seconds that a command takes here and now."""
    began = time.monotonic()
    process = start(workspace, *words)
    assert process.wait(LONG) == 0, process.communicate()
    process.communicate()
    return time.monotonic() - began


def moment(dice, whole):
    """Somewhere in a command; often in its last third, where it reads and writes."""
    return dice.uniform(0, 1.1 * whole) if dice.random() < 0.3 else dice.uniform(0.65 * whole, 1.1 * whole)


def sound(workspace):
    """Nothing is broken, nothing is half; the items as they are."""
    assert verify(workspace.log.index).faults == []
    assert walking.tables(workspace) == walking.rebuilt(workspace)
    items = queries.page(workspace, Filter(every=True, sort="created"), 0)[0]
    assert [item.number for item in items] == list(range(1, len(items) + 1))
    return items


def times(short, full):
    return pytest.mark.parametrize("times", [short, pytest.param(full, marks=pytest.mark.soak)])


@pytest.mark.timeout(900)
@times(4, 80)
def test_add(workspace, times):
    """What was acknowledged is there once; what was not, is there whole or not at all."""
    dice = random.Random(SEED)
    whole = duration(workspace, "add", "the first", "--key", "first")
    acknowledged = {"the first"}
    for number in range(times):
        title = f"item {number}"
        said = killed(start(workspace, "add", title, "--key", f"k{number}", "--tag", "a,b"), moment(dice, whole))
        if said:
            acknowledged.add(title)
        items = sound(workspace)
        titles = [item.title for item in items]
        assert acknowledged <= set(titles)
        assert len(set(titles)) == len(titles)
        # the key was taken together with the item, or not at all: saying it again is safe
        again = commands.add(workspace, title, key=f"k{number}", tags=("a", "b"))
        assert again.events == [] if title in titles else again.item.title == title
        acknowledged.add(title)
    assert len(sound(workspace)) == times + 1


@pytest.mark.timeout(900)
@times(4, 80)
def test_start(workspace, times):
    dice = random.Random(SEED + 1)
    walking.make(workspace, Kind.TASK)
    whole = duration(workspace, "start", "1")
    for _ in range(times):
        item = walking.make(workspace, Kind.TASK)
        said = killed(start(workspace, "start", item.id), moment(dice, whole))
        now = sound(workspace)[item.number - 1]
        assert now.state in ({State.IN_PROGRESS} if said else {State.OPEN, State.IN_PROGRESS})
        assert now.version == (2 if now.state is State.IN_PROGRESS else 1)
        assert commands.start(workspace, item.id).item.state is State.IN_PROGRESS


def of_the_run(mark):
    """The processes that carry a mark in their environment."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("HALO_SOAK") == mark:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@pytest.mark.timeout(1800)
@times(4, 40)
def test_run(workspace, times):
    """Whenever a runner dies, the next one finds what it left, and brings all of it to an end, once."""
    dice = random.Random(SEED + 2)
    (workspace.root / "nightctl.yaml").write_text("backoff: 0\nretries: 3\nworkers: 3\nkill_grace: 0.2\n")
    for turn in range(times):
        mark = str(UUID(new_id()))
        jobs = [walking.make(workspace, Kind.JOB, command=f"sleep 0.{n}; echo {n}").id for n in range(1, 5)]
        killed(start(workspace, "run", "--now", *jobs, HALO_SOAK=mark), dice.uniform(0.1, 1.2))
        for item in sound(workspace):
            assert (item.run is None) == (item.state is not State.RUNNING), item
        done = start(workspace, "run", "--now", HALO_SOAK=mark)
        out, err = done.communicate(timeout=LONG)
        assert done.returncode == 0, (turn, out, err)
        sound(workspace)
        for job in jobs:
            assert queries.item(workspace, job).state is State.DONE, (turn, job, err)
            outcomes = [run.outcome for run in queries.runs(workspace, job)]
            assert outcomes.count("succeeded") == 1
            assert set(outcomes) <= {"succeeded", "lost"}
        deadline = time.monotonic() + LONG
        while of_the_run(mark) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert of_the_run(mark) == []


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.soak), 9])
@pytest.mark.parametrize("words", ["add milk", "start @last", "undo @last", "list"])
def test_before_every_statement(workspace, words, step):
    """Also of the first command in a new workspace, which makes the files; and of one that finds no store."""
    ended, place = False, 1
    while not ended:
        if words != "add milk":
            commands.add(workspace, "there")
        if words == "list":
            (workspace.store / "tasks.db").unlink()
        before = workspace.log.head()
        process = start(workspace, *words.split(), command=[sys.executable, "-c", DYING, str(place)])
        out = process.communicate(timeout=LONG)[0]
        ended = process.returncode == 0
        assert ended or process.returncode == -signal.SIGKILL
        new = list(workspace.log.read(before))
        assert len(new) == (words != "list") if out else len(new) <= 1
        sound(workspace)
        place += step
    assert place > 10
