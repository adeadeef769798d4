"""The Tasks screen: real keys, a real workspace, the real engine."""

from __future__ import annotations

import asyncio
import os
import sys

import pytest
from textual.widgets import Input

from halo_engine.tasks import commands, queries
from halo_engine.tasks.states import Kind, State
from halo_engine.workspace import Workspace
from halo_tui.panes.item_detail import ItemDetail
from halo_tui.screens.tasks import TasksScreen
from tests.tui.conftest import OUTPUT, Desk, desk, fill, start_run


def tasks(here: Desk) -> TasksScreen:
    page = here.app.page_now
    assert isinstance(page, TasksScreen)
    return page


async def select(here: Desk, number: int) -> None:
    tasks(here).current.go_to(number)
    await here.settle()
    assert tasks(here).item.number == number


async def test_shows_items_most_urgent_first(few: Workspace) -> None:
    async with desk(few) as here:
        assert list(tasks(here).table.order) == list(queries.order(few, queries.Filter()))
        assert "Fix deployment script" in here.screen
        assert "Order printer paper" not in here.screen


@pytest.mark.parametrize(
    ("number", "key", "state", "line"),
    [
        (2, "s", State.IN_PROGRESS, "nightctl start T-002"),
        (2, "p", State.PLANNING, "nightctl plan T-002"),
        (3, "plus", State.IN_PROGRESS, "nightctl approve T-003"),
        (4, "B", State.IN_PROGRESS, "nightctl unblock T-004"),
        (5, "R", State.RETRY, "nightctl retry T-005"),
        (1, "d", State.DONE, "nightctl done T-001"),
        (1, "T", State.TESTING, "nightctl test T-001"),
        (1, "r", State.REVIEW, "nightctl review T-001"),
        (7, "o", State.OPEN, "nightctl reopen T-007"),
    ],
)
async def test_a_key_makes_the_move(few: Workspace, number: int, key: str, state: State, line: str) -> None:
    async with desk(few) as here:
        await select(here, number)
        await here.press(key)
        await here.until(lambda: queries.item(few, str(number)).state is state)
        assert f"$ {line}" in here.said
        assert here.app.deeds[-1] == (line, "done")


@pytest.mark.parametrize(("key", "state"), [("b", State.BLOCKED), ("f", State.DEFERRED)])
async def test_a_move_asks_for_what_it_must_know(few: Workspace, key: str, state: State) -> None:
    async with desk(few) as here:
        await select(here, 1)
        await here.press(key)
        await here.type("friday" if key == "f" else "waits for the vendor")
        await here.press("enter")
        await here.until(lambda: queries.item(few, "1").state is state)
        item = queries.item(few, "1")
        assert item.reason == "waits for the vendor" if key == "b" else item.defer_until
        assert here.app.deeds[-1].line.startswith(f"nightctl {'block' if key == 'b' else 'defer'} T-001 --")


async def test_escape_leaves_a_question_unanswered(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 1)
        head = few.log.head()
        await here.press("b", "n", "o", "escape")
        assert few.log.head() == head
        assert tasks(here).table.has_focus


async def test_an_empty_reason_is_refused_in_words(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 1)
        await here.press("b", "enter")
        await here.until(lambda: "reason is needed" in here.said)
        assert queries.item(few, "1").state is State.IN_PROGRESS


async def test_an_illegal_move_says_why_and_what_is_allowed(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 3)
        head = few.log.head()
        await here.press("d")
        assert "done is not allowed now: T-003 is plan review; allowed: approve, reject, cancel" in here.said
        assert few.log.head() == head


async def test_undo_takes_the_last_change_back(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 2)
        await here.press("s")
        await here.until(lambda: queries.item(few, "2").state is State.IN_PROGRESS)
        await here.press("u")
        await here.until(lambda: queries.item(few, "2").state is State.OPEN)


