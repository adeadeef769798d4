"""What the Schedule screen reads, each in one call for a worker."""

from __future__ import annotations

from typing import NamedTuple

from halo_engine.briefings import commands as briefings
from halo_engine.briefings import queries as written
from halo_engine.briefings.rendering import rendered
from halo_engine.briefings.store import Briefing
from halo_engine.clock import Timestamp
from halo_engine.cron import commands, crontab, jobs, queries, running
from halo_engine.cron.commands import Saved
from halo_engine.cron.jobs import Broken
from halo_engine.cron.queries import Coming
from halo_engine.cron.queries import Listed as Job
from halo_engine.cron.running import Done
from halo_engine.cron.store import Run
from halo_engine.reports.periods import ending
from halo_engine.reports.queries import Report, report
from halo_engine.times import zone
from halo_engine.workspace import Workspace

COMING = 5
"""Times of a job that show."""
AHEAD = 40
"""Runs to come that show."""
PAST = 100
"""Runs of a job that show."""


class Listed(NamedTuple):
    """The jobs, and the files that are none."""

    jobs: dict[str, Job]
    broken: list[Broken]


class Opened(NamedTuple):
    """A job, its next times, and its last run."""

    job: Job
    coming: list[Timestamp]
    last: Run | None


class Morning(NamedTuple):
    """The latest briefing; None while there is none."""

    row: Briefing | None = None
    text: str = ""
    """Markdown."""
    today: bool = False


def listed(workspace: Workspace) -> Listed:
    """Every job by name."""
    found, broken = queries.listed(workspace)
    return Listed({each.name: each for each in found}, broken)


def opened(workspace: Workspace, name: str) -> Opened:
    """One job. Raises NotFound, BadConfig."""
    job = queries.one(workspace, name)
    runs, _ = queries.history(workspace, name, 1)
    return Opened(job, queries.coming(workspace, job.job, COMING), runs[0] if runs else None)


def ahead(workspace: Workspace, found: dict[str, Job]) -> list[Coming]:
    """What runs next, of all jobs, in the order of time."""
    return queries.upcoming(workspace, {name: row.job for name, row in found.items() if row.next}, AHEAD)


def history(workspace: Workspace, name: str) -> list[Run]:
    """The latest runs of a job."""
    return queries.history(workspace, name, PAST)[0]


def difference(workspace: Workspace) -> str:
    """What `cronctl install` would change in the crontab, as a diff. Raises Unavailable without a crontab."""
    return install(Workspace(workspace.root, dry_run=True))


def morning(workspace: Workspace) -> Morning:
    """The latest briefing as it was written."""
    rows, _ = written.page(workspace, 1)
    if not rows:
        return Morning()
    return Morning(rows[0], rendered(workspace, rows[0], "markdown"), rows[0].date == str(written.today(workspace)))


def reports(workspace: Workspace) -> tuple[Report, Report]:
    """Today, and the last seven days."""
    today, place = written.today(workspace), zone(workspace.settings.timezone or "")
    return report(workspace, ending(today, 1, place)), report(workspace, ending(today, 7, place))


# What the screen's actions do


def switch(workspace: Workspace, name: str, on: bool) -> Saved:
    return commands.enable(workspace, name, on)


def run(workspace: Workspace, name: str) -> Done:
    return running.run(workspace, name)


def install(workspace: Workspace) -> str:
    """Returns what was changed, as a diff."""
    return crontab.install(workspace, jobs.enabled(workspace)[0]).diff


def write(workspace: Workspace) -> Briefing:
    """Today's briefing, written now."""
    return briefings.generate(workspace, written.today(workspace))


def send(workspace: Workspace) -> str:
    """Send today's briefing; returns a word about it."""
    done = briefings.send(workspace)
    return done.note or f"sent by {done.channel}"
