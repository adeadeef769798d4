"""The read side. Every function returns typed rows of a store that is caught up with the log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from heapq import merge
from itertools import islice, takewhile

from msgspec import Struct

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.cron import jobs
from halo_engine.cron.jobs import Broken, Job
from halo_engine.cron.projection import cron
from halo_engine.cron.schedule import following
from halo_engine.cron.store import Run, Standing
from halo_engine.errors import NotFound
from halo_engine.events.store import opened
from halo_engine.workspace import Workspace

NO_LIMIT = -1
LOOKED_BACK = 400 * 86_400.0
"""Seconds within which missed occurrences are counted."""
EARLY = 5.0
"""Seconds before its time from which on a run is due: a clock may be set back a little just after cron looked at it."""
PROMPT = 300.0
"""Seconds after its time within which a run is not late."""


class Listed(Struct, frozen=True):
    """A job, how it stands, and when it runs next."""

    name: str
    job: Job
    standing: Standing
    next: Timestamp
    """Empty for one that is not enabled."""
    shipped: bool
    """It comes with Halo, and is not in the workspace."""
    timezone: str
    """In which the schedule is read; empty: the machine's."""


class Coming(Struct, frozen=True):
    """A time at which a job runs."""

    job: str
    time: Timestamp
    timezone: str
    """Of its schedule; empty: the machine's."""


def listed(workspace: Workspace, tag: str = "") -> tuple[list[Listed], list[Broken]]:
    """Every job by name, or those with a tag, and those whose file is wrong."""
    found, broken = jobs.load_all(workspace)
    with opened(workspace, cron) as store:
        known = {row.name: row for row in store.select(Standing)}
    rows = [
        _listed(workspace, name, job, known.get(name) or Standing(name, 0))
        for name, job in found.items()
        if not tag or tag in job.tags
    ]
    return rows, broken


def one(workspace: Workspace, name: str) -> Listed:
    """One job.

    Raises NotFound, BadConfig.
    """
    return of(workspace, name, jobs.load(workspace, name))


def of(workspace: Workspace, name: str, job: Job) -> Listed:
    """A job with this definition, which may not be written yet."""
    return _listed(workspace, name, job, standing(workspace, name))


def _listed(workspace: Workspace, name: str, job: Job, row: Standing) -> Listed:
    shipped = not jobs.path_of(workspace, name).exists()
    following = coming(workspace, job, 1) if job.enabled and not shipped else []
    zone = job.timezone or workspace.settings.timezone or ""
    return Listed(name, job, row, following[0] if following else "", shipped, zone)


def coming(workspace: Workspace, job: Job, count: int) -> list[Timestamp]:
    """The next times of a job."""
    now = clock.now().timestamp()
    zone = jobs.zone_of(workspace, job)
    return [stamp_of(second) for second in islice(following(job.expression, zone, now), count)]


def upcoming(workspace: Workspace, found: Mapping[str, Job], count: int) -> list[Coming]:
    """The next times of several jobs, in order; one that never runs again has none."""
    now = clock.now().timestamp()
    times = merge(*(_times(workspace, name, job, now) for name, job in found.items()))
    return [
        Coming(name, stamp_of(second), found[name].timezone or workspace.settings.timezone or "")
        for second, name in islice(times, count)
    ]


def _times(workspace: Workspace, name: str, job: Job, since: float) -> Iterator[tuple[int, str]]:
    for second in following(job.expression, jobs.zone_of(workspace, job), since):
        yield second, name


def standing(workspace: Workspace, name: str) -> Standing:
    """How a job stands; as new when nothing ever happened to it."""
    with opened(workspace, cron) as store:
        return store.get(Standing, name) or Standing(name, 0)


def history(workspace: Workspace, name: str = "", limit: int = 0, outcome: str = "") -> tuple[list[Run], int]:
    """The latest runs of a job, or of all (limit 0: every one), and how many more there are.

    Raises NotFound for a job that never was.
    """
    wanted = {column: value for column, value in (("job", name), ("outcome", outcome)) if value}
    where = "WHERE " + " AND ".join(f"{column} = ?" for column in wanted) if wanted else ""
    with opened(workspace, cron) as store:
        values = [*wanted.values(), limit or NO_LIMIT]
        rows = store.select(Run, f"{where} ORDER BY started DESC, number DESC LIMIT ?", values)
        total = store.all(f"SELECT count(*) FROM cron_run {where}", [*wanted.values()])[0][0]
        if not rows and name and name not in jobs.names(workspace) and store.get(Standing, name) is None:
            raise NotFound(f"no job {name}", "`cronctl list` shows what there is")
    return rows, total - len(rows)


def run(workspace: Workspace, run_id: str) -> Run:
    """One run, `backup.17`.

    Raises NotFound.
    """
    with opened(workspace, cron) as store:
        row = store.get(Run, run_id)
    if row is None:
        raise NotFound(f"no run {run_id[:80]}", "`cronctl history` shows what there is")
    return row


def between(workspace: Workspace, since: Timestamp, until: Timestamp) -> list[Run]:
    """The runs that started in `since <= started < until`, the oldest first: what ran overnight."""
    with opened(workspace, cron) as store:
        return store.select(Run, "WHERE started >= ? AND started < ? ORDER BY started, run", [since, until])


class Due(Struct, frozen=True):
    """The occurrences of a job that nobody has seen to."""

    last: Timestamp = ""
    """The latest of them; empty for none."""
    count: int = 0


def due(workspace: Workspace, name: str, job: Job) -> Due:
    """The occurrences up to now that nobody has seen to: since the last one that somebody did, and since the job is
    defined as it is. Of a job that has changed unseen, or was never seen, only those of the last minutes.
    """
    now = clock.now().timestamp() + EARLY
    with opened(workspace, cron) as store:
        row = store.get(Standing, name) or Standing(name, 0)
        sql = "SELECT max(occurrence) FROM cron_run WHERE job = ? AND occurrence != '' AND occurrence <= ?"
        seen = store.all(sql, [name, clock.stamp(datetime.fromtimestamp(now, UTC))])[0][0] or ""
    changed = row.digest != job.digest
    known = seen if changed else max(seen, row.saved)
    since = now - (PROMPT if changed else LOOKED_BACK)
    since = max(since, clock.instant(known).timestamp()) if known else since
    passed = following(job.expression, jobs.zone_of(workspace, job), since)
    found = list(takewhile(lambda second: second <= now, passed))
    return Due(stamp_of(found[-1]), len(found)) if found else Due()


def stamp_of(second: int) -> Timestamp:
    """Epoch seconds as a timestamp."""
    return clock.stamp(datetime.fromtimestamp(second, UTC))
