"""Where each note stands in the picture: a force-directed layout (Fruchterman and Reingold 1991) in NumPy.

Links pull with the square of their length, notes push each other with its inverse. The push of far notes is that of the
middle of their cell on a grid, so a round grows with the notes and not with their pairs. Large graphs are laid out
coarse first, with linked notes as one, and then finer (Walshaw 2003). Places are kept in `store/layout.db`: what has a
place stays there, and what is new is put beside its neighbours.
"""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from halo_engine.events.sqlite import connect, is_damage
from halo_engine.workspace import Workspace

Places = Any
"""A float array of shape (notes, 2)."""
FILE = "layout.db"
ROUNDS = 150
"""Of the coarsest layout."""
FINER = 25
"""Rounds after each step to a finer one."""
COARSE = 250
"""Nodes that are laid out at once."""
CELLS = 20
"""Of the grid, along each side."""
CLOSE = 6
"""Notes of the same cell on each side, in the order of cells, whose push is felt one by one."""
BLOCK = 1_000
"""Nodes whose push is computed at once: as many as a processor's own memory holds with what all cells are to them."""
NEW = 0.3
"""Share of notes without a place from which all are laid out anew."""
GRAVITY = 0.5
"""Pull of the middle, which keeps parts together that no link joins."""
SCALE = 30.0
"""Of the picture: the length of a link, roughly."""
Edges = Sequence[tuple[str, str]]


def positions(workspace: Workspace, ids: Sequence[str], edges: Edges) -> dict[str, tuple[float, float]]:
    """A place for each note. The same as the last time for those that have one, unless most are new."""
    known = _kept(workspace, ids)
    new = [note for note in ids if note not in known]
    if new:
        if len(new) > NEW * len(ids):
            known = {}
        known = _placed(ids, edges, known)
        _keep(workspace, known)
    return {note: known[note] for note in ids}


def _placed(ids: Sequence[str], edges: Edges, known: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    import numpy as np

    place = {note: number for number, note in enumerate(ids)}
    links = np.array([(place[one], place[other]) for one, other in edges], dtype=np.int64).reshape(-1, 2)
    fixed = np.array([note in known for note in ids])
    start = np.array([known.get(note, (math.nan, math.nan)) for note in ids]).reshape(-1, 2) / SCALE
    found = spread(len(ids), links, start, fixed) * SCALE
    return {note: (round(float(x), 1), round(float(y), 1)) for note, (x, y) in zip(ids, found, strict=True)}


def spread(count: int, links: Any, start: Places, fixed: Any) -> Places:
    """Places for `count` nodes: `links` are pairs of their numbers, `start` has the places of those that are `fixed`.

    Nodes without links stand around the others.
    """
    import numpy as np

    degree = np.bincount(links.ravel(), minlength=count)
    linked = np.flatnonzero(degree)
    number = np.zeros(count, np.int64)
    number[linked] = np.arange(len(linked))
    found = np.array(start)
    found[linked] = _laid(number[links], start[linked], fixed[linked], np.random.default_rng(7))
    lone = np.flatnonzero((degree == 0) & ~fixed)
    radius = float(np.abs(found[linked]).max(initial=1.0)) + 2
    found[lone] = _around(len(lone), radius)
    return found


def _laid(links: Any, start: Places, fixed: Any, chaos: Any) -> Places:
    """Places for nodes that all have links: coarse first, and then finer, unless some have a place already."""
    import numpy as np

    count = len(start)
    if not fixed.any() and count > COARSE:
        into = _merged(count, links, chaos)
        fewer = int(into.max()) + 1
        if fewer < 0.95 * count:
            coarse = np.unique(np.sort(into[links], axis=1), axis=0)
            coarse = coarse[coarse[:, 0] != coarse[:, 1]]
            above = _laid(coarse, np.full((fewer, 2), np.nan), np.zeros(fewer, bool), chaos)
            begun = above[into] * math.sqrt(count / fewer) + chaos.normal(0, 0.5, (count, 2))
            return _settled(begun, links, fixed, FINER, heat=2.0)
    begun = _begun(links, start, fixed, chaos)
    return _settled(begun, links, fixed, ROUNDS, heat=math.sqrt(count) / 4 + 1)


def _merged(count: int, links: Any, chaos: Any) -> Any:
    """Each node's number in a coarser graph: some nodes stay, the others go into one of those that they link."""
    import numpy as np

    stays = chaos.random(count) < 0.4
    into = np.arange(count)
    for one, other in (links.T, links[:, ::-1].T):
        goes = ~stays[one] & stays[other]
        into[one[goes]] = other[goes]
    return np.unique(into, return_inverse=True)[1]


def _around(count: int, radius: float) -> Places:
    """A ring of points outside a radius, as the seeds of a sunflower stand."""
    import numpy as np

    step = np.arange(count)
    reach = np.sqrt(radius**2 + 1.5 * step)
    angle = step * math.pi * (3 - math.sqrt(5))
    return np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)


