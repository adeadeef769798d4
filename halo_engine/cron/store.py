"""The rows that cron keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row

OUTCOMES = ("succeeded", "failed", "timed_out", "lost", "cancelled", "skipped", "missed", "running")
FAILURES = frozenset({"failed", "timed_out", "lost"})


class Lease(Struct, frozen=True):
    """A run under way."""

    run: str
    holder: str
    until: Timestamp
    started: Timestamp


class Standing(Row, frozen=True):
    """How a job stands. The first field is the key."""

    table: ClassVar = "cron_job"
    indexes: ClassVar = ()

    name: str
    version: int
    """Version of its stream."""
    digest: str = ""
    enabled: bool = False
    saved: Timestamp = ""
    """Since when it is defined as it is."""
    runs: int = 0
    """The number of the last run."""
    running: tuple[Lease, ...] = ()
    last_run: str = ""
    last_outcome: str = ""
    last_reason: str = ""
    last_ended: Timestamp = ""
    failures: int = 0
    """In a row."""


class Run(Row, frozen=True):
    """One run, or occurrences that were let pass."""

    table: ClassVar = "cron_run"
    indexes: ClassVar = ("job, number DESC", "job, occurrence | WHERE occurrence != ''", "started DESC, run")

    run: str
    job: str
    number: int
    trigger: str
    occurrence: Timestamp
    started: Timestamp
    outcome: str
    """One of `OUTCOMES`."""
    holder: str = ""
    folder: str = ""
    ended: Timestamp = ""
    reason: str = ""
    attempts: int = 0
    duration: float = 0.0
    exit_code: int | None = None
    peak_memory: int | None = None
    output_bytes: int = 0
    tail: str = ""
    missed: int = 0
