"""One command under way: its folder, its record there, and how it ended."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import process
from halo_engine.errors import HaloError
from halo_engine.process import Child
from halo_engine.runs.holders import runner
from halo_engine.runs.results import Result, Stop, result_of
from halo_engine.workspace import replace

OUTPUT_LIMIT = 10 * 2**20
VALUE_LIMIT = 100_000
"""Bytes of one environment variable; Linux takes 131,072 with its name."""


class Order(msgspec.Struct, frozen=True):
    """What to run, where, and within which limits."""

    command: str
    """For `/bin/sh`."""
    cwd: Path
    folder: Path
    """Keeps the output, and `run.json`."""
    env: Mapping[str, str]
    timeout: float
    grace: float
    marker: Mapping[str, str]
    """See `process.start`."""
    record: Mapping[str, Any]
    """What `run.json` says beside the command, its processes and its result."""
    stdin: Path | None = None
    output: str = "output.log"
    limit: int = OUTPUT_LIMIT
    """Bytes of output that are kept; see `process_output`."""


class Execution:
    """A run under way. `run` is called once, in a thread of its own; `stop` from any thread, at any time."""

    def __init__(self, prepare: Callable[[], Order]) -> None:
        """`prepare` makes the folder and what the command needs in it; it is called by `run`."""
        self._prepare = prepare
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
        """Run the command to its end. What keeps it from starting is a failed run like any other."""
        try:
            order = self._prepare()
            child = self._started(order)
            if child is None:
                assert self._stop
                return Result(self._stop.outcome, self._stop.reason)
            ended = child.wait()
        except HaloError as error:
            return Result("failed", error.message)
        result = result_of(ended, self._stop, order.timeout)
        with suppress(OSError):  # the log has it all; the folder is for people who look into it
            _write_down(order, child.pid, result)
        return result

    def _started(self, order: Order) -> Child | None:
        """The command, started; None when it was stopped before."""
        with self._lock:
            if self._stop:
                return None
            self._child = process.start(
                order.command,
                cwd=order.cwd,
                env=order.env,
                stdin=order.stdin,
                output=order.folder / order.output,
                timeout=order.timeout,
                grace=order.grace,
                marker=order.marker,
                limit=order.limit,
            )
        with suppress(OSError):
            _write_down(order, self._child.pid)
        return self._child


def _write_down(order: Order, pid: int, result: Result | None = None) -> None:
    """`run.json`: what runs here, and at the end how it went."""
    record = {**order.record, "command": order.command, "runner": runner(), "supervisor": pid, "result": result}
    path = order.folder / "run.json"
    replace(path, msgspec.json.format(msgspec.json.encode(record), indent=2).decode() + "\n")


def fitting(value: str) -> str:
    """A value that the environment takes: not too long, without NUL."""
    return value.replace("\0", "").encode()[:VALUE_LIMIT].decode(errors="ignore")
