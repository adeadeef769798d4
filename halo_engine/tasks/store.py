"""The rows that tasks keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row
from halo_engine.tasks.states import Kind, State


class Item(Row, frozen=True):
    """A work item as it stands. The first field is the key."""

    table: ClassVar = "item"
    indexes: ClassVar = (
        "state, kind",
        "priority DESC, number",
        "changed DESC, number DESC",
        "due | WHERE due IS NOT NULL",
        "key | WHERE key IS NOT NULL",
        "depends_on | WHERE depends_on <> '[]'",
    )

    number: int
    id: str
    title: str
    kind: Kind
    state: State
    version: int
    """Version of its stream."""
    priority: int = 0
    """0 none, 1 low, 2 medium, 3 high."""
    tags: tuple[str, ...] = ()
    due: Timestamp | None = None
    context: str = ""
    command: str | None = None
    depends_on: tuple[str, ...] = ()
    window: str | None = None
    timeout: float | None = None
    retries: int | None = None
    defer_until: Timestamp | None = None
    key: str | None = None
    previous: State | None = None
    """Where `unblock` leads."""
    reason: str = ""
    """Why it is blocked, cancelled, rejected or failed."""
    by_hand: bool = False
    """A person has it in hand: the runner leaves it alone."""
    plan_hash: str | None = None
    approved_hash: str | None = None
    attempts: int = 0
    """Runs so far."""
    failures: int = 0
    """Failed runs in a row."""
    retry_at: Timestamp | None = None
    run: str | None = None
    """The run under way, with its lease."""
    runner: str | None = None
    lease_until: Timestamp | None = None
    notes: tuple[tuple[Timestamp, str], ...] = ()
    created: Timestamp = ""
    created_by: str = ""
    changed: Timestamp = ""
    changed_by: str = ""
    entered: Timestamp = ""
    """When it came into its present state."""
    finished: Timestamp | None = None
    """When it was done or cancelled."""


class Run(Row, frozen=True):
    """One execution of a job or agent-job."""

    table: ClassVar = "run"
    indexes: ClassVar = ("item, attempt", "started DESC")

    id: str
    item: int
    attempt: int
    outcome: str
    """running, succeeded, failed, timed_out, lost or cancelled."""
    started: Timestamp
    runner: str
    folder: str
    ended: Timestamp | None = None
    duration: float | None = None
    exit_code: int | None = None
    peak_memory: int | None = None
    output_bytes: int = 0
    tail: str = ""
    reason: str = ""


class Plan(Row, frozen=True):
    """An item's plan: its present text; empty when the only one was taken back."""

    table: ClassVar = "plan"

    item: int
    xml: str
    hash: str
    written: Timestamp
    written_by: str
