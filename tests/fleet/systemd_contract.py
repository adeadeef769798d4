"""What every supervisor must do, on a real systemd. Run by `test_systemd.py` where a systemd of its own is PID 1."""

from __future__ import annotations

from pathlib import Path

import pytest

from halo_engine.fleet import manifest
from halo_engine.fleet.supervisors import systemd
from tests.fleet.supervising import Contract

assert Path("/proc/1/comm").read_text() == "systemd\n", "not to be run but in a namespace of its own"


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

    def test_forgetting_leaves_no_unit(self, workspace, running, supervisor):
        supervisor.forget(workspace, running)
        assert list(Path("/etc/systemd/system").glob("*dad*")) == []
        assert supervisor.status(workspace, running).evidence == "no such unit"
