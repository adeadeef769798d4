"""The Fleet screen: the table, an instance in sections, and the wizard that makes one."""

from __future__ import annotations

import pytest

from halo_engine.fleet import lifecycle, queries, retiring
from halo_engine.fleet.instance import Status
from halo_engine.fleet.personality import writing
from halo_engine.fleet.personality.composing import composer
from halo_engine.fleet.personality.profile import profile
from halo_engine.fleet.recording import Changed
from halo_tui.dialogs.create_instance import CreateInstance, Sliders
from halo_tui.dialogs.push import Push
from halo_tui.present.fleet import diff
from halo_tui.present.ink import plain
from halo_tui.widgets.text_view import TextView
from tests.fleet.furnishing import down
from tests.tui.conftest import desk


@pytest.fixture
def fleet(workspace):
    """The sample's fleet, of which one is frozen, and the others are down."""
    down(workspace)
    return workspace


async def test_a_fleet_that_is_empty_says_how_to_begin(workspace):
    async with desk(workspace, screen="fleet") as at:
        assert "there are no instances yet" in at.screen


async def test_what_is_down_stands_out(fleet):
    async with desk(fleet, screen="fleet") as at:
        for said in ("dad", "gains", "frozen", "locked", "4 down"):
            assert said in at.screen


@pytest.mark.parametrize(
    ("turns", "said"), [(0, "heartbeat"), (1, "CLAUDE.md"), (2, "version 1"), (3, "session"), (4, "created")]
)
async def test_each_section_says_its_own(fleet, turns, said):
    async with desk(fleet, (120, 60), screen="fleet") as at:
        await at.press("down", "enter", *["right"] * turns)
        await at.until(lambda: said in at.screen)


async def test_freezing_shows_its_command(fleet):
    async with desk(fleet, screen="fleet") as at:
        await at.press("f")
        await at.until(lambda: queries.record(fleet, "ben").status is Status.FROZEN)
        assert at.app.deeds[-1].line == "halctl freeze ben"
        await at.until(lambda: at.screen.count("frozen") >= 2)


async def test_what_cannot_be_done_says_why(fleet):
    async with desk(fleet, screen="fleet") as at:
        await at.press("u")
        assert "ben is active" in at.said


async def test_one_that_should_run_and_does_not_can_be_started(fleet, monkeypatch):
    asked = []

    def reset(workspace, name):
        asked.append(name)
        return Changed(queries.record(workspace, name).instance, [], f"{name} runs")

    monkeypatch.setattr(lifecycle, "reset", reset)
    async with desk(fleet, screen="fleet") as at:
        await at.press("r")
        await at.until(lambda: "ben runs" in at.said)
        assert (asked, at.app.deeds[-1].line) == (["ben"], "halctl reset ben")


async def test_one_that_stands_still_says_why_and_what_to_type(fleet, monkeypatch):
    monkeypatch.setenv("HALO_MACHINE", "another")
    async with desk(fleet, (120, 40), screen="fleet") as at:
        await at.until(lambda: "halctl reset ben --take-over" in " ".join(at.screen.split()))
        assert "at home on another machine" in " ".join(at.screen.split())
        assert "held" in at.screen
        await at.press("r")
        await at.until(lambda: "ben stands still here" in at.said)


async def test_frying_wants_the_name(fleet):
    async with desk(fleet, screen="fleet") as at:
        await at.press("D")
        await at.type("dad")
        await at.press("enter")
        assert "nothing was done" in at.screen
        assert queries.record(fleet, "ben").status is Status.ACTIVE
        await at.press("escape", "D")
        await at.type("ben")
        await at.press("enter")
        await at.until(lambda: queries.record(fleet, "ben").status is Status.FRIED)


async def test_a_push_is_shown_before_it_is_done(fleet):
    async with desk(fleet, screen="fleet") as at:
        await at.press("p")
        await at.until(lambda: isinstance(at.app.screen, Push))
        assert "nothing to push" in at.screen
        await at.press("escape")
        assert "$ halctl push ben --dry-run" in at.said


async def test_what_would_be_pushed_can_be_read_to_its_end(fleet):
    writing.edit(fleet, "dad", levels={"brevity": 2})
    words = composer(fleet).schema.text("brevity", 2).split()
    async with desk(fleet, (80, 40), screen="fleet") as at:
        await at.press("P")
        await at.until(lambda: isinstance(at.app.screen, Push))
        shown = " ".join(at.app.screen.query_one(TextView).text.split())
        assert f"+ {' '.join(words)}" in shown
        assert "1 file" in shown
        assert "as the templates say already: ben, mum, money" in shown


