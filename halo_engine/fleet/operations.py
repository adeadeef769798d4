"""What the fleet brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

from collections import Counter
from random import Random

from halo_engine import console
from halo_engine.errors import HaloError
from halo_engine.fleet import manifest, queries
from halo_engine.fleet.config import FILE, Base, fleet_settings
from halo_engine.fleet.files import primes
from halo_engine.fleet.instance import Status, Supervision
from halo_engine.fleet.personality.composing import composer
from halo_engine.fleet.personality.profile import names, profile
from halo_engine.fleet.projection import fleet
from halo_engine.fleet.queries import InstanceRow
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

PROJECTION = fleet
SHOWN = 5


def status(workspace: Workspace) -> list[Check]:
    """Who runs, who should and does not, and what was cut short."""
    rows = queries.table(workspace)
    if not rows:
        return [Check("fleet", "ok", "no instances yet")]
    counts = Counter(row.status for row in rows)
    tokens = sum(row.tokens for row in rows)
    said = ", ".join(f"{counts[each]} {each}" for each in Status if counts[each])
    checks = [Check("fleet", "ok", f"{console.counted(len(rows), 'instance')}: {said}; {tokens:,} tokens today")]
    down = [row for row in rows if row.status is Status.ACTIVE and row.running is False]
    wants = (
        ("held", [row for row in down if row.held], "halctl status NAME says why"),
        ("down", [row for row in down if not row.held], "halctl reset NAME"),
        ("frozen, runs", [row for row in rows if row.status is Status.FROZEN and row.running], "halctl freeze NAME"),
        ("drifted", [row for row in rows if row.governance == "drifted"], "halctl verify NAME"),
        ("cut short", [row for row in rows if row.operation], "halctl status NAME"),
    )
    return checks + [Check(name, "wrong", _named(found), hint) for name, found, hint in wants if found]


def _named(rows: list[InstanceRow]) -> str:
    shown = ", ".join(row.name + (f" ({row.operation})" if row.operation else "") for row in rows[:SHOWN])
    return shown + (f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else "")


def doctor(workspace: Workspace) -> list[Check]:
    """Whether instances could be made: the manifest, the base, the templates, every personality, every supervisor."""
    settings = fleet_settings(workspace)
    found = manifest.checked(workspace)
    checks = [
        Check(FILE, "ok", f"below {Base(workspace).root}, by {settings.supervisor}"),
        Check(manifest.FILE, "ok", f"{len(found.instances)} instances"),
    ]
    try:
        tree = primes.home(settings.prime)
        prime = primes.read(tree)
        checks.append(Check("prime", "ok", f"{prime.name} {prime.version} in {tree}"))
    except HaloError as error:
        checks.append(Check("prime", "wrong", error.message, error.hint))
    checks.append(_personalities(workspace))
    return [*checks, *_supervisors()]


def _personalities(workspace: Workspace) -> Check:
    try:
        composing = composer(workspace)
        for name in names(workspace):
            composing.compose(profile(workspace, name, composing.schema), instance="any")
    except HaloError as error:
        return Check("personalities", "wrong", error.message, error.hint)
    return Check("personalities", "ok", f"{', '.join(names(workspace))}; {len(composing.schema.dimensions)} dimensions")


def _supervisors() -> list[Check]:
    from halo_engine.fleet.supervisors.supervisor import supervisor_named

    checks = []
    for kind in Supervision:
        lacks = supervisor_named(kind).missing()
        checks.append(Check(f"supervisor {kind}", "note" if lacks else "ok", lacks or "can be used"))
    return checks


def demo(workspace: Workspace, random: Random) -> None:
    """Five instances that were made over the last weeks; none of them runs, and none pretends to."""
    from halo_engine.fleet.sample import fill

    fill(workspace, random)


def live(workspace: Workspace, random: Random) -> None:
    """An instance of the sample is looked at."""
    from halo_engine.fleet.sample import step

    step(workspace, random)
