"""What is around every screen: keys, help, palette, prompt, history, theme, session, size."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec
import pytest
from textual.command import CommandPalette
from textual.widgets import Input

from halo_engine.tasks import commands, queries
from halo_engine.workspace import Workspace
from halo_tui import session, themes
from halo_tui.actions import ACTIONS, BY_ID
from halo_tui.actions.action import command_line
from halo_tui.actions.item import VERBS, refusal
from halo_tui.command_line import PROGRAMS, follows, whole
from halo_tui.dialogs.help import Help
from halo_tui.dialogs.history import History
from halo_tui.dialogs.output import Output
from halo_tui.screens.events import EventsScreen
from halo_tui.screens.tasks import TasksScreen
from halo_tui.screens.welcome import Welcome
from halo_tui.widgets.text_view import TextView
from tests.tui.conftest import desk


def test_every_action_has_a_key_and_every_key_an_action() -> None:
    assert all(action.key for action in ACTIONS)
    assert len(BY_ID) == len(ACTIONS)
    assert {action.name for action in ACTIONS if action.id == f"item.{action.name}"} >= set(VERBS)


@pytest.mark.parametrize(
    "groups", [("app", "tasks", "item", "table"), ("app", "tasks", "item", "tabs", "page"), ("app", "events", "table")]
)
def test_no_key_means_two_things_in_one_place(groups: tuple[str, ...]) -> None:
    taken: dict[str, str] = {}
    for action in ACTIONS:
        if action.group in groups:
            for key in action.key.split(","):
                assert key not in taken, f"{key}: {action.id} and {taken[key]}"
                taken[key] = action.id


def test_command_lines_are_quoted_and_leave_out_what_has_no_value() -> None:
    assert command_line(BY_ID["item.block"], item="T-001", reason="it's late; rm -rf") == (
        "nightctl block T-001 --reason 'it'\"'\"'s late; rm -rf'"
    )
    assert command_line(BY_ID["item.cancel"], item="T-001") == "nightctl cancel T-001"


def test_a_refusal_says_why(few: Workspace) -> None:
    item = queries.item(few, "8")
    assert refusal(BY_ID["item.start"], item, None) == "T-008 is done: nothing leads out of that but undo"
    assert "not for a agent-job" in refusal(BY_ID["item.start"], commands.add(few, "x", kind="agent-job").item, None)
    assert "the past, after event 7" in refusal(BY_ID["tasks.add"], None, 7)
    assert refusal(BY_ID["item.start"], None, None) == "no item is selected"
    assert refusal(BY_ID["tasks.filter"], None, 7) == ""


async def test_help_shows_the_keys_of_the_focused_pane_and_why_some_do_nothing(few: Workspace) -> None:
    async with desk(few, (140, 60)) as here:
        await here.press("question_mark")
        assert isinstance(here.app.screen, Help)
        assert "Stop work on it, with the reason" in here.screen
        assert "plan is not allowed now: T-001 is in progress" in here.screen
        await here.type("sort")
        assert "Sort by the next field" in here.screen
        assert "Stop work on it" not in here.screen
        await here.press("escape")
        assert here.app.page_now.table.has_focus


async def test_the_palette_lists_what_applies_now(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("ctrl+p")
        assert isinstance(here.app.screen, CommandPalette)
        await here.until(lambda: "block T-001: Stop work on it" in here.screen)
        assert "$ nightctl block T-001 --reason REASON" in here.screen
        assert "approve" not in here.screen
        await here.type("list or board")
        await here.until(lambda: "block T-001" not in here.screen)
        await here.press("enter")
        await here.until(lambda: here.app.page_now.view == "board")


async def test_the_prompt_completes_and_runs_any_command(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("colon")
        await here.type("nightctl unbl")
        await here.press("tab")
        assert here.app.screen.query_one("#prompt Input", Input).value == "nightctl unblock "
        await here.type("T-004")
        await here.press("enter")
        assert isinstance(here.app.screen, Output)
        await here.until(lambda: here.app.screen.code == 0)
        assert "T-004" in here.app.screen.written
        await here.press("escape")
        await here.until(lambda: here.app.page_now.diagram.counts["blocked"] == 0)
        assert here.app.deeds[-1] == ("nightctl unblock T-004", "done")


async def test_a_command_that_fails_shows_what_it_said(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("colon")
        await here.type("show T-999")
        await here.press("enter")
        await here.until(lambda: here.app.screen.code == 3)
        assert "no item T-999" in here.app.screen.written
        await here.press("escape", "colon")
        await here.type("rm -rf")
        await here.press("enter")
        assert "no Halo command is called rm" in here.said


def test_every_program_that_is_installed_can_be_typed() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    installed = {name: place.removesuffix(":main") for name, place in project["scripts"].items()}
    assert {name: place for name, place in installed.items() if name != "halo-tui"} == PROGRAMS


def test_what_follows_comes_from_the_commands_themselves(few: Workspace) -> None:
    assert [word for word, _ in follows("nightctl unb")] == ["unblock"]
    assert "--reason" in [word for word, _ in follows("nightctl block T-001 --")]
    assert [word for word, _ in follows("nightctl list --status plan_")] == ["plan_review"]
    assert "tasks" in [word for word, _ in follows("halo-engine ")]
    assert whole("block T-001") == ["nightctl", "block", "T-001"]
    assert "rebuild" in [word for word, _ in follows("memctl index ")]
    assert follows("'") == []


async def test_commands_can_be_copied_and_given_again(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("d")
        await here.until(lambda: here.app.page_now.number == 4)
        await here.press("u", "dollar_sign")
        assert isinstance(here.app.screen, History)
        assert "nightctl done T-001" in here.screen
        await here.press("y")
        assert here.app.clipboard == "nightctl undo T-001"
        await here.press("down", "enter")
        assert here.app.screen_stack[0].query_one("#prompt Input", Input).value == "nightctl done T-001"


async def test_copy_takes_what_is_selected(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("y")
        assert here.app.clipboard == "T-001 Fix deployment script"
        await here.press("enter", "y")
        assert "the log says that the key is not there" in here.app.clipboard


async def test_the_session_comes_back(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("slash")
        await here.type("T-00")
        await here.press("enter", "j", "j", "S", "ctrl+t")
        item, theme = here.app.page_now.number, here.app.theme
        await here.press("enter", "right", "8", "q")
    async with desk(few) as here:
        assert isinstance(here.app.page_now, EventsScreen)
        assert here.app.theme == theme != themes.DEFAULT
        await here.press("3")
        page = here.app.page_now
        assert (page.filter, page.sort, page.number, page.detail.section) == ("T-00", "created", item, "plan")


async def test_a_damaged_session_is_passed_over_with_a_notice(few: Workspace) -> None:
    place = session.place(few)
    place.parent.mkdir(exist_ok=True)
    place.write_text('{"screen": 7')
    async with desk(few) as here:
        assert "workstation.json is not used" in here.said
    assert msgspec.json.decode(place.read_bytes(), type=session.Session).screen == "tasks"


async def test_keys_can_be_changed(few: Workspace) -> None:
    (few.root / "keymap.yaml").write_text("item.done: D\ntable.down: n\nno.such: x\n")
    async with desk(few) as here:
        assert "keymap.yaml: no action no.such" in here.said
        await here.press("n")
        assert here.app.page_now.table.cursor == 1
        await here.press("up", "d")
        assert queries.item(few, "1").state == "in_progress"
        assert "D done" in here.screen
        await here.press("D")
        await here.until(lambda: queries.item(few, "1").state == "done")


async def test_a_keymap_that_cannot_be_read_is_passed_over(few: Workspace) -> None:
    (few.root / "keymap.yaml").write_text("item.done: [")
    async with desk(few) as here:
        assert "keymap.yaml is not used" in here.said


async def test_too_small_a_terminal_says_so(few: Workspace) -> None:
    async with desk(few) as here:
        await here.pilot.resize_terminal(50, 12)
        await here.settle()
        assert "this terminal is too small" in here.screen
        await here.pilot.resize_terminal(80, 24)
        await here.settle()
        assert "Fix deployment script" in here.screen


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (100, 30), (120, 40), (200, 60), (300, 90)])
async def test_every_size_shows_list_and_item(few: Workspace, size: tuple[int, int]) -> None:
    async with desk(few, size) as here:
        page = here.app.page_now
        assert page.table.size.height >= 3
        assert page.detail.size.height >= 2
        assert "T-001" in here.screen
        assert all(len(line) == size[0] for line in here.screen.splitlines())


async def test_an_empty_workspace_offers_three_ways_to_begin(workspace: Workspace, still) -> None:
    async with desk(workspace) as here:
        assert isinstance(here.app.page_now, Welcome)
        assert "~/workspace" in here.screen
        await here.press("a")
        await here.type("Water the tomatoes")
        await here.press("enter")
        await here.until(lambda: isinstance(here.app.page_now, TasksScreen) and "Water the tomatoes" in here.screen)


async def test_a_task_list_can_be_imported_to_begin(workspace: Workspace, still, tmp_path) -> None:
    listed = tmp_path / "tasks.json"
    task = {
        "uuid": "11111111-1111-4111-8111-111111111111",
        "description": "Call the dentist",
        "status": "pending",
        "entry": "20261101T100000Z",
    }
    listed.write_bytes(msgspec.json.encode([task]))
    async with desk(workspace) as here:
        await here.press("i")
        await here.type(str(listed))
        await here.press("enter")
        await here.until(lambda: "Call the dentist" in here.screen)


async def test_a_file_that_is_not_there_is_named(workspace: Workspace, still) -> None:
    async with desk(workspace) as here:
        await here.press("i")
        await here.type("/no/such/file")
        await here.press("enter")
        await here.until(lambda: "/no/such/file" in here.said)
        assert isinstance(here.app.page_now, Welcome)


async def test_the_sample_workspace_can_be_loaded_to_begin(workspace: Workspace, still) -> None:
    async with desk(workspace) as here:
        await here.press("s")
        await here.until(
            lambda: isinstance(here.app.page_now, TasksScreen) and len(here.app.page_now.table.order) > 3, 60
        )


async def test_a_store_that_was_deleted_is_read_again(few: Workspace) -> None:
    async with desk(few) as here:
        (few.store / "tasks.db").unlink()
        commands.add(few, "After the loss")
        await here.until(lambda: "After the loss" in here.screen)


@pytest.mark.parametrize("name", themes.names())
async def test_themes_can_be_switched_while_it_runs(few: Workspace, name: str) -> None:
    async with desk(few) as here:
        here.app.theme = name
        await here.settle()
        background = here.app.query_one(TextView)._styles_cache and here.app.theme_variables["background"]
        strip = here.app.page_now.table.render_line(2)
        assert strip._segments[0].style.bgcolor.triplet.hex == background.lower()


@pytest.mark.parametrize("name", themes.names())
@pytest.mark.parametrize(
    ("tone", "least"),
    [
        ("foreground", 7.0),
        ("halo-muted", 4.5),
        ("error", 4.5),
        ("warning", 4.5),
        ("success", 4.5),
        ("accent", 4.5),
        ("halo-faint", 2.3),
    ],
)
def test_themes_can_be_read(name: str, tone: str, least: float) -> None:
    theme = themes.load(name)
    values = {**vars(theme), **theme.variables}
    assert contrast(values[tone], values["background"]) >= least


def contrast(one: str, other: str) -> float:
    """Of two colours, as WCAG 2.2 reckons it."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    channels = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
