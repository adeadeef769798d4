"""The Overview: what it shows, what a key does, and that it lives."""

from __future__ import annotations

import pytest

from halo_engine.agents.ingest import ingest
from halo_engine.agents.records import Prompt, Spent, Tokens
from halo_engine.agents.sample import folder, write
from halo_engine.alerts import commands as alerts
from halo_engine.alerts import queries
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.states import Severity, State
from halo_engine.tasks import commands
from halo_tui import overview_reading
from halo_tui.present import overview
from halo_tui.present.ink import plain
from tests.tui.conftest import desk


@pytest.fixture
def troubled(few):
    alerts.raise_(few, Raising("error", "mum-telegram", "TelegramConflict 3 times", Severity.CRITICAL, "mum"))
    alerts.raise_(few, Raising("spin", "8f3c", "41k tokens, no file changed", instance="ben"))
    (few.root / "logs").mkdir(exist_ok=True)
    return few


async def test_it_is_the_first_screen(few, monkeypatch):
    monkeypatch.setattr("halo_tui.living.FIRST", "overview")
    async with desk(few) as at:
        assert at.app.page_now.id == "overview"


async def test_it_says_what_is_wrong_and_what_is_in_hand(troubled):
    async with desk(troubled, screen="overview") as at:
        for said in ("TelegramConflict", "41k tokens", "failed 1", "past due 1", "Back up the photo library"):
            assert said in at.screen


async def test_a_change_elsewhere_shows(few):
    async with desk(few, screen="overview") as at:
        assert "nothing needs you" in at.screen
        alerts.raise_(few, Raising("error", "x", "the disk is full"))
        await at.until(lambda: "the disk is full" in at.screen)
        item = commands.add(few, "Sweep the yard").item.id
        commands.start(few, item)
        await at.until(lambda: "Sweep the yard" in at.screen)


async def test_what_is_written_to_a_log_shows_though_no_event_says_so(few):
    async with desk(few, screen="overview") as at:
        (few.root / "logs").mkdir(exist_ok=True)
        (few.root / "logs" / "mum.log").write_text(
            '{"time":"2026-11-20T14:02:10Z","level":"info","msg":"good morning to you"}\n'
        )
        await at.until(lambda: "good morning to you" in at.screen)


async def test_an_alert_is_acknowledged_with_its_command_shown(troubled):
    async with desk(troubled, screen="overview") as at:
        await at.press("tab", "a")
        await at.type("asked")
        await at.press("enter")
        await at.until(lambda: queries.counts(troubled)[State.ACKNOWLEDGED] == 1)
        assert "halo-engine alerts ack A-001 --note asked" in at.app.deeds[-1].line


@pytest.mark.parametrize(("tabs", "screen"), [(1, "agents"), (2, "tasks"), (3, "agents"), (4, "logs")])
async def test_enter_leads_to_the_screen_that_says_more(troubled, tabs, screen):
    async with desk(troubled, screen="overview") as at:
        await at.press(*["tab"] * tabs, "enter")
        assert at.app.page_now.id == screen


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
async def test_every_pane_has_room_at_every_size(troubled, size):
    async with desk(troubled, size, screen="overview") as at:
        for pane in at.app.page_now.panes:
            assert pane.size.height >= 1, pane.id
        assert "TelegramConflict" in at.screen


async def test_a_day_on_which_nothing_was_used_keeps_its_place(few):
    """The clock stands at a Friday: three days back something was used, and nothing since."""
    reply = Spent(time="2026-11-17T10:00:00.000000Z", message="m1", model="claude-haiku-4-5", tokens=Tokens(output=900))
    write(few, "dad", "one", [Prompt(time="2026-11-17T09:59:00.000000Z", text="Good morning"), reply])
    ingest(few, [folder(few)])
    used = overview_reading.tokens(few)
    assert [sum_ for _, sum_ in used.days] == [0, 0, 0, 900, 0, 0, 0]
    assert [f"{day:%a}" for day, _ in used.days] == ["Sat", "Sun", "Mon", "Tue", "Wed", "Thu", "Fri"]
    top, *_ = drawn = [plain(line) for line in overview.tokens(used, 60, 9)]
    names = next(line for line in drawn if "Sat" in line)
    assert names.index("Tue") == top.index("█")
