"""Whether an instance answers: what `create`, `reset` and `push` wait for."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from msgspec import Struct

from halo_engine.fleet import primes
from halo_engine.fleet.instance import Instance, Runtime, folder
from halo_engine.fleet.primes import Probe
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

PAUSE = 0.1
"""Seconds between two looks."""


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
    if instance.runtime is Runtime.HALO:
        from halo_engine.fleet.asking import round_trip

        ok, evidence = round_trip(workspace, instance, timeout)
        return Answered(ok, evidence, time.monotonic() - begun)
    place = folder(workspace, instance)
    before = _touched(place, primes.read(place).probe)
    ok, evidence = False, "was not asked"
    while not ok and time.monotonic() - begun < timeout:
        ok, evidence = _probed(place, instance, before)
        if not ok:
            time.sleep(PAUSE)
    return Answered(ok, evidence, time.monotonic() - begun)


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
