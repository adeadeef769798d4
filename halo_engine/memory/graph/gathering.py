"""Which notes and links are in the picture."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import msgspec

from halo_engine import clock
from halo_engine.memory import decay, queries
from halo_engine.memory.graph import layout
from halo_engine.memory.index import Index, NoteRow
from halo_engine.memory.queries import CURRENT
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace


class Selection(msgspec.Struct, frozen=True):
    """What is asked for."""

    focus: str = ""
    """A note, in the middle; empty for all."""
    depth: int = 2
    """Links away from it."""
    types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """All of them."""
    limit: int = 0
    """Notes at the most, those nearest to the focus or with most links; 0 is all."""


class Node(msgspec.Struct, frozen=True, gc=False):
    """A note in the picture."""

    id: str
    title: str
    type: str
    tags: tuple[str, ...]
    created: str
    """Day; empty where it is not known."""
    score: float
    """See `decay`."""
    links: int
    """To and from other notes of the picture."""
    x: float
    y: float
    body: str = ""


class Edge(msgspec.Struct, frozen=True, gc=False):
    """A link in the picture, by ids."""

    source: str
    target: str


class Graph(msgspec.Struct, frozen=True):
    """The picture."""

    nodes: list[Node]
    edges: list[Edge]
    more: int = 0
    """Notes that the limit left out."""


def gather(workspace: Workspace, wanted: Selection, *, bodies: int = 0) -> Graph:
    """The notes that hold now, and the links between them, each with its place; positions stay from call to call.

    `bodies`: so many characters of each body. Raises NotFound for a focus that is no note.
    """
    with looked(workspace) as index:
        rows = _chosen(index, wanted)
        edges = _edges(index, set(rows))
        if wanted.focus:
            focus = queries.find(index, wanted.focus)
            rows.setdefault(focus.row, focus)
            near = _near(focus.row, _edges(index, set(rows)), wanted.depth)
            rows = {row: note for row, note in rows.items() if row in near}
            edges = _edges(index, set(rows))
            order = sorted(rows, key=lambda row: near[row])
        else:
            degree = Counter(row for edge in edges for row in edge)
            order = sorted(rows, key=lambda row: -degree[row])
        kept = order[: wanted.limit or None]
        rows = {row: rows[row] for row in sorted(kept)}
        edges = [edge for edge in edges if edge[0] in rows and edge[1] in rows]
        scores = decay.scores(workspace, index)
    places = layout.positions(workspace, [note.id for note in rows.values()], _named(rows, edges))
    return Graph(_nodes(rows, edges, scores, places, bodies), _drawn(rows, edges), len(order) - len(kept))


def _chosen(index: Index, wanted: Selection) -> dict[int, NoteRow]:
    where, values = CURRENT, {"now": clock.stamp()}
    for number, kind in enumerate(wanted.types):
        values[f"type{number}"] = kind
    if wanted.types:
        where += f" AND type IN ({', '.join(f':type{number}' for number in range(len(wanted.types)))})"
    for number, tag in enumerate(wanted.tags):
        values[f"tag{number}"] = tag.removeprefix("#").casefold()
        where += f" AND row IN (SELECT note FROM tag WHERE tag = :tag{number})"
    return {row.row: row for row in index.select(f"WHERE {where}", values)}


def _edges(index: Index, rows: set[int]) -> list[tuple[int, int]]:
    return [(one, other) for one, other in queries.edges(index) if one in rows and other in rows]


def _near(focus: int, edges: Sequence[tuple[int, int]], depth: int) -> dict[int, int]:
    """How many links away from the focus each note is, up to the depth."""
    beside: dict[int, list[int]] = defaultdict(list)
    for one, other in edges:
        beside[one].append(other)
        beside[other].append(one)
    found, edge = {focus: 0}, [focus]
    for step in range(1, depth + 1):
        edge = [
            other for row in edge for other in beside[row] if other not in found and not found.update({other: step})
        ]
    return found


def _named(rows: dict[int, NoteRow], edges: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    return [(rows[one].id, rows[other].id) for one, other in edges]


def _drawn(rows: dict[int, NoteRow], edges: Sequence[tuple[int, int]]) -> list[Edge]:
    return [Edge(one, other) for one, other in _named(rows, edges)]


def _nodes(
    rows: dict[int, NoteRow],
    edges: Sequence[tuple[int, int]],
    scores: dict[str, float],
    places: dict[str, tuple[float, float]],
    bodies: int,
) -> list[Node]:
    degree = Counter(row for edge in edges for row in edge)
    return [
        Node(
            note.id,
            note.title,
            note.type,
            note.tags,
            (note.created or note.modified)[:10],
            round(scores.get(note.id, 0.0), 4),
            degree[row],
            *places[note.id],
            _cut(note.body, bodies),
        )
        for row, note in rows.items()
    ]


def _cut(body: str, length: int) -> str:
    return body if len(body) <= length else f"{body[:length]} …" if length else ""
