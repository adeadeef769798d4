"""How a run ended, in the words of the log."""

from __future__ import annotations

import signal

import msgspec

from halo_engine import process, times


class Result(msgspec.Struct, frozen=True):
    """How a run ended: `succeeded`, `failed`, `timed_out`, `cancelled` or `lost`, and what is known of it."""

    outcome: str
    reason: str = ""
    duration: float = 0.0
    """Seconds."""
    exit_code: int | None = None
    peak_memory: int | None = None
    """Bytes."""
    output_bytes: int = 0
    tail: str = ""
    """The end of the output."""


class Stop(msgspec.Struct, frozen=True):
    """Why a run is ended from outside."""

    outcome: str
    reason: str


RUNNER_STOPPED = Stop("lost", "the runner was stopped")


def result_of(ended: process.Outcome, stop: Stop | None, timeout: float) -> Result:
    """What a command's end means. `stop`: it was to be ended, and why; it may have been faster."""
    outcome, reason = _verdict(ended, stop, timeout)
    if ended.left:
        reason = f"{reason}; {ended.left} processes could not be ended".lstrip("; ")
    return Result(outcome, reason, ended.duration, ended.exit_code, ended.peak_memory, ended.output_bytes, ended.tail)


def _verdict(ended: process.Outcome, stop: Stop | None, timeout: float) -> tuple[str, str]:
    if ended.stopped:
        return (stop.outcome, stop.reason) if stop else ("failed", "ended by a signal to its supervisor")
    if ended.timed_out:
        return "timed_out", f"timed out after {times.span(timeout)}"
    if ended.exit_code == 0:
        return "succeeded", ""
    return "failed", ended.error or _code(ended.exit_code)


def _code(code: int | None) -> str:
    names = {128 + number: number.name for number in signal.Signals}
    return f"exit code {code}" + (f" ({names[code]})" if code in names else "")
