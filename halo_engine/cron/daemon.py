"""`cronctl daemon`, for machines without cron: starts each job when it is due, in a process of its own.

It remembers nothing: what was run stands in the log, so it may be ended, started again, or run twice.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from subprocess import Popen

from halo_engine import clock
from halo_engine.cron import jobs, leases, queries
from halo_engine.cron.commands import observe
from halo_engine.errors import HaloError
from halo_engine.runs.signals import stopping_on_signals
from halo_engine.workspace import Workspace

CALL = "from halo_engine.cron.cli import main; main()"
GRACE = 40.0
"""Seconds that runs under way get to end when the daemon does."""
Tell = Callable[[str], None]


def run(workspace: Workspace, tell: Tell, *, once: bool = False) -> list[str]:
    """Run until a signal asks to stop; with `once`, start what is due now, and wait for it. In a dry run: say what
    would be started now.

    Returns the jobs, in the order in which they were started.
    """
    daemon = Daemon(workspace, tell)
    with stopping_on_signals(daemon.stop):
        daemon.run(once=once or workspace.dry_run)
    return daemon.started


class Daemon:
    """`run` is called once; `stop` from a signal handler."""

    def __init__(self, workspace: Workspace, tell: Tell) -> None:
        self._workspace = workspace
        self._tell = tell
        self._stopped = threading.Event()
        self._children: dict[str, Popen[bytes]] = {}
        self._said: set[str] = set()
        self.started: list[str] = []

    def stop(self, why: str) -> None:
        self._tell(f"stopping ({why})")
        self._stopped.set()

    def run(self, *, once: bool) -> None:
        try:
            while not self._stopped.is_set():
                self.look()
                if once:
                    break
                self._stopped.wait(_to_the_next_minute())
        finally:
            self._end_all(gently=once)

    def look(self) -> None:
        """Start every job that has an occurrence which nobody has seen to."""
        for name, child in list(self._children.items()):
            if child.poll() is not None:
                del self._children[name]
        on, broken = jobs.enabled(self._workspace)
        for each in broken:
            self._say(f"{each.name} is left out: {each.why}")
        for name, job in on.items():
            try:
                leases.recover(self._workspace, name)
                if queries.due(self._workspace, name, job).count:
                    self._start(name)
                else:
                    observe(self._workspace, name, job)
            except HaloError as error:
                self._say(f"{name}: {error.message}")

    def _start(self, name: str) -> None:
        """Another process for each run, also while the last one goes on: the job says what happens then."""
        self.started.append(name)
        if self._workspace.dry_run:
            return
        words = ["run", name, "--due", "--workspace", str(self._workspace.root)]
        key = f"{name} {clock.stamp()}"
        self._children[key] = Popen([sys.executable, "-c", CALL, *words])
        self._tell(f"{name} is due")

    def _say(self, text: str) -> None:
        """Each trouble once."""
        if text not in self._said:
            self._said.add(text)
            self._tell(text)

    def _end_all(self, *, gently: bool) -> None:
        for child in self._children.values():
            if not gently:
                child.terminate()
        for child in self._children.values():
            child.wait(None if gently else GRACE)


def _to_the_next_minute() -> float:
    """Seconds; a second more, so that the minute has begun for certain."""
    now = clock.now()
    following = now.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return min((following - now).total_seconds() + 0.5, 60.0)
