"""The Events screen and the clock that can be moved."""

from __future__ import annotations

from halo_engine.tasks import commands, queries
from halo_engine.tasks.states import State
from halo_engine.workspace import Workspace
from halo_tui.panes.scrubber import Scrubber
from halo_tui.screens.events import EventsScreen
from halo_tui.screens.tasks import TasksScreen
from tests.tui.conftest import Desk, desk


def events(here: Desk) -> EventsScreen:
    page = here.app.page_now
    assert isinstance(page, EventsScreen)
    return page


async def test_follows_the_log(few: Workspace) -> None:
    async with desk(few, screen="events") as here:
        assert events(here).position == few.log.head()
        commands.add(few, "Something new")
        await here.until(lambda: events(here).position == few.log.head() and "Something new" in here.screen)
        await here.press("up")
        assert not events(here).following
        held = events(here).position
        commands.add(few, "Something newer")
        await here.until(lambda: len(events(here).table.order) == few.log.head())
        assert events(here).position == held
        await here.press("f")
        assert events(here).position == few.log.head()


async def test_filters_as_you_type(few: Workspace) -> None:
    async with desk(few, screen="events") as here:
        await here.press("slash")
        await here.type("type:blocked stream:task/T-004")
        assert len(events(here).table.order) == 1
        await here.press("enter")
        assert "halo-engine events list --type blocked --stream task/T-004" in here.said
        await here.press("escape")
        assert isinstance(events(here).table.order, range)


async def test_opens_a_payload_as_a_tree_with_its_cause(few: Workspace) -> None:
    async with desk(few, (200, 60), screen="events") as here:
        await here.press("slash")
        await here.type("type:blocked T-004")
        await here.press("enter")
        assert "└ reason  waits for the form" in here.screen
        assert "caused by" in here.screen


async def test_enter_goes_to_the_item(few: Workspace) -> None:
    async with desk(few, screen="events") as here:
        await here.press("home")
        events(here).table.go_to(9)
        await here.settle()
        stream = events(here)._opened.event.stream
        await here.press("enter")
        assert isinstance(here.app.page_now, TasksScreen)
        assert here.app.page_now.item.id == stream.removeprefix("task/")


async def test_an_item_that_the_filter_hides_is_shown_all_the_same(few: Workspace) -> None:
    async with desk(few, screen="events") as here:
        await here.app.bring_up("tasks", 8)
        await here.settle()
        assert here.app.page_now.item.state is State.DONE


async def test_everything_shows_as_it_was(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("t", "home")
        assert here.app.query_one(Scrubber).past.position == 1
        page = here.app.page_now
        assert list(page.table.order) == [1]
        assert here.app.screen.has_class("-past")
        assert "◂ 2026-11-18" in here.screen
        await here.press("right")
        assert list(page.table.order) == [1, 2]
        await here.press("end")
        assert len(page.table.order) == 7
        await here.press("8")
        assert "◂ the past" in here.screen
        await here.press("escape")
        assert here.app.past is None
        assert not here.app.screen.has_class("-past")


async def test_nothing_can_be_changed_in_the_past(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("t", "shift+left", "tab")
        head = few.log.head()
        page = here.app.page_now
        page.table.focus()
        for key in ("s", "a", "u", "x", "e", "n", "b"):
            await here.press(key)
            assert "this is the past, after event" in here.said
        assert few.log.head() == head


async def test_the_present_goes_on_behind_the_past(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("t", "home")
        commands.add(few, "Meanwhile")
        await here.pilot.pause(0.3)
        assert "Meanwhile" not in here.screen
        await here.press("escape")
        await here.until(lambda: "Meanwhile" in here.screen)


async def test_the_clock_goes_to_a_time_that_was_typed(few: Workspace) -> None:
    async with desk(few) as here:
        await here.press("t", "slash")
        await here.type("2026-11-19 09:00")
        await here.press("enter")
        assert here.app.past.time.startswith("2026-11-18")
        assert queries.counts(here.app.view)[State.OPEN] == here.app.page_now.diagram.counts[State.OPEN]
        await here.press("slash")
        await here.type("no time at all")
        await here.press("enter")
        assert "is not a time" in here.said
