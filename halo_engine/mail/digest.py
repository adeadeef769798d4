"""What mail brings to briefings and reports."""

from __future__ import annotations

from collections import Counter

from halo_engine.console import counted, cut
from halo_engine.digest import Days, Measure, Point, Section, Window
from halo_engine.mail import queries
from halo_engine.mail.store import Message
from halo_engine.workspace import Workspace

SHOWN = 5
LONGEST = 120


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What was surfaced since the last one, and how much was seen to without it."""
    rows = queries.between(workspace, window.since, window.until)
    if not rows:
        return [Section("mail", "Mail", quiet="no new mail was seen to")]
    surfaced = [row for row in rows if row.action == "surface"]
    waiting = sum(row.state == "waiting" and bool(row.target) for row in rows)
    points = [Point(_words(row), "note", f"mailctl read {row.id[:8]}") for row in surfaced[:SHOWN]]
    if waiting:
        points.append(Point(f"{counted(waiting, 'message')} waiting for your word", "note", "mailctl queue"))
    others = Counter(row.action for row in rows if row.action != "surface" and row.state != "waiting")
    if others:
        words = ", ".join(f"{count} {_DONE[action]}" for action, count in others.most_common())
        points.append(Point(f"seen to by rules: {words}", hint="mailctl summary"))
    missed = sum(row.state == "missed" for row in rows)
    if missed:
        points.append(Point(f"{missed} could not be done", "note", "mailctl summary"))
    quiet = "" if points else "no new mail was seen to"
    return [Section("mail", "Mail", tuple(points), max(0, len(surfaced) - SHOWN), quiet=quiet)]


_DONE = {"label": "labelled", "archive": "archived", "skip": "skipped"}


def _words(row: Message) -> str:
    return cut(f"{row.sender}: {row.subject or '(no subject)'}", LONGEST)


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """How much came, and how much of it was left to be read."""
    rows = [row for row in queries.between(workspace, days.since, days.until) if row.run]
    surfaced = [row.decided for row in rows if row.action == "surface"]
    return [
        Measure("mail.messages", "Mail seen to", days.counts(row.decided for row in rows)),
        Measure("mail.surfaced", "Mail surfaced", days.counts(surfaced), better="less"),
    ]
