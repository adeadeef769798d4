"""What every supervisor must do, on a real systemd. Run by `test_systemd.py` where a systemd of its own is PID 1."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from halo_engine.fleet import manifest
from halo_engine.fleet.instance import folder, layout
from halo_engine.fleet.occupying import occupant
from halo_engine.fleet.supervisors import process, systemd
from tests.fleet.supervising import Contract, until

assert Path("/proc/1/comm").read_text() == "systemd\n", "not to be run but in a namespace of its own"


def systemctl(*words: str) -> str:
    return subprocess.run(["systemctl", *words], capture_output=True, text=True, check=False).stdout.strip()


class TestSystemd(Contract):
    @pytest.fixture
    def supervisor(self):
        return systemd.SUPERVISOR

    def test_an_instance_of_ours_lives_its_life(self, workspace, halo):
        assert halo("fleet", "create", "--name", "ann", "--supervisor", "systemd").code == 0
        assert halo("fleet", "smoke", "ann", "--json").code == 0
        assert halo("fleet", "freeze", "ann").code == 0
        assert systemd.SUPERVISOR.status(workspace, manifest.entry(workspace, "ann")).state == "stopped"
        assert halo("fleet", "reset", "ann").code == 0
        assert halo("fleet", "fry", "ann", "--confirm").code == 0
        assert list(Path("/etc/systemd/system").glob("*ann*")) == []

    def test_the_unit_of_the_built_in_supervisor_brings_an_instance_back_after_a_reboot(self, workspace, halo):
        """A reboot: its processes are gone, and nobody said so; then systemd starts what the operator has installed."""
        assert halo("fleet", "create", "--name", "ann", "--supervisor", "process").code == 0
        ann = manifest.entry(workspace, "ann")
        status = process.SUPERVISOR.status(workspace, ann)
        watcher = int(Path(f"/proc/{status.pid}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(watcher, signal.SIGKILL)
        until(lambda: process.SUPERVISOR.status(workspace, ann).state == "stopped")
        unit = folder(workspace, ann) / "halo-ann.service"
        subprocess.run(["systemctl", "enable", "--now", unit], check=True)
        until(lambda: process.SUPERVISOR.status(workspace, ann).state == "running")
        until(lambda: halo("fleet", "smoke", "ann").code == 0)
        assert halo("fleet", "fry", "ann", "--confirm").code == 0
        until(
            lambda: (
                "inactive"
                in subprocess.run(
                    ["systemctl", "is-active", unit.name], capture_output=True, text=True, check=False
                ).stdout
            )
        )
        subprocess.run(["systemctl", "disable", unit.name], check=False, capture_output=True)

    def test_of_two_supervisors_one_runs_it_and_the_other_says_who(self, workspace, halo):
        """The built-in one has started it; then systemd does, as after `supervisor` was edited by hand."""
        assert halo("fleet", "create", "--name", "ann", "--supervisor", "process").code == 0
        ann = manifest.entry(workspace, "ann")
        first = occupant(layout(workspace, ann))
        systemd.SUPERVISOR.start(workspace, ann)
        until(lambda: systemd.SUPERVISOR.status(workspace, ann).state == "failed")
        unit = systemd.SUPERVISOR.status(workspace, ann)
        assert (unit.restarts, occupant(layout(workspace, ann))) == (0, first)
        said = (folder(workspace, ann) / "logs" / "console.log").read_text()
        assert f"ann runs already: process {first.pid}, since" in said
        systemd.SUPERVISOR.forget(workspace, ann)
        watcher = json.loads((workspace.run / "fleet" / "ann.state.json").read_bytes())["pid"]
        path = folder(workspace, ann) / "halo-ann.service"
        subprocess.run(["systemctl", "enable", "--now", path], check=True)
        until(lambda: systemctl("is-active", path.name) != "active")
        assert systemctl("show", path.name, "-p", "ExecMainStatus") == "ExecMainStatus=4"
        assert json.loads((workspace.run / "fleet" / "ann.state.json").read_bytes())["pid"] == watcher
        assert halo("fleet", "smoke", "ann", "--json").code == 0
        assert halo("fleet", "fry", "ann", "--confirm").code == 0
        subprocess.run(["systemctl", "disable", path.name], check=False, capture_output=True)

    def test_forgetting_leaves_no_unit(self, workspace, running, supervisor):
        supervisor.forget(workspace, running)
        assert list(Path("/etc/systemd/system").glob("*dad*")) == []
        assert supervisor.status(workspace, running).evidence == "no such unit"
