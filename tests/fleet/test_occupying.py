"""One runtime in an instance's folder, whoever starts it, and however the one before ended."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys

import pytest

from halo_engine import ids, process_tree
from halo_engine.fleet import manifest, queries
from halo_engine.fleet.conversing import answering, talking
from halo_engine.fleet.files import governance
from halo_engine.fleet.instance import layout
from halo_engine.fleet.presence.occupying import occupant, occupied
from halo_engine.fleet.supervisors import pm2
from tests.fleet.conftest import MAIN, REPOSITORY
from tests.fleet.supervising import until
from tests.fleet.test_pm2 import installed


@pytest.fixture
def dad(fleet, halctl):
    """Running under the built-in supervisor; its folder."""
    assert halctl("create", "--name", "dad").code == 0
    return layout(fleet, manifest.entry(fleet, "dad"))


def by_hand(fleet) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", MAIN, "instance", "run", "dad", "--workspace", str(fleet.root)]
    env = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=30, check=False)


def tell(place, text="hello"):
    return talking.send(place, talking.Said(id=ids.new_id(), text=text), wait=20)


def edited(fleet, supervisor: str) -> None:
    """FLEET.yaml, changed by hand while it runs."""
    path = manifest.path(fleet)
    before = manifest.entry(fleet, "dad").supervisor
    path.write_text(path.read_text().replace(f"supervisor: {before}", f"supervisor: {supervisor}"))


def test_a_second_runtime_says_who_is_there_and_since_when(fleet, dad):
    first = occupant(dad)
    assert first
    for emptied in (False, True):
        if emptied:  # by somebody who thinks that a lock is a file
            shutil.rmtree(dad.run)
            dad.run.mkdir()
        second = by_hand(fleet)
        assert (second.returncode, "runs already" in second.stderr) == (4, True)
        assert emptied or (str(first.pid) in second.stderr and first.since[:4] in second.stderr)
    assert process_tree.identity(first.pid)


def test_killed_without_warning_it_is_in_nobodys_way(fleet, dad):
    first = occupant(dad)
    assert first
    os.kill(first.pid, signal.SIGKILL)
    until(lambda: (now := occupant(dad)) is not None and now.pid not in {0, first.pid})
    assert answering.answers(fleet, manifest.entry(fleet, "dad"), 30).ok


def test_who_looks_is_in_nobodys_way(fleet, dad, halctl):
    assert halctl("freeze", "dad").code == 0
    for _ in range(20):
        assert occupant(dad) is None
        with occupied(dad, "dad"):
            assert occupant(dad)


def test_a_second_watcher_says_who_is_there(fleet, dad):
    """As when the unit is started for one that `halctl` has started."""
    unit = (dad.root / "halo-dad.service").read_text()
    command = next(line for line in unit.splitlines() if line.startswith("ExecStart=")).partition("=")[2]
    watcher = json.loads((fleet.run / "fleet" / "dad.state.json").read_bytes())["pid"]
    second = subprocess.run(shlex.split(command), capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 4
    assert f"dad is supervised already: process {watcher}, since 2" in second.stderr
    assert tell(dad).state == "answered"


def test_two_supervisors_of_two_kinds_never_run_it_both(fleet, dad, halctl, memory_path, monkeypatch):
    """The first goes on; what would have stopped it, moved it or deleted it says who is there instead."""
    monkeypatch.setenv("PATH", f"{installed()}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PM2_HOME", str(memory_path / "pm2"))
    first = occupant(dad)
    assert first
    assert halctl("backup", "dad").code == 0
    edited(fleet, "pm2")
    try:
        refused = halctl("reset", "dad")
        assert (refused.code, f"process {first.pid}" in refused.err) == (4, True)
        status = halctl("status", "dad")
        assert (status.code, f"process {first.pid}" in " ".join(status.out.split())) == (1, True)
        other = manifest.entry(fleet, "dad")
        with governance.unsealed(dad.root):
            (dad.root / pm2.FILE).write_text(pm2.SUPERVISOR.files(fleet, other)[pm2.FILE])
        pm2.SUPERVISOR.start(fleet, other)  # past all that, the runtime refuses by itself
        until(lambda: pm2.SUPERVISOR.status(fleet, other).state == "failed")
        assert occupant(dad) == first
        for words in (("freeze", "dad"), ("fold", "dad"), ("fry", "dad", "--confirm"), ("restore", "dad")):
            done = halctl(*words)
            assert (done.code in {1, 4}, f"process {first.pid}" in done.err) == (True, True), words
            assert (occupant(dad), queries.record(fleet, "dad").operation) == (first, "")
        assert tell(dad).state == "answered"
    finally:
        subprocess.run(["pm2", "kill"], capture_output=True, check=False)
        edited(fleet, "process")
        halctl("list")  # so that it is known again who can end it
    assert halctl("fold", "dad").code == 0
    assert process_tree.identity(first.pid) is None
