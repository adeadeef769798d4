"""Whether an instance answers: what `create`, `reset` and `push` wait for."""

from __future__ import annotations

import os
import stat
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from halo_engine.fleet import primes
from halo_engine.fleet.instance import Instance, Runtime, folder, layout
from halo_engine.fleet.primes import Probe
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from halo_engine.fleet.supervisors.supervisor import Running

PAUSE = 0.1
"""Seconds between two looks."""
ASKED_AGAIN = 1.0
"""Seconds between two questions to the supervisor, which may have to start a program for each."""
LAST = 8192
"""Bytes at the end of what an instance printed."""


class Answered(Struct, frozen=True):
    """What came of asking."""

    ok: bool
    evidence: str
    seconds: float


def answers(workspace: Workspace, instance: Instance, timeout: float) -> Answered:
    """Ask a running instance until it answers, or until `timeout` seconds have passed.

    Ours: a message goes in and its reply comes out. Others: what `probe` in their `prime.yaml` says.
    """
    begun = time.monotonic()
    ending = Ending(workspace, instance)
    if instance.runtime is Runtime.HALO:
        from halo_engine.fleet.asking import round_trip

        ok, evidence = round_trip(workspace, instance, timeout, ending.came)
    else:
        ok, evidence = _asked(workspace, instance, begun + timeout, ending)
    said = evidence if ok else ending.words() or evidence
    return Answered(ok, said, time.monotonic() - begun)


def _asked(workspace: Workspace, instance: Instance, deadline: float, ending: Ending) -> tuple[bool, str]:
    place = folder(workspace, instance)
    before = _touched(place, primes.read(place).probe)
    ok, evidence = False, "was not asked"
    while not ok and time.monotonic() < deadline and not ending.came():
        ok, evidence = _probed(place, instance, before)
        if not ok:
            time.sleep(PAUSE)
    return ok, evidence


def _probed(place: Path, instance: Instance, before: int) -> tuple[bool, str]:
    """One look at what is not ours: the page it serves, or the file it touches."""
    probe = primes.read(place).probe
    if probe.http:
        return _page(instance.ports.get("http", 0), probe.http)
    if not probe.file:
        return True, "its prime.yaml has no probe: it was started, and nobody knows more"
    touched = _touched(place, probe)
    if touched == before:
        return False, f"{probe.file} is not touched"
    return True, f"{probe.file} was touched"


def _touched(place: Path, probe: Probe) -> int:
    """When the probe's file was touched last; 0 for never."""
    try:
        return os.lstat(place / probe.file).st_mtime_ns if probe.file else 0
    except OSError:
        return 0


def _page(port: int, path: str) -> tuple[bool, str]:
    from http.client import HTTPConnection, HTTPException

    line = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", path)
        status = line.getresponse().status
    except (OSError, HTTPException) as error:
        return False, f"port {port}: {error}"
    finally:
        line.close()
    return status == 200, f"port {port}{path} said {status}"


class Ending:
    """Whether an instance that is waited for will never answer, because its supervisor has given it up; and what it
    printed last.
    """

    def __init__(self, workspace: Workspace, instance: Instance) -> None:
        self._workspace = workspace
        self._instance = instance
        self._next = time.monotonic() + PAUSE

    def came(self) -> bool:
        """Asks the supervisor now and then only."""
        if time.monotonic() < self._next:
            return False
        self._next = time.monotonic() + ASKED_AGAIN
        return self._status().state == "failed"

    def words(self) -> str:
        """Why it does not run, as it said itself; empty for one that runs."""
        found = self._status()
        if found.state == "running":
            return ""
        last = last_words(self._workspace, self._instance)
        return "; ".join(part for part in (found.evidence or found.state, f"it said: {last}" if last else "") if part)

    def _status(self) -> Running:
        return supervisor_of(self._instance).status(self._workspace, self._instance)


def last_words(workspace: Workspace, instance: Instance) -> str:
    """The last error that an instance printed, else its last line; secrets taken out. Empty where there is none."""
    from halo_engine.secrets import known, redact

    try:
        raw = _end_of(layout(workspace, instance).logs / "console.log")
    except OSError:
        return ""
    lines = [line.strip() for line in raw.decode(errors="replace").splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "error" in line.lower()), lines[-1] if lines else "")
    return redact(said, known(workspace.root))[:300]


def _end_of(path: Path) -> bytes:
    """Raises OSError, also for what is no plain file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        return os.pread(descriptor, LAST, max(0, status.st_size - LAST)) if stat.S_ISREG(status.st_mode) else b""
    finally:
        os.close(descriptor)
