"""The Memory screen: search as you type, a graph that is walked, a note with its links, proposals."""

from __future__ import annotations

from random import Random

import pytest

from halo_engine.memory import commands, queries
from halo_engine.memory.commands import Draft
from halo_engine.memory.sync import looked
from halo_tui.panes.memory_graph import MemoryGraph
from tests.tui.conftest import desk


@pytest.fixture
def notes(workspace):
    """Five notes: a hub and three around it, one of them linked further."""
    hub = commands.new(workspace, Draft("Dad flies in March", body="He wants a window seat.", type="decision")).note.id
    for title, kind in (
        ("Dad prefers the window", "preference"),
        ("The airport is Riga", "fact"),
        ("Anna drives", "person"),
    ):
        made = commands.new(workspace, Draft(title, type=kind), force=True).note.id
        commands.link(workspace, hub, made)
    far = commands.new(workspace, Draft("The car is red", type="fact"), force=True).note.id
    commands.link(workspace, "Anna drives", far)
    return workspace


async def test_a_workspace_without_notes_says_how_to_begin(workspace):
    async with desk(workspace, screen="memory") as at:
        assert "there are no notes yet" in at.screen


async def test_the_list_the_graph_and_the_note_follow_each_other(notes):
    async with desk(notes, screen="memory") as at:
        await at.press("slash")
        await at.type("march")
        await at.press("enter")
        await at.until(lambda: "He wants a window seat." in at.screen)
        for title in ("Dad prefers the wi", "The airport is Riga", "Anna drives"):
            assert title in at.screen
        assert "links to" in at.screen


async def test_arrows_walk_along_links_and_back(notes):
    async with desk(notes, screen="memory") as at:
        graph = at.app.page_now.query_one(MemoryGraph)
        at.app.page_now.bring_up(queries.note(notes, "Dad flies in March").id)
        await at.until(lambda: len(graph.places) == 4)
        hub = graph.note
        graph.focus()
        await at.press("up")
        walked = graph.note
        assert walked != hub
        await at.until(lambda: graph.around is not None and graph.around.focus.id == walked)
        await at.press("down")
        assert graph.note == hub, "the way back lies opposite"
        await at.press("backspace")
        assert graph.note == walked


async def test_farther_shows_what_is_two_links_away(notes):
    async with desk(notes, (140, 44), screen="memory") as at:
        graph = at.app.page_now.query_one(MemoryGraph)
        at.app.page_now.bring_up(queries.note(notes, "Dad flies in March").id)
        graph.focus()
        await at.until(lambda: len(graph.places) == 4)
        assert "The car is red" not in "\n".join(graph.text.splitlines())
        await at.press("minus")
        await at.until(lambda: "The car is red" in graph.text)
        await at.press("f")
        await at.until(lambda: "The car is red" not in graph.text)


async def test_farthest_shows_all_notes_as_dots(notes):
    async with desk(notes, (140, 44), screen="memory") as at:
        graph = at.app.page_now.query_one(MemoryGraph)
        at.app.page_now.bring_up(queries.note(notes, "Dad flies in March").id)
        graph.focus()
        await at.until(lambda: len(graph.places) == 4)
        await at.press("minus", "minus")
        await at.until(lambda: graph.text.count("⠀") == 0 and "Anna" not in graph.text)
        assert "Dad flies in March" in graph.text
        assert any("⠁" <= character <= "⣿" for character in graph.text)


async def test_a_proposal_is_accepted_with_its_command_shown(workspace):
    commands.new(workspace, Draft("Ben Okafor", body="Lives in Bergen.", type="person"))
    other = commands.new(
        workspace, Draft("The boat", body="Ben Okafor keeps the boat in Bergen over the winter."), force=True
    ).note.id
    async with desk(workspace, screen="memory") as at:
        at.app.page_now.bring_up(other)
        await at.until(lambda: "proposed links" in at.screen)
        await at.press("a")
        await at.until(lambda: at.app.deeds and at.app.deeds[-1].outcome == "done")
        assert at.app.deeds[-1].line == f"memctl enrich {other} --accept note-1"
        with looked(workspace) as index:
            assert len(queries.edges(index)) == 1
        await at.until(lambda: "proposed links" not in at.screen)


async def test_a_note_edited_by_hand_shows_as_it_is_now(notes):
    async with desk(notes, screen="memory") as at:
        row = queries.note(notes, "Dad flies in March")
        at.app.page_now.bring_up(row.id)
        await at.until(lambda: "window seat" in at.screen)
        path = notes.root / "memory" / row.path
        path.write_text(path.read_text().replace("a window seat", "to sit at the front"))
        at.app.page_now.refresh_view()
        await at.until(lambda: "to sit at the front" in at.screen)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 60)])
async def test_every_pane_has_room_at_every_size(workspace, size):
    from halo_engine.memory.operations import demo

    demo(workspace, Random(7))
    async with desk(workspace, size, screen="memory") as at:
        for pane in at.app.page_now.panes:
            assert pane.size.height >= 1, pane.id
