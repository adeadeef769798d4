"""One run of an item: its folder, its environment, its command, and how it ended."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import process
from halo_engine.errors import HaloError, Unavailable
from halo_engine.process import Child
from halo_engine.tasks import queries
from halo_engine.tasks.config import NightSettings
from halo_engine.tasks.night.leases import Claim, runner
from halo_engine.tasks.night.outcomes import Result, Stop, result_of
from halo_engine.tasks.states import Kind
from halo_engine.workspace import Workspace, replace, writing

VALUE_LIMIT = 100_000
"""Bytes of one environment variable; Linux takes 131,072 with its name."""


class Execution:
    """A run under way. `run` is called once, in a thread of its own; `stop` from any thread, at any time."""

    def __init__(self, workspace: Workspace, settings: NightSettings, claim: Claim) -> None:
        self.claim = claim
        self._workspace = workspace
        self._settings = settings
        self._folder = workspace.root / claim.folder
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._stop: Stop | None = None

    def stop(self, why: Stop) -> None:
        """End it, and all that it started, for that reason; the first reason counts."""
        with self._lock:
            self._stop = self._stop or why
            if self._child:
                self._child.stop()

    def run(self) -> Result:
        """Run the item's command to its end. What keeps it from starting is a failed run like any other."""
        try:
            child = self._started()
            if child is None:
                assert self._stop
                return Result(self._stop.outcome, self._stop.reason)
            ended = child.wait()
        except HaloError as error:
            return Result("failed", error.message)
        result = result_of(ended, self._stop, self._settings.timeout_of(self.claim.item))
        with suppress(OSError):  # the log has it all; the folder is for people who look into it
            self._write_down(child.pid, result)
        return result

    def _started(self) -> Child | None:
        """The command, started; None when it was stopped before."""
        item, settings = self.claim.item, self._settings
        with writing(self._folder):
            self._folder.mkdir(parents=True, exist_ok=True)
            plan = self._plan()
        with self._lock:
            if self._stop:
                return None
            self._child = process.start(
                command_of(settings, self.claim),
                cwd=self._workspace.root,
                env=environment(self._workspace, self.claim, plan),
                stdin=plan,
                output=self._folder / "output.log",
                timeout=settings.timeout_of(item),
                grace=settings.kill_grace,
                marker=self.claim.marker,
            )
        with suppress(OSError):
            self._write_down(self._child.pid)
        return self._child

    def _plan(self) -> Path | None:
        """The agent-job's plan, as a file in the run's folder."""
        item = self.claim.item
        if item.kind is not Kind.AGENT_JOB:
            return None
        plan = queries.plan(self._workspace, item.id)
        if plan is None or plan.hash != item.approved_hash:
            raise Unavailable(f"the approved plan of {item.id} is not there any more")
        replace(self._folder / "plan.xml", plan.xml)
        return self._folder / "plan.xml"

    def _write_down(self, pid: int, result: Result | None = None) -> None:
        """`run.json`: what runs here, and at the end how it went."""
        claim = self.claim
        record: dict[str, Any] = {
            "run": claim.run,
            "item": claim.item.id,
            "title": claim.item.title,
            "attempt": claim.attempt,
            "command": command_of(self._settings, claim),
            "started": claim.started,
            "runner": runner(),
            "supervisor": pid,
            "result": result,
        }
        replace(self._folder / "run.json", msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n")


def command_of(settings: NightSettings, claim: Claim) -> str:
    """The shell command that does the item."""
    agent = claim.item.kind is Kind.AGENT_JOB
    return (settings.agent_command if agent else claim.item.command) or ""


def environment(workspace: Workspace, claim: Claim, plan: Path | None) -> dict[str, str]:
    """The runner's environment, and what a command may want to know of its item and run, beside the claim's marker."""
    item, event = claim.item, claim.event
    own = {
        "HALO_WORKSPACE": str(workspace.root),
        "HALO_ITEM": item.id,
        "HALO_TITLE": item.title,
        "HALO_CONTEXT": item.context,
        "HALO_REASON": item.reason,
        "HALO_RUN_FOLDER": str(workspace.root / claim.folder),
        "HALO_ATTEMPT": str(claim.attempt),
        "HALO_ACTOR": f"{'agent' if item.kind is Kind.AGENT_JOB else 'job'}:{item.id}",
        "HALO_CORRELATION_ID": event.correlation_id if event else "",
        # so that `nightctl` is found where nothing else goes by that name
        "PATH": f"{os.environ.get('PATH', os.defpath)}{os.pathsep}{Path(sys.executable).parent}",
    }
    if plan:
        own["HALO_PLAN"] = str(plan)
    return {**os.environ, **{name: _fitting(value) for name, value in own.items()}}


def _fitting(value: str) -> str:
    """A value that the system takes: not too long, without NUL."""
    return value.replace("\0", "").encode()[:VALUE_LIMIT].decode(errors="ignore")
