"""What every test gets: a home of its own, no way out but loopback, snapshots in `snapshots/`, and in CI no skips."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import pytest_textual_snapshot

from halo_engine.commandline import run
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from syrupy.location import PyTestLocation

TESTS = Path(__file__).parent
MEMORY = Path("/dev/shm")
ROOM = 50_000_000
"""Bytes that must be free there."""
SNAPSHOTS = TESTS.parent / "snapshots"
LEAKS = ("COLUMNS", "EDITOR", "LINES", "NO_COLOR", "PAGER", "TASKDATA", "TASKRC", "VISUAL")
"""What a developer's shell may set and a test must not see; so are `HALO_*`, `XDG_*`, `TEXTUAL_*` and `ANTHROPIC_*`."""


class TopSnapshots(pytest_textual_snapshot.SVGImageExtension):
    """Pictures live at the top, `snapshots/tui/test_tasks/test_few[80x24].svg`, so that they can be leafed through."""

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(SNAPSHOTS / Path(test_location.filepath).relative_to(TESTS).with_suffix(""))


def pytest_configure(config: pytest.Config) -> None:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # nohup makes us deaf to it, and with us all that we start
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so does a shell that starts us with `&`
        signal.signal(signal.SIGINT, signal.default_int_handler)
    pytest_textual_snapshot.SVGImageExtension = TopSnapshots
    os.environ["TZ"] = "UTC"
    time.tzset()


@pytest.fixture(autouse=True)
def own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder, and an environment that says nothing about who runs the tests or where."""
    home = tmp_path_factory.mktemp("home")
    prefixes = ("HALO_", "XDG_", "TEXTUAL_", "ANTHROPIC_")
    ours = {"HALO_CI", "TEXTUAL_SNAPSHOT_TEMPDIR"}
    for name in [name for name in os.environ if name.startswith(prefixes) and name not in ours]:
        monkeypatch.delenv(name)
    for name in LEAKS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.fixture(autouse=True)
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for another machine fails at once, with the address that it wanted."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family != socket.AF_UNIX and address[0] not in {"127.0.0.1", "::1", "localhost"}:
            raise AssertionError(f"tests talk to loopback only, not to {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def memory_path(tmp_path: Path) -> Generator[Path]:
    """A folder in memory, where nothing waits for a disk; `tmp_path` where there is none."""
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="halo-test-", dir=MEMORY, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture
def workspace(memory_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Workspace]:
    """An empty workspace, which the command line finds too."""
    place = Workspace(memory_path / "workspace")
    place.create()
    monkeypatch.setenv("HALO_WORKSPACE", str(place.root))
    yield place
    if "log" in vars(place):
        place.log.close()


class Said(msgspec.Struct, frozen=True):
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.out)

    @property
    def data(self) -> Any:
        return self.json["data"]

    @property
    def error(self) -> Any:
        return self.json["error"]


@pytest.fixture
def halo(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`halo("tasks", "list")` runs `halo-engine tasks list` in this process, in `workspace`."""
    from halo_engine.cli import app

    def call(*words: str) -> Said:
        capsys.readouterr()
        code = run(app, words, "halo-engine")
        return Said(code, *capsys.readouterr())

    return call


@pytest.fixture
def nightctl(halo: Callable[..., Said]) -> Callable[..., Said]:
    """`nightctl("add", "Water")`: the same for tasks."""
    return lambda *words: halo("tasks", *words)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    """With `HALO_CI` set, what would be skipped fails, and says what it wanted."""
    if report.skipped and os.environ.get("HALO_CI"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid} was skipped, which CI does not allow: {reason}"
