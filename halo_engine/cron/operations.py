"""What cron brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

import shutil
from random import Random

from halo_engine import console
from halo_engine.cron import jobs, queries
from halo_engine.cron.projection import cron
from halo_engine.cron.store import FAILURES
from halo_engine.errors import HaloError
from halo_engine.modules import Check
from halo_engine.runs import holders
from halo_engine.workspace import Workspace

PROJECTION = cron
SHOWN = 3


def status(workspace: Workspace) -> list[Check]:
    """Which jobs failed last, which run no more, and what comes next."""
    rows, broken = queries.listed(workspace)
    enabled = [row for row in rows if row.next]
    checks = []
    if enabled:
        following = min(enabled, key=lambda row: row.next)
        coming = f"next {following.name} at {console.moment(following.next)}"
        checks.append(Check("cron", "ok", f"{console.counted(len(enabled), 'job')}, {coming}"))
    failed = [row for row in enabled if row.standing.last_outcome in FAILURES]
    if failed:
        words = "; ".join(f"{row.name}: {row.standing.last_reason[:60]}" for row in failed[:SHOWN])
        checks.append(Check("failed jobs", "note", words, f"cronctl history {failed[0].name}"))
    checks += [Check(f"job {each.name}", "wrong", each.why[:200], "cronctl validate") for each in broken[:SHOWN]]
    left = [row.name for row in rows if any(holders.is_over(each.holder, each.until) for each in row.standing.running)]
    if left:
        checks.append(
            Check("dead runs", "note", f"{', '.join(left)}: running, but the runner is gone", "cronctl daemon --once")
        )
    return checks


def doctor(workspace: Workspace) -> list[Check]:
    """Whether anybody would start the jobs."""
    rows, broken = queries.listed(workspace)
    enabled = [row.name for row in rows if row.next]
    checks = [
        Check(
            "cron jobs",
            "wrong" if broken else "ok",
            f"{console.counted(len(rows), 'job')}, {len(enabled)} enabled, {len(broken)} wrong",
        )
    ]
    if not enabled:
        return checks
    return [*checks, _starter(workspace)]


def _starter(workspace: Workspace) -> Check:
    from halo_engine.cron import crontab

    if not shutil.which("crontab"):
        return Check("crontab", "note", "there is no cron on this machine", "cronctl daemon")
    try:
        there, wanted = crontab.installed(workspace), crontab.block(workspace, jobs.enabled(workspace)[0])
    except HaloError as error:
        return Check("crontab", "note", error.message, error.hint)
    if not there:
        return Check("crontab", "note", "the jobs are not in your crontab", "cronctl install, or cronctl daemon")
    if there != wanted:
        return Check("crontab", "note", "the jobs have changed since they were installed", "cronctl install")
    return Check("crontab", "ok", "the jobs are installed")


def demo(workspace: Workspace, random: Random) -> None:
    """A week of made-up runs of three jobs."""
    from halo_engine.cron.sample import fill

    fill(workspace, random)


def live(workspace: Workspace, random: Random) -> None:
    """Now and then a job of the sample runs."""
    from halo_engine.cron.sample import step

    step(workspace, random)