async def test_with_nobody_there_each_key_says_so_or_does_nothing(workspace):
    from halo_tui.actions.fleet import ACTIONS

    async with desk(workspace, screen="fleet") as at:
        for key in (key for action in ACTIONS for key in action.key.split(",") if action.id != "fleet.create"):
            await at.press(key)
            await at.press("escape")
        assert "there are no instances yet" in at.screen
        await at.press("P")
        await at.until(lambda: "no instance is active" in at.said)


async def test_the_smoke_checks_come_in_one_by_one(fleet):
    async with desk(fleet, (120, 60), screen="fleet") as at:
        await at.press("s")
        await at.until(lambda: "round trip" in at.screen, 30)
        assert "halctl smoke ben" in at.screen


async def test_sliders_compose_as_they_move(workspace):
    async with desk(workspace, screen="fleet") as at:
        await at.press("n")
        await at.until(lambda: isinstance(at.app.screen, CreateInstance))
        await at.type("dad")
        sliders = at.app.screen.query_one(Sliders)
        before, level = at.app.screen.query_one("#beside", TextView).text, next(iter(sliders.levels.values()))
        assert "--personality default" in at.screen
        sliders.focus()
        await at.press("right" if level < 10 else "left")
        assert at.app.screen.query_one("#beside", TextView).text != before
        assert "--name dad --personality dad" in at.screen


async def wizard(at, name):
    await at.press("n")
    await at.until(lambda: isinstance(at.app.screen, CreateInstance))
    await at.type(name)


async def test_the_preview_goes_to_what_moves(workspace):
    async with desk(workspace, screen="fleet") as at:
        await wizard(at, "ann")
        beside = at.app.screen.query_one("#beside", TextView)
        at.app.screen.query_one(Sliders).focus()
        await at.press(*["down"] * 8, "right")
        await at.until(lambda: beside.scroll_offset.y > 10)
        marked = [line for line in beside.lines if line[0][0] == "▌"]
        text = composer(workspace).schema.text("caution", 7)
        assert " ".join(plain(line)[1:].strip() for line in marked).split() == text.split()
        assert beside.lines.index(marked[0]) - beside.scroll_offset.y in range(beside.size.height)


async def test_where_there_is_no_room_beside_the_words_are_below_the_sliders(workspace):
    async with desk(workspace, (80, 24), screen="fleet") as at:
        await wizard(at, "ann")
        at.app.screen.query_one(Sliders).focus()
        await at.press("right")
        words = composer(workspace).schema.text("brevity", 7).split()
        await at.until(lambda: " ".join(words[:6]) in at.screen)


async def test_the_commands_that_do_the_same_are_shown(workspace):
    async with desk(workspace, screen="fleet") as at:
        await wizard(at, "ann")
        assert "personality new" not in at.screen
        await at.press("tab", "left", "tab", "right")
        assert "$ halctl personality new ann --from dad --set brevity=8" in at.screen
        assert "$ halctl create --name ann --personality ann" in at.screen


async def test_what_was_moved_is_not_lost_to_a_personality_of_the_same_name(workspace):
    """`mum` is there already, and is another one."""
    async with desk(workspace, screen="fleet") as at:
        await wizard(at, "mum")
        at.app.screen.query_one(Sliders).focus()
        await at.press("right", "ctrl+s")
        await at.until(lambda: "it answers" in at.screen, 60)
        made = queries.record(workspace, "mum").instance
        assert made.personality == "mum-2"
        assert profile(workspace, "mum-2", composer(workspace).schema).dimensions["brevity"] == 7
        retiring.fry(workspace, "mum", confirm=True)


async def test_what_failed_and_what_was_undone_are_told_apart(workspace):
    (workspace.root / "halctl.yaml").write_text("answer_timeout: 0.01\n")
    async with desk(workspace, (80, 24), screen="fleet") as at:
        await wizard(at, "ann")
        await at.press("ctrl+s")
        await at.until(lambda: "everything was undone" in at.screen, 60)
        await at.until(lambda: "▲ 8. Start" in at.screen)
        steps = at.app.screen.query_one("#steps", TextView).text
        assert steps.count("↶") == 7
        assert queries.table(workspace) == []


async def test_a_bad_name_is_refused_in_the_wizard(workspace):
    async with desk(workspace, screen="fleet") as at:
        await at.press("n")
        await at.until(lambda: isinstance(at.app.screen, CreateInstance))
        await at.type("Da d")
        await at.press("ctrl+s")
        await at.until(lambda: "cannot name an instance" in at.screen)


def test_of_a_diff_only_the_names_of_files_are_cut() -> None:
    dashes = "--- " + "no secrets leave " * 4
    said = f"--- a/{'x' * 60}\n+++ b/x\n@@ -1 +1 @@\n{dashes}\n+one"
    lines = [plain(line) for line in diff(said, 40)]
    assert lines[0].endswith("…")
    assert " ".join(line[2:].strip() for line in lines[3:-1]) == dashes[1:].strip()
