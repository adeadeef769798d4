"""What alerts bring to `status`, `doctor` and `demo`."""

from __future__ import annotations

from random import Random

from halo_engine.alerts import commands, queries
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.config import FILE, alert_settings
from halo_engine.alerts.projection import alerts
from halo_engine.alerts.queries import AlertFilter
from halo_engine.alerts.states import Severity, State
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

PROJECTION = alerts
SHOWN = 3
SAMPLE = (
    Raising("spin", "ben-8f3c", "41k tokens, no file changed, 7 like prompts", instance="ben"),
    Raising("error", "mum-telegram", "TelegramConflict 3 times", Severity.CRITICAL, instance="mum"),
    Raising("silent", "gains", "no message for 3 days", Severity.NOTE, instance="gains"),
)


def status(workspace: Workspace) -> list[Check]:
    """What nobody has answered yet."""
    counts = queries.counts(workspace)
    if not counts[State.RAISED]:
        known = counts[State.ACKNOWLEDGED]
        return [Check("alerts", "ok", f"none but {known} acknowledged" if known else "none")]
    raised, more = queries.page(workspace, AlertFilter(states=frozenset({State.RAISED})), SHOWN)
    words = "; ".join(f"{row.id} {row.kind} {row.instance or row.subject}: {row.title[:60]}" for row in raised)
    said = words + (f"; and {more} more" if more else "")
    return [Check("alerts", "wrong", said, "halo-engine alerts show ALERT, then ack, mute or mend it")]


def doctor(workspace: Workspace) -> list[Check]:
    """Whether anybody would hear of an alert."""
    settings = alert_settings(workspace)
    if settings.on_alert is None:
        return [Check("on_alert", "note", "no command is run for an alert", f"set on_alert in {FILE}")]
    return [Check("on_alert", "ok", settings.on_alert)]


def demo(workspace: Workspace, _: Random) -> None:
    """One alert of each sort, in different states."""
    raised = [commands.raise_(workspace, each).alert.id for each in SAMPLE]
    commands.acknowledge(workspace, raised[1], "asked Telegram")
    commands.resolve(workspace, raised[2], "wrote again")


def live(workspace: Workspace, random: Random) -> None:
    """Now and then one comes back, and is over."""
    each = random.choice(SAMPLE[1:])
    if random.random() < 0.2 and commands.settle(workspace, each.kind, each.subject, "over by itself") is None:
        commands.raise_(workspace, each)
