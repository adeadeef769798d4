"""`nightctl.yaml`: when, how many at a time, and under which limits jobs run."""

from __future__ import annotations

from datetime import tzinfo
from typing import Annotated

from msgspec import Meta, Struct

from halo_engine import times
from halo_engine.runs.execution import OUTPUT_LIMIT
from halo_engine.tasks.night.windows import PATTERN, Window, parse
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

FILE = "nightctl.yaml"
Seconds = Annotated[float, Meta(ge=0, le=31_536_000)]
Length = Annotated[float, Meta(gt=0, le=31_536_000)]


class NightSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`nightctl.yaml`. All times are in seconds."""

    timezone: str | None = None
    """The IANA time zone of the windows; default: that of `halo.yaml`, else the machine's."""
    window: Annotated[str, Meta(pattern=PATTERN)] = "02:00-05:00"
    """When jobs may start that have no window of their own; over midnight when it ends before it starts."""
    workers: Annotated[int, Meta(ge=1, le=1000)] = 2
    """How many run at a time."""
    timeout: Length = 3600
    """After this long a run is ended, unless its item says otherwise."""
    retries: Annotated[int, Meta(ge=0, le=1000)] = 0
    """How often a failed run is tried again, unless its item says otherwise."""
    backoff: Seconds = 60
    """Pause before the first retry; it doubles with each further one."""
    backoff_cap: Seconds = 3600
    """The longest pause before a retry."""
    kill_grace: Seconds = 10
    """Time to tidy up between SIGTERM and SIGKILL."""
    agent_command: str | None = None
    """The shell command that runs an agent-job: the plan comes on its standard input, the item in `HALO_ITEM`,
    `HALO_TITLE`, `HALO_CONTEXT` and `HALO_REASON`. For example `claude -p --permission-mode acceptEdits`."""
    agent_review: bool = True
    """A finished agent-job goes to review; otherwise it is done."""
    runs_folder: Annotated[str, Meta(min_length=1)] = "logs/runs"
    """Where each run keeps its output, below the workspace."""
    output_limit: Annotated[int, Meta(ge=4096)] = OUTPUT_LIMIT
    """Bytes of a run's output that are kept: its beginning and its end, with a line between that says what is left
    out."""
    keep_runs: Annotated[int, Meta(ge=1)] = 1000
    """How many folders of runs that are over are kept, the latest; the log remembers every run."""
    keep_days: Annotated[float, Meta(gt=0)] = 90
    """For how many days."""

    def window_of(self, item: Item) -> Window:
        return parse(item.window or self.window)

    def timeout_of(self, item: Item) -> float:
        return item.timeout or self.timeout

    def retries_of(self, item: Item) -> int:
        return self.retries if item.retries is None else item.retries


def night_settings(workspace: Workspace) -> NightSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    return workspace.config(NightSettings, FILE)


def zone_of(workspace: Workspace, settings: NightSettings) -> tzinfo:
    """The time zone in which windows are read.

    Raises BadConfig for one that does not exist.
    """
    return times.zone(settings.timezone or workspace.settings.timezone or "")
