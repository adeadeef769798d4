"""What every supervisor must do: one set of tests, run on each that this machine can run."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable

import pytest

from halo_engine import process_tree
from halo_engine.fleet import manifest
from halo_engine.fleet.instance import Instance, Runtime, folder
from halo_engine.fleet.supervisors.supervisor import Supervisor
from tests.fleet.programs import SERVES

TOKEN = "7001:AAtoken-of-dads-bot"
OTHER = "7002:AAtoken-of-mums-bot"


def until(true: Callable[[], bool], *, seconds: float = 40) -> None:
    """Wait for something that must come about."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.03)


class Contract:
    """Subclass it with a fixture `supervisor`."""

    @pytest.fixture
    def dad(self, workspace, monkeypatch) -> Instance:
        """An instance whose program says who it is, starts a daemon in a session of its own, and serves."""
        place = workspace.root / "fleet" / "dad"
        (place / "logs").mkdir(parents=True)
        (place / "serve.py").write_text(SERVES)
        start = f"start: [{sys.executable}, serve.py]"
        (place / "prime.yaml").write_text(f'name: test\nversion: "1"\nruntime: nanoclaw\n{start}\n')
        monkeypatch.setenv("DAD_BOT_TOKEN", TOKEN)
        monkeypatch.setenv("MUM_BOT_TOKEN", OTHER)
        made = Instance(name="dad", path="fleet/dad", runtime=Runtime.NANOCLAW, telegram_bot_token_env="DAD_BOT_TOKEN")
        manifest.put(workspace, made)
        return made

    @pytest.fixture
    def running(self, workspace, dad, supervisor: Supervisor):
        """The instance, started; ended in the end."""
        for name, text in supervisor.files(workspace, dad).items():
            (folder(workspace, dad) / name).write_text(text)
        supervisor.start(workspace, dad)
        until(lambda: len(self.pids(workspace, dad)) == 2)
        yield dad
        supervisor.forget(workspace, dad)

    def pids(self, workspace, dad) -> list[int]:
        """The program's process, and its daemon's; those that are alive."""
        path = folder(workspace, dad) / "pids"
        found = [int(each) for each in path.read_text().split()] if path.exists() else []
        return [each for each in found if process_tree.identity(each)]

    def test_it_starts_and_says_so(self, workspace, running, supervisor):
        until(lambda: supervisor.status(workspace, running).state == "running")
        status = supervisor.status(workspace, running)
        assert status.pid == self.pids(workspace, running)[0]
        before = self.pids(workspace, running)
        supervisor.start(workspace, running)
        assert self.pids(workspace, running) == before

    def test_it_gets_its_own_secret_and_no_other(self, workspace, running):
        environment = (folder(workspace, running) / "environment").read_text()
        assert TOKEN in environment
        assert OTHER not in environment
        assert "HALO_INSTANCE=dad" in environment

    def test_no_secret_is_written_down(self, workspace, running):
        (folder(workspace, running) / "environment").unlink()
        for path in workspace.root.rglob("*"):
            if path.is_file():
                assert TOKEN.encode() not in path.read_bytes(), path

    def test_stopping_leaves_nothing(self, workspace, running, supervisor):
        pids = self.pids(workspace, running)
        supervisor.stop(workspace, running)
        assert [each for each in pids if process_tree.identity(each)] == []
        assert supervisor.status(workspace, running).state == "stopped"
        supervisor.stop(workspace, running)

    def test_it_is_started_again_when_it_is_killed(self, workspace, running, supervisor):
        first = self.pids(workspace, running)
        os.kill(first[0], signal.SIGKILL)
        until(lambda: len(now := self.pids(workspace, running)) == 2 and now[0] != first[0])
        until(lambda: supervisor.status(workspace, running).state == "running")
        assert supervisor.status(workspace, running).restarts >= 1

    def test_what_it_prints_is_in_its_log(self, workspace, running):
        until(lambda: "serving" in (folder(workspace, running) / "logs" / "console.log").read_text())

    def test_it_can_be_started_after_a_stop(self, workspace, running, supervisor):
        supervisor.stop(workspace, running)
        supervisor.start(workspace, running)
        until(lambda: len(self.pids(workspace, running)) == 2)

    def test_what_was_never_started_is_stopped(self, workspace, dad, supervisor):
        assert supervisor.status(workspace, dad).state == "stopped"
        supervisor.stop(workspace, dad)
        supervisor.forget(workspace, dad)

    def test_nothing_is_lacking_here(self, supervisor):
        assert supervisor.missing() == ""
