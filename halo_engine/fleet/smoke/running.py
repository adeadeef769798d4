"""Making checks: each in its time, each with what it saw, whatever it raises."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterable, Iterator
from typing import Literal

from msgspec import Struct

from halo_engine.alerts.states import Severity
from halo_engine.errors import HaloError, NotAllowed, NotFound
from halo_engine.fleet import manifest
from halo_engine.fleet.instance import Instance, Status
from halo_engine.fleet.smoke.checks import CHECKS
from halo_engine.fleet.smoke.subject import Check, Finding, Subject, wrong
from halo_engine.fleet.supervisors.supervisor import Running
from halo_engine.workspace import Workspace


class Result(Struct, frozen=True):
    """How a check ended."""

    name: str
    severity: Severity
    state: Literal["ok", "note", "wrong", "skipped"]
    evidence: str
    hint: str
    """What to do about it; empty when nothing is wrong."""
    seconds: float


def smoke(workspace: Workspace, name: str) -> Iterator[Result]:
    """The fifteen checks of an instance, one after the other, each as it ends.

    Raises NotFound, and NotAllowed for one that is folded: there is nothing to look at.
    """
    instance = manifest.read(workspace).find(name)
    if instance is None:
        raise NotFound(f"no instance {name[:80]}", "`halctl list` shows what there is")
    if instance.status is Status.FOLDED:
        raise NotAllowed(f"{name} is folded: there is nothing to check", f"halctl unfold {name}")
    return results(workspace, instance, CHECKS)


def results(
    workspace: Workspace, instance: Instance, checks: Iterable[Check], running: Running | None = None
) -> Iterator[Result]:
    """The same for any of the checks; those that need one that failed are skipped. `running`: what its supervisor has
    just said, if it was asked.
    """
    subject = Subject(workspace, instance, running)
    failed: set[str] = set()
    for check in checks:
        lacking = [each for each in check.needs if each in failed]
        result = _skipped(check, lacking[0]) if lacking else _made(check, subject)
        if result.state in {"wrong", "skipped"}:
            failed.add(check.name)
        yield result


def _skipped(check: Check, other: str) -> Result:
    return Result(check.name, check.severity, "skipped", f"{other} is wrong", "", 0.0)


def _made(check: Check, subject: Subject) -> Result:
    begun = time.monotonic()
    found = _in_time(check, subject)
    hint = found.hint or check.hint.format(name=subject.instance.name) if found.state == "wrong" else ""
    return Result(check.name, check.severity, found.state, found.evidence, hint, time.monotonic() - begun)


def _in_time(check: Check, subject: Subject) -> Finding:
    """What the check found; that it took too long, when it did. A thread that hangs ends with the command."""
    answer: queue.SimpleQueue[Finding] = queue.SimpleQueue()
    threading.Thread(target=lambda: answer.put(_looked(check, subject)), daemon=True).start()
    try:
        return answer.get(timeout=check.limit)
    except queue.Empty:
        return wrong(f"took over {check.limit:g} s")


def _looked(check: Check, subject: Subject) -> Finding:
    """A check that cannot look has not seen that all is well."""
    try:
        return check.looks(subject)
    except HaloError as error:
        return wrong(error.message)
    except (OSError, ValueError, LookupError, TypeError) as error:
        return wrong(f"could not be looked at: {type(error).__name__}: {error}")
