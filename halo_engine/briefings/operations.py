"""What briefings bring to `status`, `doctor` and `demo`."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from halo_engine import clock, secrets
from halo_engine.briefings import commands, queries
from halo_engine.briefings.config import FILE, briefing_settings
from halo_engine.briefings.projection import briefings
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

PROJECTION = briefings
DEMO_DAYS = 3


def status(workspace: Workspace) -> list[Check]:
    """Whether today's could be delivered."""
    row = queries.found(workspace, queries.today(workspace))
    if row is not None and row.failure:
        return [Check("briefing", "wrong", f"not delivered by {row.failure}", "hal-briefing send")]
    return []


def doctor(workspace: Workspace) -> list[Check]:
    """Whether there is a way to the operator."""
    settings = briefing_settings(workspace)
    if settings.channel == "telegram" and not settings.telegram.chat:
        return [Check(FILE, "note", "no chat to send to", f"set telegram.chat in {FILE}")]
    references = [settings.telegram.token] if settings.channel == "telegram" else settings.apprise
    absent = [each for each in references if not secrets.present(each)]
    if absent or not references:
        said = f"{absent[0]} is not set" if absent else "no address to send to"
        return [Check(FILE, "note", said, f"see {settings.channel} in {FILE}")]
    return [Check(FILE, "ok", f"sent by {settings.channel}")]


def demo(workspace: Workspace, _: Random) -> None:
    """The briefings of the last mornings."""
    today = queries.today(workspace)
    for ago in range(DEMO_DAYS, 0, -1):
        with clock.held(clock.now() - timedelta(days=ago) + timedelta(hours=1)):
            commands.generate(workspace, today - timedelta(days=ago), ai=False)


def live(workspace: Workspace, random: Random) -> None:
    """Nothing: a briefing comes once a day."""
