"""systemd: what it is told. Where it does not run, a stand-in for `systemctl` writes down what it is asked."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from halo_engine.errors import BadConfig, Conflict, Damaged, NotAllowed, Unavailable
from halo_engine.fleet import manifest, mounting
from halo_engine.fleet.conversing import answering
from halo_engine.fleet.instance import Instance, Mount, Runtime, Supervision
from halo_engine.fleet.supervisors import pm2, process, systemd
from halo_engine.fleet.supervisors.launching import launch
from halo_engine.workspace import Workspace

HERE = Path(__file__).parent
SYSTEMD = next((place for place in ("/lib/systemd/systemd", "/usr/lib/systemd/systemd") if Path(place).exists()), "")
TOKEN = "7001:AAtoken-of-dads-bot"
STAND_IN = """#!/bin/sh
echo "$@" >> "$SYSTEMCTL_SAID"
case "$*" in
*" show "*|"show "*|*"show "*) cat "$SYSTEMCTL_STATE" ;;
*fail*) echo "no such thing" >&2; exit 5 ;;
esac
"""


@pytest.fixture
def dad(workspace, monkeypatch):
    monkeypatch.setenv("DAD_BOT_TOKEN", TOKEN)
    (workspace.root / "fleet" / "a 100% %n $HOME dad").mkdir(parents=True)
    made = Instance(name="dad", path="fleet/a 100% %n $HOME dad", telegram_bot_token_env="DAD_BOT_TOKEN")
    manifest.put(workspace, made)
    return made


@pytest.fixture
def systemctl(tmp_path, monkeypatch):
    """What `systemctl` was asked, as a file; `show` answers what `state` holds."""
    program = tmp_path / "bin" / "systemctl"
    program.parent.mkdir()
    program.write_text(STAND_IN)
    program.chmod(0o755)
    said, state = tmp_path / "said", tmp_path / "state"
    state.write_text(
        "LoadState=loaded\nActiveState=active\nSubState=running\nMainPID=4711\nNRestarts=2\nResult=success\n"
    )
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SYSTEMCTL_SAID", str(said))
    monkeypatch.setenv("SYSTEMCTL_STATE", str(state))
    monkeypatch.setattr(systemd, "_units", lambda: tmp_path / "units")
    return said


def verify(text: str, place) -> str:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed")
    unit = place / "halo-dad.service"
    unit.write_text(text)
    done = subprocess.run(["systemd-analyze", "verify", unit], capture_output=True, text=True, check=False)
    return done.stderr + ("" if done.returncode == 0 else f"exit code {done.returncode}")


@pytest.mark.parametrize("supervisor", [systemd.SUPERVISOR, process.SUPERVISOR])
def test_the_unit_is_one(workspace, dad, supervisor, tmp_path):
    [text] = supervisor.files(workspace, dad).values()
    assert verify(text, tmp_path) == ""
    assert "PassEnvironment=DAD_BOT_TOKEN ANTHROPIC_API_KEY" in text
    assert TOKEN not in text


def test_a_wrong_unit_would_be_seen(workspace, dad, tmp_path):
    [text] = systemd.SUPERVISOR.files(workspace, dad).values()
    assert verify(text.replace("KillMode=mixed", "KillMode=mixd"), tmp_path)
    assert verify(text.replace("ExecStart=", "ExecStar="), tmp_path)


def test_what_ends_for_good_is_told_to_each_supervisor_and_other_runtimes_mean_nothing_by_it(workspace, dad):
    (workspace.root / dad.path / "prime.yaml").write_text('name: x\nversion: "1"\nruntime: nanoclaw\nstart: [run]\n')
    other = msgspec.structs.replace(dad, runtime=Runtime.NANOCLAW)
    ours, others = (next(iter(systemd.SUPERVISOR.files(workspace, each).values())) for each in (dad, other))
    assert "\nRestartPreventExitStatus=4 6 7\n" in ours
    assert "RestartPreventExitStatus" not in others
    [told] = pm2.SUPERVISOR.files(workspace, other).values()
    assert '"stop_exit_codes": []' in told
    assert launch(workspace, dad).final == sorted({NotAllowed.exit_code, BadConfig.exit_code, Damaged.exit_code})
    seeing = msgspec.structs.replace(other, mounts=[Mount("/srv/books", "books")])
    assert launch(workspace, seeing).final == [entering_refuses(workspace)]


def entering_refuses(workspace) -> int:
    """The exit code of what stands before a command, when a mount is not there."""
    command = [sys.executable, "-I", "-c", mounting.BOOT, str(mounting.HOME), "books=1:1:ro", "--", "true"]
    return subprocess.run(command, cwd=workspace.root, capture_output=True, check=False).returncode


def test_starting_and_stopping(workspace, dad, systemctl, tmp_path):
    systemd.SUPERVISOR.start(workspace, dad)
    said = systemctl.read_text()
    assert "import-environment DAD_BOT_TOKEN" in said
    assert "enable --now halo-dad.service" in said
    assert TOKEN not in said
    status = systemd.SUPERVISOR.status(workspace, dad)
    assert (status.state, status.pid, status.restarts) == ("running", 4711, 2)
    systemd.SUPERVISOR.forget(workspace, dad)
    assert "disable --now halo-dad.service" in systemctl.read_text()
    assert not list((tmp_path / "units").iterdir())


@pytest.mark.parametrize(
    ("said", "state"),
    [("inactive", "stopped"), ("failed", "failed"), ("activating", "starting"), ("mystery", "unknown")],
)
def test_what_it_says_is_understood(workspace, dad, systemctl, tmp_path, said, state):
    (tmp_path / "state").write_text(f"LoadState=loaded\nActiveState={said}\nMainPID=0\nNRestarts=0\n")
    assert systemd.SUPERVISOR.status(workspace, dad).state == state


def test_a_unit_of_another_folder_is_left_alone_and_hides_no_other(workspace, dad, systemctl, tmp_path):
    """A copy of a workspace has instances of the same names."""
    ann = Instance(name="ann", path="fleet/ann")
    (tmp_path / "units").mkdir()
    unit = tmp_path / "units" / "halo-dad.service"
    unit.write_text("[Service]\nWorkingDirectory=/srv/another/fleet/dad\n")
    found = systemd.SUPERVISOR.statuses(workspace, [dad, ann])
    assert [(each.state, each.pid) for each in found] == [("stopped", None), ("running", 4711)]
    assert "another folder" in found[0].evidence
    with pytest.raises(Conflict, match="another folder"):
        systemd.SUPERVISOR.start(workspace, dad)
    systemd.SUPERVISOR.forget(workspace, dad)
    assert "another" in unit.read_text()
    assert "halo-dad" not in systemctl.read_text()


def test_a_workspace_that_is_reached_through_a_link_is_the_same(workspace, dad, systemctl, tmp_path):
    systemd.SUPERVISOR.start(workspace, dad)
    (tmp_path / "link").symlink_to(workspace.root)
    same = Workspace(tmp_path / "link")
    assert systemd.SUPERVISOR.status(same, dad).pid == 4711
    systemd.SUPERVISOR.start(same, dad)
    assert systemd.SUPERVISOR.status(workspace, dad).pid == 4711


def test_a_systemctl_that_fails_is_named(workspace, dad, systemctl, monkeypatch):
    (systemctl.parent / "bin" / "systemctl").write_text("#!/bin/sh\necho 'no bus' >&2; exit 1\n")
    with pytest.raises(Unavailable, match="no bus"):
        systemd.SUPERVISOR.start(workspace, dad)


def test_one_whose_supervisor_falls_silent_does_not_answer(workspace, dad, systemctl):
    (systemctl.parent / "bin" / "systemctl").write_text("#!/bin/sh\necho 'no bus' >&2; exit 1\n")
    found = answering.answers(workspace, msgspec.structs.replace(dad, supervisor=Supervision.SYSTEMD), 0.3)
    assert (found.ok, "no bus" in found.evidence) == (False, True)


@pytest.fixture
def booted(tmp_path):
    """The command that runs another where a systemd of our own is PID 1: it knows none of this machine's units."""
    if os.geteuid() != 0 or not SYSTEMD or not shutil.which("unshare"):
        pytest.skip("needs systemd (apt install systemd), unshare, and root")
    spaces = ["--pid", "--mount", "--uts", "--ipc", "--cgroup"]
    command = ["unshare", "--fork", "--kill-child", *spaces, str(HERE / "booted.sh"), SYSTEMD]
    with (tmp_path / "said").open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as outer:
        try:
            yield [*in_spaces_of(first_child(outer, tmp_path / "said")), *spaces[1:]]
        finally:
            outer.kill()


def first_child(outer: subprocess.Popen[bytes], said: Path) -> int:
    """PID 1 of the namespace, as this machine counts, once systemd says that it is up."""
    children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
    for _ in range(300):
        found = children.read_text().split() if outer.poll() is None else []
        if (
            found
            and not subprocess.run(
                [*in_spaces_of(int(found[0])), "--mount", "systemctl", "is-system-running"],
                capture_output=True,
                check=False,
            ).returncode
        ):
            return int(found[0])
        time.sleep(0.1)
    pytest.skip(f"systemd does not run here: {said.read_text()[-300:]}")


def in_spaces_of(pid: int) -> list[str]:
    return ["nsenter", "-t", str(pid), "--pid", f"--wd={HERE.parents[1]}"]


@pytest.mark.parametrize("which", ["TestSystemd", "TestMounts"])
def test_a_real_systemd_does_what_every_supervisor_must_and_mounts_what_was_checked(booted, which):
    """In a process of its own, for its namespaces: `systemd_contract.py`."""
    tests = [sys.executable, "-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider"]
    tests.append(f"{HERE / 'systemd_contract.py'}::{which}")
    done = subprocess.run([*booted, *tests], capture_output=True, text=True, check=False, timeout=110)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-1000:]
