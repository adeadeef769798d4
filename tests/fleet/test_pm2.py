"""The real pm2, from npm, with a daemon of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from halo_engine.fleet import manifest, queries
from halo_engine.fleet.instance import Instance, Status, Supervision, folder
from halo_engine.fleet.supervisors import pm2
from tests.fleet.supervising import TOKEN, Contract, until

VERSION = "7.0.4"


def installed() -> Path:
    """The folder of pm2's program: the machine's, else one that is installed once for all test runs."""
    found = shutil.which("pm2")
    if found:
        return Path(found).parent
    if not shutil.which("npm"):
        pytest.skip("npm is not installed")
    home = Path(tempfile.gettempdir()) / f"halo-tests-pm2-{VERSION}-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "node_modules" / ".bin" / "pm2").exists():
            done = subprocess.run(
                ["npm", "install", "--no-audit", "--no-fund", f"pm2@{VERSION}"],
                cwd=home,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
    return home / "node_modules" / ".bin"


class TestPm2(Contract):
    @pytest.fixture
    def supervisor(self, memory_path, monkeypatch):
        folder = installed()
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        monkeypatch.setenv("PM2_HOME", str(memory_path / "pm2"))
        yield pm2.SUPERVISOR
        subprocess.run(["pm2", "kill"], capture_output=True, check=False)

    def test_the_ecosystem_file_names_the_variable(self, workspace, dad, supervisor):
        text = supervisor.files(workspace, dad)["ecosystem.config.cjs"]
        assert "DAD_BOT_TOKEN: process.env.DAD_BOT_TOKEN" in text
        assert TOKEN not in text

    def test_what_an_instance_writes_into_its_own_file_is_not_what_is_started(self, workspace, running, supervisor):
        supervisor.stop(workspace, running)
        (folder(workspace, running) / "ecosystem.config.cjs").write_text("throw new Error('evil')")
        supervisor.forget(workspace, running)
        supervisor.start(workspace, running)
        until(lambda: supervisor.status(workspace, running).state == "running")

    def test_pm2_is_asked_once_for_the_whole_fleet(self, workspace, supervisor, halo, monkeypatch):
        for name in ("ann", "ben", "cleo"):
            manifest.put(
                workspace, Instance(name=name, path=f"fleet/{name}", supervisor=Supervision.PM2, status=Status.FROZEN)
            )
        asked, tell = [], pm2._pm2
        monkeypatch.setattr(pm2, "_pm2", lambda env, *words: asked.append(words) or tell(env, *words))
        for words in (("status",), ("status", "ann")):
            said = halo("fleet", *words, "--json")
            assert said.code in {0, 1}, said.err
            assert asked == [("jlist",)]
            asked.clear()
        assert {each.row.name for each in queries.statuses(workspace)} == {"ann", "ben", "cleo"}


def test_a_pm2_that_is_not_there_is_said_of_each_and_hides_nobody(workspace, halo, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    for name, supervisor in (("ann", "pm2"), ("ben", "process")):
        manifest.put(
            workspace,
            Instance(name=name, path=f"fleet/{name}", supervisor=Supervision(supervisor), status=Status.FROZEN),
        )
    said = halo("fleet", "status")
    assert "ann" in said.out
    assert "ben" in said.out
    assert said.out.count("pm2 is not installed") == 1
