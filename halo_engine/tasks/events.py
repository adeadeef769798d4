"""The facts that tasks records. Streams are `task/T-042`, one an item."""

from __future__ import annotations

from typing import Any

from halo_engine.clock import Timestamp
from halo_engine.events.model import Payload, fact
from halo_engine.tasks.states import TRANSITIONS, Kind, State


@fact("task.item.added")
class TaskAdded(Payload, frozen=True, omit_defaults=True):
    title: str
    kind: Kind = Kind.TASK
    state: State = State.OPEN
    priority: int = 0
    """0 none, 1 low, 2 medium, 3 high."""
    tags: tuple[str, ...] = ()
    due: Timestamp | None = None
    context: str = ""
    command: str | None = None
    depends_on: tuple[str, ...] = ()
    window: str | None = None
    timeout: float | None = None
    """Seconds; None: the configured default. Likewise `retries`."""
    retries: int | None = None
    defer_until: Timestamp | None = None
    key: str | None = None
    """The caller's own name for it: adding the same key again returns the item that is there."""


@fact("task.item.edited")
class TaskEdited(Payload, frozen=True, omit_defaults=True):
    changes: dict[str, Any]
    """Field of `Item` -> new value; only fields that differ."""


@fact(*{f"task.item.{move.fact}" for moves in TRANSITIONS.values() for move in moves if not move.by_runner})
class TaskMoved(Payload, frozen=True, omit_defaults=True):
    """A person's move; the event's type says which."""

    origin: State
    to: State
    reason: str = ""
    until: Timestamp | None = None
    """For `deferred`: when it opens by itself."""
    plan_hash: str | None = None
    """For `approved`: the plan that was approved."""


@fact("task.item.plan_written")
class PlanWritten(Payload, frozen=True, omit_defaults=True):
    xml: str
    hash: str
    """SHA-256 of the UTF-8 text, hex."""


@fact("task.item.noted")
class TaskNoted(Payload, frozen=True, omit_defaults=True):
    text: str
    time: Timestamp | None = None
    """When it was written, if not now (imports)."""


@fact("task.item.undone")
class TaskUndone(Payload, frozen=True, omit_defaults=True):
    undone: str
    """Id of the event that this one takes back."""
    restored: dict[str, Any]
    """Field of `Item` -> the value it had before."""
    plan: str = ""
    """Where `restored` has a `plan_hash`: the text that stands again; empty when there was none."""


@fact("task.item.imported")
class TaskImported(Payload, frozen=True, omit_defaults=True):
    """An item that lived elsewhere, as it stood there."""

    fields: dict[str, Any]
    """Field of `Item` -> value."""
    plan: str | None = None
    plan_written: Timestamp | None = None
    plan_written_by: str = ""
    runs: tuple[dict[str, Any], ...] = ()
    origin: str = ""


@fact("task.key.taken")
class KeyTaken(Payload, frozen=True, omit_defaults=True):
    """In stream `task-key/KEY`: the key belongs to this item, for ever."""

    item: str


@fact("task.run.started")
class RunStarted(Payload, frozen=True, omit_defaults=True):
    run: str
    """`T-042.1`: item and attempt."""
    attempt: int
    origin: State
    runner: str
    """The lease: who runs it, `host:pid:start`; nobody else may while it lives."""
    lease_until: Timestamp
    """After this, a runner on another host may take it for dead."""
    folder: str
    """The run's folder, relative to the workspace."""


@fact("task.run.finished")
class RunFinished(Payload, frozen=True, omit_defaults=True):
    run: str
    attempt: int
    outcome: str
    """succeeded, failed, timed_out, lost (its runner died) or cancelled."""
    to: State
    started: Timestamp
    duration: float
    """Seconds."""
    folder: str
    exit_code: int | None = None
    """As the shell counts: 128 + n for a child ended by signal n."""
    peak_memory: int | None = None
    """Bytes; the largest single process."""
    output_bytes: int = 0
    tail: str = ""
    """The end of the output, at most 4,000 characters."""
    reason: str = ""
    retry_at: Timestamp | None = None
    """Set when the policy allows another attempt: not before this."""
