"""What sessions of agents bring to briefings and reports."""

from __future__ import annotations

from datetime import UTC, datetime

from halo_engine import clock
from halo_engine.agents import queries
from halo_engine.agents.config import agent_settings
from halo_engine.agents.ingest import refresh
from halo_engine.agents.prices import prices
from halo_engine.agents.queries import Filter
from halo_engine.agents.views import dollars, short
from halo_engine.digest import Days, Measure, Point, Section, Window
from halo_engine.workspace import Workspace

SHOWN = 3
CLOSE = 0.8
"""Part of the budget from which it is worth a word."""


def briefing(workspace: Workspace, window: Window) -> list[Section]:
    """What the fleet used since the last briefing, and whether that is within the budget."""
    refresh(workspace)
    report = queries.usage(workspace, "instance", Filter(since=window.since, until=window.until))
    total = report.total
    if not total.replies:
        return [Section("usage", "Tokens", quiet="no session used any")]
    said = f"{short(total.tokens)} tokens, {dollars(total.cost)}, {total.sessions} sessions"
    points = [Point(said), *_budget(workspace, total.cost)]
    if total.cost:
        points += [
            Point(f"{row.name}: {row.cost / total.cost:.0%}, {dollars(row.cost)}") for row in report.rows[:SHOWN]
        ]
    if report.unknown:
        points.append(Point(f"no price for {', '.join(report.unknown)}", "note", "agentctl prices --update FILE"))
    return [Section("usage", "Tokens", tuple(points), max(0, len(report.rows) - SHOWN))]


def _budget(workspace: Workspace, cost: float) -> list[Point]:
    budget = agent_settings(workspace).daily_budget
    if budget is None:
        return []
    part = cost / budget
    said = f"{part:.0%} of the day's budget of {dollars(budget)}"
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