async def test_undo_brings_back_what_has_just_left_the_list(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("d")
        await here.until(lambda: tasks(here).number == 4)
        await here.press("u")
        await here.until(lambda: queries.item(few, "1").state is State.IN_PROGRESS and tasks(here).number == 1)
        await here.press("d")
        await here.until(lambda: tasks(here).number == 4)
        await here.press("down", "u")
        assert queries.item(few, "1").state is State.DONE
        assert queries.item(few, "2").reason == "undone"


async def test_cancelling_wants_the_name_typed(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 2)
        await here.press("x")
        await here.type("T-003")
        await here.press("enter")
        assert "that is not T-002" in here.screen
        await here.press("escape")
        assert queries.item(few, "2").state is State.OPEN
        await here.press("x")
        await here.type("t-002")
        await here.press("enter")
        await here.until(lambda: queries.item(few, "2").state is State.CANCELLED)


async def test_adds_an_item_with_all_its_fields(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("a")
        for name, value in (
            ("title", "Sweep the logs"), ("kind", "job"), ("priority", "high"), ("tags", "ops, night"),
            ("command", "./sweep.sh"), ("window", "01:00-02:00"), ("retries", "2"), ("depends_on", "2"),
        ):  # fmt: skip
            here.app.screen.query_one(f"#{name}", Input).value = value
        await here.press("ctrl+s")
        await here.until(lambda: queries.last_number(few) == 9)
        item = queries.item(few, "9")
        assert (item.title, item.kind, item.priority, item.retries) == ("Sweep the logs", "job", 3, 2)
        assert (list(item.tags), list(item.depends_on)) == (["ops", "night"], ["T-002"])
        await here.until(lambda: tasks(here).number == 9)
        assert here.app.deeds[-1].line.startswith("nightctl add 'Sweep the logs' --kind job --priority high")


async def test_a_fault_in_the_form_stays_in_the_form(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("a")
        here.app.screen.query_one("#title", Input).value = "Sweep"
        here.app.screen.query_one("#priority", Input).value = "extreme"
        await here.press("ctrl+s")
        assert "'extreme' is none of high, medium, low, none" in here.screen
        assert queries.last_number(few) == 8


async def test_edits_only_what_was_changed(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 1)
        await here.press("e")
        here.app.screen.query_one("#title", Input).value = "Mend the deployment script"
        here.app.screen.query_one("#tags", Input).value = "deploy urgent"
        here.app.screen.query_one("#due", Input).value = ""
        await here.press("ctrl+s")
        await here.until(lambda: queries.item(few, "1").title.startswith("Mend"))
        item = queries.item(few, "1")
        assert (list(item.tags), item.due, item.priority) == (["deploy", "urgent"], None, 3)
        line = here.app.deeds[-1].line
        assert line == "nightctl edit T-001 --title 'Mend the deployment script' --tag urgent --untag bot --clear due"


async def test_filters_as_you_type(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("slash")
        await here.type("tag:bot")
        assert list(tasks(here).table.order) == [1]
        await here.press("enter")
        assert "nightctl list --tag bot" in here.said
        assert tasks(here).table.has_focus
        await here.press("escape")
        assert len(tasks(here).table.order) == 7


async def test_a_filter_that_makes_no_sense_dims_the_list_and_says_why(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("slash")
        await here.type("status:sleeping")
        assert tasks(here).table.dimmed
        assert "is no state" in here.screen
        await here.press("escape")
        assert not tasks(here).table.dimmed


async def test_the_cursor_stays_on_its_item(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 6)
        row = tasks(here).table.cursor
        commands.edit(few, "6", priority=3)
        await here.until(lambda: tasks(here).table.cursor != row)
        assert tasks(here).number == 6
        await here.press("S", "S", "S", "S", "S", "S")
        assert tasks(here).number == 6


async def test_a_change_by_another_process_shows_and_glows(few: Workspace) -> None:
    async with desk(few) as here:
        here.app.animation_level = "full"
        environment = os.environ | {"HALO_WORKSPACE": str(few.root)}
        code = "from halo_engine.tasks.cli import main; main()"
        child = await asyncio.create_subprocess_exec(
            sys.executable, "-c", code, "add", "From elsewhere", env=environment, stdout=asyncio.subprocess.DEVNULL
        )
        assert await child.wait() == 0
        await here.until(lambda: "From elsewhere" in here.screen)
        assert tasks(here).table._glowing.keys() == {9}
        await here.until(lambda: not tasks(here).table._glowing)
        assert tasks(here).table._fading is None


async def test_the_board_has_a_lane_for_each_stage(few: Workspace) -> None:
    async with desk(few, (200, 60)) as here:
        await select(here, 4)
        await here.press("v")
        board = tasks(here).board
        assert {name: list(lane.order) for name, lane in board.lanes.items()} == {
            "open": [2, 6, 7], "planning": [3], "in progress": [1, 4], "running": [5], "review": [], "over": [8],
        }  # fmt: skip
        assert tasks(here).number == 4
        assert board.lane.border_title == "in progress 2"
        await here.press("left")
        assert tasks(here).number == 3
        assert tasks(here).item.id == "T-003"
        await here.press("v")
        assert tasks(here).table.has_focus
        assert tasks(here).number == 3


async def test_detail_shows_plan_runs_output_and_history(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 3)
        await here.press("enter", "right")
        assert "The digest is read in five minutes." in here.screen
        assert "after 1" in here.screen
        await here.press("escape")
        await select(here, 5)
        await here.press("enter", "right")
        assert "copied 2026/11/19/IMG_2044.jpg" in here.screen
        assert "copying 12 %" not in here.screen
        assert "exit 10" in here.screen
        await here.press("right")
        assert "T-005.1 failed after 1m 02s: exit 10" in here.screen


async def test_the_output_of_a_run_is_live(few: Workspace) -> None:
    output = start_run(few, "T-002")
    async with desk(few) as here:
        await select(here, 2)
        await here.press("enter", "right", "right")
        assert "rsync: connection" in here.screen
        with output.open("a") as file:
            file.write("\n".join(f"line {number}" for number in range(100)) + "\nthe newest line\n")
        await here.until(lambda: "the newest line" in here.screen)
        assert here.app.query_one(ItemDetail).following
        assert OUTPUT.splitlines()[0] not in here.screen


async def test_a_job_is_run_now_and_its_output_shows(workspace: Workspace) -> None:
    commands.add(workspace, "Count", kind=Kind.JOB, command="echo one; echo two", window="03:00-03:01")
    async with desk(workspace) as here:
        await here.press("exclamation_mark")
        await here.until(lambda: queries.item(workspace, "1").state is State.DONE, 60)
        assert tasks(here).detail.section == "runs"
        await here.until(lambda: here.app.deeds[-1] == ("nightctl run T-001 --now", "done"), 60)
        await here.app.bring_up("tasks", 1)
        await here.until(lambda: "succeeded" in here.screen and "two" in here.screen)


async def test_zoom_shows_one_pane_and_all_again(few: Workspace) -> None:
    async with desk(few) as here:
        before = here.screen
        await here.press("z")
        assert "State machine" not in here.screen
        assert tasks(here).table.size.width > 100
        await here.press("escape")
        assert here.screen == before


async def test_the_diagram_follows_the_selected_item(few: Workspace) -> None:
    async with desk(few) as here:
        await select(here, 4)
        assert tasks(here).diagram.lit.state is State.BLOCKED
        assert tasks(here).diagram.lit.keys == {State.IN_PROGRESS: "B", State.CANCELLED: "x"}
        await select(here, 3)
        assert tasks(here).diagram.lit.keys == {State.IN_PROGRESS: "+", State.PLANNING: "-", State.CANCELLED: "x"}


async def test_a_hundred_thousand_items_scroll(workspace: Workspace, still) -> None:
    fill(workspace, 100_000)
    async with desk(workspace) as here:
        await here.until(lambda: len(tasks(here).table.order) == 100_000, 60)
        await here.press("end")
        assert "100000" in here.screen
        assert "Look at report" in here.screen
        await here.press("pageup", "home")
        await here.until(lambda: "T-003" in here.screen)
        assert len(tasks(here).table._rows) <= 2_000


async def test_the_mouse_selects_and_opens(few: Workspace) -> None:
    async with desk(few) as here:
        await here.pilot.click("#items", offset=(10, 4))
        await here.settle()
        assert tasks(here).table.cursor == 2
        await here.pilot.click("#items", offset=(10, 4), times=2)
        await here.settle()
        assert tasks(here).detail.has_focus


async def test_context_is_edited_in_the_operators_editor(few: Workspace, monkeypatch, tmp_path) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\necho 'Look at the vault first.' >> \"$1\"\n")
    editor.chmod(0o755)
    monkeypatch.setenv("EDITOR", str(editor))
    async with desk(few) as here:
        monkeypatch.setattr(here.app, "suspend", _suspended)
        await select(here, 1)
        await here.press("E")
        await here.until(lambda: queries.item(few, "1").context.endswith("Look at the vault first."))


class _suspended:  # noqa: N801  (stands in for the terminal, which a test does not have)
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass
