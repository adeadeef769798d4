"""The Memory screen: search as you type, a graph that is walked, a note with its links, proposals."""

from __future__ import annotations

from datetime import UTC
from random import Random

import pytest

from halo_engine import clock
from halo_engine.memory import commands, queries, scanning
from halo_engine.memory.commands import Draft
from halo_engine.memory.sync import looked
from halo_tui import memory_reading
from halo_tui.panes.memory_graph import MemoryGraph
from halo_tui.present import graph
from halo_tui.present import notes as present
from halo_tui.present.graph import Around, Dot
from halo_tui.present.when import When
from halo_tui.screens.memory import MemoryScreen
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


async def test_walking_looks_at_no_file_until_the_keys_rest(notes, monkeypatch):
    looks = []
    found = scanning.found
    monkeypatch.setattr(scanning, "found", lambda *given: looks.append(given) or found(*given))
    monkeypatch.setattr(MemoryScreen, "REST", 1000.0)
    async with desk(notes, (140, 44), screen="memory") as at:
        screen = at.app.page_now
        screen.bring_up(queries.note(notes, "Dad flies in March").id)
        screen.graph.focus()
        await at.press("minus", "minus")
        await at.until(lambda: screen.graph.has_sky and not screen.proposed)
        await at.until(lambda: all(not worker.is_running for worker in at.app.workers))
        before = len(looks)
        for key in ("up", "down", "left", "right"):
            await at.press(key)
            await at.until(lambda: screen.opened.card.note.id == screen.graph.note)
        assert len(looks) == before
        screen.refresh_view()
        await at.until(lambda: len(looks) > before)


async def test_many_notes_are_thought_about_in_a_process_of_its_own(notes, monkeypatch):
    lines = []
    monkeypatch.setattr(memory_reading, "APART", 3)
    monkeypatch.setattr(memory_reading, "run_behind", lambda line, workspace: lines.append(line))
    memory_reading.proposed(notes, "Dad flies in March")
    assert lines == ["memctl enrich --limit 1"]
    memory_reading.proposed(notes, "Dad flies in March")
    assert len(lines) == 1, "what is known is not asked for again"


def test_titles_stand_on_the_outer_side_and_as_long_as_there_is_room():
    dots = {name: Dot(name, f"The note {name} says something", "fact", 1.0) for name in ("middle", "left", "right")}
    around = Around(dots["middle"], [dots["left"], dots["right"]], [], frozenset({("middle", "left")}))
    at = {"middle": (0.0, 0.0), "left": (-1.0, 0.5), "right": (1.0, 0.5)}
    lines = ["".join(text for text, _ in line) for line in graph.picture(around, at, 100, 21)]
    middle, below = lines[10], next(line for line in lines if "left" in line)
    assert middle.strip(" ⠀⠒⠤⠉⡠⠔⠊").startswith("● The note middle says something")
    assert below.index("left") < below.index("●") < below.rindex("●") < below.index("right")


def test_decay_is_drawn_as_it_is(notes):
    found = memory_reading.opened(notes, "The car is red")
    assert found.freshness == pytest.approx(0.5, abs=0.01)
    text = "\n".join(
        "".join(text for text, _ in line) for line in present.page(found, [], 0, When(clock.now(), UTC), 60)
    )
    assert "▄" * memory_reading.POINTS in text


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
