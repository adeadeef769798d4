"""What agents brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from halo_engine import clock, console
from halo_engine.agents import queries
from halo_engine.agents.config import FILE, agent_settings
from halo_engine.agents.found import found
from halo_engine.agents.prices import prices
from halo_engine.agents.projection import agents
from halo_engine.agents.queries import Filter
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

PROJECTION = agents
OLD = timedelta(days=180)
"""Age from which a price table is worth a word."""


def status(workspace: Workspace) -> list[Check]:
    """What the last week came to."""
    since = clock.stamp(clock.now() - timedelta(days=7))
    report = queries.usage(workspace, "model", Filter(since=since))
    total = report.total
    said = f"{console.counted(total.sessions, 'session')} in 7 days, {total.tokens:,} tokens, ${total.cost:,.2f}"
    checks = [Check("agents", "ok", said)]
    if report.unknown:
        named = ", ".join(report.unknown)
        checks.append(Check("prices", "note", f"no price for {named}", "agentctl prices --update FILE"))
    return checks


def doctor(workspace: Workspace) -> list[Check]:
    """Whether sessions can be found, read and priced."""
    agent_settings(workspace)
    sources = found(workspace)
    there = [each.title for each in sources if each.there]
    checks = [Check(FILE, "ok", f"sessions of {', '.join(there) or 'no tool'} found")]
    damaged, faults = sum(each.damaged for each in sources), sum(len(each.faults) for each in sources)
    if damaged or faults:
        said = f"{console.counted(damaged, 'damaged line')}, {console.counted(faults, 'file')} unreadable"
        checks.append(Check("transcripts", "note", said, "agentctl sources"))
    date = prices(workspace).table.date
    old = date < clock.stamp(clock.now() - OLD)[:10]
    hint = "agentctl prices --update FILE" if old else ""
    checks.append(Check("prices", "note" if old else "ok", f"of {date}", hint))
    return checks


def demo(workspace: Workspace, random: Random) -> None:
    """Two weeks of made-up sessions of the fleet."""
    from halo_engine.agents.sample import fill

    fill(workspace, random)


def live(workspace: Workspace, random: Random) -> None:
    """A session of the sample goes on."""
    from halo_engine.agents.sample import step

    step(workspace, random)
