"""Process trees: finding what a command started, and ending all of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from psutil import Process

BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LAST_RESORT = 5.0
"""Seconds after SIGKILL before a process is given up: it hangs in the kernel, and nobody can end it."""


def descendants(pid: int) -> list[Process]:
    """The living children of a process, then theirs. Empty when there is no such process."""
    import psutil

    try:
        return _living(psutil.Process(pid).children(recursive=True))
    except psutil.NoSuchProcess:
        return []


def marked(marker: Mapping[str, str]) -> list[Process]:
    """The processes that have all of `marker` in their environment, other than this one.

    Finds daemons that left their parents and their session; not those that were given a clean environment, nor
    those of another user. Empty for an empty marker.
    """
    import psutil

    if not marker:
        return []
    others = (process for process in psutil.process_iter() if process.pid != os.getpid())
    return _living(process for process in others if marker.items() <= _environment(process).items())


def end(find: Callable[[], list[Process]], grace: float) -> tuple[int, int]:
    """End what `find` finds, until it finds nothing: SIGTERM once each, SIGKILL after `grace` seconds.

    In the order found: a shell must end before the program it waits for, or it goes on to its next line.
    Returns how many were ended, and how many could not be.
    """
    asked: set[Process] = set()
    begun, pause = time.monotonic(), 0.005
    while found := find():
        elapsed = time.monotonic() - begun
        if elapsed >= grace + LAST_RESORT:
            return len(asked.difference(found)), len(found)
        for process in found:
            if elapsed >= grace or process not in asked:
                _end_one(process, kill=elapsed >= grace)
        asked.update(found)
        pause = min(pause * 1.5, 0.1)
        time.sleep(min(pause, max(grace - elapsed, 0.005)))
    return len(asked), 0


def end_marked(marker: Mapping[str, str], grace: float) -> tuple[int, int]:
    """End what a dead runner, or a dead supervisor, left running. Returns as `end` does."""
    return end(lambda: marked(marker), grace)


def identity(pid: int) -> str | None:
    """What tells a process from a later one of the same number, however the clock is set: boot and time since then.

    None when there is no such process, or when it has ended and only its entry is left.
    """
    if BOOT_ID.exists():
        return _linux_identity(pid)
    import psutil

    try:
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else f"{process.create_time():.0f}"
    except psutil.NoSuchProcess:
        return None


def boot() -> str:
    """What an `identity` begins with, up to its `-`: it tells this start of the machine from others. Empty where there
    is no such thing.
    """
    return BOOT_ID.read_text(encoding="ascii")[:8] if BOOT_ID.exists() else ""


def uptime() -> float:
    """Seconds since the machine was started, without those that it slept: what slept with it is not late for that."""
    return time.monotonic()


def _linux_identity(pid: int) -> str | None:
    """See `identity`; from /proc, as the dear psutil takes the time of the start by the clock, which may be set."""
    try:
        state, *fields = Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
        return None if state in b"ZX" else f"{boot()}-{int(fields[18])}"
    except (OSError, ValueError):
        return None


def _living(processes: Iterable[Process]) -> list[Process]:
    import psutil

    living = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                living.append(process)
    return living


def _environment(process: Process) -> Mapping[str, str]:
    import psutil

    try:
        return process.environ()
    except (psutil.Error, OSError):
        return {}


def _end_one(process: Process, *, kill: bool) -> None:
    """Ask a process to end, or make it; one that is stopped is woken to hear it."""
    import psutil

    with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
        if kill:
            process.kill()
        else:
            process.terminate()
            process.send_signal(signal.SIGCONT)
