"""A small process between a runner and a command: it starts the command, ends it in time, leaves nothing of it behind.

`process.start` runs it; nobody else does. It is a process of its own because

- a command's peak memory counts what its parent held when it was started, and a runner may hold much;
- daemons that leave their parents fall to it (Linux: as a subreaper), so that all of them are found;
- a runner that is killed takes its commands along: the socket between them ends, and that means stop.

Only the standard library's light modules are imported, since one starts for every command.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from subprocess import Popen
from typing import Any

from halo_engine import process_tree
from halo_engine.process_output import LOOK, Kept

SUBREAPER = 36
"""`PR_SET_CHILD_SUBREAPER` of Linux's prctl(2)."""


def main() -> None:
    """Arguments: the socket's descriptor, timeout and grace in seconds, the bytes of output that are kept (0: all),
    marker as JSON, then the command.
    """
    descriptor, timeout, grace, limit, marker, *command = sys.argv[1:]
    line = socket.socket(fileno=int(descriptor))
    line.set_inheritable(False)
    kept = Kept(sys.stdout.fileno(), int(limit)) if int(limit) else None
    supervisor = Supervisor(line, float(grace), json.loads(marker), kept)
    report = supervisor.run(command, float(timeout))
    with suppress(BrokenPipeError):  # a runner that died does not listen
        line.sendall(json.dumps(report).encode())


class Supervisor:
    """Starts one command, watches it, and ends all that it started."""

    def __init__(self, line: socket.socket, grace: float, marker: dict[str, str], kept: Kept | None) -> None:
        self.line = line
        self.kept = kept
        self.grace = grace
        self.marker = marker
        self.adopts = adopt_orphans()
        self.statuses: dict[int, int] = {}
        """How each child ended: wait status by process id."""

    def run(self, command: list[str], timeout: float) -> dict[str, Any]:
        """Run the command to its end; what `process.Outcome` needs to know, or `error` when it cannot be started."""
        wake = wake_on_signals()
        begun = time.monotonic()
        try:
            child = Popen(command, start_new_session=True)
        except OSError as error:
            return {"error": error.strerror or str(error)}
        cause = self.watch(child.pid, wake, begun + timeout)
        duration = time.monotonic() - begun
        ended, left = self.end_rest()
        self.trim()
        child.returncode = 0  # collected already: Popen has nothing to wait for
        return {
            "exit_code": exit_code(self.statuses.get(child.pid)),
            "duration": duration,
            "peak_memory": peak_memory(),
            "timed_out": cause == "timeout",
            "stopped": cause == "stop",
            "ended": ended if cause is None else 0,
            "left": left,
            "unkept": self.kept.unkept if self.kept else 0,
        }

    def trim(self) -> None:
        """Keep the output within its limit; where the disk refuses that, it stays as it is."""
        if self.kept:
            with suppress(OSError):
                self.kept.trim()

    def watch(self, pid: int, wake: int, deadline: float) -> str | None:
        """Wait for the child's end: None, or `timeout` or `stop` when it has to be ended."""
        line = self.line.fileno()
        while True:
            self.reap()
            if pid in self.statuses:
                return None
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return "timeout"
            ready, _, _ = select.select([line, wake], [], [], min(remaining, LOOK if self.kept else 86_400))
            self.trim()
            if line in ready or (wake in ready and set(os.read(wake, 4096)) != {signal.SIGCHLD}):
                return "stop"

    def reap(self) -> bool:
        """Collect the children that have ended; False when there are none left at all."""
        try:
            while True:
                pid, status = os.waitpid(-1, os.WNOHANG)
                if pid == 0:
                    return True
                self.statuses[pid] = status
        except ChildProcessError:
            return False

    def end_rest(self) -> tuple[int, int]:
        """End everything that the command started. Returns how many were ended, and how many could not be."""
        if not self.reap() and self.adopts:
            return 0, 0
        return process_tree.end(self.rest, self.grace)

    def rest(self) -> list[Any]:
        if not self.reap() and self.adopts:
            return []
        return process_tree.descendants(os.getpid()) or process_tree.marked(self.marker)


def adopt_orphans() -> bool:
    """Become the parent of every descendant that loses its own. False where the system cannot do that."""
    if sys.platform != "linux":
        return False
    import ctypes

    return bool(ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0) == 0)


def wake_on_signals() -> int:
    """A descriptor that gets the number of each signal that arrives: a child's end, or a request to stop."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: None)
    return reading


def exit_code(status: int | None) -> int | None:
    """A wait status as the shell counts: 128 + n for an end by signal n. None when nobody saw the end."""
    if status is None:
        return None
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def peak_memory() -> int:
    """Bytes that the largest process of the command held at its largest."""
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit


if __name__ == "__main__":
    main()
