"""`halo-engine alerts`: what needs the operator."""

from __future__ import annotations

from typing import Any

import click

from halo_engine import clock, times
from halo_engine.alerts import commands, queries, views
from halo_engine.alerts.commands import Changed, Raising
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import OPEN, Severity, State
from halo_engine.clock import Timestamp
from halo_engine.commandline import Answer, App
from halo_engine.workspace import Workspace

app = App(
    "alerts",
    help="What needs you: raised by any part of Halo, resolved by itself when it is over.",
    sections={"Look": "list show history", "Answer": "ack mute unmute resolve", "Say": "raise"},
)
ALERT = click.argument("alert", metavar="ALERT")
STATES = ("open", "all", *(state.value for state in State))


def did(changed: Changed) -> Answer:
    return Answer(changed.alert, note=changed.note)


def moment(workspace: Workspace, text: str) -> Timestamp | None:
    """`2h`, `friday`, `2026-12-24`: an instant to come; None for nothing.

    Raises Usage for text that is no time.
    """
    if not text:
        return None
    return clock.stamp(times.moment(text, clock.now(), times.zone(workspace.settings.timezone or ""), end=True))


@app.verb("list", view=views.table)
@click.option("--state", type=click.Choice(STATES), default="open", show_default=True)
@click.option("--kind", default="", help="spin, error, ...")
@click.option("--instance", default="")
@click.option("--severity", type=click.Choice([each.value for each in Severity]), help="This and above.")
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="How many at the most; 0 for all.")
def list_(workspace: Workspace, state: str, severity: str | None, limit: int, **given: Any) -> Answer:
    """The open alerts, the worst first; exits 1 when one is not answered."""
    states = OPEN if state == "open" else frozenset() if state == "all" else frozenset({State(state)})
    wanted = AlertFilter(states=states, severity=Severity(severity) if severity else None, **given)
    found, more = queries.page(workspace, wanted, limit)
    now = clock.stamp()
    return Answer(found, more, exit_code=1 if any(row.shown(now) is State.RAISED for row in found) else 0)


@app.verb(view=views.card)
@ALERT
def show(workspace: Workspace, alert: str) -> Answer:
    """Everything about an alert."""
    return Answer(queries.alert(workspace, alert))


@app.verb()
@ALERT
def history(workspace: Workspace, alert: str) -> Answer:
    """Everything that happened to an alert, and who did it."""
    return Answer([event.readable() for event in queries.history(workspace, alert)])


@app.verb(view=views.line, changes=True)
@ALERT
@click.option("--note", default="", help="What you make of it.")
def ack(workspace: Workspace, alert: str, note: str) -> Answer:
    """Say that you know."""
    return did(commands.acknowledge(workspace, alert, note))


@app.verb(view=views.line, changes=True)
@ALERT
@click.option("--until", default="", help="2h, friday, 2026-12-24; default: until `unmute`.")
@click.option("--note", default="", help="Why.")
def mute(workspace: Workspace, alert: str, until: str, note: str) -> Answer:
    """Keep quiet about it, also when it comes back."""
    return did(commands.mute(workspace, alert, moment(workspace, until), note))


@app.verb(view=views.line, changes=True)
@ALERT
def unmute(workspace: Workspace, alert: str) -> Answer:
    """Let it be heard again."""
    return did(commands.unmute(workspace, alert))


@app.verb(view=views.line, changes=True)
@ALERT
@click.option("--reason", default="")
def resolve(workspace: Workspace, alert: str, reason: str) -> Answer:
    """Say that it is over."""
    return did(commands.resolve(workspace, alert, reason))


@app.verb("raise", view=views.line, changes=True)
@click.argument("kind")
@click.argument("subject")
@click.argument("title")
@click.option("--severity", type=click.Choice([each.value for each in Severity]), default="warning", show_default=True)
@click.option("--instance", default="")
@click.option("--hint", default="", help="The command line to look further with.")
def raise_(workspace: Workspace, severity: str, **given: Any) -> Answer:
    """Raise an alert; the same kind and subject again is the same alert."""
    what = Raising(severity=Severity(severity), **given)
    return did(commands.raise_(workspace, what))
