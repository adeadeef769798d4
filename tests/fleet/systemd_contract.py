"""What every supervisor must do, on a real systemd. Run by `test_systemd.py` where a systemd of its own is PID 1."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halo_engine.fleet import manifest
from halo_engine.fleet.instance import folder, layout
from halo_engine.fleet.presence.occupying import occupant
from halo_engine.fleet.supervisors import process, systemd
from tests.fleet.supervising import Contract, until

ODD = 'a "book" 100% %n $HOME \\x'
LOOKING = """\
name: looking
version: "1"
runtime: nanoclaw
start: [{python}, look.py]
probe: {{file: run/seen}}
"""
LOOKS = """\
import json, pathlib, time

def tried(path):
    try:
        pathlib.Path(path).touch()
    except OSError as error:
        return error.errno
    return 0

read = pathlib.Path("mounts/books/one.txt").read_text()
found = {"read": read, "write": tried("mounts/books/new"), "below": tried("mounts/books/inside/new")}
found["drop"] = tried("mounts/drop/new")
found["inside"] = [each.name for each in pathlib.Path("mounts/books").glob("inside/*")]
while True:
    pathlib.Path("run/seen").write_text(json.dumps(found))
    time.sleep(0.1)
"""

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


class TestMounts:
    """What is mounted is what was checked: it can be read and not written, and whatever takes its place is refused."""

    @pytest.fixture
    def shared(self, workspace, tmp_path):
        """Below a root that is allowed: a folder to be seen, with all that a unit file could misread in its name."""
        (tmp_path / "secret").mkdir()
        (tmp_path / "secret" / "one.txt").write_text("a secret")
        place = tmp_path / "shared"
        (place / ODD / "inside").mkdir(parents=True)
        (place / ODD / "one.txt").write_text("a book")
        (place / "drop").mkdir()
        (workspace.root / "halctl.yaml").write_text(f"mount_roots: ['{place}']\nanswer_timeout: 15\n")
        return place

    @pytest.fixture
    def prime(self, tmp_path):
        """A tree whose program says what it sees, and what it may."""
        place = tmp_path / "prime"
        place.mkdir()
        (place / "prime.yaml").write_text(LOOKING.format(python=sys.executable))
        (place / "look.py").write_text(LOOKS)
        return place

    @pytest.fixture
    def dad(self, workspace, shared, prime, halo):
        """An instance that runs, and sees two folders."""
        words = ("--supervisor", "systemd", "--prime", str(prime))
        mounts = ("--mount", f"{shared / ODD}:books", "--mount", f"{shared}/drop:drop:rw")
        said = halo("fleet", "create", "--name", "dad", *words, *mounts)
        assert said.code == 0, said.err
        yield folder(workspace, manifest.entry(workspace, "dad"))
        assert halo("fleet", "fry", "dad", "--confirm").code == 0

    def swap(self, shared, tmp_path, how: str) -> None:
        """Put something else where the folder was that was checked."""
        (shared / ODD).rename(tmp_path / "aside")
        if how == "link":
            (shared / ODD).symlink_to(tmp_path / "secret")
        else:
            (tmp_path / "secret").rename(shared / ODD)

    def test_what_is_mounted_can_be_read_and_not_written(self, workspace, dad, shared, halo):
        seen = json.loads((dad / "run" / "seen").read_text())
        assert seen["read"] == "a book"
        assert seen["write"] == seen["below"] == errno.EROFS
        assert seen["drop"] == 0
        assert (shared / "drop" / "new").exists()
        assert sorted(each.name for each in (dad / "mounts").iterdir()) == ["books", "drop"]
        assert not list((dad / "mounts" / "books").iterdir()), "seen by others too"
        assert halo("fleet", "verify", "dad").code == 0
        assert "read-only" in halo("fleet", "status", "dad").out
        evidence = [each["evidence"] for each in halo("fleet", "smoke", "dad", "--json").data]
        assert any(f"books ({shared / ODD}, read-only)" in each for each in evidence)

    def test_what_is_mounted_below_is_not_seen(self, dad, shared, halo):
        below = shared / ODD / "inside"
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", below], check=True)
        try:
            (below / "secret").touch()
            assert halo("fleet", "freeze", "dad").code == 0
            (dad / "run" / "seen").unlink()
            assert halo("fleet", "reset", "dad").code == 0
            assert json.loads((dad / "run" / "seen").read_text())["inside"] == []
        finally:
            subprocess.run(["umount", below], check=True)

    def test_what_is_taken_out_is_gone_at_the_next_start(self, workspace, dad, shared, halo):
        path = manifest.path(workspace)
        drop = f"  - source: {shared}/drop\n    name: drop\n    write: true\n"
        assert drop in path.read_text()
        path.write_text(path.read_text().replace(drop, ""))
        said = halo("fleet", "verify", "dad")
        assert (said.code, "mounts/drop is still mounted" in said.out) == (1, True)
        assert "still mounted" in halo("fleet", "status", "dad").out
        assert halo("fleet", "freeze", "dad").code == 0
        assert halo("fleet", "reset", "dad").code == 0
        assert [each.name for each in (dad / "mounts").iterdir()] == ["books"]
        assert halo("fleet", "verify", "dad").code == 0

    def test_the_runtime_of_ours_sees_it_too(self, workspace, shared, halo):
        words = ("--supervisor", "systemd", "--mount", f"{shared / ODD}:books")
        assert halo("fleet", "create", "--name", "ann", *words).code == 0
        assert halo("fleet", "smoke", "ann").code == 0
        pid = systemd.SUPERVISOR.status(workspace, manifest.entry(workspace, "ann")).pid
        place = folder(workspace, manifest.entry(workspace, "ann"))
        assert Path(f"/proc/{pid}/root{place}/mounts/books/one.txt").read_text() == "a book"
        assert halo("fleet", "fry", "ann", "--confirm").code == 0

    @pytest.mark.parametrize("how", ["link", "folder"])
    def test_a_swap_after_the_check_is_refused_from_within(
        self, workspace, dad, shared, tmp_path, halo, monkeypatch, how
    ):
        assert halo("fleet", "freeze", "dad").code == 0
        (dad / "run" / "seen").unlink()
        tell = systemd._systemctl

        def swapping(*words, **options):
            if words[0] == "enable":  # the check is over, the unit is written, and systemd is about to mount
                self.swap(shared, tmp_path, how)
            return tell(*words, **options)

        with monkeypatch.context() as patch:
            patch.setattr(systemd, "_systemctl", swapping)
            said = halo("fleet", "reset", "dad")
        assert (said.code, "mounts/books is another folder than the one that was checked" in said.err) == (1, True)
        assert not (dad / "run" / "seen").exists()
        assert manifest.entry(workspace, "dad").status == "frozen"

    @pytest.mark.parametrize("how", ["link", "folder"])
    def test_nor_is_it_started_again_by_systemd(self, workspace, dad, shared, tmp_path, halo, how):
        """A crash, or a reboot: no command of ours looks first."""
        self.swap(shared, tmp_path, how)
        entry = manifest.entry(workspace, "dad")
        os.kill(systemd.SUPERVISOR.status(workspace, entry).pid, signal.SIGKILL)
        (dad / "run" / "seen").unlink()
        until(lambda: systemd.SUPERVISOR.status(workspace, entry).state == "failed")
        assert not (dad / "run" / "seen").exists()
        assert "another folder" in (dad / "logs" / "console.log").read_text()
        assert halo("fleet", "verify", "dad").code == (1 if how == "link" else 0)
        assert halo("fleet", "reset", "dad").code == (4 if how == "link" else 0)

    def test_a_mount_that_is_swapped_while_it_runs_is_seen(self, workspace, dad, shared, tmp_path, halo):
        self.swap(shared, tmp_path, "folder")
        said = halo("fleet", "verify", "dad")
        assert (said.code, "another folder" in said.out) == (1, True)
        assert "another folder" in halo("fleet", "status", "dad").out

    def test_what_may_not_be_seen_is_not_mounted(self, workspace, dad, shared, halo):
        """An edit by hand, each attack in turn: refused at the start, and nothing of it is in any namespace."""
        assert halo("fleet", "freeze", "dad").code == 0
        (shared / "link").symlink_to("/root")
        (shared / ".ssh").mkdir()
        path = manifest.path(workspace)
        text = path.read_text()
        for source in ("/proc", "/", f"{shared}/link", f"{shared}/.ssh", f"{shared}/../secret", "/run/docker.sock"):
            path.write_text(text.replace(f"{shared}/drop", source))
            assert halo("fleet", "reset", "dad").code == 4, source
        path.write_text(text)
        assert halo("fleet", "reset", "dad").code == 0
