"""What must be true of items before they are taken in."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import HaloError
from halo_engine.tasks import checks, queries
from halo_engine.tasks.checks import KEY_LIMIT
from halo_engine.tasks.cycles import cycles
from halo_engine.tasks.exchange.entries import Entry
from halo_engine.workspace import Workspace

LISTED = 10
"""Items of a ring that a message names."""
LARGEST = 2**53
"""What every program that reads JSON can hold."""
_ID = re.compile(r"T-(?!0+$)[0-9]{3,9}")
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")


def faults(workspace: Workspace, entries: Sequence[Entry]) -> Iterator[str]:
    """Everything that is wrong with the entries, each alone and all together, with its place."""
    where: dict[str, str] = {}
    for entry in entries:
        yield from (f"{entry.where}: {problem}" for problem in _problems(workspace, entry))
        if entry.key in where:
            yield f"{entry.where}: its key stands in {where[entry.key]} already"
        if entry.key in entry.needs:
            yield f"{entry.where}: it depends on itself"
        where.setdefault(entry.key, entry.where)
    for ring in cycles({entry.key: entry.needs for entry in entries}):
        others = ", ".join(where[key] for key in ring[1:LISTED])
        yield f"{where[ring[0]]}: it depends on {others}{' ...' if len(ring) > LISTED else ''}, and so on itself"


def _problems(workspace: Workspace, entry: Entry) -> Iterator[str]:
    """What is wrong with an entry that has the right types."""
    item = entry.item
    if not 0 < len(entry.key) <= KEY_LIMIT:
        yield f"its key must have 1 to {KEY_LIMIT} characters"
    if item.id and not (_ID.fullmatch(item.id) and queries.name(item.number) == item.id):
        yield f"its id must read like T-042, with that number: {item.id[:20]!r}, {item.number}"
    if not 0 <= item.priority <= 3:
        yield f"its priority must be 0 to 3, not {item.priority}"
    if max(item.attempts, item.failures, item.retries or 0) > LARGEST:
        yield "it holds a number that is too large"
    for name, time in _times(entry):
        if not _is_time(time):
            yield f"{name} is no time such as {clock.stamp()}: {time[:40]!r}"
    try:
        checks.checked_title(item.title)
        for _, text in item.notes:
            checks.checked_text(text, "note")
        checks.check(workspace, item.with_(depends_on=(), priority=0), itself=None)
    except HaloError as error:
        yield error.message
    yield from _runs(entry)


def _runs(entry: Entry) -> Iterator[str]:
    if len({run.attempt for run in entry.runs}) < len(entry.runs):
        yield "two of its runs have the same attempt"
    for run in entry.runs:
        folder = PurePosixPath(run.folder)
        if folder.is_absolute() or ".." in folder.parts:
            yield f"a run's folder must be inside the workspace: {run.folder[:80]!r}"
        numbers = (run.attempt, run.exit_code, run.peak_memory, run.output_bytes)
        if not all(-LARGEST <= (number or 0) <= LARGEST for number in numbers):
            yield "a run holds a number that is too large"


def _times(entry: Entry) -> Iterator[tuple[str, Timestamp]]:
    """Everything that must be a time, with its name; what is not set is left out."""
    item = entry.item
    for name in ("due", "defer_until", "retry_at", "created", "changed", "entered", "finished", "lease_until"):
        time = getattr(item, name)
        if time:
            yield name, time
    for time, _ in item.notes:
        yield "a note's time", time
    if entry.plan:
        yield "the plan's time", entry.plan.written
    for run in entry.runs:
        yield "a run's beginning", run.started
        if run.ended:
            yield "a run's end", run.ended


def _is_time(text: str) -> bool:
    if not _TIME.fullmatch(text):
        return False
    try:
        clock.instant(text)
    except ValueError:
        return False
    return True
