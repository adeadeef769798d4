"""Whether an instance answers: what `create`, `reset` and `push` wait for."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from halo_engine.fleet.files import primes, trees
from halo_engine.fleet.files.primes import Probe
from halo_engine.fleet.instance import Instance, Runtime, folder, layout
from halo_engine.fleet.supervisors.supervisor import status_of
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
        from halo_engine.fleet.conversing.asking import round_trip

        ok, evidence = round_trip(workspace, instance, timeout, ending.came)
    else:
        ok, evidence = _asked(workspace, instance, begun + timeout, ending)
    said = evidence if ok else ending.words(evidence)
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

    def words(self, seen: str) -> str:
        """Why it does not answer: what was `seen` of one that runs, what its supervisor says of any other, and what it
        said itself.
        """
        found, last = self._status(), last_words(self._workspace, self._instance)
        running = found.state == "running"
        parts = [seen] if running else []
        if not running or found.restarts:
            parts.append(found.evidence or found.state)
        if last and not any(last in part for part in parts):
            parts.append(f"it said: {last}")
        return "; ".join(parts)

    def _status(self) -> Running:
        return status_of(self._workspace, self._instance)


def last_words(workspace: Workspace, instance: Instance) -> str:
    """The last error that an instance printed, else its last line; secrets taken out. Empty where there is none."""
    from halo_engine.secrets import known, redact

    try:
        with trees.plain(layout(workspace, instance).logs / "console.log") as file:
            raw = os.pread(file, LAST, max(0, os.fstat(file).st_size - LAST))
    except OSError:
        return ""
    lines = [line.strip() for line in raw.decode(errors="replace").splitlines() if line.strip()]
    said = next((line for line in reversed(lines) if "error" in line.lower()), lines[-1] if lines else "")
    return redact(said, known(workspace.root))[:300]
