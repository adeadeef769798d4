"""The process that keeps one instance running: a child of nobody, it starts the instance again when it ends.

It lives in a session of its own, so that it outlives the terminal; daemons that the instance starts fall to it (Linux),
so that stopping it leaves nothing; should it be killed itself, the kernel ends the instance. Only light modules are
imported: there is one for each instance.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import select
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from subprocess import DEVNULL, PIPE, STDOUT, Popen
from typing import Any

from halo_engine import clock, process_tree
from halo_engine.supervisor import adopt_orphans, exit_code, wake_on_signals

PDEATHSIG = 1
"""`PR_SET_PDEATHSIG` of Linux's prctl(2)."""
STEADY = 60.0
"""Seconds after which a run counts as good: the next pause is a short one again."""
GRACE = 15.0
"""Seconds that an instance has to end what it is at; its runtime takes eight."""


def main() -> None:
    """Arguments: the file that says what to run, and the file to say in how it goes.

    A second one for the same instance says who the first is, and exits with 4.
    """
    spec, state = map(Path, sys.argv[1:])
    with state.with_suffix(".watched").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(_second(state))
        Watcher(json.loads(spec.read_bytes()), state).run()


def _second(state: Path) -> int:
    """Say who watches already; the exit code."""
    try:
        said = json.loads(state.read_bytes())
        who = f"process {said['pid']}, since {said['begun']}"
    except (OSError, ValueError, LookupError, TypeError):
        who = "another process"
    sys.stderr.write(f"error: {state.name.partition('.')[0]} is supervised already: {who}\n")
    return 4


class Watcher:
    """`spec`: `argv`, `cwd`, `env` (besides its own environment), `log` and its `log_size` in bytes, `marker` (a
    variable that only what this starts has), `place` (the folder that this was written in), `pause` and
    `longest_pause` between two starts in seconds, `ends` (short runs in a row before it gives up), `final` (exit codes
    that no other start would mend).
    """

    def __init__(self, spec: dict[str, Any], state: Path) -> None:
        self._spec = spec
        self._path = state
        self._log = Log(Path(spec["log"]), spec["log_size"])
        self._wake = wake_on_signals()
        adopt_orphans()
        identity = process_tree.identity(os.getpid())
        self._said: dict[str, Any] = {
            "pid": os.getpid(),
            "identity": identity,
            "begun": clock.stamp(),
            "place": spec["place"],
        }
        self._stopping = False

    def run(self) -> None:
        pause, short = self._spec["pause"], 0
        self._say(state="starting", restarts=0, since=clock.stamp())
        while True:
            begun = time.monotonic()
            code = self._one_run()
            if self._asked_to_stop():
                break
            lasted = time.monotonic() - begun
            pause, short = (self._spec["pause"], 0) if lasted >= STEADY else (pause, short + 1)
            if code in self._spec["final"] or short >= self._spec["ends"]:
                self._say(state="failed", child=None, exit_code=code, since=clock.stamp())
                return
            self._say(
                state="starting", child=None, exit_code=code, restarts=self._said["restarts"] + 1, since=clock.stamp()
            )
            if self._wait(pause):
                break
            pause = min(pause * 2, self._spec["longest_pause"])
        self._say(state="stopped", child=None, since=clock.stamp())

    def _one_run(self) -> int | None:
        """Start the instance and wait for its end, and that of all that it started; its exit code as the shell counts,
        127 when it could not be started.
        """
        parent = os.getpid()
        try:
            child = Popen(
                self._spec["argv"],
                cwd=self._spec["cwd"],
                env={**os.environ, **self._spec["env"], **self._spec["marker"]},
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                start_new_session=True,
                preexec_fn=lambda: _die_with(parent),  # noqa: PLW1509 (there is no other thread)
            )
        except OSError as error:
            self._log.write(f"cannot be started: {error}\n".encode())
            return 127
        self._say(
            state="running", child=child.pid, child_identity=process_tree.identity(child.pid), since=clock.stamp()
        )
        assert child.stdout
        status = self._listen(child.pid, child.stdout.fileno())
        self._end_rest()
        child.stdout.close()
        child.returncode = 0  # collected already
        return exit_code(status)

    def _listen(self, pid: int, output: int) -> int | None:
        """Write down what the instance says until it ends, or until this is to stop; its wait status."""
        os.set_blocking(output, False)
        statuses: dict[int, int] = {}
        watched = [output, self._wake]
        while True:
            _reap(statuses)
            if pid in statuses or self._stopping:
                self._drain(output)
                return statuses.get(pid)
            ready, _, _ = select.select(watched, [], [], 5.0)
            if output in ready and not self._drain(output):
                watched.remove(output)
            if self._wake in ready:
                self._heed()

    def _drain(self, output: int) -> bool:
        """Write down what there is to read now; False at the end of it."""
        with suppress(BlockingIOError):
            while part := os.read(output, 65_536):
                self._log.write(part)
            return False
        return True

    def _heed(self) -> None:
        if set(os.read(self._wake, 4096)) & {signal.SIGTERM, signal.SIGINT}:
            self._stopping = True

    def _asked_to_stop(self) -> bool:
        return self._stopping

    def _wait(self, seconds: float) -> bool:
        """Wait for so long; True when this was asked to stop meanwhile."""
        end = time.monotonic() + seconds
        while not self._asked_to_stop() and (left := end - time.monotonic()) > 0:
            ready, _, _ = select.select([self._wake], [], [], left)
            if ready:
                self._heed()
        return self._asked_to_stop()

    def _end_rest(self) -> None:
        """End all that the instance left, whatever session it went to."""
        process_tree.end(lambda: process_tree.descendants(os.getpid()) if _reap({}) else [], GRACE)

    def _say(self, **facts: Any) -> None:
        self._said |= facts
        draft = self._path.with_suffix(".new")
        with suppress(OSError):  # a full disk: what is asked is asked of the processes themselves too
            draft.write_text(json.dumps(self._said))
            draft.replace(self._path)


class Log:
    """What an instance prints, in a file that is rotated at its size; one old file is kept."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._file: int | None = None

    def write(self, raw: bytes) -> None:
        """A full disk costs lines, not the instance."""
        with suppress(OSError):
            if self._file is None:
                self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o600)
            os.write(self._file, raw)
            if os.fstat(self._file).st_size >= self._size:
                os.close(self._file)
                self._file = None
                self._path.replace(self._path.with_name(self._path.name + ".1"))


def _reap(statuses: dict[int, int]) -> bool:
    """Collect the children that have ended, and how; False when there are none left at all."""
    try:
        while True:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return True
            statuses[pid] = status
    except ChildProcessError:
        return False


def _die_with(parent: int) -> None:
    """In the new process: be ended when the watcher is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


if __name__ == "__main__":
    main()
