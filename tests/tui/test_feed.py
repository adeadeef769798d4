"""The live feed: what is appended is told, and its end leaves no thread at the log."""

from __future__ import annotations

import threading

from halo_engine.tasks import commands
from halo_engine.workspace import Workspace
from halo_tui.app import Workstation
from halo_tui.feed import Feed
from halo_tui.frame import Options
from tests.tui.conftest import Desk

LONG = 10.0


def listeners() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "halo-feed"]


def test_what_is_appended_is_told_once_for_all_that_is_not_taken(workspace: Workspace) -> None:
    told = threading.Event()
    feed = Feed(workspace.log, 0, told.set)
    commands.add(workspace, "Order printer paper")
    assert told.wait(LONG)
    assert feed.take().numbers() == {1}
    feed.end()


def test_the_end_waits_for_the_thread_though_it_sleeps(workspace: Workspace) -> None:
    told = threading.Event()
    feed = Feed(workspace.log, 0, told.set)
    commands.add(workspace, "Order printer paper")
    assert told.wait(LONG)
    feed.end()
    assert listeners() == []
    workspace.log.close()
    feed.end()


async def test_no_thread_is_left_of_a_workstation_that_nobody_quit(workspace: Workspace) -> None:
    commands.add(workspace, "Order printer paper")
    app = Workstation(workspace, Options("tasks"))
    async with app.run_test() as pilot:
        await Desk(app, pilot).until(listeners)
    assert listeners() == []
