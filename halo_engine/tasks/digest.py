"""What tasks bring to briefings and reports."""

from __future__ import annotations

from collections.abc import Iterable

from halo_engine import clock, times
from halo_engine.console import counted
from halo_engine.digest import Days, Measure, Point, Section, Window, standing
from halo_engine.events.store import Store, opened
from halo_engine.modules import Level
from halo_engine.tasks import queries
from halo_engine.tasks.glyphs import words
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
    (State.RUNNING, "ok", "nightctl log {id}"),
    (State.IN_PROGRESS, "ok", ""),
    (State.TESTING, "ok", ""),
)
COUNTED = (*(state for state, _, _ in WANTED), State.RETRY, State.PLANNING, State.DEFERRED, State.OPEN)
"""States of items that are not over, in the order in which they are counted."""
NAMED = {State.REVIEW: "in review", State.PLAN_REVIEW: "in plan review", State.RETRY: "to be tried again"}
DUE = f"WHERE due <= ?1 AND state NOT IN ({OVER_SQL})"
NOT_DUE = "WHERE state = ?1 AND (due IS NULL OR due > ?2)"


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What is in hand, what is due, and what ran."""
    return [_work(workspace, window), _overnight(workspace, window)]


def _work(workspace: Workspace, window: Window) -> Section:
    counts = queries.counts(workspace)
    in_hand = [f"{counts[state]:,} {NAMED.get(state) or words(state)}" for state in COUNTED if counts[state]]
    if not in_hand:
        return Section("work", "Work", quiet="nothing to do")
    with opened(workspace, tasks) as store:
        due, left = _first(store, DUE, "due, number", (window.tonight,))
        points = [Point(", ".join(in_hand)), *(_due(item, window) for item in due)]
        for state, level, hint in WANTED:
            if counts[state]:
                order = "priority DESC, changed DESC, number"
                found, more = _first(store, NOT_DUE, order, (state, window.tonight))
                points += [Point(_words(item), level, hint.format(id=item.id)) for item in found]
                left += more
    return Section("work", "Work", tuple(points), left)


def _first(store: Store, where: str, order: str, values: tuple[str, ...]) -> tuple[list[Item], int]:
    """The first items of many, and how many more there are."""
    total = int(store.all(f"SELECT count(*) FROM item {where}", values)[0][0])
    rows = store.select(Item, f"{where} ORDER BY {order} LIMIT {SHOWN}", values) if total else []
    return rows, total - len(rows)


def _due(item: Item, window: Window) -> Point:
    late = (item.due or "") < window.until
    return Point(f"{_words(item)}, {'past due' if late else 'due today'}", "wrong" if late else "note")


def _words(item: Item) -> str:
    why = f" ({item.reason})" if item.reason and item.state in {State.FAILED, State.BLOCKED} else ""
    return f"{item.id} {item.title}: {words(item.state)}{why}"


def _overnight(workspace: Workspace, window: Window) -> Section:
    with opened(workspace, tasks) as store:
        ended = store.select(Run, "WHERE ended >= ? AND ended < ? ORDER BY ended, id", (window.since, window.until))
        titles = {run.item: item.title for run in ended if (item := store.get(Item, run.item))}
    if not ended:
        return Section("overnight", "Overnight", quiet="nothing ran")
    bad = [run for run in ended if run.outcome != "succeeded"]
    took = times.span(sum(run.duration or 0 for run in ended))
    points = [Point(f"{counted(len(ended), 'run')}, {len(ended) - len(bad)} succeeded, {took} of work")]
    for run in bad[:SHOWN]:
        why = run.reason or (f"exit code {run.exit_code}" if run.exit_code else "")
        said = f"{run.id} {titles.get(run.item, '')}: {run.outcome.replace('_', ' ')}" + (f" ({why})" if why else "")
        points.append(Point(said, "note", f"nightctl log T-{run.item:03d}"))
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
    left = standing(open_before, added, gone)
    at_start = (open_before, *left[:-1])
    return [
        Measure("tasks.added", "Tasks added", added),
        Measure("tasks.done", "Tasks done", finished, better="more"),
        Measure("tasks.completion", "Completion rate", finished, added, at_start, unit="%", better="more"),
        Measure("tasks.cycle_time", "Cycle time", days.totals(done), finished, unit="h", better="less"),
        Measure("tasks.open", "Tasks open", left, fold="last", better="less"),
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
