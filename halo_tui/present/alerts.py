"""What needs the operator: alerts as rows, and one of them opened."""

from __future__ import annotations

from halo_engine import clock
from halo_engine.alerts.states import Severity, State
from halo_engine.alerts.store import Alert
from halo_engine.alerts.views import GLYPHS, facts
from halo_tui.present.columns import Cells, Column
from halo_tui.present.ink import Line, Tone, clean, wrap
from halo_tui.present.when import When

COLUMNS = (
    Column("", 1),
    Column("alert", 6, priority=2),
    Column("state", 12, priority=3),
    Column("from", 7, priority=1),
    Column("what", 26, share=1),
    Column("age", 4, align="right"),
)
TONES: dict[Severity, Tone] = {Severity.CRITICAL: "alert", Severity.WARNING: "warning", Severity.NOTE: "plain"}
LABEL = 14


def row(alert: Alert, when: When) -> Cells:
    """One row of the list."""
    state = alert.shown(clock.stamp())
    tone = TONES[alert.severity] if state is State.RAISED else "muted"
    often = f" ({alert.times} times)" if alert.times > 1 else ""
    return (
        (GLYPHS[state], tone),
        (alert.id, "faint"),
        (state.value, tone),
        (clean(alert.instance or alert.kind), "muted"),
        (clean(alert.title.replace(" goes nowhere:", ":", 1)) + often, "plain" if state is State.RAISED else "muted"),
        (when.age(alert.raised), "faint"),
    )


def page(alert: Alert, columns: int) -> list[Line]:
    """Everything about one, in lines of at most that many columns."""
    lines: list[Line] = [*wrap(alert.title, columns, "strong"), []]
    for name, value in facts(alert):
        body = wrap(value, max(10, columns - LABEL)) if value else []
        for place, line in enumerate(body):
            lines.append([(f"{'' if place else name:<{LABEL}}", "faint"), *line])
    return lines


def nothing(_: int) -> list[Line]:
    """What the empty list says."""
    return [[("● ", "ok"), ("nothing needs you", "muted")]]
