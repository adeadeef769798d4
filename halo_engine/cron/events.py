"""The facts that cron records. Streams are `cron/NAME`, one a job, and `cron/@crontab.HOST`."""

from __future__ import annotations

from halo_engine.clock import Timestamp
from halo_engine.events.model import Payload, fact


@fact("cron.job.saved")
class JobSaved(Payload, frozen=True, omit_defaults=True):
    """Defined, or changed; also by hand, when Halo first sees it."""

    schedule: str
    command: str
    enabled: bool
    digest: str
    """Tells this definition from any other."""


@fact("cron.run.started")
class RunStarted(Payload, frozen=True, omit_defaults=True):
    """The lease of a run."""

    run: str
    """`backup.17`."""
    number: int
    trigger: str
    """`schedule`, `catch-up` or `hand`."""
    occurrence: Timestamp
    """When it was due; empty for a run by hand. A job has one run for each."""
    holder: str
    """`host:pid:identity` of the process that runs it."""
    until: Timestamp
    """When the lease ends at the latest."""
    folder: str
    """Where its output is, relative to the workspace."""
    missed: int = 0
    """How many earlier occurrences this run stands for."""


@fact("cron.run.finished")
class RunFinished(Payload, frozen=True, omit_defaults=True):
    """How a run ended, and once more whose it was."""

    run: str
    number: int
    trigger: str
    occurrence: Timestamp
    started: Timestamp
    folder: str
    holder: str
    outcome: str
    """`succeeded`, `failed`, `timed_out`, `cancelled` or `lost`."""
    reason: str = ""
    attempts: int = 1
    duration: float = 0.0
    """Seconds, of the last attempt."""
    exit_code: int | None = None
    peak_memory: int | None = None
    output_bytes: int = 0
    tail: str = ""
    missed: int = 0


@fact("cron.run.passed")
class RunPassed(Payload, frozen=True, omit_defaults=True):
    """An occurrence that was let pass, or several."""

    run: str
    number: int
    occurrence: Timestamp
    """The last of them."""
    outcome: str
    """`skipped`: the run before was still under way; `missed`: nobody could start it."""
    reason: str
    missed: int = 0
    """How many, where they were missed."""


@fact("cron.crontab.installed")
class CrontabInstalled(Payload, frozen=True, omit_defaults=True):
    """The user's crontab got this block in place of that one; empty for none."""

    block: str
    before: str
