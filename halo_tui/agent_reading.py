"""What the Agents screen reads, each in one call for a worker."""

from __future__ import annotations

import os
import shlex
import subprocess
import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from halo_engine import clock, times
from halo_engine.agents import ledger, queries, timeline
from halo_engine.agents.config import agent_settings
from halo_engine.agents.ingest import ingest as read_in
from halo_engine.agents.ingest import refresh
from halo_engine.agents.prices import prices
from halo_engine.agents.queries import Filter, Report, Spent
from halo_engine.agents.spin import checking
from halo_engine.agents.spin.checking import KIND, Checked, Judge
from halo_engine.agents.spin.detector import Verdict
from halo_engine.agents.spin.steps import Step, Stepper
from halo_engine.agents.timeline import Entry
from halo_engine.alerts import commands
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.commands import Changed
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import OPEN, State
from halo_engine.alerts.store import Alert
from halo_engine.errors import HaloError, NotFound, Unavailable
from halo_engine.secrets import Redactor, known
from halo_engine.workspace import Workspace
from halo_tui.present import agent_filter
from halo_tui.present.columns import Cells
from halo_tui.present.session_story import Story, Turn
from halo_tui.present.sessions import Insight, row
from halo_tui.present.when import When

DAYS = 30
"""Of which usage is shown."""


class Bench:
    """A judge that several workers may ask: one at a time, and each file is read on from where it was left."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._judge: Judge | None = None

    def session(self, workspace: Workspace, spent: Spent) -> Checked:
        """The verdict on a session. Raises BadConfig, OSError."""
        with self._lock:
            self._judge = self._judge or Judge(agent_settings(workspace).spin)
            return self._judge.session(workspace, spent.session)


class Listed(NamedTuple):
    """The sessions that a filter leaves, and what needs the operator."""

    sessions: dict[str, Spent]
    """By key, the one last active first."""
    alerts: dict[int, Alert]
    """By number: raised and acknowledged ones, the worst first."""
    states: Mapping[str, State]
    """By a session's id: how its alert stands."""


def listed(workspace: Workspace, text: str) -> Listed:
    """Sessions and alerts as they are recorded.

    Raises Usage for a filter that makes no sense.
    """
    wanted, flagged = agent_filter.wanted(workspace, text)
    found, _ = queries.sessions(workspace, wanted)
    rows, _ = alerts.page(workspace, AlertFilter(states=OPEN | {State.MUTED}))
    now = clock.stamp()
    states = {alert.subject: alert.shown(now) for alert in rows if alert.kind == KIND}
    chosen = {each.session.key: each for each in found if not flagged or each.session.id in states}
    shown = sorted(
        (alert for alert in rows if alert.shown(now) in OPEN), key=lambda alert: alert.shown(now) is not State.RAISED
    )
    return Listed(chosen, {alert.number: alert for alert in shown}, states)


def rows(found: Listed, insights: Mapping[str, Insight], when: When, keys: Sequence[str]) -> dict[str, Cells]:
    """Rows of the list."""
    return {
        key: row(spent, insights.get(key), found.states.get(spent.session.id), when)
        for key in keys
        if (spent := found.sessions.get(key)) is not None
    }


def usage(workspace: Workspace, by: str) -> Report:
    """What was used in the last month."""
    return queries.usage(workspace, by, Filter(since=clock.stamp(clock.now() - timedelta(days=DAYS))))


def insight(workspace: Workspace, bench: Bench, spent: Spent) -> Insight:
    """What the transcript of a session tells; what cannot be read is said in it."""
    try:
        checked = bench.session(workspace, spent)
        return _insight(spent, checked, list(_steps(workspace, spent).values()))
    except (HaloError, OSError) as error:
        return _unread(spent, error)


