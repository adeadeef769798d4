"""What the journal brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from halo_engine import clock, llm, times
from halo_engine.console import counted
from halo_engine.journal import commands, queries
from halo_engine.journal.projection import journal
from halo_engine.journal.queries import EntryFilter
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

PROJECTION = journal
SAMPLE = (
    ("Mum's bot was silent again this morning. Third Sunday in a row.", ("fleet", "mum"), "puzzled", 5),
    ("Shortened the briefing to what fits a phone. Dad read all of it.", ("briefing", "dad"), "pleased", 7),
    ("Token conflict on Telegram: two pollers after the move. Stopped the old one.", ("fleet",), "tired", 4),
    ("Ben's budget is gone by the 20th. Talk to him before raising it.", ("money", "ben"), "", None),
    ("Restored the backup on the old laptop. Took eleven minutes, nothing missing.", ("ops",), "calm", 8),
    ("The governance block on medicine needs one sentence about children.", ("governance",), "", 6),
    ("Went for a walk instead of fixing the dashboard. Right choice.", (), "rested", 8),
    ("Mum's silence is the daylight saving bug. Found it in the cron line.", ("fleet", "mum"), "pleased", 7),
)


def status(_: Workspace) -> list[Check]:
    """Nothing: a journal never needs anybody."""
    return []


def doctor(workspace: Workspace) -> list[Check]:
    """How much there is, and who would read it back."""
    rows, more = queries.page(workspace, EntryFilter(), 1)
    if not rows:
        return []
    voice = "the language model" if llm.configured(workspace.settings.llm) else "themes; no key for the language model"
    last = times.ago(clock.instant(rows[0].written), clock.now())
    return [Check("journal", "ok", f"{counted(more + 1, 'entry')}, the last {last} ago; read back by {voice}")]


def demo(workspace: Workspace, random: Random) -> None:
    """Eight entries of the last days."""
    now = clock.now()
    hours = sorted((random.uniform(2, 9 * 24) for _ in SAMPLE), reverse=True)
    for (text, tags, mood, energy), back in zip(SAMPLE, hours, strict=True):
        with clock.held(now - timedelta(hours=back)):
            commands.add(workspace, text, tags, mood, energy)


def live(workspace: Workspace, random: Random) -> None:
    """Now and then a word."""
    if random.random() < 0.02:
        commands.add(workspace, random.choice(SAMPLE)[0], ("fleet",))
