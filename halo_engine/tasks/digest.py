"""What tasks bring to briefings and reports."""

from __future__ import annotations

from collections.abc import Iterable

from halo_engine import clock, times
from halo_engine.digest import Days, Measure, Point, Section, Window, standing
from halo_engine.events.store import Store, opened
from halo_engine.modules import Level
from halo_engine.tasks import queries
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.queries import OVER_SQL
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item, Run
from halo_engine.workspace import Workspace

SHOWN = 5
"""Points of one kind that a person reads before breakfast."""
WANTED: tuple[tuple[State, Level, str], ...] = (
    (State.FAILED, "wrong", "nightctl log {id}"),
    (State.BLOCKED, "note", "nightctl unblock {id}"),
    (State.PLAN_REVIEW, "note", "nightctl approve {id}"),
    (State.REVIEW, "note", "nightctl done {id}"),
    (State.TESTING, "ok", ""),
    (State.RUNNING, "ok", "nightctl log {id}"),
    (State.IN_PROGRESS, "ok", ""),
)


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What is in hand, what is due, and what ran."""
    return [_work(workspace, window), _overnight(workspace, window)]


def _work(workspace: Workspace, window: Window) -> Section:
    points: list[Point] = []
    left = 0
    with opened(workspace, tasks) as store:
        due = store.select(
            Item, f"WHERE due <= ? AND state NOT IN ({OVER_SQL}) ORDER BY due, number", (window.tonight,)
        )
        points += [_due(item, window) for item in due[:SHOWN]]
        left += max(0, len(due) - SHOWN)
        named = {item.number for item in due}
        for state, level, hint in WANTED:
            found = store.select(Item, "WHERE state = ? ORDER BY priority DESC, changed DESC, number", (state,))
            others = [item for item in found if item.number not in named]
            points += [Point(_words(item), level, hint.format(id=item.id)) for item in others[:SHOWN]]
            left += max(0, len(others) - SHOWN)
    counts = queries.counts(workspace)
    quiet = f"nothing in hand; {counts[State.OPEN]} open" if counts[State.OPEN] else "nothing to do"
    return Section("work", "Work", tuple(points), left, quiet)


def _due(item: Item, window: Window) -> Point:
    late = (item.due or "") < window.until
    return Point(f"{_words(item)}, {'past due' if late else 'due today'}", "wrong" if late else "note")


def _words(item: Item) -> str:
    why = f" ({item.reason})" if item.reason and item.state in {State.FAILED, State.BLOCKED} else ""
    return f"{item.id} {item.title}: {item.state.replace('_', ' ')}{why}"


def _overnight(workspace: Workspace, window: Window) -> Section:
    with opened(workspace, tasks) as store:
        ended = store.select(Run, "WHERE ended >= ? AND ended < ? ORDER BY ended, id", (window.since, window.until))
        titles = {run.item: item.title for run in ended if (item := store.get(Item, run.item))}
    if not ended:
        return Section("overnight", "Overnight", quiet="nothing ran")
    bad = [run for run in ended if run.outcome != "succeeded"]
    took = times.span(sum(run.duration or 0 for run in ended))
    points = [Point(f"{len(ended)} runs, {len(ended) - len(bad)} succeeded, {took} of work")]
    for run in bad[:SHOWN]:
        why = run.reason or (f"exit code {run.exit_code}" if run.exit_code else "")
        words = f"{run.id} {titles.get(run.item, '')}: {run.outcome.replace('_', ' ')}" + (f" ({why})" if why else "")
        points.append(Point(words, "note", f"nightctl log T-{run.item:03d}"))
    return Section("overnight", "Overnight", tuple(points), max(0, len(bad) - SHOWN))


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How much came, was done and is left; how long it took; how the runs went."""
    with opened(workspace, tasks) as store:
        added = days.counts(_moments(store, "created", days))
        ended = _rows(store, "SELECT finished, state, created FROM item WHERE finished >= ? AND finished < ?", days)
        done = [(row[0], _hours(row[2], row[0])) for row in ended if row[1] == State.DONE]
        gone = days.counts(row[0] for row in ended)
        before = "SELECT count(*) FROM item WHERE created < ?1 AND (finished IS NULL OR finished >= ?1)"
        open_before = int(store.all(before, (days.since,))[0][0])
        runs = _rows(store, "SELECT ended, outcome FROM run WHERE ended >= ? AND ended < ?", days)
    finished = days.counts(moment for moment, _ in done)
    failed = days.counts(row[0] for row in runs if row[1] != "succeeded")
    return [
        Measure("tasks.added", "Tasks added", added),
        Measure("tasks.done", "Tasks done", finished, better="more"),
        Measure("tasks.completion", "Completion rate", finished, added, unit="%", better="more"),
        Measure("tasks.cycle_time", "Cycle time", days.totals(done), finished, unit="h", better="less"),
        Measure("tasks.open", "Tasks open", standing(open_before, added, gone), fold="last", better="less"),
        Measure("tasks.runs", "Runs", days.counts(row[0] for row in runs)),
        Measure("tasks.failed_runs", "Runs that failed", failed, better="less"),
    ]


def _moments(store: Store, column: str, days: Days) -> Iterable[str]:
    rows = _rows(store, f"SELECT {column} FROM item WHERE {column} >= ? AND {column} < ?", days)
    return (row[0] for row in rows)


def _rows(store: Store, sql: str, days: Days) -> list[tuple[str, ...]]:
    return list(store.all(sql, (days.since, days.until)))


def _hours(start: str, end: str) -> float:
    return (clock.instant(end) - clock.instant(start)).total_seconds() / 3600
