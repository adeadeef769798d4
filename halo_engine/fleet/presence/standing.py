"""Why an instance stands still, and what to do about it: its runtime has refused to go on, or is not at home here."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import HaloError, NotAllowed
from halo_engine.fleet.files.trees import read_plain
from halo_engine.fleet.instance import Layout
from halo_engine.fleet.presence.home import elsewhere, home, taking_over
from halo_engine.workspace import Workspace, replace, writing

ALERT = "process"
"""The kind of the alert: that of the check which says the same."""


class Refusal(Struct, frozen=True):
    """What a runtime leaves in `run/refusal.json` when it does not start, or does not go on; gone when it runs."""

    kind: str
    """Of the error."""
    message: str
    hint: str
    time: Timestamp


def standing(name: str, place: Layout) -> Refusal | None:
    """Why an instance that does not run will not; None when nothing is known to be in its way."""
    away = elsewhere(home(place), place)
    if away:
        return Refusal(NotAllowed.kind, away, taking_over(name), "")
    try:
        return msgspec.json.decode(read_plain(place.refusal), type=Refusal)
    except (OSError, msgspec.MsgspecError):
        return None


def told(workspace: Workspace, name: str, error: HaloError) -> None:
    """Tell the operator at once that it stands still; nothing where that is told already."""
    from halo_engine.alerts import commands as alerts
    from halo_engine.alerts.commands import Raising
    from halo_engine.alerts.states import Severity

    title = f"{ALERT} of {name}: {error.message}"[:300]
    alerts.raise_(workspace, Raising(ALERT, name, title, Severity.CRITICAL, instance=name, hint=error.hint))


def over(workspace: Workspace, name: str) -> None:
    """It was started, and answers: settle what was told."""
    from halo_engine.alerts import commands as alerts

    if not workspace.dry_run:
        alerts.settle(workspace, ALERT, name, "it was started, and answers")


def refused(place: Layout, error: HaloError) -> None:
    """Leave word of it. Raises Unavailable when there is no room for it."""
    with writing(place.refusal):
        replace(place.refusal, msgspec.json.encode(Refusal(error.kind, error.message, error.hint, clock.stamp())))
