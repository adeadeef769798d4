"""The right to run a job once: the lease in the log, what stands in its way, and the runs of processes that died."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import asdict

from halo_engine import clock, console, process, process_tree
from halo_engine.clock import Timestamp
from halo_engine.cron import queries
from halo_engine.cron.events import RunFinished, RunPassed, RunStarted
from halo_engine.cron.jobs import Job, Overlap
from halo_engine.cron.projection import cron, stream_of
from halo_engine.cron.store import Lease, Standing
from halo_engine.errors import Conflict, NotAllowed
from halo_engine.events.model import Event, New
from halo_engine.events.store import opened
from halo_engine.runs import holders
from halo_engine.runs.holders import SLACK
from halo_engine.runs.results import Result
from halo_engine.workspace import Workspace

RUNS = "logs/cron"
GRACE = 10.0
"""Seconds between SIGTERM and SIGKILL."""
ATTEMPTS = 50
BY_HAND = "hand"


class Wanted(Struct, frozen=True):
    """A run that somebody wants."""

    name: str
    job: Job
    trigger: str
    occurrence: Timestamp = ""
    missed: int = 0


class Claim(Struct, frozen=True):
    """The right to run a job once."""

    name: str
    lease: RunStarted
    event: Event

    @property
    def marker(self) -> dict[str, str]:
        """Environment variables that only the processes of this run have."""
        return {"HALO_RUN_ID": self.lease.run, "HALO_CAUSATION_ID": self.event.id}


def claim(workspace: Workspace, wanted: Wanted) -> Claim | None:
    """Take the lease of a run; None when the occurrence was seen to already, or is skipped as the last run goes on.

    Raises NotAllowed for a run by hand while another is under way that may not overlap.
    """
    name, overlap = wanted.name, wanted.job.overlap
    for _ in range(ATTEMPTS):
        over = recover(workspace, name)
        row = queries.standing(workspace, name)
        if workspace.dry_run:  # what was taken for lost is planned, and still stands there
            left = tuple(each for each in row.running if each.run not in over)
            row = row.with_(running=left, version=row.version + len(over))
        if wanted.occurrence and _was_seen_to(workspace, name, wanted.occurrence):
            return None
        try:
            if row.running and overlap is not Overlap.ALLOW and not _made_way(workspace, row, overlap):
                _skip(workspace, row, wanted.occurrence)
                return None
            if row.running and overlap is Overlap.REPLACE:
                continue
            return _taken(workspace, row, wanted)
        except Conflict:
            continue
    raise Conflict(f"too many others are starting {name} at this moment", "repeat the command")


def let_pass(workspace: Workspace, name: str, occurrence: Timestamp, count: int) -> None:
    """Record that occurrences were missed, and will not be made up for; nothing when somebody has just seen to them."""
    row = queries.standing(workspace, name)
    number = row.runs + 1
    why = "nobody could start it in time" if count == 1 else f"nobody could start {count} of them in time"
    passed = RunPassed(f"{name}.{number}", number, occurrence, "missed", why, count)
    with suppress(Conflict):
        workspace.log.append([New(stream_of(name), "cron.run.passed", passed, row.version)])


def finish(workspace: Workspace, claim: Claim, result: Result, attempts: int) -> Standing | None:
    """Record how a run ended; None when somebody else has taken it for lost and recorded that."""
    lease = claim.lease
    finished = RunFinished(
        run=lease.run,
        number=lease.number,
        trigger=lease.trigger,
        occurrence=lease.occurrence,
        started=claim.event.time,
        folder=lease.folder,
        holder=lease.holder,
        missed=lease.missed,
        attempts=attempts,
        **asdict(result),
    )
    while True:
        row = queries.standing(workspace, claim.name)
        if lease.run not in {each.run for each in row.running}:
            return None
        new = New(stream_of(claim.name), "cron.run.finished", finished, row.version, claim.event)
        try:
            workspace.log.append([new])
        except Conflict:
            continue
        return queries.standing(workspace, claim.name)


def recover(workspace: Workspace, name: str) -> list[str]:
    """Take every run of a job whose lease is over for lost: end what is left of it, and record its end.

    Returns the runs.
    """
    over = [each for each in queries.standing(workspace, name).running if holders.is_over(each.holder, each.until)]
    return [lease.run for lease in over if _recover_one(workspace, name, lease)]


def _taken(workspace: Workspace, row: Standing, wanted: Wanted) -> Claim:
    job = wanted.job
    number = row.runs + 1
    run = f"{row.name}.{number}"
    length = (job.timeout + GRACE + job.retry_delay) * (job.retries + 1) + job.jitter + SLACK
    until = clock.stamp(clock.now() + timedelta(seconds=length))
    lease = RunStarted(
        run=run,
        number=number,
        trigger=wanted.trigger,
        occurrence=wanted.occurrence,
        holder=holders.runner(),
        until=until,
        folder=f"{RUNS}/{run}",
        missed=wanted.missed,
    )
    event = workspace.log.append([New(stream_of(row.name), "cron.run.started", lease, row.version)])[0]
    return Claim(row.name, lease, event)


def _was_seen_to(workspace: Workspace, name: str, occurrence: Timestamp) -> bool:
    with opened(workspace, cron) as store:
        return bool(store.all("SELECT 1 FROM cron_run WHERE job = ? AND occurrence = ? LIMIT 1", [name, occurrence]))


def _skip(workspace: Workspace, row: Standing, occurrence: Timestamp) -> None:
    """Skip an occurrence, as the last run goes on."""
    under_way = f"{row.running[0].run} has been running since {console.moment(row.running[0].started)}"
    if not occurrence:
        raise NotAllowed(f"{row.name} runs already: {under_way}", "wait for it, or set `overlap: allow`")
    number = row.runs + 1
    passed = RunPassed(f"{row.name}.{number}", number, occurrence, "skipped", under_way)
    workspace.log.append([New(stream_of(row.name), "cron.run.passed", passed, row.version)])


def _made_way(workspace: Workspace, row: Standing, overlap: Overlap) -> bool:
    """Whether what runs was ended, as the job wants a new run to replace it."""
    if overlap is not Overlap.REPLACE or workspace.dry_run:
        return False
    return all(_end(lease) for lease in row.running)


def _end(lease: Lease) -> bool:
    """Ask the process that runs it to end; whether it did. On another machine nobody can."""
    if not holders.is_here(lease.holder):
        return False
    _, pid, identity = lease.holder.rsplit(":", 2)
    deadline = time.monotonic() + 2 * GRACE + process_tree.LAST_RESORT
    if process_tree.identity(int(pid)) == identity:
        os.kill(int(pid), signal.SIGTERM)
    while process_tree.identity(int(pid)) == identity:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _recover_one(workspace: Workspace, name: str, lease: Lease) -> bool:
    left = 0
    run = queries.run(workspace, lease.run)
    history = workspace.log.stream(stream_of(name))
    event = next(each for each in reversed(history) if each.type == "cron.run.started" and _run_of(each) == run.run)
    here = holders.is_here(lease.holder)
    if here and not workspace.dry_run:
        _, left = process_tree.end_marked({"HALO_RUN_ID": run.run, "HALO_CAUSATION_ID": event.id}, GRACE)
    who = " ".join(lease.holder.rsplit(":", 2)[:2])
    reason = f"its runner ({who}) {'died' if here else 'let its lease run out'}"
    if left:
        reason += f"; {left} processes could not be ended"
    output = workspace.root / run.folder / "output.log"
    size = output.stat().st_size if output.exists() else 0
    result = Result("lost", reason, output_bytes=size, tail=process.tail(output))
    return finish(workspace, Claim(name, event.data(), event), result, 1) is not None


def _run_of(event: Event) -> str:
    lease: RunStarted = event.data()
    return lease.run
