"""A week of made-up runs for the sample workspace, recorded by the same functions as real ones."""

from __future__ import annotations

from datetime import timedelta
from itertools import takewhile
from random import Random
from typing import Any

from halo_engine import clock
from halo_engine.cron import commands, jobs, leases
from halo_engine.cron.leases import BY_HAND, Wanted
from halo_engine.cron.queries import stamp_of
from halo_engine.cron.running import tell
from halo_engine.cron.schedule import following
from halo_engine.runs.results import Result
from halo_engine.workspace import Workspace

DAYS = 7
JOBS: dict[str, dict[str, Any]] = {
    "backup": {
        "schedule": "30 2 * * *",
        "command": "halctl backup --all",
        "description": "The whole fleet, every night",
        "retries": 1,
    },
    "fleet-check": {
        "schedule": "15 */6 * * *",
        "command": "halo-engine status",
        "description": "Is anything wrong?",
    },
    "weekly-report": {
        "schedule": "0 8 * * mon",
        "command": "reportctl weekly",
        "description": "The week, beside the one before",
        "catch_up": "once",
    },
}
FAILURE = Result("failed", "exit code 1", 2.1, 1, tail="error: no space is left on the device\n", output_bytes=40)
LATEST = "backup"
"""Its last run failed, so that there is something to look into."""


def fill(workspace: Workspace, random: Random) -> None:
    """Define the jobs, and let the week until now happen to them."""
    now = clock.now().replace(microsecond=0)
    begin = now - timedelta(days=DAYS)
    with clock.held(begin):
        for name, settings in JOBS.items():
            commands.add(workspace, name, settings)
        commands.enable(workspace, "daily-briefing")
    for name in (*JOBS, "daily-briefing"):
        _happen(workspace, random, name, begin.timestamp(), now.timestamp())


def _happen(workspace: Workspace, random: Random, name: str, begin: float, end: float) -> None:
    job = jobs.load(workspace, name)
    passed = following(job.expression, jobs.zone_of(workspace, job), begin)
    occurrences = list(takewhile(lambda second: second < end, passed))
    for second in occurrences:
        failed = name == LATEST and second == occurrences[-1]
        with clock.held(clock.instant(stamp_of(second)) + timedelta(seconds=1)):
            taken = leases.claim(workspace, Wanted(name, job, "schedule", stamp_of(second)))
        assert taken
        took = random.uniform(0.4, 40)
        result = FAILURE if failed else Result("succeeded", "", took, 0, random.randrange(20, 90) * 2**20)
        with clock.held(clock.instant(stamp_of(second)) + timedelta(seconds=1 + took)):
            after = leases.finish(workspace, taken, result, 2 if failed else 1)
            assert after
            tell(workspace, name, job, after)


def step(workspace: Workspace, random: Random) -> None:
    """Now and then a job is run by hand."""
    if random.random() < 0.1:
        name = random.choice(sorted(JOBS))
        taken = leases.claim(workspace, Wanted(name, jobs.load(workspace, name), BY_HAND))
        if taken:
            leases.finish(workspace, taken, Result("succeeded", "", random.uniform(0.1, 3), 0), 1)
