"""What sessions of agents bring to briefings and reports."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from halo_engine import clock
from halo_engine.agents import queries
from halo_engine.agents.config import agent_settings
from halo_engine.agents.ingest import refresh
from halo_engine.agents.prices import prices
from halo_engine.agents.queries import Filter
from halo_engine.agents.views import dollars, short
from halo_engine.console import counted
from halo_engine.digest import Days, Measure, Point, Section, Window
from halo_engine.workspace import Workspace

SHOWN = 3
QUARTER = 900
"""Seconds."""
CLOSE = 0.8
"""Part of the budget from which it is worth a word."""


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What the fleet used since the last briefing, and whether that is within the budget."""
    refresh(workspace)
    since = clock.stamp(_quarter(clock.instant(window.since)))
    report = queries.usage(workspace, "instance", Filter(since=since, until=window.until))
    total = report.total
    if not total.replies:
        return [Section("usage", "Tokens", quiet="no session used any")]
    sessions = counted(total.sessions, "session")
    said = f"{short(total.tokens)} tokens, {dollars(total.cost)}, {sessions}{_before(workspace, window)}"
    points = [Point(said), *_budget(workspace, window, total.cost)]
    if total.cost:
        points += [
            Point(f"{row.name}: {row.cost / total.cost:.0%}, {dollars(row.cost)}") for row in report.rows[:SHOWN]
        ]
    if report.unknown:
        points.append(Point(f"no price for {', '.join(report.unknown)}", "note", "agentctl prices --update FILE"))
    return [Section("usage", "Tokens", tuple(points), max(0, len(report.rows) - SHOWN))]


def _quarter(moment: datetime) -> datetime:
    """Use is known by the quarter of an hour; one that had begun at a moment is told of by whoever looks back to it."""
    return datetime.fromtimestamp(moment.timestamp() // QUARTER * QUARTER, UTC)


def _before(workspace: Workspace, window: Window) -> str:
    """What the time before cost, as long again."""
    since, until = map(clock.instant, (window.since, window.until))
    begin, end = _quarter(since - (until - since)), _quarter(since) - timedelta(seconds=1)
    report = queries.usage(workspace, "instance", Filter(since=clock.stamp(begin), until=clock.stamp(end)))
    return f"; before that {dollars(report.total.cost)}" if report.total.replies else ""


def _budget(workspace: Workspace, window: Window, cost: float) -> list[Point]:
    daily = agent_settings(workspace).daily_budget
    if daily is None:
        return []
    days = max(1, round((clock.instant(window.until) - clock.instant(window.since)) / timedelta(days=1)))
    budget = daily * days
    part = cost / budget
    said = f"{part:.0%} of the {'day' if days == 1 else f'{days} days'}'s budget of {dollars(budget)}"
    return [Point(said, "wrong" if part > 1 else "note" if part >= CLOSE else "ok", "agentctl usage --period 24h")]


def report(workspace: Workspace, days: Days) -> list[Measure]:
    """Sessions, tokens and what they cost."""
    refresh(workspace)
    table = prices(workspace)
    tokens, costs, replies = [], [], []
    for use in queries.uses(workspace, Filter(since=days.since)):
        moment = clock.stamp(datetime.fromtimestamp(use.start, UTC))
        used = use.input + use.output + use.cache_read + use.cache_write_5m + use.cache_write_1h
        tokens.append((moment, used))
        costs.append((moment, table.cost(use) or 0.0))
        replies.append((moment, use.replies))
    begun = [spent.session.first for spent in queries.sessions(workspace, Filter(since=days.since))[0]]
    return [
        Measure("agents.sessions", "Sessions begun", days.counts(begun)),
        Measure("agents.replies", "Replies of models", days.totals(replies)),
        Measure("agents.tokens", "Tokens", days.totals(tokens)),
        Measure("agents.cost", "Cost", days.totals(costs), unit="$", better="less"),
    ]
