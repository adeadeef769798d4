"""The lease of an item: a `task.run.started` in the log."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.events.model import Event, New
from halo_engine.runs.holders import SLACK, runner
from halo_engine.tasks import queries
from halo_engine.tasks.config import NightSettings
from halo_engine.tasks.events import RunStarted
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace


class Claim(msgspec.Struct, frozen=True):
    """The right to run an item once."""

    run: str
    """`T-042.1`."""
    attempt: int
    item: Item
    """As it was before the run."""
    folder: str
    """Relative to the workspace."""
    started: Timestamp
    event: Event | None
    """The lease in the log; what the run does is caused by it. None for an item that was imported as running."""

    @property
    def marker(self) -> dict[str, str]:
        """Environment variables that only the processes of this run have, whatever the workspace is called."""
        return {"HALO_RUN_ID": self.run, "HALO_CAUSATION_ID": self.event.id} if self.event else {}


def claim(workspace: Workspace, settings: NightSettings, item: Item) -> Claim:
    """Take the lease of an item as it was seen.

    Raises Conflict when the item has changed since: somebody else runs it, or it is not due any more.
    """
    attempt = item.attempts + 1
    run = f"{item.id}.{attempt}"
    folder = f"{settings.runs_folder}/{run}"
    length = settings.timeout_of(item) + settings.kill_grace + SLACK
    until = clock.stamp(clock.now() + timedelta(seconds=length))
    started = RunStarted(run, attempt, item.state, runner(), until, folder)
    event = workspace.log.append([New(queries.stream(item.id), "task.run.started", started, item.version)])[0]
    return Claim(run, attempt, item, folder, event.time, event)
