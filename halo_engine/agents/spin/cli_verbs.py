"""The verbs of `agentctl` that are about spinning: `mount(app)` adds them."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from halo_engine import clock, console, times
from halo_engine.commandline import Answer, App, as_json
from halo_engine.errors import NotFound
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from halo_engine.agents.queries import Filter
    from halo_engine.agents.spin.checking import Checked
    from halo_engine.agents.spin.evaluate import Evaluation

LOOK_EVERY = 2.0
"""Seconds between two looks of `--watch`."""


def mount(app: App) -> None:
    """Declare `spin-check`, `evaluate`, `alerts`, `ack` and `mute`."""
    for name, function, options in (
        ("spin-check", spin_check, {"view": show_checked}),
        ("evaluate", evaluate, {"view": show_evaluation}),
        ("alerts", alerts, {"view": show_alerts}),
        ("ack", ack, {"view": show_alert, "changes": True}),
        ("mute", mute, {"view": show_alert, "changes": True}),
    ):
        app.verb(name, **options)(function)


@click.option("--since", default="7d", show_default=True, help="Sessions active since: 24h, yesterday, 2026-11-01.")
@click.option("--session", default="", help="Only this one: its id, the beginning of it, or a transcript's path.")
@click.option("--instance", default="", help="Only this instance's.")
@click.option("--explain", is_flag=True, help="Every rule's part and its evidence.")
@click.option("--watch", is_flag=True, help="Stay, and say what changes; with --json one object a line.")
def spin_check(
    workspace: Workspace, since: str, session: str, instance: str, *, explain: bool, watch: bool
) -> Answer | None:
    """Which sessions go nowhere; exits 1 when one does. Raises an alert for those that were active of late."""
    from halo_engine.agents.queries import Filter
    from halo_engine.agents.spin import checking

    start = clock.stamp(times.moment(since, clock.now(), times.zone(workspace.settings.timezone or ""), past=True))
    wanted = Filter(since=start, instance=instance)
    if watch:
        follow(workspace, wanted, session)
        return None
    found = of_file(workspace, Path(session)) if is_file(session) else checking.check(workspace, wanted, ref=session)
    if not is_file(session):
        checking.tell(workspace, found)
    bad = [each for each in found if each.verdict.flagged]
    data = {"checked": len(found), "flagged": len(bad), "sessions": found if explain or session else bad}
    return Answer(data, exit_code=1 if bad else 0, shown=(found, explain))


def is_file(session: str) -> bool:
    return bool(session) and Path(session).is_file()


def of_file(workspace: Workspace, path: Path) -> list[Checked]:
    """The verdict on a transcript that need not be known."""
    from halo_engine.agents.config import agent_settings
    from halo_engine.agents.sources import source_of
    from halo_engine.agents.spin.checking import Checked, Judge, without_secrets
    from halo_engine.agents.spin.evidence import cleaner

    verdict = Judge(agent_settings(workspace).spin).file(path.absolute())
    checked = Checked(path.stem, source_of(path).name, "", "", str(path), "", verdict=verdict)
    return [without_secrets(checked, cleaner(workspace))]


def follow(workspace: Workspace, wanted: Filter, session: str) -> None:
    """Say what changes, until interrupted."""
    from halo_engine.agents.config import agent_settings
    from halo_engine.agents.spin import views
    from halo_engine.agents.spin.checking import Judge, check, tell

    judge = Judge(agent_settings(workspace).spin)
    write = console.record if as_json() else views.line
    before: dict[str, bool] = {}
    while True:
        found = check(workspace, wanted, judge, ref=session)
        tell(workspace, found)
        for each in found:
            state = each.verdict.flagged and not each.verdict.recovered
            if before.get(each.session, False) != state:
                write(each)
            before[each.session] = state
        time.sleep(LOOK_EVERY)


@click.argument("labels", type=click.Path(path_type=Path))
def evaluate(workspace: Workspace, labels: Path) -> Answer:
    """How good the detector is on labelled sessions. Precision, recall, specificity, F1 and onset error.

    LABELS is a JSON object: session -> stuck, kind, path (relative to it), stuck_from_line.
    """
    from halo_engine.agents.config import agent_settings
    from halo_engine.agents.spin.evaluate import evaluate

    return Answer(evaluate(labels, agent_settings(workspace).spin))


@click.option("--all", "every", is_flag=True, help="Also muted and resolved ones.")
def alerts(workspace: Workspace, *, every: bool) -> Answer:
    """The alerts about sessions; exits 1 when nobody has answered one."""
    from halo_engine.agents.spin.checking import KIND
    from halo_engine.alerts.queries import AlertFilter, page
    from halo_engine.alerts.states import OPEN, State

    found, more = page(workspace, AlertFilter(states=frozenset() if every else OPEN, kind=KIND))
    return Answer(found, more, exit_code=1 if any(row.shown(clock.stamp()) is State.RAISED for row in found) else 0)


@click.argument("alert")
@click.option("--note", default="", help="What you make of it.")
def ack(workspace: Workspace, alert: str, note: str) -> Answer:
    """Say that you know; ALERT is its id or the session's."""
    from halo_engine.alerts.commands import acknowledge

    changed = acknowledge(workspace, reference(workspace, alert), note)
    return Answer(changed.alert, note=changed.note)


@click.argument("alert")
@click.option("--until", default="", help="2h, friday, 2026-12-24; default: until `halo-engine alerts unmute`.")
@click.option("--note", default="", help="Why.")
def mute(workspace: Workspace, alert: str, until: str, note: str) -> Answer:
    """Keep quiet about a session; ALERT is the alert's id or the session's."""
    from halo_engine.alerts import commands

    zone = times.zone(workspace.settings.timezone or "")
    end = clock.stamp(times.moment(until, clock.now(), zone, end=True)) if until else None
    changed = commands.mute(workspace, reference(workspace, alert), end, note)
    return Answer(changed.alert, note=changed.note)


def reference(workspace: Workspace, alert: str) -> str:
    """An alert's id as it is, and a session's as that of its alert.

    Raises NotFound.
    """
    from halo_engine.agents.spin.checking import KIND
    from halo_engine.alerts import queries

    try:
        return queries.alert(workspace, f"{KIND}:{alert}").id
    except NotFound:
        return queries.alert(workspace, alert).id


def show_checked(shown: tuple[list[Checked], bool]) -> None:
    from halo_engine.agents.spin import views

    found, explain = shown
    (views.explained if explain else views.checked)(found)


def show_evaluation(found: Evaluation) -> None:
    from halo_engine.agents.spin import views

    views.evaluation(found)


def show_alerts(rows: list[object]) -> None:
    from halo_engine.alerts import views

    views.table(rows)  # type: ignore[arg-type]


def show_alert(row: object) -> None:
    from halo_engine.alerts import views

    views.line(row)  # type: ignore[arg-type]
