"""What commits bring to `status`, `doctor` and `demo`."""

from __future__ import annotations

from random import Random

from halo_engine import clock
from halo_engine.commits import queries
from halo_engine.errors import Unavailable
from halo_engine.modules import Check
from halo_engine.workspace import Workspace


def status(_: Workspace) -> list[Check]:
    """Nothing: commits never need anybody."""
    return []


def doctor(workspace: Workspace) -> list[Check]:
    """Whether the repositories can be read."""
    if not workspace.settings.repositories:
        return []
    try:
        queries.commits(workspace, clock.stamp(), clock.stamp())
    except Unavailable as error:
        return [Check("repositories", "wrong", error.message, error.hint)]
    return [Check("repositories", "ok", f"{len(workspace.settings.repositories)} readable")]


def demo(_: Workspace, __: Random) -> None:
    """Nothing: no repository is made up."""


def live(_: Workspace, __: Random) -> None:
    """Nothing: no repository is made up."""
