"""Instances that are made for real, and ended with the test that made them."""

from __future__ import annotations

import ctypes
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from halo_engine.fleet import manifest
from halo_engine.fleet.files import trees
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.queries import records
from halo_engine.fleet.states import OVER
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.workspace import Workspace
from tests.conftest import Said

REPOSITORY = Path(__file__).parents[2]
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 24, 1, 2
MAIN = "import sys; from halo_engine.cli import main; main()"
OTHER = """\
name: other
version: "1"
runtime: nanoclaw
start: [{python}, run.py]
lock: [CLAUDE.md, src, prime.yaml]
mirrors: [groups/main/CLAUDE.md]
probe: {{file: run/alive}}
"""
RUN = """\
import pathlib, time
while "broken" not in pathlib.Path("src/index.js").read_text():
    pathlib.Path("run/alive").touch()
    time.sleep(0.05)
"""


@pytest.fixture
def fleet(workspace: Workspace, tmp_path: Path) -> Generator[Workspace]:
    """A workspace whose instances have ports of their own, and are ended after the test."""
    first = _free_range()
    (workspace.root / "halctl.yaml").write_text(f"first_port: {first}\nlast_port: {first + 40}\nanswer_timeout: 20\n")
    yield workspace
    for record in records(workspace).values():
        if record.status not in OVER:
            supervisor_of(record.instance).stop(workspace, record.instance)
    trees.erase(workspace.root / "fleet")


def _free_range() -> int:
    """A port that was free a moment ago, by process so that parallel tests stay apart."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return min(int(line.getsockname()[1]), 65_000)


@pytest.fixture
def prime(tmp_path: Path) -> Path:
    """A tree that is not ours: quick to start, and easy to break."""
    place = tmp_path / "prime"
    (place / "src").mkdir(parents=True)
    (place / "prime.yaml").write_text(OTHER.format(python=sys.executable))
    (place / "run.py").write_text(RUN)
    (place / "src" / "index.js").write_text("// one\n")
    return place


@pytest.fixture
def wanted(prime: Path) -> Wanted:
    return Wanted("dad", personality="dad", prime=str(prime))


@pytest.fixture
def halctl(halo: Callable[..., Said]) -> Callable[..., Said]:
    """`halctl("list")` in this process."""
    return lambda *words: halo("fleet", *words)


@pytest.fixture
def killed(fleet: Workspace) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run halctl in a process of its own, with a fault; `killed("create.copy", "create", "--name", "dad")`."""

    def run(fault: str, *words: str, kind: str = "HALO_KILL_AT") -> subprocess.CompletedProcess[str]:
        env = {**os.environ, kind: fault, "PYTHONPATH": str(REPOSITORY), "HALO_WORKSPACE": str(fleet.root)}
        command = [sys.executable, "-c", MAIN, "fleet", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    return run


@pytest.fixture
def modest(fleet: Workspace) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run halctl in a process that no file mode lets through: as a user who is not root, whoever runs the tests."""

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "HALO_WORKSPACE": str(fleet.root)}
        command = [sys.executable, "-c", MAIN, "fleet", *words]
        return subprocess.run(
            command, env=env, capture_output=True, text=True, timeout=120, check=False, preexec_fn=_heed_modes
        )

    return run


def _heed_modes() -> None:
    """Give up what lets root read and write whatever it likes (Linux: see capabilities(7))."""
    if os.geteuid() == 0:
        prctl = ctypes.CDLL(None).prctl
        for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
            prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)


def left_over(workspace: Workspace) -> dict[str, list[str]]:
    """Whatever there is of instances: folders, entries, processes."""
    base = workspace.root / "fleet"
    folders = [each.name for each in base.glob("[!.]*")] + [str(each) for each in (base / ".staging").glob("*")]
    entries = [each.name for each in manifest.checked(workspace).instances]
    return {"folders": sorted(folders), "entries": entries, "processes": processes(workspace)}


def processes(workspace: Workspace) -> list[str]:
    """The command lines of whatever runs with this workspace in its environment, but for this process and its own."""
    import psutil

    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("HALO_WORKSPACE") == str(workspace.root):
                found.append(" ".join(process.cmdline()))
        except (psutil.Error, OSError):
            continue
    return sorted(each for each in found if each)
