"""How each fact changes the rows. Pure: the same events make the same rows."""

from __future__ import annotations

from halo_engine.cron.events import JobSaved, RunFinished, RunPassed, RunStarted
from halo_engine.cron.store import FAILURES, Lease, Run, Standing
from halo_engine.events.model import Event
from halo_engine.events.projection import Projection
from halo_engine.events.table import Row


def name_of(stream: str) -> str:
    """`cron/backup` -> `backup`."""
    return stream.partition("/")[2]


def stream_of(name: str) -> str:
    """`backup` -> `cron/backup`."""
    return f"cron/{name}"


cron = Projection("cron", module="cron", main=Standing, others=(Run,), key=name_of)


@cron.on(JobSaved)
def saved(row: Standing | None, data: JobSaved, event: Event) -> Standing:
    return touched(row, event, digest=data.digest, enabled=data.enabled, saved=event.time)


@cron.on(RunStarted)
def started(row: Standing | None, data: RunStarted, event: Event) -> list[Row]:
    lease = Lease(data.run, data.holder, data.until, event.time)
    run = Run(
        run=data.run,
        job=name_of(event.stream),
        number=data.number,
        trigger=data.trigger,
        occurrence=data.occurrence,
        started=event.time,
        outcome="running",
        holder=data.holder,
        folder=data.folder,
        missed=data.missed,
    )
    return [touched(row, event, runs=data.number, running=(*(row.running if row else ()), lease)), run]


@cron.on(RunFinished)
def finished(row: Standing, data: RunFinished, event: Event) -> list[Row]:
    failures = row.failures + 1 if data.outcome in FAILURES else 0 if data.outcome == "succeeded" else row.failures
    now = touched(
        row,
        event,
        running=tuple(lease for lease in row.running if lease.run != data.run),
        last_run=data.run,
        last_outcome=data.outcome,
        last_reason=data.reason,
        last_ended=event.time,
        failures=failures,
    )
    fields = {name: getattr(data, name) for name in RunFinished.__struct_fields__}
    return [now, Run(job=row.name, ended=event.time, **fields)]


@cron.on(RunPassed)
def passed(row: Standing | None, data: RunPassed, event: Event) -> list[Row]:
    run = Run(
        run=data.run,
        job=name_of(event.stream),
        number=data.number,
        trigger="schedule",
        occurrence=data.occurrence,
        started=event.time,
        ended=event.time,
        outcome=data.outcome,
        reason=data.reason,
        missed=data.missed,
    )
    return [touched(row, event, runs=data.number), run]


def touched(row: Standing | None, event: Event, **changes: object) -> Standing:
    """The job after an event."""
    before = row or Standing(name_of(event.stream), 0)
    return before.with_(version=event.version, **changes)
