"""The built-in supervisor."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from halo_engine import process_tree
from halo_engine.fleet.instance import folder
from halo_engine.fleet.supervisors import process
from tests.fleet.supervising import Contract, until


def read(path: Path) -> str:
    """What a log holds; nothing at the moment in which it is rotated."""
    try:
        return path.read_text()
    except FileNotFoundError:
        return ""


class TestProcess(Contract):
    @pytest.fixture
    def supervisor(self, monkeypatch):
        monkeypatch.setattr(process, "PAUSE", 0.05)
        monkeypatch.setattr(process, "LONGEST_PAUSE", 0.1)
        monkeypatch.setattr(process, "ENDS", 4)
        return process.SUPERVISOR

    def test_a_program_that_always_ends_is_given_up(self, workspace, dad, supervisor):
        (folder(workspace, dad) / "serve.py").write_text("raise SystemExit(3)")
        supervisor.start(workspace, dad)
        until(lambda: supervisor.status(workspace, dad).state == "failed")
        status = supervisor.status(workspace, dad)
        assert (status.restarts, status.pid) == (3, None)
        assert "exit code 3" in status.evidence

    def test_a_program_that_cannot_be_started_is_given_up(self, workspace, dad, supervisor):
        (folder(workspace, dad) / "prime.yaml").write_text(
            'name: test\nversion: "1"\nruntime: nanoclaw\nstart: [no-such-program]\n'
        )
        supervisor.start(workspace, dad)
        until(lambda: supervisor.status(workspace, dad).state == "failed")
        assert "cannot be started" in (folder(workspace, dad) / "logs" / "console.log").read_text()

    def test_when_the_watcher_is_killed_the_instance_ends_and_can_be_started(self, workspace, running, supervisor):
        said = json.loads((workspace.run / "fleet" / "dad.state.json").read_bytes())
        first = self.pids(workspace, running)
        os.kill(said["pid"], signal.SIGKILL)
        until(lambda: process_tree.identity(first[0]) is None)
        assert supervisor.status(workspace, running).state == "stopped"
        supervisor.start(workspace, running)
        until(lambda: len(now := self.pids(workspace, running)) == 2 and now[0] != first[0])
        assert process_tree.identity(first[1]) is None

    def test_starts_at_the_same_time_are_one(self, workspace, dad, supervisor):
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: supervisor.start(workspace, dad), range(4)))
        until(lambda: len(self.pids(workspace, dad)) == 2)
        before = self.pids(workspace, dad)
        with ThreadPoolExecutor(4) as pool:
            list(
                pool.map(lambda verb: verb(workspace, dad), [supervisor.start, supervisor.stop] * 2 + [supervisor.stop])
            )
        supervisor.stop(workspace, dad)
        assert [each for each in before if process_tree.identity(each)] == []
        assert self.pids(workspace, dad) == []
        supervisor.forget(workspace, dad)

    def test_the_log_is_rotated(self, workspace, dad, supervisor, monkeypatch):
        monkeypatch.setattr(process, "LOG_SIZE", 2000)
        (folder(workspace, dad) / "serve.py").write_text(
            "for n in range(100_000): print('line', n, flush=n == 99_999)\nimport time\ntime.sleep(99)"
        )
        supervisor.start(workspace, dad)
        log = folder(workspace, dad) / "logs" / "console.log"
        until(lambda: log.with_name("console.log.1").exists())
        until(lambda: "99999" in read(log) + read(log.with_name("console.log.1")))
        assert sum(each.stat().st_size for each in log.parent.glob("console.log*")) < 200_000
        supervisor.forget(workspace, dad)
        assert not list((workspace.run / "fleet").glob("dad.*.json"))
