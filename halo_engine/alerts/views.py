"""What a person sees of alerts on the command line. Loads rich when called."""

from __future__ import annotations

from halo_engine import clock, console, times
from halo_engine.alerts.states import FOR_EVER, Severity, State
from halo_engine.alerts.store import Alert

GLYPHS = {State.RAISED: "▲", State.ACKNOWLEDGED: "◆", State.MUTED: "◌", State.RESOLVED: "✓"}
STYLES = {Severity.CRITICAL: "bold red", Severity.WARNING: "yellow", Severity.NOTE: ""}


def table(rows: list[Alert]) -> None:
    """One line an alert, the worst first."""
    from rich.text import Text

    if not rows:
        console.note("no alerts")
        return
    now = clock.now()
    stamp = clock.stamp(now)
    console.table(
        ("ID", "STATE", "SEVERITY", "KIND", "INSTANCE", "AGE", "WHAT"),
        [
            (
                row.id,
                Text(f"{GLYPHS[row.shown(stamp)]} {row.shown(stamp)}", style=STYLES[row.severity]),
                row.severity.value,
                row.kind,
                row.instance,
                times.ago(clock.instant(row.raised), now),
                row.title + (f" ({row.times} times)" if row.times > 1 else ""),
            )
            for row in rows
        ],
    )


def card(row: Alert) -> None:
    """Everything about one alert."""
    console.table((row.id, row.title), [(name, value) for name, value in facts(row) if value])


def facts(row: Alert) -> list[tuple[str, str]]:
    """Label and value of what an alert says, in the order a person asks; empty values included."""
    muted = "for good" if row.muted_until == FOR_EVER else console.moment(row.muted_until)
    return [
        ("state", row.shown(clock.stamp()).value),
        ("severity", row.severity.value),
        ("about", row.key),
        ("instance", row.instance),
        ("raised", console.moment(row.raised) + (f", {row.times} times so far" if row.times > 1 else "")),
        ("muted until", muted),
        ("note", row.note),
        ("resolved", row.reason),
        ("asks for", row.action.value),
        *row.evidence.items(),
        ("look further", row.hint),
    ]


def line(row: Alert) -> None:
    """What a verb answers: the alert, in a line."""
    state = row.shown(clock.stamp())
    console.line(f"{row.id}  {GLYPHS[state]} {state}  {row.kind} {row.subject}: {row.title}")
