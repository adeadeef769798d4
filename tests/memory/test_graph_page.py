"""The page of the graph in a browser that reaches nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from halo_engine import clock, resources
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

COUNTING = """(() => {
  window.counted = { painted: 0, dots: 0 };
  const kind = CanvasRenderingContext2D.prototype;
  const count = (name, as) => {
    const real = kind[name];
    kind[name] = function (...words) { counted[as] += 1; return real.apply(this, words); };
  };
  for (const name of ["fill", "stroke", "fillText", "strokeText"]) count(name, "painted");
  for (const name of ["arc", "rect"]) count(name, "dots");
})()"""
FRAME = """new Promise((done) => {
  memory.graph.onRenderFramePost(() => { memory.graph.onRenderFramePost(null); done({ ...counted }); });
  Object.assign(counted, { painted: 0, dots: 0 });
  memory.redraw();
})"""
"""What the next frame calls."""


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
def test_a_note_that_is_pointed_at_is_named(page: str, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, page)
    visit.until("document.body.dataset.labels > 0")
    visit.run("new Promise((done) => setTimeout(done, 300))")
    x, y = visit.run(PLACE)
    visit.mouse("mouseMoved", x, y)
    assert visit.until("document.body.dataset.pointed") == "note-3"
    assert visit.run("document.getElementById('name').textContent") == "Mail"
    visit.mouse("mouseMoved", x + 300, y + 300)
    visit.until("document.body.dataset.pointed === ''")


@needs_chromium
def test_old_notes_are_filtered_out(visit: Browser, tmp_path: Path) -> None:
    days = ("2026-11-01", "2026-06-01", "2025-01-01")
    nodes = [Node(f"n{n}", f"Note {n}", "fact", (), day, 0.5, 0, 30.0 * n, 0.0) for n, day in enumerate(days)]
    with clock.held(datetime(2026, 11, 21, tzinfo=UTC)):
        load(visit, tmp_path, drawing.html(Graph(nodes, [])))
    visit.run("(() => { const age = document.getElementById('age'); age.value = 50; age.oninput({target: age}) })()")
    assert visit.run("document.getElementById('count').textContent") == "2 notes, 0 links"
    assert "up to 3" in visit.run("document.getElementById('age-said').textContent")


@pytest.fixture
def many() -> Graph:
    nodes = [
        Node(f"n{n}", f"Note {n}", "fact", (), "2026-01-01", 0.5, 2, n % 100 * 30.0, n // 100 * 30.0)
        for n in range(10_000)
    ]
    edges = [Edge(f"n{n}", f"n{(n + 7) % 10_000}") for n in range(10_000)]
    return Graph(nodes, edges)


@needs_chromium
def test_ten_thousand_notes_are_drawn_where_they_were_put(many: Graph, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, drawing.html(many))
    assert visit.run("document.body.dataset.nodes") == "10000"
    assert visit.run("document.body.dataset.edges") == str(len(many.edges))
    assert visit.run("(({ x, y }) => [x, y])(memory.graph.graphData().nodes[4321])") == [630, 1290]


@needs_chromium
def test_a_frame_is_few_calls_and_draws_what_is_in_view(many: Graph, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, drawing.html(many))
    visit.run(COUNTING)
    from_afar = visit.run(FRAME)
    assert from_afar["painted"] < 200
    assert from_afar["dots"] == 10_000
    visit.run("memory.graph.centerAt(1500, 1500).zoom(4)")
    close = visit.run(FRAME)
    assert 20 < close["dots"] < 400


@needs_chromium
def test_nothing_is_drawn_while_nothing_happens(many: Graph, visit: Browser, tmp_path: Path) -> None:
    load(visit, tmp_path, drawing.html(many))
    visit.run("new Promise((done) => setTimeout(done, 1500))")
    visit.run(COUNTING)
    visit.run("new Promise((done) => setTimeout(done, 500))")
    assert visit.run("counted.dots") == 0
