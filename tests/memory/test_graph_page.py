"""The page in a browser that reaches nothing: headless Chromium, driven by a script at its end."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from halo_engine.memory import commands
from halo_engine.memory.commands import Draft
from halo_engine.memory.graph import drawing, gathering
from halo_engine.memory.graph.gathering import Edge, Graph, Node, Selection
from halo_engine.workspace import Workspace

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
needs_chromium = pytest.mark.skipif(not CHROMIUM and not os.environ.get("HALO_CI"), reason="needs chromium")
ENTITY = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&amp;": "&"}
AT = """
const at = (id) => {
  const node = memory.graph.graphData().nodes.find((each) => each.id === id);
  const place = memory.graph.graph2ScreenCoords(node.x, node.y);
  const box = document.querySelector("#graph canvas").getBoundingClientRect();
  return { x: place.x + box.left, y: place.y + box.top };
};
const say = (name, value) => document.body.setAttribute(`data-${name}`, String(value));
const search = (text) => {
  const box = document.getElementById("search");
  box.value = text;
  box.dispatchEvent(new Event("input"));
};
"""


def visit(page: str, tmp_path: Path, script: str = "") -> dict[str, str]:
    """Load a page, run a script in it after it has settled, and return the data attributes of its body."""
    driven = f"<script>{AT} setTimeout(() => {{ {script} }}, 500);</script></body>"
    file = tmp_path / "page.html"
    file.write_text(page.replace("</body>", driven), encoding="utf-8")
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"]
    flags += ["--disable-background-networking", "--host-resolver-rules=MAP * ~NOTFOUND", "--proxy-server=127.0.0.1:9"]
    flags += [f"--user-data-dir={tmp_path / 'profile'}", "--window-size=1300,800", "--virtual-time-budget=20000"]
    done = subprocess.run(
        [CHROMIUM, *flags, "--dump-dom", file.as_uri()], capture_output=True, text=True, check=True, timeout=100
    )
    body = re.search(r"<body([^>]*)>", done.stdout)
    assert body, done.stderr
    found = dict(re.findall(r'data-([a-z]+)="([^"]*)"', body[1]))
    return {name: re.sub(r"&\w+;", lambda each: ENTITY.get(each[0], each[0]), value) for name, value in found.items()}


@pytest.fixture
def page(workspace: Workspace) -> str:
    """Four notes, three links, one of them to a title that would break a careless page."""
    odd = commands.new(workspace, Draft(title='</script><b>Odd & "quoted"', body="<img src=x onerror=alert(1)>")).note
    ben = commands.new(workspace, Draft(title="Ben", body="Likes plain text", type="person", links=(odd.id,))).note
    commands.new(workspace, Draft(title="Mail", body="Ben reads it at noon", links=(ben.id, odd.id), tags=("post",)))
    commands.new(workspace, Draft(title="Alone", body="With nobody", type="event"))
    return drawing.html(gathering.gather(workspace, Selection(), bodies=1_000))


def test_the_page_names_no_place_to_load_from(page: str) -> None:
    assert not re.findall(r'(?:src|href)\s*=\s*["\']?(?:https?:)?//', page)
    assert "default-src 'none'" in page
    assert "Vasco Asturiano" in (Path(drawing.__file__).parents[3] / "templates/graph/force-graph.LICENSE").read_text()


@needs_chromium
def test_it_shows_every_note_and_link_and_loads_nothing(page: str, tmp_path: Path) -> None:
    said = visit(page, tmp_path, "say('loaded', performance.getEntriesByType('resource').length);")
    assert (said["ready"], said["nodes"], said["edges"], said["loaded"]) == ("1", "4", "3", "0")


@needs_chromium
def test_search_finds_titles_tags_and_texts(page: str, tmp_path: Path) -> None:
    script = "search('post'); const tag = document.body.dataset.hits; search('PLAIN text'); "
    script += "say('tag', tag); say('found', document.querySelector('.hit').textContent);"
    said = visit(page, tmp_path, script)
    assert (said["tag"], said["hits"], said["found"]) == ("1", "1", "Ben")


@needs_chromium
def test_a_click_on_a_dot_shows_its_note(page: str, tmp_path: Path) -> None:
    script = """
    const canvas = document.querySelector("#graph canvas");
    const pointer = (name) => {
      const { x, y } = at("note-3");
      canvas.dispatchEvent(new PointerEvent(name, { clientX: x, clientY: y, bubbles: true, pointerType: "mouse" }));
    };
    setInterval(() => pointer("pointermove"), 200);
    setTimeout(() => { pointer("pointerdown"); pointer("pointerup"); }, 3000);
    setInterval(() => {
      say("title", document.getElementById("title").textContent);
      say("linked", document.querySelectorAll("#linked button").length);
    }, 200);
    """
    said = visit(page, tmp_path, script)
    assert (said.get("note"), said["title"], said["linked"]) == ("note-3", "Mail", "2")


@needs_chromium
def test_what_a_note_says_is_text_and_never_markup(page: str, tmp_path: Path) -> None:
    script = "memory.open('note-1'); say('title', document.getElementById('title').textContent); "
    script += "say('images', document.querySelectorAll('img').length);"
    said = visit(page, tmp_path, script)
    assert (said["title"], said["images"]) == ('</script><b>Odd & "quoted"', "0")


@needs_chromium
def test_types_are_filtered_and_themes_change(page: str, tmp_path: Path) -> None:
    script = "document.querySelector('#types input[value=person]').click(); "
    script += "const was = document.documentElement.dataset.theme; "
    script += "document.getElementById('theme').click(); say('turned', was !== document.documentElement.dataset.theme);"
    said = visit(page, tmp_path, script)
    assert (said["nodes"], said["edges"], said["turned"]) == ("3", "1", "true")


@needs_chromium
def test_ten_thousand_notes_are_drawn(tmp_path: Path) -> None:
    nodes = [
        Node(f"n{n}", f"Note {n}", "fact", (), "2026-01-01", 0.5, 2, n % 100 * 30.0, n // 100 * 30.0)
        for n in range(10_000)
    ]
    edges = [Edge(f"n{n}", f"n{n * 7 % 10_000}") for n in range(10_000) if n * 7 % 10_000 != n]
    script = (
        "const begun = performance.now(); memory.graph.zoom(2); say('hits', memory.graph.graphData().nodes.length);"
    )
    said = visit(drawing.html(Graph(nodes, edges)), tmp_path, script)
    assert (said["nodes"], said["edges"], said["hits"]) == ("10000", str(len(edges)), "10000")