def _begun(links: Any, start: Places, fixed: Any, chaos: Any) -> Places:
    """Where nodes begin: at their place, beside their neighbours that have one, or anywhere."""
    size = math.sqrt(len(start)) + 1
    found = chaos.normal(0, size / 2, (len(start), 2))
    found[fixed] = start[fixed]
    for one, other in (links.T, links[:, ::-1].T):
        new = ~fixed[one] & fixed[other]
        found[one[new]] = found[other[new]] + chaos.normal(0, 0.7, (int(new.sum()), 2))
    return found


def _settled(found: Places, links: Any, fixed: Any, rounds: int, heat: float) -> Places:
    import numpy as np

    if not len(found):
        return found
    for step in range(rounds):
        force = _push(found) - GRAVITY * found
        pull = found[links[:, 1]] - found[links[:, 0]]
        pull *= np.sqrt((pull**2).sum(axis=1, keepdims=True))
        for axis in (0, 1):
            force[:, axis] += np.bincount(links[:, 0], pull[:, axis], len(found))
            force[:, axis] -= np.bincount(links[:, 1], pull[:, axis], len(found))
        length = np.sqrt((force**2).sum(axis=1, keepdims=True)) + 1e-9
        move = force / length * np.minimum(length, heat * (1 - step / rounds) ** 2 + 0.01)
        found = np.where(fixed[:, None], found, found + move)
    return found


def _push(found: Places) -> Places:
    """The push on each node: of the cells of a grid as one each, of the neighbours in its own cell one by one."""
    import numpy as np

    low, high = found.min(axis=0), found.max(axis=0)
    grid = np.minimum((found - low) / np.maximum(high - low, 1e-9) * CELLS, CELLS - 1).astype(np.int64)
    cell = grid[:, 0] * CELLS + grid[:, 1]
    _, which, weight = np.unique(cell, return_inverse=True, return_counts=True)
    middle = np.stack([np.bincount(which, found[:, axis]) for axis in (0, 1)], axis=1) / weight[:, None]
    force = np.empty_like(found)
    for start in range(0, len(found), BLOCK):
        block = slice(start, start + BLOCK)
        force[block] = _push_of_cells(found[block], which[block], middle, weight)
    order = np.argsort(which, kind="stable")
    scale = np.minimum(1.0, 2 * CLOSE / np.maximum(weight[which[order]] - 1, 1))
    for step in range(1, CLOSE + 1):
        one, other = order[:-step], order[step:]
        apart = found[one] - found[other]
        near = apart / ((apart**2).sum(axis=1, keepdims=True) + 0.05) * (which[one] == which[other])[:, None]
        force[one] += near / scale[:-step, None]
        force[other] -= near / scale[step:, None]
    return force


def _push_of_cells(found: Places, which: Any, middle: Places, weight: Any) -> Places:
    """The push of all cells but its own on each of some nodes; `which` is the cell of each."""
    import numpy as np

    points, middles = found.astype(np.float32), middle.astype(np.float32)
    share = points @ (-2 * middles.T)
    share += (points**2).sum(axis=1)[:, None]
    share += (middles**2).sum(axis=1)[None, :]
    np.maximum(share, 0, out=share)
    share += 0.05
    np.divide(weight.astype(np.float32), share, out=share)
    share[np.arange(len(found)), which] = 0
    return points * share.sum(axis=1, keepdims=True) - share @ middles


def _kept(workspace: Workspace, ids: Sequence[str]) -> dict[str, tuple[float, float]]:
    path = workspace.store / FILE
    if not path.exists():
        return {}
    try:
        with closing(connect(path)) as connection:
            found = {note: (x, y) for note, x, y in connection.execute("SELECT id, x, y FROM place")}
    except sqlite3.DatabaseError as error:
        if not is_damage(error) and "no such table" not in str(error):
            raise
        return {}
    return {note: found[note] for note in ids if note in found}


def _keep(workspace: Workspace, places: dict[str, tuple[float, float]]) -> None:
    """Where it cannot be kept the picture is another one the next time, no more."""
    path = workspace.store / FILE
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(connect(path)) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS place (id TEXT PRIMARY KEY, x REAL, y REAL) WITHOUT ROWID")
            connection.execute("BEGIN")
            rows = [(note, *place) for note, place in places.items()]
            connection.executemany("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", rows)
            connection.execute("COMMIT")
    except (sqlite3.Error, OSError):
        return
