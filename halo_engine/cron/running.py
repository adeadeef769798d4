"""Running a job: by hand, or as cron calls it when it is due; each occurrence once."""

from __future__ import annotations

import os
import pwd
import random
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
from msgspec import Struct

from halo_engine import clock, secrets
from halo_engine.alerts import commands as alerts
from halo_engine.alerts.commands import Raising
from halo_engine.cron import jobs, leases, queries
from halo_engine.cron.commands import observe
from halo_engine.cron.jobs import CatchUp, Job
from halo_engine.cron.leases import BY_HAND, GRACE, Claim, Wanted
from halo_engine.cron.store import FAILURES, Run, Standing
from halo_engine.cron.surroundings import of_the_system
from halo_engine.runs.execution import Execution, Order, fitting
from halo_engine.runs.results import Result, Stop
from halo_engine.runs.retention import prune
from halo_engine.runs.signals import stopping_on_signals
from halo_engine.workspace import Workspace, writing

ALERT = "cron"
"""The kind of the alerts that a failing job raises; the subject is its name."""
FOREVER = float("inf")
BELATED = timedelta(hours=3)
"""How long after its time cron may still start a job: so far it makes up for a change of the clocks."""


class Done(Struct, frozen=True):
    """What a call to run a job came to."""

    run: Run | None = None
    """None when nothing was run."""
    note: str = ""
    """Why nothing was."""


def run(workspace: Workspace, name: str) -> Done:
    """Run a job now, whatever its schedule says, and also when it is not enabled.

    Raises NotFound, BadConfig; NotAllowed while it runs already and may not overlap.
    """
    job = jobs.load(workspace, name)
    observe(workspace, name, job)
    taken = leases.claim(workspace, Wanted(name, job, BY_HAND))
    return _perform(workspace, taken, job) if taken else Done(note=f"{name} was not run")


def run_due(workspace: Workspace, name: str) -> Done:
    """Run a job for its latest occurrence up to now that nobody has seen to; nothing when there is none.

    One that is too late is made up for or let pass, as the job says. Raises NotFound, BadConfig.
    """
    job = jobs.load(workspace, name)
    due = queries.due(workspace, name, job)
    observe(workspace, name, job)
    if not job.enabled:
        return Done(note=f"{name} is not enabled; `cronctl install` takes it out of the crontab")
    if not due.count:
        return Done(note=f"{name} is not due, or its run for this time has been started already")
    late = clock.now() - clock.instant(due.last) > _patience(job)
    if late and job.catch_up is CatchUp.SKIP:
        leases.let_pass(workspace, name, due.last, due.count)
        return Done(note=f"{name} missed {due.count} of its times, and does not make up for them")
    trigger = "catch-up" if late else "schedule"
    taken = leases.claim(workspace, Wanted(name, job, trigger, due.last, due.count - 1))
    return _perform(workspace, taken, job) if taken else Done(note=f"{name} runs already, or was run for this time")


def _patience(job: Job) -> timedelta:
    """How late a run may be and still be on time, as Debian's cron has it: a job at fixed times more than one that
    follows the clock.
    """
    return timedelta(seconds=queries.PROMPT) if job.expression.wild else BELATED


def run_missed(workspace: Workspace) -> list[Done]:
    """Make up for what was missed, of every enabled job that wants that."""
    on, _ = jobs.enabled(workspace)
    done = []
    for name, job in on.items():
        if job.catch_up is CatchUp.ONCE:
            due = queries.due(workspace, name, job)
            if due.count and (clock.now() - clock.instant(due.last)).total_seconds() > queries.PROMPT:
                done.append(run_due(workspace, name))
    return done


def _perform(workspace: Workspace, claim: Claim, job: Job) -> Done:
    if workspace.dry_run:
        return Done(note=f"would run: {job.command}")
    worker = Worker(workspace, claim, job)
    with stopping_on_signals(worker.stop), ThreadPoolExecutor(1) as pool:
        result = clean(workspace, job, pool.submit(worker.run).result())
    after = leases.finish(workspace, claim, result, worker.attempts)
    if after:
        tell(workspace, claim.name, job, after)
    tidy(workspace, claim.name, job)
    return Done(queries.run(workspace, claim.lease.run))


def tidy(workspace: Workspace, name: str, job: Job) -> None:
    """Remove the folders of old runs of a job that are over."""
    under_way = {lease.run for lease in queries.standing(workspace, name).running}
    found = (workspace.root / leases.RUNS).glob(f"{name}.*")
    prune([each for each in found if each.name not in under_way], keep=job.keep, days=FOREVER)


