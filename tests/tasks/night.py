"""What the tests of the runner share: a workspace with items, and a runner in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from halo_engine import process_tree
from halo_engine.tasks import commands, queries
from halo_engine.tasks.night import runner
from halo_engine.tasks.night.report import Report
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.store import Item, Run
from halo_engine.workspace import Workspace

QUICK = "backoff: 0.05\nbackoff_cap: 0.2\nkill_grace: 0.5\n"
NIGHTCTL = "from halo_engine.tasks.cli import main; main()"
PLAN = """\
<plan>
  <goal>Say hello</goal>
  <steps><step n="1" output="a greeting">Write it</step></steps>
  <constraints><constraint>Be brief</constraint></constraints>
  <success><criterion>It is there</criterion></success>
</plan>
"""


class Night:
    """A workspace for tests of the runner."""

    def __init__(self, root: Path, settings: str = QUICK) -> None:
        self.workspace = Workspace(root)
        self.workspace.create()
        self.lines: list[str] = []
        """What the runner told."""
        self.configure(settings)

    def configure(self, settings: str) -> None:
        (self.workspace.root / "nightctl.yaml").write_text(settings, encoding="utf-8")

    def job(self, command: str, **fields: Any) -> str:
        return commands.add(self.workspace, command[:60], kind=Kind.JOB, command=command, **fields).item.id

    def agent_job(self, *, approved: bool = True) -> str:
        item = commands.add(self.workspace, "Greet them", kind=Kind.AGENT_JOB, context="All of them").item.id
        commands.plan(self.workspace, item, PLAN)
        if approved:
            commands.approve(self.workspace, item)
        return item

    def run(self, *items: str, **options: Any) -> Report:
        options.setdefault("now", True)
        return runner.run(self.workspace, runner.Options(items=items, **options), self.lines.append)

    def item(self, item: str) -> Item:
        return queries.item(self.workspace, item)

    def state(self, item: str) -> State:
        return self.item(item).state

    def runs(self, item: str) -> list[Run]:
        """Oldest first."""
        return queries.runs(self.workspace, item)[::-1]

    def history(self, item: str) -> list[str]:
        return [event.type.partition(".")[2] for event in queries.history(self.workspace, item)]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """`nightctl run`, in a process of its own."""
        command = [sys.executable, "-c", NIGHTCTL, "run", "--workspace", str(self.workspace.root), *arguments]
        return subprocess.Popen(
            command, cwd=Path(__file__).parents[2], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )

    def strays(self) -> list[str]:
        """Command lines of what runs of this workspace still have running."""
        found = process_tree.marked({"HALO_WORKSPACE": str(self.workspace.root)})
        return [" ".join(each.cmdline()) for each in found]


def wait_for(true: Callable[[], bool], what: str = "it") -> None:
    """Wait until something is so; after a minute it will not be."""
    deadline = time.monotonic() + 60
    while not true():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.02)


def gone(process: subprocess.Popen[bytes], signal_number: int | None = None) -> tuple[int, str]:
    """End a process, by a signal if one is given; its exit code and what it said on stderr."""
    if signal_number is not None:
        os.kill(process.pid, signal_number)
    _, said = process.communicate(timeout=60)
    return process.returncode, said.decode()
