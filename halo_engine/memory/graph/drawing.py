"""The picture as a page, a drawing, a DOT file or text; all are text. JSON is the `Graph` itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from html import escape

import msgspec

from halo_engine import clock, resources
from halo_engine.memory.graph.gathering import Graph, Node

COLOURS = {
    "decision": "#c4314b",
    "fact": "#2f6fd0",
    "reference": "#4b8a2f",
    "project": "#a87900",
    "person": "#8a3fc0",
    "event": "#0f858f",
    "preference": "#c2611a",
}
"""On a white ground; the page has these and a set for a dark one."""
OTHER = "#4a6a8f"
BODIES = 2_000_000
"""Characters of bodies in a page, over all notes."""
LABELLED = 60
"""Notes with most links that have their title beside them in a drawing."""
MARGIN = 40.0
INVISIBLE = {code: None for code in range(32) if code not in {9, 10, 13}}
"""Characters that XML cannot hold."""


def html(graph: Graph) -> str:
    """One page that needs nothing else, no network either."""
    folder = resources.folder("templates") / "graph"
    made = msgspec.structs.asdict(graph) | {"made": clock.stamp()[:10]}
    data = msgspec.json.encode(made).decode().replace("<", "\\u003c")
    page = (folder / "page.html").read_text(encoding="utf-8")
    parts = {"data": data}
    for mark, name in (("library", "force-graph.min.js"), ("picture", "picture.js"), ("script", "page.js")):
        parts[mark] = (folder / name).read_text(encoding="utf-8").replace("</script", "<\\/script")
    for mark, text in parts.items():
        before, _, after = page.partition("{{" + mark + "}}")
        page = before + text + after
    return page


def svg(graph: Graph) -> str:
    """A drawing: colour is the type, size the links, faintness the decay."""
    xs, ys = [node.x for node in graph.nodes] or [0.0], [node.y for node in graph.nodes] or [0.0]
    left, top = min(xs) - MARGIN, min(ys) - MARGIN
    width, height = max(xs) - left + MARGIN, max(ys) - top + MARGIN
    place = {node.id: node for node in graph.nodes}
    lines = [_line(place[edge.source], place[edge.target]) for edge in graph.edges]
    labelled = {node.id for node in sorted(graph.nodes, key=lambda each: -each.links)[:LABELLED]}
    dots = [_dot(node, labelled=node.id in labelled) for node in graph.nodes]
    box = f"{left:.1f} {top:.1f} {width:.1f} {height:.1f}"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" width="{width:.0f}" height="{height:.0f}">'
    ground = f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" fill="#ffffff"/>'
    return "\n".join((head, ground, *lines, *dots, "</svg>", ""))


def _line(one: Node, other: Node) -> str:
    return f'<line x1="{one.x}" y1="{one.y}" x2="{other.x}" y2="{other.y}" stroke="#b0b4ba" stroke-width="0.6"/>'


def _dot(node: Node, *, labelled: bool) -> str:
    radius = 3 + 1.5 * node.links**0.5
    title = escape(node.title.translate(INVISIBLE))
    circle = (
        f'<circle cx="{node.x}" cy="{node.y}" r="{radius:.1f}" fill="{COLOURS.get(node.type, OTHER)}" '
        f'fill-opacity="{0.35 + 0.65 * node.score:.2f}" id="{escape(node.id.translate(INVISIBLE))}">'
        f"<title>{title}</title></circle>"
    )
    if not labelled:
        return circle
    return (
        f'{circle}<text x="{node.x}" y="{node.y + radius + 9:.1f}" font-size="8" font-family="sans-serif" '
        f'text-anchor="middle">{escape(node.title.translate(INVISIBLE)[:40])}</text>'
    )


def dot(graph: Graph) -> str:
    """For Graphviz."""
    nodes = [
        f"  {_quoted(node.id)} [label={_quoted(node.title)}, color={_quoted(COLOURS.get(node.type, OTHER))}, "
        f'pos="{node.x},{-node.y}"];'
        for node in graph.nodes
    ]
    edges = [f"  {_quoted(edge.source)} -> {_quoted(edge.target)};" for edge in graph.edges]
    return "\n".join(("digraph memory {", "  node [shape=ellipse];", *nodes, *edges, "}", ""))


def _quoted(text: str) -> str:
    inside = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ").replace("\r", " ")
    return f'"{inside}"'


def text(graph: Graph) -> str:
    """Each note with what it links, those with most links first."""
    titles = {node.id: node.title for node in graph.nodes}
    out: dict[str, list[str]] = defaultdict(list)
    for edge in graph.edges:
        out[edge.source].append(edge.target)
    lines = [f"{len(graph.nodes)} notes, {len(graph.edges)} links"]
    for node in sorted(graph.nodes, key=lambda each: (-each.links, each.id)):
        lines.append(f"{node.id}  {node.type}  {node.title}")
        lines += [f"    -> {other}  {titles[other]}" for other in out[node.id]]
    return "\n".join(lines) + "\n"


FORMS: dict[str, Callable[[Graph], str]] = {"html": html, "svg": svg, "dot": dot, "text": text}
