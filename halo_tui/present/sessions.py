"""Sessions of agents as rows: whose, how much, what came of it, and whether one goes nowhere."""

from __future__ import annotations

import re
from typing import NamedTuple

from halo_engine.agents.queries import Spent
from halo_engine.agents.spin.detector import Verdict
from halo_engine.agents.store import Session
from halo_engine.agents.views import dollars, short
from halo_engine.alerts.states import State
from halo_tui.present.columns import Cells, Column
from halo_tui.present.ink import Line, Run, clean
from halo_tui.present.when import When

COLUMNS = (
    Column("state", 8),
    Column("session", 8, priority=5),
    Column("from", 8, share=2),
    Column("tokens", 6, align="right"),
    Column("cost", 7, priority=1, align="right"),
    Column("files", 5, priority=3, align="right"),
    Column("model", 14, share=1, priority=4),
    Column("age", 4, align="right"),
)
LONG_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-")
ACTIVE = 600.0
"""Seconds without a word after which a session is at rest."""


class Insight(NamedTuple):
    """What only a session's transcript tells."""

    last: str
    """When the session was last active as this was read."""
    files: int
    added: int
    removed: int
    verdict: Verdict
    fault: str = ""


def row(spent: Spent, insight: Insight | None, alert: State | None, when: When) -> Cells:
    """One row of the list."""
    session, used = spent.session, spent.usage
    badge = state(session, insight, alert, when)
    return (
        badge,
        (name(session.id), "muted"),
        (whose(session), "plain"),
        (short(used.tokens), "plain"),
        (dollars(used.cost, partly=bool(used.unpriced)), "muted"),
        ("" if insight is None else "?" if insight.fault else str(insight.files), "muted"),
        (clean(", ".join(used.models)), "faint"),
        (when.age(session.last), "faint"),
    )


def name(session: str) -> str:
    """A session's id: of a long one as much as commands need."""
    return clean(session[:8] if LONG_ID.match(session) else session)


def whose(session: Session) -> str:
    """The instance, else the folder that it works in, else the project."""
    folder = session.cwd.rstrip("/").rpartition("/")[2]
    return clean(session.instance or folder or session.project or session.source)


def state(session: Session, insight: Insight | None, alert: State | None, when: When) -> Run:
    """How a session stands, with its glyph; colour only where somebody should look."""
    verdict = insight.verdict if insight else None
    if alert is State.RAISED or (alert is None and verdict and verdict.flagged and not verdict.recovered):
        return "▲ stuck", "alert"
    if alert is State.ACKNOWLEDGED:
        return "◆ known", "warning"
    if alert is State.MUTED:
        return "◌ muted", "muted"
    if verdict and verdict.flagged:
        return "↻ again", "muted"
    return ("● active", "ok") if when.seconds(session.last) < ACTIVE else ("○ rests", "faint")


def nothing(filtered: bool, keys: tuple[str, str, str], _: int) -> list[Line]:
    """What an empty list says; `keys` are those that read transcripts, take the filter back, and open the prompt."""
    if filtered:
        return [[("no session matches the filter", "muted")], [], [(keys[1], "key"), (" shows all again", "faint")]]
    return [
        [("no sessions are known yet", "muted")],
        [],
        [(keys[0], "key"), (" reads the transcripts of this machine   ", "plain"), ("$ agentctl ingest", "faint")],
        [(keys[2], "key"), (" agentctl sources", "plain"), ("  says where they are looked for", "faint")],
    ]
