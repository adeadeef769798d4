"""Workspaces for the workstation: real ones, with time, ids, host and paths held still."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from halo_engine.events.model import New
from halo_engine.tasks import commands
from halo_engine.tasks.events import RunFinished, RunStarted, TaskAdded
from halo_engine.tasks.states import Kind, State
from halo_engine.workspace import Workspace
from halo_tui.app import Workstation
from halo_tui.frame import Options
from halo_tui.picture import settled

NOW = "2026-11-20T14:02:11+00:00"
PLAN = """\
<plan>
  <goal>The digest is read in five minutes.</goal>
  <context>Last week's was forty pages.</context>
  <steps>
    <step n="1" output="notes.md">Read what came in since Monday.</step>
    <step n="2" output="digest.md" depends="1">Write one paragraph for each subject.</step>
  </steps>
  <constraints><constraint>Nothing is sent.</constraint></constraints>
  <success><criterion>The digest has at most 800 words.</criterion></success>
</plan>
"""
OUTPUT = """\
Collecting 214 photos
\x1b[32mcopied\x1b[0m 2026/11/18/IMG_2041.jpg
copying 12 %\rcopying 57 %\rcopied 2026/11/19/IMG_2044.jpg
rsync: connection to nas.local refused
"""


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch, memory_path: Path) -> Callable[[str], None]:
    """Hold time, ids, host and home still; call it with a time to move the clock."""
    monkeypatch.setenv("HOME", str(memory_path))
    monkeypatch.setenv("HALO_HOST", "halo")
    monkeypatch.setenv("HALO_ACTOR", "operator")
    monkeypatch.setenv("HALO_NOW", NOW)
    monkeypatch.setattr("halo_engine.ids._last", 0)
    monkeypatch.setattr("halo_engine.ids.time", SimpleNamespace(time_ns=lambda: 1_763_647_331_000_000_000))
    monkeypatch.setattr("halo_engine.ids.os", SimpleNamespace(urandom=bytes))
    return lambda time: monkeypatch.setenv("HALO_NOW", time)


@pytest.fixture(autouse=True)
def begun_with_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Most tests are about tasks: the workstation begins there."""
    monkeypatch.setattr("halo_tui.living.FIRST", "tasks")


@pytest.fixture
def few(workspace: Workspace, still: Callable[[str], None]) -> Workspace:
    """A workspace with an item in almost every state, two days old."""
    still("2026-11-18T09:30:00+00:00")
    script = commands.add(
        workspace,
        "Fix deployment script",
        priority=3,
        tags=["deploy", "bot"],
        due="2026-11-21T17:00:00.000000Z",
        context="The nightly deployment stops after the build; the log says that the key is not there.",
    ).item
    commands.add(
        workspace, "Rotate bot tokens", kind=Kind.JOB, command="./rotate.sh --all", window="02:00-05:00", priority=2
    )
    digest = commands.add(workspace, "Weekly research digest", kind=Kind.AGENT_JOB, tags=["ben"]).item
    late = commands.add(workspace, "Answer the tax office", priority=3, due="2026-11-19T23:59:59.000000Z").item
    backup = commands.add(workspace, "Back up the photo library", kind=Kind.JOB, command="./backup.sh", retries=1).item
    notes = commands.add(workspace, "Write the release notes", depends_on=[script.id], priority=1).item
    deferred = commands.add(workspace, "Plan the allotment", defer_until="2027-02-01T00:00:00.000000Z").item
    done = commands.add(workspace, "Order printer paper", tags=["home"]).item
    still("2026-11-19T10:00:00+00:00")
    commands.start(workspace, script.id)
    commands.plan(workspace, digest.id, PLAN)
    commands.start(workspace, late.id)
    commands.block(workspace, late.id, "waits for the form")
    commands.start(workspace, done.id)
    commands.done(workspace, done.id)
    still("2026-11-20T02:00:00+00:00")
    failed_run(workspace, backup.id)
    still("2026-11-20T13:58:00+00:00")
    commands.block(workspace, script.id, "the key is with the vendor")
    commands.unblock(workspace, script.id)
    still(NOW)
    assert notes.depends_on
    assert deferred.state is State.DEFERRED
    return workspace


def failed_run(workspace: Workspace, item: str, outcome: str = "failed") -> None:
    """One run of an item as the runner records it, with its output in its folder."""
    start_run(workspace, item)
    folder = f"run/{item}.1"
    finished = RunFinished(
        f"{item}.1", 1, outcome, State.FAILED, "2026-11-20T02:00:00.000000Z", 62.5, folder,
        exit_code=10, peak_memory=48_300_000, output_bytes=len(OUTPUT), tail=OUTPUT, reason="exit 10",
    )  # fmt: skip
    workspace.log.append([New(f"task/{item}", "task.run.finished", finished)])


def start_run(workspace: Workspace, item: str) -> Path:
    """A run under way; returns the file that its output goes to."""
    folder = f"run/{item}.1"
    (workspace.root / folder).mkdir(parents=True)
    output = workspace.root / folder / "output.log"
    output.write_text(OUTPUT)
    started = RunStarted(f"{item}.1", 1, State.OPEN, "halo:101:1", "2026-11-20T03:00:00.000000Z", folder)
    workspace.log.append([New(f"task/{item}", "task.run.started", started)])
    return output


@pytest.fixture
def thousands(workspace: Workspace, still: Callable[[str], None]) -> Workspace:
    """A workspace with 3,000 items."""
    still("2026-11-18T09:30:00+00:00")
    fill(workspace, 3_000)
    still(NOW)
    return workspace


def fill(workspace: Workspace, count: int) -> None:
    """Make items, in one append."""
    kinds = (Kind.TASK, Kind.TASK, Kind.AGENT_JOB)
    workspace.log.append(
        [
            New(
                f"task/T-{number:03d}",
                "task.item.added",
                TaskAdded(
                    f"Look at report {number}", kind=kinds[number % 3], priority=number % 4, tags=[f"w{number % 7}"]
                ),
                expected=0,
            )
            for number in range(1, count + 1)
        ]
    )


class Desk:
    """A workstation under test, and what its tests ask of it."""

    def __init__(self, app: Workstation, pilot: Pilot[None]) -> None:
        self.app, self.pilot = app, pilot

    async def press(self, *keys: str) -> None:
        """Press keys, each after what the one before set off."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def type(self, text: str) -> None:
        await self.pilot.press(*("space" if character == " " else _key(character) for character in text))
        await self.settle()

    async def settle(self) -> None:
        await settled(self.app, self.pilot.pause)

    async def until(self, condition: Callable[[], object], seconds: float = 10.0) -> None:
        """Wait for something that another thread or process brings about."""
        for _ in range(int(seconds / 0.02)):
            if condition():
                return
            await self.pilot.pause(0.02)
        raise AssertionError(f"it did not happen within {seconds} s; the screen shows:\n{self.screen}")

    @property
    def screen(self) -> str:
        """What the terminal shows."""
        return "\n".join(
            "".join(segment.text for segment in strip) for strip in self.app.screen._compositor.render_strips()
        )

    @property
    def said(self) -> str:
        """What the bottom line says."""
        return "".join(text for text, _ in self.app.said)


def _key(character: str) -> str:
    from textual.keys import _character_to_key

    return _character_to_key(character)


@asynccontextmanager
async def desk(
    workspace: Workspace, size: tuple[int, int] = (120, 40), screen: str | None = None, *, live: bool = True
) -> AsyncIterator[Desk]:
    """A workstation on a workspace, begun and at rest."""
    app = Workstation(workspace, Options(screen, still=not live))
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        made = Desk(app, pilot)
        await made.settle()
        yield made
        await app.action_quit()


@pytest.fixture
def picture(snap_compare: Callable[..., bool]) -> Callable[..., None]:
    """`picture(workspace, "80x24", "halo-dark", "j", "enter")` compares the screen after those keys."""

    def compare(workspace: Workspace, size: str, theme: str, *keys: str, screen: str = "tasks") -> None:
        columns, rows = map(int, size.split("x"))
        app = Workstation(workspace, Options(screen, theme, still=True))
        app.animation_level = "none"

        async def before(pilot: Pilot[None]) -> None:
            here = Desk(app, pilot)
            await here.settle()
            for key in keys:
                await (here.type(key[5:]) if key.startswith("type ") else here.press(key))
            for field in app.screen.query(Input):
                field.cursor_blink = False
            await here.settle()
            assert app._exception is None

        assert snap_compare(app, terminal_size=(columns, rows), run_before=before)

    return compare