def clean(workspace: Workspace, job: Job, result: Result) -> Result:
    """The result without any secret that can be known: it goes into the log."""
    own = (value for name, value in job.env.items() if secrets.NAMED.search(name))
    redact = secrets.Redactor(secrets.known(workspace.root).union(own))
    return msgspec.structs.replace(result, tail=redact(result.tail), reason=redact(result.reason))


class Worker:
    """A run with its attempts. `run` is called in a thread; `stop` may be, from a signal handler."""

    def __init__(self, workspace: Workspace, claim: Claim, job: Job) -> None:
        self.attempts = 0
        self._workspace = workspace
        self._claim = claim
        self._job = job
        self._stopped = threading.Event()
        self._why = Stop("cancelled", "stopped")
        self._execution: Execution | None = None

    def stop(self, why: str) -> None:
        self._why = Stop("cancelled", f"stopped ({why})")
        self._stopped.set()
        if self._execution:
            self._execution.stop(self._why)

    def run(self) -> Result:
        job = self._job
        if job.jitter and self._claim.lease.trigger != BY_HAND:
            self._stopped.wait(random.uniform(0, job.jitter))
        while True:
            if self._stopped.is_set():
                return Result(self._why.outcome, self._why.reason)
            self.attempts += 1
            self._execution = Execution(lambda: order_of(self._workspace, self._claim, job, self.attempts))
            if self._stopped.is_set():  # just now, when there was nothing to be told of it
                self._execution.stop(self._why)
            result = self._execution.run()
            if result.outcome not in FAILURES or self.attempts > job.retries:
                return result
            self._stopped.wait(job.retry_delay)


def order_of(workspace: Workspace, claim: Claim, job: Job, attempt: int) -> Order:
    """What a claim lets run, its folder made.

    Raises Unavailable when the folder cannot be written.
    """
    folder = workspace.root / claim.lease.folder
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return Order(
        command=job.command,
        cwd=_home(workspace),
        folder=folder,
        env=environment(workspace, claim, job, attempt),
        timeout=job.timeout,
        grace=GRACE,
        marker=claim.marker,
        record={"run": claim.lease.run, "job": claim.name, "attempt": attempt, "started": claim.event.time},
        output="output.log" if attempt == 1 else f"output-{attempt}.log",
    )


def environment(workspace: Workspace, claim: Claim, job: Job, attempt: int) -> dict[str, str]:
    """What cron gives a job, and nothing else of whoever calls; then the job's own, and what Halo says of the run."""
    user = pwd.getpwuid(os.getuid())
    cron = {
        "HOME": user.pw_dir,
        "LOGNAME": user.pw_name,
        "SHELL": "/bin/sh",
        # cron's own, and where Halo's commands are
        "PATH": f"/usr/bin:/bin:{Path(sys.executable).parent}",
    }
    own = {
        "HALO_WORKSPACE": str(workspace.root),
        "HALO_JOB": claim.name,
        "HALO_OCCURRENCE": claim.lease.occurrence,
        "HALO_RUN_FOLDER": str(workspace.root / claim.lease.folder),
        "HALO_ATTEMPT": str(attempt),
        "HALO_ACTOR": f"cron:{claim.name}",
        "HALO_CORRELATION_ID": claim.event.correlation_id,
    }
    return {name: fitting(value) for name, value in {**of_the_system(), **cron, **job.env, **own}.items()}


def _home(workspace: Workspace) -> Path:
    """Where cron starts a job: the user's home, if there is one."""
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    return home if home.is_dir() else workspace.root


def tell(workspace: Workspace, name: str, job: Job, now: Standing) -> None:
    """Raise an alert for a run that failed for good, and resolve it when the job runs again."""
    if now.last_outcome == "succeeded" and job.notify.recovery:
        alerts.settle(workspace, ALERT, name, f"{now.last_run} succeeded")
    elif now.last_outcome in FAILURES and job.notify.failure:
        again = f", {now.failures} times in a row" if now.failures > 1 else ""
        evidence = {"run": now.last_run, "ended": now.last_ended, "reason": now.last_reason}
        title = f"{name} {now.last_outcome.replace('_', ' ')}: {now.last_reason[:200]}{again}"
        alerts.raise_(workspace, Raising(ALERT, name, title, evidence=evidence, hint=f"cronctl history {name}"))
