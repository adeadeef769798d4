"""The Agents screen: sessions, what they used, which go nowhere, and the alerts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from halo_engine import clock
from halo_engine.agents.ingest import ingest
from halo_engine.agents.records import AnyRecord, Call, Change, Prompt, Result, Said, Spent, Tokens
from halo_engine.agents.sample import folder, write
from halo_engine.alerts import commands, queries
from halo_engine.alerts.commands import Raising
from halo_engine.alerts.states import State
from halo_engine.workspace import Workspace
from halo_tui import agent_reading
from halo_tui.screens.agents import AgentsScreen
from tests.tui.conftest import NOW, Desk, desk

MODELS = {"ben": "claude-sonnet-4-5", "dad": "claude-haiku-4-5"}


def at(seconds: float) -> str:
    return clock.stamp(datetime.fromisoformat(NOW).astimezone(UTC) - timedelta(seconds=seconds))


def work(instance: str, begun: float, turns: int, *, stuck: bool) -> list[AnyRecord]:
    """A question, then calls: the same again and again, or edits that move on."""
    made: list[AnyRecord] = [Prompt(time=at(begun), text="Make the deployment script find its key")]
    for turn in range(turns):
        when, call = begun - 20 * (turn + 1), f"{instance}-{begun:.0f}-{turn}"
        if stuck:
            arguments, text, changes = {"command": "./deploy.sh --check"}, "error: no key for vendor", ()
            made.append(Call(time=at(when), id=call, tool="run_command", arguments=arguments, message=call))
        else:
            path = f"deploy/step_{turn % 3}.sh"
            arguments, text = {"path": path}, f"wrote {path}, now {turn} steps"
            changes = (Change(path, (f"old {turn}",), (f"new {turn}", f"more {turn}")),)
            made.append(Call(time=at(when), id=call, tool="edit_file", arguments=arguments, message=call))
        made.append(Result(time=at(when - 2), call=call, text=text, failed=stuck, changes=changes))
        tokens = Tokens(input=20, output=300 + 10 * turn, cache_read=8_000 + 900 * turn, cache_write_5m=600)
        made.append(Spent(time=at(when - 3), message=call, model=MODELS[instance], tokens=tokens))
    return [*made, Said(time=at(begun - 20 * (turns + 1)), text="Done.", message=f"{instance}-{begun:.0f}")]


@pytest.fixture
def worked(workspace: Workspace, still) -> Workspace:
    """Two sessions that got somewhere, and one that did not; its alert, and another one."""
    (workspace.root / "agentctl.yaml").write_text(
        "sources: {claude_code: [], codex: [], gemini: [], opencode: []}\n", encoding="utf-8"
    )
    write(workspace, "ben", "stuck-1", work("ben", 1_500, 24, stuck=True))
    write(workspace, "dad", "moves-1", work("dad", 7_300, 9, stuck=False))
    write(workspace, "ben", "moves-2", work("ben", 90_000, 14, stuck=False))
    ingest(workspace, [folder(workspace)])
    assert agent_reading.check(workspace) == 1
    commands.raise_(workspace, Raising("error", "dad", "TelegramConflict x3", instance="dad", hint="logctl errors"))
    return workspace


def agents(here: Desk) -> AgentsScreen:
    page = here.app.page_now
    assert isinstance(page, AgentsScreen)
    return page


async def looked_at(here: Desk) -> None:
    await here.until(lambda: len(agents(here)._insights) == 3 and agents(here).story)
    await here.settle()


async def test_lists_sessions_with_what_came_of_them(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        rows = {line.split()[3]: line for line in here.screen.splitlines() if "claude-" in line and "│" in line}
        assert "▲ stuck" in here.screen
        assert "▲2 " in here.screen
        screen = agents(here)
        moved = next(key for key in screen.found.sessions if key.endswith("moves-1"))
        assert screen._insights[moved].files == 3
        assert (screen._insights[moved].added, screen._insights[moved].removed) == (18, 9)
        assert rows


async def test_tells_the_evidence_in_words(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        assert agents(here).spent.session.id == "stuck-1"
        assert "▲ goes nowhere since line" in here.screen
        assert "░ goes nowhere" in here.screen
        assert "./deploy.sh --check" in here.screen
        await here.press("down")
        await here.until(lambda: agents(here).story.spent.session.id == "moves-1")
        await here.settle()
        assert "goes nowhere since" not in here.screen
        assert "3 files +18 -9" in here.screen


async def test_acknowledges_with_the_command_shown(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        await here.press("a")
        await here.type("I restart it")
        await here.press("enter")
        await here.until(lambda: queries.alert(worked, "A-001").state is State.ACKNOWLEDGED)
        await here.settle()
        assert here.app.deeds[-1].line == "agentctl ack A-001 --note 'I restart it'"
        assert "◆ known" in here.screen
        await here.until(lambda: "▲1 " in here.screen)


async def test_mutes_the_alert_under_the_cursor(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        agents(here).raised.focus()
        agents(here).raised.go_to(2)
        await here.settle()
        assert "TelegramConflict x3" in here.screen
        assert "logctl errors" in here.screen
        await here.press("m")
        await here.type("2h")
        await here.press("enter")
        await here.until(lambda: queries.alert(worked, "A-002").muted_until.startswith("2026-11-20T16:02"))
        assert here.app.deeds[-1].line == "halo-engine alerts mute A-002 --until 2h"
        await here.until(lambda: list(agents(here).raised.order) == [1])
        await here.press("m")
        await here.type("someday")
        await here.press("enter")
        assert "someday" in here.said


async def test_an_alert_leads_to_its_session(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        await here.press("end")
        await here.until(lambda: agents(here).story.spent.session.id == "moves-2")
        agents(here).raised.focus()
        agents(here).raised.go_to(1)
        await here.settle()
        await here.until(lambda: agents(here).story.spent.session.id == "stuck-1")


async def test_an_alert_raised_elsewhere_shows(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        commands.raise_(worked, Raising("silent", "mum", "nothing heard since yesterday", instance="mum"))
        await here.until(lambda: "nothing heard" in here.screen and "▲3 " in here.screen)


async def test_usage_by_day_model_and_instance(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        await here.press("right")
        await here.until(lambda: "2026-11-19" in here.screen and "2026-11-20" in here.screen)
        assert "agentctl usage --period 30d --by day" in here.said
        await here.press("right")
        await here.until(lambda: "claude-haiku-4-5" in here.screen)
        await here.press("right")
        await here.until(lambda: "replies" in here.screen and "█" in here.screen)
        await here.press("escape")
        assert agents(here).table.has_focus


async def test_filters_sessions(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        await here.press("slash")
        await here.type("instance:ben flagged")
        await here.press("enter")
        assert [key.rpartition("/")[2] for key in agents(here).table.order] == ["stuck-1"]
        assert "agentctl sessions --instance ben --flagged" in here.said
        await here.press("escape")
        assert len(agents(here).table.order) == 3
        await here.press("slash")
        await here.type("source:nothing")
        await here.press("enter")
        assert "no source 'nothing'" in here.screen
        await here.press("escape")
        await here.press("slash")
        await here.type("nowhere")
        await here.press("enter")
        await here.until(lambda: "no session is selected" in here.screen)
        assert agents(here).opened.border_title == "Session"


async def test_first_run_reads_when_it_is_told(workspace: Workspace, still) -> None:
    write(workspace, "dad", "moves-1", work("dad", 7_300, 9, stuck=False))
    async with desk(workspace, screen="agents") as here:
        await here.until(lambda: "no sessions are known yet" in here.screen)
        assert "$ agentctl ingest" in here.screen
        await here.press("r")
        await here.until(lambda: here.app.deeds and here.app.deeds[-1].outcome == "done")
        assert here.app.deeds[-1].line == "agentctl ingest"


async def test_a_transcript_that_is_gone_is_said(worked: Workspace) -> None:
    for path in folder(worked).rglob("*.jsonl"):
        path.unlink()
    async with desk(worked, screen="agents", live=False) as here:
        assert "is not there any more" in here.screen
        assert len(agents(here).table.order) == 3


async def test_nothing_is_changed_in_the_past(worked: Workspace) -> None:
    async with desk(worked, screen="agents") as here:
        await looked_at(here)
        head = worked.log.head()
        await here.press("t")
        agents(here).table.focus()
        for key in ("a", "m", "c", "r"):
            await here.press(key)
            assert "this is the past" in here.said
        assert worked.log.head() == head


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_zoom_shows_a_pane_alone(worked: Workspace, size: tuple[int, int]) -> None:
    async with desk(worked, size, screen="agents", live=False) as here:
        await here.press("enter", "z")
        assert agents(here).opened.size.height > size[1] - 6
        assert not agents(here).table.display
        await here.press("z", "escape", "right", "z")
        assert agents(here).query_one("#usage").size.height > size[1] - 6


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
async def test_fits(worked: Workspace, size: tuple[int, int]) -> None:
    async with desk(worked, size, screen="agents", live=False) as here:
        assert "stuck" in here.screen
        assert all(pane.size.height for pane in agents(here).panes)
