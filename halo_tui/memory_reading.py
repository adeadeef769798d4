"""What the Memory screen reads, each in one call for a worker.

`listed` and `sky` look at the files for what was changed by hand. The others, which follow each key, read the index as
it stands: looking at thousands of files takes longer than a key may.
"""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from halo_engine.errors import Unavailable
from halo_engine.memory import decay, queries, sync
from halo_engine.memory.config import folder
from halo_engine.memory.finding.search import Search, search
from halo_engine.memory.graph.gathering import Selection, gather
from halo_engine.memory.index import Index, NoteRow, reading
from halo_engine.memory.proposing import proposals
from halo_engine.memory.proposing.proposals import LEAST, Proposal
from halo_engine.memory.queries import Card
from halo_engine.workspace import Workspace
from halo_tui.deeds import run_behind
from halo_tui.present.graph import Around, Dot, Sky

LISTED = 200
"""Notes that a search shows."""
NEAR, FAR = 18, 24
"""Notes on the ring around the focused one, and behind it: a terminal shows some thirty legibly."""
POINTS = 24
"""Moments of a note's life at which its decay is drawn."""
PROPOSED = 8
APART = 200
"""Notes from which proposals are found in a process of its own: the keys of this one would wait for it."""


class Listed(NamedTuple):
    """The notes that a search found, the best first."""

    notes: dict[str, NoteRow]
    states: Mapping[str, str]
    more: int


class Opened(NamedTuple):
    """A note with what is around it."""

    card: Card
    freshness: float
    decay: list[float]
    """From its beginning to now."""


def listed(workspace: Workspace, text: str) -> Listed:
    """The notes for a query; without one, the latest."""
    found, more = search(workspace, Search(text, limit=LISTED))
    return Listed({hit.note.id: hit.note for hit in found}, {hit.note.id: hit.state for hit in found}, more)


def opened(workspace: Workspace, name: str) -> Opened:
    """A note, its decay and the links that are proposed for it.

    Raises NotFound.
    """
    with reading(workspace) as index:
        row = queries.find(index, name)
        card = queries.card_in(workspace, index, row)
    fresh = decay.score(workspace, row)
    return Opened(card, fresh, [point.score for point in decay.series(workspace, row, POINTS)])


def proposed(workspace: Workspace, name: str) -> list[Proposal]:
    """The links that are proposed for a note.

    Raises NotFound, Failed.
    """
    if proposals.waiting(workspace) > APART:
        run_behind("memctl enrich --limit 1", workspace)
    with reading(workspace) as index:
        return proposals.page_in(workspace, index, name, PROPOSED, LEAST)[0]


def around(workspace: Workspace, name: str, *, far: bool) -> Around:
    """A note with those that are linked with it, and with `far` those that are linked with them.

    Raises NotFound.
    """
    with reading(workspace) as index:
        focus = queries.find(index, name)
        near = _linked(index, [focus.row])
        ring = _rows(index, near, NEAR)
        behind: dict[int, int] = {}
        for row in ring if far else ():
            for other in _linked(index, [row.row]):
                if other != focus.row and other not in near:
                    behind.setdefault(other, row.row)
        fans = _rows(index, behind, FAR)
        shown = {row.row: row for row in (focus, *ring, *fans)}
        dots = _dots(workspace, shown.values())
        links = frozenset((shown[one].id, shown[other].id) for one, other in _edges(index, shown) if one != other)
        return Around(
            dots[focus.id],
            [dots[row.id] for row in ring],
            [(dots[row.id], shown[behind[row.row]].id) for row in fans],
            links,
            len(near) + len(behind) - len(ring) - len(fans),
        )


def _linked(index: Index, rows: Iterable[int]) -> set[int]:
    """Rows of the notes that are linked with these, in either direction."""
    wanted = list(rows)
    marks = queries.marks(wanted)
    sql = f"SELECT target FROM link WHERE source IN ({marks}) UNION SELECT source FROM link WHERE target IN ({marks})"
    return {row for (row,) in index.all(sql, [*wanted, *wanted]) if row is not None} - set(wanted)


def _rows(index: Index, wanted: Iterable[int], most: int) -> list[NoteRow]:
    """The latest of them, in their order in time, so that a note keeps its place while others come and go."""
    listed_ = list(wanted)
    found = index.select(f"WHERE row IN ({queries.marks(listed_)}) ORDER BY sort DESC LIMIT {most}", listed_)
    return found[::-1]


def _edges(index: Index, shown: Mapping[int, NoteRow]) -> list[tuple[int, int]]:
    marks = queries.marks(list(shown))
    return index.all(
        f"SELECT DISTINCT source, target FROM link WHERE source IN ({marks}) AND target IN ({marks})",
        [*shown, *shown],
    )


def _dots(workspace: Workspace, rows: Iterable[NoteRow]) -> dict[str, Dot]:
    notes = list(rows)
    fresh = decay.scores_of(workspace, notes)
    return {row.id: Dot(row.id, row.title, row.type, fresh[row.id]) for row in notes}


def sky(workspace: Workspace) -> Sky:
    """Every note that holds now, laid out by its links; the same notes lie where they lay before."""
    nodes = gather(workspace, Selection()).nodes
    reach = max((max(abs(node.x), abs(node.y)) for node in nodes), default=0) or 1
    dots = [Dot(node.id, node.title, node.type, node.score) for node in nodes]
    return Sky(dots, {node.id: (node.x / reach, node.y / reach) for node in nodes})


def edited(workspace: Workspace, name: str) -> None:
    """Open the note's file in the operator's editor, until that ends, and take in what was written.

    Raises NotFound, Unavailable.
    """
    row = queries.note(workspace, name)
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi")
    try:
        subprocess.run([*editor, str(folder(workspace) / row.path)], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(f"the editor {editor[0]} failed: {error}", "set EDITOR") from error
    sync.sync(workspace)
