"""Everything that can be known to go wrong, looked at before anything is written."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator

from halo_engine import secrets, times
from halo_engine.errors import HaloError, NotAllowed, Unavailable
from halo_engine.fleet import mounting
from halo_engine.fleet.files import trees
from halo_engine.fleet.files.primes import EXCLUDED, Prime, Tool
from halo_engine.fleet.instance import Instance
from halo_engine.fleet.personality.composing import composer
from halo_engine.fleet.personality.profile import profile
from halo_engine.fleet.provisioning.plan import Plan
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.modules import Check

MIB = 2**20
PATIENCE = 20.0
"""Seconds that a program may take to say its version."""


def preflight(plan: Plan) -> list[Check]:
    """One check for everything that `create` stands on; never raises for what a check finds."""
    return list(_checks(plan))


def refuse(plan: Plan) -> None:
    """Raises what stands in the way of `create`; nothing has been written then.

    NotFound, BadConfig, BadData or Usage about what was asked for; NotAllowed for a folder that is there, and for a
    mount that may not be; Unavailable, with everything that is wrong, for what this machine lacks.
    """
    for attempt in (_whole, _composes, _zone, _mounts):
        attempt(plan)
    wrong = [check for check in preflight(plan) if check.state == "wrong"]
    if wrong:
        kind = NotAllowed if wrong[0].name == "folder" else Unavailable
        said = "; ".join(f"{check.name}: {check.evidence}" for check in wrong)
        raise kind(f"nothing was made: {said}", wrong[0].hint)


def _checks(plan: Plan) -> Iterator[Check]:
    there = os.path.lexists(plan.root)
    yield (
        Check("folder", "wrong", f"{plan.root} is there already", "move it away, or choose another name")
        if there
        else (Check("folder", "ok", str(plan.root)))
    )
    yield _tried("prime", f"{plan.prime.name} {plan.prime.version} in {plan.source}", _whole, plan)
    yield _tried("personality", plan.instance.personality, _composes, plan)
    yield _tried("time zone", plan.instance.timezone or "the operator's", _zone, plan)
    if plan.instance.mounts:
        yield _tried("mounts", mounting.words(plan.instance), _mounts, plan)
    yield _disk(plan)
    yield _token(plan.instance)
    lacks = supervisor_of(plan.instance).missing()
    hint = "--supervisor process needs nothing but Halo"
    yield (
        Check(plan.instance.supervisor, "wrong", lacks, hint)
        if lacks
        else Check(plan.instance.supervisor, "ok", "there")
    )
    yield from tools(plan.prime)


def _tried(name: str, evidence: str, attempt: Callable[[Plan], None], plan: Plan) -> Check:
    try:
        attempt(plan)
    except HaloError as error:
        return Check(name, "wrong", error.message, error.hint)
    return Check(name, "ok", evidence)


def _whole(plan: Plan) -> None:
    trees.refuse_leaving(plan.source, {*EXCLUDED, *plan.prime.exclude})


def _composes(plan: Plan) -> None:
    composing = composer(plan.workspace)
    composing.compose(profile(plan.workspace, plan.instance.personality, composing.schema), instance=plan.instance.name)


def _zone(plan: Plan) -> None:
    times.zone(plan.instance.timezone)


def _mounts(plan: Plan) -> None:
    mounting.checked(plan.workspace, plan.instance)


def _disk(plan: Plan) -> Check:
    place = plan.base.root
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free // MIB
    if free < plan.settings.least_disk:
        return Check("disk", "wrong", f"{free} MiB free at {place}, {plan.settings.least_disk} wanted", "make room")
    if not os.access(place, os.W_OK):
        return Check("disk", "wrong", f"{place} cannot be written", "make it writable, or set base in halctl.yaml")
    return Check("disk", "ok", f"{free:,} MiB free")


def _token(instance: Instance) -> Check:
    name = instance.telegram_bot_token_env
    if not name:
        return Check("token", "ok", "none wanted: it talks on the console")
    if secrets.present(f"env:{name}"):
        return Check("token", "ok", f"{name} is set")
    return Check("token", "wrong", f"the variable {name} is not set", f"export {name}, and repeat")


def tools(prime: Prime) -> list[Check]:
    """Whether what a prime needs is there, and of a version that is known to work: neither too old nor too new."""
    return [_tool(tool) for tool in prime.needs]


def _tool(tool: Tool) -> Check:
    name = tool.command[0]
    try:
        said = subprocess.run(tool.command, capture_output=True, text=True, timeout=PATIENCE, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return Check(name, "wrong", f"{' '.join(tool.command)} cannot be run", f"install {name}")
    found = re.search(r"\d+(\.\d+)*", said)
    version = found[0] if found else ""
    if not version:
        return Check(name, "wrong", f"{' '.join(tool.command)} says no version", f"install {name}")
    if tool.least and _numbers(version) < _numbers(tool.least):
        return Check(name, "wrong", f"{version}, but {tool.least} or later is needed", f"install {name} {tool.least}")
    if tool.below and _numbers(version) >= _numbers(tool.below):
        return Check(name, "wrong", f"{version}, but it must be below {tool.below}", f"install an older {name}")
    return Check(name, "ok", version)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
