"""The real pm2, from npm, with a daemon of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from halo_engine.fleet.supervisors import pm2
from tests.fleet.supervising import TOKEN, Contract

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
