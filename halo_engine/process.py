"""Running a command: its own session, a timeout, its output in a file, and nothing of it left when it has ended."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from subprocess import DEVNULL, STDOUT, Popen
from typing import Any, BinaryIO

from msgspec import Struct

from halo_engine import clock, process_tree
from halo_engine.errors import Unavailable

BOOT = "import sys; sys.path.insert(0, sys.argv.pop(1)); from halo_engine.supervisor import main; main()"
HOME = Path(__file__).parent.parent
OVERDUE = 30.0
"""Seconds that a supervisor may be late before it is taken for stuck."""
TAIL = 4_000
"""Characters of output that `Outcome.tail` holds at most."""


class Outcome(Struct, frozen=True):
    """How a command ended."""

    started: datetime
    duration: float
    """Seconds, by the clock that nobody sets."""
    exit_code: int | None
    """As the shell counts: 128 + n for an end by signal n. None when nobody saw it."""
    timed_out: bool = False
    stopped: bool = False
    """`Child.stop` was called, or the supervisor was asked to end."""
    peak_memory: int | None = None
    """Bytes that its largest process held at its largest; never less than the 10 MiB or so of the supervisor."""
    output_bytes: int = 0
    """All that it wrote, also what was not kept."""
    tail: str = ""
    """The end of the output; bytes that are not UTF-8 are replaced."""
    ended: int = 0
    """Processes that it left running when it ended by itself, and that were ended then."""
    left: int = 0
    """Processes that could not be ended, not even by SIGKILL."""
    error: str = ""
    """Why the outcome is not known."""


class Limits(Struct, frozen=True):
    """What a command may do, as `start` was told."""

    timeout: float | None
    grace: float
    marker: Mapping[str, str]
    output: int = 0
    """Bytes of output that are kept; 0: all."""

    @property
    def longest(self) -> float | None:
        """Seconds after which a supervisor must have answered."""
        return None if self.timeout is None else self.timeout + self.grace + process_tree.LAST_RESORT + OVERDUE


class Child:
    """A command under way. `wait` must be called; `stop` may be, from any thread."""

    def __init__(self, supervisor: Popen[bytes], line: socket.socket, limits: Limits, output: Path) -> None:
        self.pid = supervisor.pid
        """The supervisor's process id; the command and all that it starts descend from it."""
        self.started = clock.now()
        self._begun = time.monotonic()
        self._supervisor = supervisor
        self._line = line
        self._limits = limits
        self._output = output

    def stop(self) -> None:
        """End the command and all that it started; `wait` returns when that is done."""
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_WR)

    def wait(self) -> Outcome:
        """Wait for the end of the command and of everything that it started.

        Raises Unavailable when the command could not be started.
        """
        report = self._report()
        self._supervisor.wait()
        self._line.close()
        if "error" in report:
            raise Unavailable(f"the command could not be started: {report['error']}")
        report = report or self._orphaned()
        size = self._output.stat().st_size if self._output.exists() else 0
        size += report.pop("unkept", 0)
        return Outcome(started=self.started, output_bytes=size, tail=tail(self._output), **report)

    def _report(self) -> dict[str, Any]:
        """What the supervisor says at its end; nothing when it died, or is stuck and was killed."""
        said = b""
        try:
            self._line.settimeout(self._limits.longest)
            while part := self._line.recv(65_536):
                said += part
        except OSError:
            self._supervisor.kill()
        return json.loads(said) if said else {}

    def _orphaned(self) -> dict[str, Any]:
        """The supervisor is gone without a word: end by their mark what it watched over."""
        ended, left = process_tree.end_marked(self._limits.marker, self._limits.grace)
        duration = time.monotonic() - self._begun
        why = "the process that watched over the command was killed"
        return {"exit_code": None, "duration": duration, "ended": ended, "left": left, "error": why}


def start(  # noqa: PLR0913 (what it runs, where, and within which limits)
    command: str | Sequence[str],
    *,
    cwd: Path,
    env: Mapping[str, str],
    output: Path,
    stdin: Path | None = None,
    timeout: float | None = None,
    grace: float = 5.0,
    marker: Mapping[str, str] | None = None,
    limit: int = 0,
) -> Child:
    """Start a command, a line for `/bin/sh` or a list of arguments, in a session of its own.

    Output and errors go to the file `output`, together. After `timeout` seconds, on `Child.stop`, when the calling
    process dies, and when the command itself has ended, all that it started is ended: SIGTERM, `grace` seconds,
    SIGKILL. `marker`: environment variables that no other command has, by which strays are found. `limit`: bytes of
    output that are kept, see `process_output`; 0: all.

    Raises Unavailable when the output cannot be written, or the folder or the input cannot be read.
    """
    limits = Limits(timeout, grace, marker or {}, limit)
    arguments = ["/bin/sh", "-c", command] if isinstance(command, str) else list(command)
    ours, theirs = socket.socketpair()
    with ExitStack() as files:
        files.enter_context(theirs)
        try:
            supervisor = Popen(
                [*_supervisor(theirs.fileno(), limits), *arguments],
                cwd=cwd,
                env={**env, **limits.marker},
                stdin=files.enter_context(stdin.open("rb")) if stdin else DEVNULL,
                stdout=files.enter_context(_emptied(output)),
                stderr=STDOUT,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            ours.close()
            raise Unavailable(f"the command could not be started: {error}") from error
    return Child(supervisor, ours, limits, output)


def _emptied(output: Path) -> BinaryIO:
    """The file, empty, for reading and appending: it may be cut while somebody writes to it."""
    output.open("wb").close()
    return output.open("a+b")


def tail(path: Path, characters: int = TAIL) -> str:
    """The end of a file as text, at most so many characters, the first of them whole. Empty when there is no file."""
    try:
        with path.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            # a character has at most 4 bytes, and one that was cut in two lies in the 3 that are read beyond need
            file.seek(max(0, end - 4 * characters - 3))
            return file.read().decode("utf-8", errors="replace")[-characters:]
    except OSError:
        return ""


def _supervisor(descriptor: int, limits: Limits) -> list[str]:
    """The command line of a supervisor. `-I`: neither the folder nor PYTHONPATH can put other modules under it."""
    timeout = str(limits.timeout if limits.timeout is not None else "inf")
    marker = json.dumps(dict(limits.marker))
    words = [str(descriptor), timeout, str(limits.grace), str(limits.output), marker]
    return [sys.executable, "-I", "-c", BOOT, str(HOME), *words]
