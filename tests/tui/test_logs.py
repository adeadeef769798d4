"""The Logs screen: followed, paused, filtered, marked, opened."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from halo_engine.tasks import commands
from halo_engine.workspace import Workspace
from halo_tui.screens.logs import LogsScreen
from tests.tui.conftest import NOW, Desk, desk

SAYS = (
    ("info", "message received", {"chat": 812}),
    ("info", "reply sent", {"chat": 812, "ms": 1900, "usage": {"input": 412, "output": 96}}),
    ("debug", "cache hit", {"key": "profile"}),
    ("warn", "reply was slow", {"ms": 9120}),
    ("error", "TelegramConflict: terminated by other getUpdates request", {"code": 409}),
)


def line(instance: str, number: int, text: str = "", level: str = "", *, ago: float = 0) -> str:
    kind, message, fields = SAYS[0 if number % 7 else number % 5]
    at = datetime.fromisoformat(NOW).astimezone(UTC) - timedelta(seconds=ago)
    head = {"time": at.isoformat(), "level": level or kind, "msg": text or message, "instance": instance}
    return json.dumps(head | fields | {"trace_id": f"{number:08x}"}) + "\n"


def write(workspace: Workspace, name: str, *lines: str) -> Path:
    workspace.logs.mkdir(exist_ok=True)
    path = workspace.logs / name
    with path.open("a", encoding="utf-8") as file:
        file.writelines(lines)
    return path


@pytest.fixture
def logged(workspace: Workspace, still) -> Workspace:
    """Two instances, an hour and a half of logs each."""
    for instance, shift in (("dad", 0), ("ben", 9)):
        ages = range(5_400, 0, -20)
        write(workspace, f"{instance}.log", *(line(instance, age // 20 + shift, ago=age) for age in ages))
    return workspace


def logs(here: Desk) -> LogsScreen:
    page = here.app.page_now
    assert isinstance(page, LogsScreen)
    return page


async def shown(here: Desk, text: str) -> None:
    await here.until(lambda: text in here.screen)


async def test_follows_and_pauses(logged: Workspace) -> None:
    async with desk(logged, screen="logs") as here:
        await here.until(lambda: len(logs(here).table.order) == 540)
        write(logged, "dad.log", line("dad", 1, "the latest of all"))
        await shown(here, "the latest of all")
        await here.press("up")
        assert "○ paused" in here.screen
        held = logs(here).table.key
        write(logged, "ben.log", line("ben", 1, "not yet to be seen"))
        await here.until(lambda: len(logs(here).table.order) == 542)
        assert logs(here).table.key == held
        await here.press("end")
        assert "● following" in here.screen
        assert "not yet to be seen" in here.screen
        write(logged, "ben.log", line("ben", 1, "and on it goes"))
        await shown(here, "and on it goes")


async def test_the_hour_is_counted_by_level(logged: Workspace) -> None:
    async with desk(logged, screen="logs", live=False) as here:
        rows = here.screen.splitlines()
        assert "Last hour" in rows[1]
        assert [row.split()[2] for row in rows[2:6]] == ["error", "warn", "info", "other"]
        counts = [int(row.split()[3]) for row in rows[2:6]]
        assert sum(counts) == 358
        assert "13:02" in rows[6]
        assert "14:02" in rows[6]


async def test_filters_as_the_command_does(logged: Workspace) -> None:
    async with desk(logged, screen="logs") as here:
        await here.press("slash")
        await here.type("conflict level:error instance:dad")
        await here.press("enter")
        await here.until(lambda: 0 < len(logs(here).table.order) < 100)
        assert "logctl search --level error --instance dad --text conflict" in here.said
        table = logs(here).table
        await here.until(lambda: table.cells(table.key))
        assert table.cells(table.key)[2] == ("▲ error", "alert")
        await here.press("slash")
        await here.type(" level:loud")
        await here.press("enter")
        await shown(here, "'loud' is no level")
        await here.press("escape")
        await here.until(lambda: len(logs(here).table.order) == 540)


async def test_one_source_shows_every_line(logged: Workspace) -> None:
    write(logged, "dad.log", "this is no record\n")
    async with desk(logged, screen="logs") as here:
        await here.press("right", "right")
        assert logs(here).source == "dad.log"
        await here.until(lambda: logs(here).table.order == range(271))
        await shown(here, "this is no record")
        await here.press("enter")
        await shown(here, "▲ no record")
        await here.press("escape", "left", "left")
        assert logs(here).source == "all"


async def test_opens_a_record_as_a_tree(logged: Workspace) -> None:
    write(
        logged,
        "dad.log",
        json.dumps({"level": 50, "msg": "nested", "time": 1, "deep": {"er": [1, {"x": "end"}]}}) + "\n",
    )
    async with desk(logged, (200, 60), screen="logs") as here:
        await here.press("right", "right")
        await here.until(lambda: len(logs(here).table.order) == 271)
        await here.press("enter")
        await shown(here, "└ er")
        assert "x  end" in here.screen
        assert "source    dad.log" in here.screen
        assert (logs(here).record.region.x, logs(here).table.region.x) == (120, 0)
        await here.press("escape")
        assert "└ er" not in here.screen
        assert logs(here).table.has_focus


async def test_only_the_instance_of_this_record(logged: Workspace) -> None:
    write(logged, "ben.log", line("ben", 3, "mine"))
    async with desk(logged, screen="logs") as here:
        await shown(here, "mine")
        await here.press("i")
        await here.until(lambda: len(logs(here).table.order) == 271)
        assert "logctl search --instance ben" in here.said
        await here.press("i")
        await here.until(lambda: len(logs(here).table.order) == 541)


async def test_marks_and_jumps_between_them(logged: Workspace) -> None:
    async with desk(logged, screen="logs") as here:
        await here.until(lambda: len(logs(here).table.order) == 540)
        table = logs(here).table
        await here.press("n")
        assert "no line is marked" in here.said
        for row in (20, 300):
            table.go(row)
            await here.press("m")
        assert "2 marked" in here.said
        await here.press("N")
        assert table.cursor == 20
        await here.press("N")
        assert "no marked line that way" in here.said
        await here.press("n")
        assert table.cursor == 300
        assert table.cells(table.key)[0] == ("◆", "mark")
        await here.press("m")
        assert "1 marked" in here.said


async def test_a_workspace_without_logs_says_what_to_do(workspace: Workspace, still) -> None:
    async with desk(workspace, screen="logs", live=False) as here:
        await shown(here, "no logs were found")
        assert "logctl sources" in here.screen


async def test_a_log_that_cannot_be_read_dims_its_pane(logged: Workspace) -> None:
    (logged.root / "logctl.yaml").write_text("sources: 7\n")
    async with desk(logged, screen="logs", live=False) as here:
        assert logs(here).table.dimmed
        assert "logctl.yaml" in here.screen


async def test_the_past_ends_where_the_clock_stands(logged: Workspace, still) -> None:
    from halo_engine.tasks import commands

    still("2026-11-20T13:30:00+00:00")
    commands.add(logged, "Something")
    still(NOW)
    async with desk(logged, screen="logs") as here:
        await here.until(lambda: len(logs(here).table.order) == 540)
        await here.press("t")
        await here.until(lambda: 0 < len(logs(here).table.order) < 400)
        await here.press("escape")
        await here.until(lambda: len(logs(here).table.order) == 540)


async def test_the_filter_and_the_source_are_found_again(logged: Workspace) -> None:
    async with desk(logged, screen="logs") as here:
        await here.press("right", "slash")
        await here.type("slow")
        await here.press("enter")
        await here.app.action_quit()
    async with desk(logged) as here:
        assert (logs(here).source, logs(here).filter) == ("ben.log", "slow")


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_zoom_shows_a_pane_alone(logged: Workspace, size: tuple[int, int]) -> None:
    async with desk(logged, size, screen="logs", live=False) as here:
        await here.press("enter", "z")
        assert logs(here).record.size.height > size[1] - 6
        assert not logs(here).table.display
        await here.press("z")
        assert logs(here).table.display


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (200, 60)])
async def test_fits(logged: Workspace, size: tuple[int, int]) -> None:
    async with desk(logged, size, screen="logs", live=False) as here:
        assert logs(here).table.size.height >= 4
        await here.press("enter")
        await here.until(lambda: logs(here).record.has_focus and "message" in here.screen)


async def test_no_secret_shows_in_the_list_or_in_a_record(logged: Workspace, monkeypatch) -> None:
    monkeypatch.setenv("MUM_BOT_TOKEN", "812:a-secret-of-mum")
    commands.add(logged, "Something, so that it is no empty workspace")
    write(logged, "mum.log", line("mum", 1, "polling with 812:a-secret-of-mum", "warn"))
    for screen in ("logs", "overview"):
        async with desk(logged, screen=screen) as at:
            await at.until(lambda at=at: "polling with [redacted]" in at.screen)
            await at.press("end", "enter")
            assert "a-secret-of-mum" not in at.screen