def story(workspace: Workspace, bench: Bench, spent: Spent) -> Story:
    """A session with its turns."""
    alert = alerts.by_key(workspace, KIND, spent.session.id)
    try:
        checked = bench.session(workspace, spent)
        steps = _steps(workspace, spent)
        found = timeline.records(workspace, spent.session)
        entries = _in_order(timeline.entries(found, prices(workspace), Redactor(known(workspace.root))))
    except (HaloError, OSError) as error:
        return Story(spent, _unread(spent, error), (), alert)
    span = _span(checked)
    turns = [
        Turn(entry, _size(steps.get((entry.path, entry.line))), entry.path == checked.path and entry.line in span)
        for entry in entries
    ]
    return Story(spent, _insight(spent, checked, list(steps.values())), turns, alert)


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By time; what has none stays behind what stands before it in its file."""
    dated: list[tuple[str, int, Entry]] = []
    last = ""
    for place, entry in enumerate(entries):
        last = entry.time or last
        dated.append((last, place, entry))
    return [entry for _, _, entry in sorted(dated, key=lambda each: each[:2])]


def _unread(spent: Spent, error: HaloError | OSError) -> Insight:
    why = error.message if isinstance(error, HaloError) else f"the transcript cannot be read: {error}"
    return Insight(spent.session.last, 0, 0, 0, Verdict(flagged=False, score=0.0), why)


def _steps(workspace: Workspace, spent: Spent) -> dict[tuple[str, int], Step]:
    """The calls of a session, by file and line of their results."""
    steppers: dict[tuple[Path, str], Stepper] = defaultdict(Stepper)
    found: dict[tuple[str, int], Step] = {}
    for path, record in timeline.records(workspace, spent.session):
        step = steppers[path, record.agent].feed(record)
        if step is not None:
            found[str(path), step.end] = step
    return found


def _size(step: Step | None) -> int:
    return sum(len(change.added) + len(change.removed) for change in step.changes) if step else 0


def _insight(spent: Spent, checked: Checked, steps: Sequence[Step]) -> Insight:
    changes = [change for step in steps for change in step.changes]
    return Insight(
        spent.session.last,
        len({change.path for change in changes}),
        sum(len(change.added) for change in changes),
        sum(len(change.removed) for change in changes),
        checked.verdict,
    )


def _span(checked: Checked) -> range:
    """The lines that went nowhere: to the end, or to the last of the evidence where work goes on again."""
    verdict = checked.verdict
    if not verdict.flagged:
        return range(0)
    last = max((line for finding in verdict.findings for line in finding.lines), default=verdict.since)
    return range(verdict.since, last + 1 if verdict.recovered else 2**62)


def session_of(found: Listed, alert: Alert) -> str | None:
    """The key of the session that an alert is about; None when it is about none that shows."""
    keys = (key for key, spent in found.sessions.items() if spent.session.id == alert.subject)
    return next(keys, None) if alert.kind == KIND else None


def transcript(workspace: Workspace, spent: Spent) -> Path:
    """The first file of a session that is still there.

    Raises NotFound.
    """
    paths = timeline.files_of(workspace, spent.session)
    if not paths:
        raise NotFound(f"the transcript {spent.session.path} is not there any more", "its usage is kept")
    return paths[0]


# What the screen's actions do


def freshened(workspace: Workspace) -> bool:
    """Read what is new, where transcripts have been read before: the first time is for the operator to ask for."""
    if not (workspace.store / ledger.FILE).exists():
        return False
    refresh(workspace)
    return True


def ingest(workspace: Workspace) -> str:
    """Read what is new, and say what that was."""
    return read_in(workspace).summary()


def check(workspace: Workspace) -> int:
    """Judge the sessions of the last week, raise and resolve alerts; returns how many go nowhere."""
    week = clock.stamp(clock.now() - timedelta(days=7))
    found = checking.check(workspace, Filter(since=week))
    checking.tell(workspace, found)
    return sum(each.verdict.flagged for each in found)


def mute(workspace: Workspace, name: str, until: str) -> Changed:
    """Keep quiet about an alert, until a moment as people write it; empty: for good.

    Raises Usage.
    """
    zone = times.zone(workspace.settings.timezone or "")
    end = clock.stamp(times.moment(until, clock.now(), zone, end=True)) if until else None
    return commands.mute(workspace, name, end)


def page_through(workspace: Workspace, spent: Spent) -> None:
    """Show the transcript in the operator's pager, until that ends.

    Raises NotFound, Unavailable.
    """
    path = transcript(workspace, spent)
    pager = shlex.split(os.environ.get("PAGER") or "less -S")
    try:
        subprocess.run([*pager, str(path)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"the pager {pager[0]} failed: {error}", "set PAGER") from error
