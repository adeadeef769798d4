"""What is in the picture, where it stands, and the forms that are no page."""

from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest
from lxml import etree

from halo_engine.errors import NotFound
from halo_engine.memory import commands
from halo_engine.memory.commands import Draft
from halo_engine.memory.graph import drawing, gathering, layout
from halo_engine.memory.graph.gathering import Graph, Selection
from halo_engine.workspace import Workspace

HEAD = {"nodes", "edges", "more"}


@pytest.fixture
def chain(workspace: Workspace) -> Workspace:
    """note-1 <- note-2 <- ... <- note-6, and note-7 alone, an event with a tag."""
    commands.new(workspace, Draft(title="Note 1"))
    for number in range(2, 7):
        commands.new(workspace, Draft(title=f"Note {number}", links=(f"note-{number - 1}",)), force=True)
    commands.new(workspace, Draft(title='Odd <&> "one"', type="event", tags=("far",)))
    return workspace


def ids(graph: Graph) -> list[str]:
    return sorted(node.id for node in graph.nodes)


def test_all_notes_or_those_around_one(chain: Workspace) -> None:
    whole = gathering.gather(chain, Selection())
    assert (len(whole.nodes), len(whole.edges)) == (7, 5)
    near = gathering.gather(chain, Selection(focus="Note 3", depth=1))
    assert ids(near) == ["note-2", "note-3", "note-4"]
    assert len(near.edges) == 2
    assert ids(gathering.gather(chain, Selection(focus="note-7", depth=3))) == ["note-7"]


def test_filters_and_a_limit_that_says_what_it_left_out(chain: Workspace) -> None:
    assert ids(gathering.gather(chain, Selection(types=("event", "person")))) == ["note-7"]
    assert ids(gathering.gather(chain, Selection(tags=("far",)))) == ["note-7"]
    few = gathering.gather(chain, Selection(focus="note-3", depth=9, limit=3))
    assert (ids(few), few.more) == (["note-2", "note-3", "note-4"], 3)
    with pytest.raises(NotFound):
        gathering.gather(chain, Selection(focus="nobody"))


def test_places_stay_when_notes_are_added(chain: Workspace) -> None:
    before = {node.id: (node.x, node.y) for node in gathering.gather(chain, Selection()).nodes}
    assert {node.id: (node.x, node.y) for node in gathering.gather(chain, Selection()).nodes} == before
    commands.new(chain, Draft(title="Beside", links=("note-3",)))
    after = {node.id: (node.x, node.y) for node in gathering.gather(chain, Selection()).nodes}
    assert {note: after[note] for note in before} == before
    assert math.dist(after["note-8"], before["note-3"]) < 10 * layout.SCALE


def test_linked_notes_stand_nearer_than_others() -> None:
    count = 600
    links = np.array([(n, n // 20 * 20) for n in range(count) if n % 20] + [(n, n - 20) for n in range(20, count, 20)])
    places = layout.spread(count, links, np.full((count, 2), np.nan), np.zeros(count, bool))
    assert np.isfinite(places).all()
    linked = np.linalg.norm(places[links[:, 0]] - places[links[:, 1]], axis=1).mean()
    anyhow = np.linalg.norm(places - places[np.random.default_rng(1).permutation(count)], axis=1).mean()
    assert linked < anyhow / 2


@pytest.mark.parametrize("count", [0, 1, 2])
def test_the_smallest_graphs_have_places_too(count: int) -> None:
    links = np.array([(0, 1)] if count == 2 else [], dtype=np.int64).reshape(-1, 2)
    places = layout.spread(count, links, np.full((count, 2), np.nan), np.zeros(count, bool))
    assert places.shape == (count, 2)
    assert np.isfinite(places).all()


def test_a_drawing_is_xml_with_a_dot_a_note_and_a_line_a_link(chain: Workspace) -> None:
    root = etree.fromstring(drawing.svg(gathering.gather(chain, Selection())).encode())
    names = [etree.QName(each).localname for each in root]
    assert (names.count("circle"), names.count("line")) == (7, 5)
    assert 'Odd <&> "one"' in [each.text for each in root.iter("{*}title")]


def test_dot_quotes_what_it_must(chain: Workspace) -> None:
    text = drawing.dot(gathering.gather(chain, Selection()))
    assert r'label="Odd <&> \"one\""' in text
    assert '"note-2" -> "note-1";' in text


def test_text_names_each_link(chain: Workspace) -> None:
    lines = drawing.text(gathering.gather(chain, Selection())).splitlines()
    assert lines[0] == "7 notes, 5 links"
    assert "    -> note-1  Note 1" in lines


def test_the_command_line_writes_every_form(chain: Workspace, memctl, tmp_path) -> None:
    assert memctl("graph", "--format", "html").out.startswith("<!DOCTYPE html>")
    assert memctl("graph", "--format", "svg").out.startswith("<svg")
    assert memctl("graph", "--format", "dot").out.startswith("digraph")
    assert set(msgspec.json.decode(memctl("graph", "--format", "json").out)) == HEAD
    assert set(memctl("graph", "--format", "json", "--json").data) == HEAD
    assert memctl("graph", "--format", "text", "--focus", "note-7").out.startswith("1 notes, 0 links")
    target = tmp_path / "deep" / "graph.html"
    assert memctl("graph", "--output", str(target), "--json").data == {"file": str(target), "nodes": 7, "edges": 5}
    assert "{{" not in target.read_text()[:2000]
    answer = memctl("graph", "--json")
    assert answer.data["file"].endswith("run/graph.html")
    assert memctl("graph", "--focus", "nobody").code == 3


def test_an_empty_memory_is_a_picture_too(workspace: Workspace, memctl) -> None:
    for form in ("html", "svg", "dot", "json", "text"):
        assert memctl("graph", "--format", form).code == 0
