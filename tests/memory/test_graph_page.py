"""The page of the graph in a browser that reaches nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from halo_engine import resources
from halo_engine.memory import commands
from halo_engine.memory.commands import Draft
from halo_engine.memory.graph import drawing, gathering
from halo_engine.memory.graph.gathering import Edge, Graph, Node, Selection
from halo_engine.workspace import Workspace
from tests.memory.browser import PROGRAM, Browser, browser

needs_chromium = pytest.mark.skipif(not PROGRAM and not os.environ.get("HALO_CI"), reason="needs chromium")
PLACE = """(() => {
  const node = memory.graph.graphData().nodes.find((each) => each.id === "note-3");
  const place = memory.graph.graph2ScreenCoords(node.x, node.y);
  const box = document.querySelector("#graph canvas").getBoundingClientRect();
  return [place.x + box.left, place.y + box.top];
})()"""
SEARCH = """(() => {
  const box = document.getElementById("search");
  box.value = %r;
  box.dispatchEvent(new Event("input"));
  return [...document.querySelectorAll(".hit")].map((each) => each.textContent);
})()"""


@pytest.fixture
def page(workspace: Workspace) -> str:
    """Four notes, three links, one of them to a title that would break a careless page."""
    odd = commands.new(workspace, Draft(title='</script><b>Odd & "quoted"', body="<img src=x onerror=alert(1)>")).note
    ben = commands.new(workspace, Draft(title="Ben", body="Likes plain text", type="person", links=(odd.id,))).note
    commands.new(workspace, Draft(title="Mail", body="Ben reads it at noon", links=(ben.id, odd.id), tags=("post",)))
    commands.new(workspace, Draft(title="Alone", body="With nobody", type="event"))
    return drawing.html(gathering.gather(workspace, Selection(), bodies=1_000))


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Browser]:
    with browser(tmp_path / "profile") as opened:
        yield opened


def load(visit: Browser, tmp_path: Path, page: str) -> None:
    file = tmp_path / "page.html"
    file.write_text(page, encoding="utf-8")
    visit.open(file)


def test_the_page_names_no_place_to_load_from(page: str) -> None:
    assert not re.findall(r'(?:src|href)\s*=\s*["\']?(?:https?:)?//', page)
    assert "default-src 'none'" in page


def test_the_library_comes_with_its_licence() -> None:
    folder = resources.folder("templates") / "graph"
    assert "MIT License" in (folder / "force-graph.LICENSE").read_text(encoding="utf-8")
    assert (folder / "force-graph.min.js").read_text(encoding="utf-8").startswith("// Version ")


@needs_chromium
def test_it_shows_every_note_and_link_and_asks_for_nothing(page: str, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, page)
    assert visit.run("[memory.graph.graphData().nodes.length, memory.graph.graphData().links.length]") == [4, 3]
    assert visit.run("document.getElementById('count').textContent") == "4 notes, 3 links"
    assert [each for each in visit.requests if not each.startswith("file:")] == []


@needs_chromium
def test_search_finds_titles_tags_and_texts(page: str, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, page)
    assert visit.run(SEARCH % "post") == ["Mail"]
    assert visit.run(SEARCH % "PLAIN text") == ["Ben"]
    assert visit.run(SEARCH % "ben") == ["Ben", "Mail"]
    assert visit.run(SEARCH % "nowhere") == []
    visit.run(SEARCH % "noon")
    visit.run("document.querySelector('.hit').click()")
    assert visit.run("document.getElementById('title').textContent") == "Mail"


@needs_chromium
def test_a_click_on_a_dot_shows_its_note(page: str, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, page)
    for _ in range(50):
        place = visit.run(PLACE)
        visit.mouse("mouseMoved", *place)
        visit.run("new Promise((done) => setTimeout(done, 300))")
        visit.mouse("mousePressed", *place)
        visit.mouse("mouseReleased", *place)
        visit.run("new Promise((done) => setTimeout(done, 200))")
        if visit.run("document.body.dataset.note"):
            break
    assert visit.run("document.getElementById('title').textContent") == "Mail"
    assert visit.run("document.getElementById('body').textContent") == "Ben reads it at noon"
    assert visit.run("document.querySelectorAll('#linked button').length") == 2


@needs_chromium
def test_what_a_note_says_is_text_and_never_markup(page: str, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, page)
    visit.run("memory.open('note-1')")
    assert visit.run("document.getElementById('title').textContent") == '</script><b>Odd & "quoted"'
    assert visit.run("document.querySelectorAll('img').length") == 0


@needs_chromium
def test_types_are_filtered_and_themes_change(page: str, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, page)
    visit.run("document.querySelector('#types input[value=person]').click()")
    assert visit.run("document.getElementById('count').textContent") == "3 notes, 1 links"
    before = visit.run("getComputedStyle(document.body).backgroundColor")
    visit.run("document.getElementById('theme').click()")
    assert visit.run("getComputedStyle(document.body).backgroundColor") != before


@needs_chromium
def test_ten_thousand_notes_are_drawn_where_they_were_put(visit: Browser, tmp_path: Path) -> None:
    nodes = [
        Node(f"n{n}", f"Note {n}", "fact", (), "2026-01-01", 0.5, 2, n % 100 * 30.0, n // 100 * 30.0)
        for n in range(10_000)
    ]
    edges = [Edge(f"n{n}", f"n{n * 7 % 10_000}") for n in range(10_000) if n * 7 % 10_000 != n]
    load(visit, tmp_path, drawing.html(Graph(nodes, edges)))
    assert visit.run("document.body.dataset.nodes") == "10000"
    assert visit.run("document.body.dataset.edges") == str(len(edges))
    assert visit.run("(({ x, y }) => [x, y])(memory.graph.graphData().nodes[4321])") == [630, 1290]
