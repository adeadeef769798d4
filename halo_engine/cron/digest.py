"""What cron brings to briefings and reports."""

from __future__ import annotations

from collections import Counter
from itertools import islice, takewhile

from halo_engine import clock, times
from halo_engine.console import counted
from halo_engine.cron import jobs, queries
from halo_engine.cron.jobs import Broken
from halo_engine.cron.projection import cron
from halo_engine.cron.queries import Listed, stamp_of
from halo_engine.cron.schedule import following
from halo_engine.cron.store import FAILURES, Run
from halo_engine.digest import Days, Measure, Point, Section, Window
from halo_engine.events.store import opened
from halo_engine.workspace import Workspace

SHOWN = 5
OFTEN = 4
"""Times a day from which a job is one line of the schedule."""
MOST = 1440
WITHIN = "WHERE ended >= ? AND ended < ? ORDER BY ended, run"


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """Which jobs ran, and which run today."""
    with opened(workspace, cron) as store:
        ended = store.select(Run, WITHIN, (window.since, window.until))
    rows, broken = queries.listed(workspace)
    wrong = [_broken(workspace, each) for each in broken]
    return [_overnight(ended), _schedule(workspace, window, [row for row in rows if row.next], wrong)]


def _broken(workspace: Workspace, job: Broken) -> Point:
    """A job whose file is wrong; its folder goes without saying."""
    why = job.why.replace(f"{jobs.folder(workspace)}/", "").splitlines()[0]
    return Point(f"{job.name} cannot run: {why}", "wrong", f"cronctl validate {job.name}")


def _overnight(ended: list[Run]) -> Section:
    if not ended:
        return Section("overnight", "Jobs by the clock", quiet="none ran")
    ran = [run for run in ended if run.attempts]
    counts = Counter(run.outcome for run in ran)
    words = ", ".join(f"{count} {outcome.replace('_', ' ')}" for outcome, count in counts.most_common())
    passed = {
        outcome: sum(run.missed or 1 for run in ended if run.outcome == outcome and not run.attempts)
        for outcome in ("missed", "skipped")
    }
    said = [f"{counted(len(ran), 'run')}: {words}"] if ran else []
    said += [f"{counted(count, 'time')} {outcome}" for outcome, count in passed.items() if count]
    bad = [run for run in ended if run.outcome in FAILURES or run.outcome == "missed"]
    worse = [Point(_words(run), "note", f"cronctl history {run.job}") for run in bad[:SHOWN]]
    return Section("overnight", "Jobs by the clock", (Point("; ".join(said)), *worse), max(0, len(bad) - SHOWN))


def _words(run: Run) -> str:
    return f"{run.run} {run.outcome.replace('_', ' ')}" + (f" ({run.reason})" if run.reason else "")


def _schedule(workspace: Workspace, window: Window, rows: list[Listed], wrong: list[Point]) -> Section:
    begin, end = clock.instant(window.until).timestamp(), clock.instant(window.tonight).timestamp()
    zone = times.zone(workspace.settings.timezone or "")
    lines: list[tuple[int, str]] = []
    for row in rows:
        coming = following(row.job.expression, jobs.zone_of(workspace, row.job), begin)
        found = list(takewhile(lambda second: second < end, islice(coming, MOST)))
        shown = found if len(found) < OFTEN else found[:1]
        many = f", {len(found)} times today" if len(found) >= OFTEN else ""
        about = f": {row.job.description}" if row.job.description else ""
        lines += [(second, f"{row.name}{about}{many}") for second in shown]
    points = [
        Point(f"{clock.instant(stamp_of(second)).astimezone(zone):%H:%M} {words}") for second, words in sorted(lines)
    ]
    left = max(0, len(points) - 2 * SHOWN) + max(0, len(wrong) - SHOWN)
    told = (*wrong[:SHOWN], *points[: 2 * SHOWN])
    return Section("schedule", "Schedule", told, left, "no job runs today any more")


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How many runs there were, and how many went wrong."""
    with opened(workspace, cron) as store:
        ended = store.select(Run, WITHIN, (days.since, days.until))
    ran = [run for run in ended if run.attempts]
    failed = [run.ended for run in ran if run.outcome in FAILURES]
    missed = [(run.ended, float(run.missed)) for run in ended if run.outcome == "missed"]
    return [
        Measure("cron.runs", "Runs by the clock", days.counts(run.ended for run in ran)),
        Measure("cron.failed", "Runs by the clock that failed", days.counts(failed), better="less"),
        Measure("cron.missed", "Times that were missed", days.totals(missed), better="less"),
    ]
