"""Links proposed, from nothing and after one change; how many are right, beside the textbook; the graph as a page."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.made_vault import save, vault
from benchmarks.measure import Figure, scratch
from benchmarks.peers import alike
from halo_engine.memory import sync
from halo_engine.memory.config import folder
from halo_engine.memory.graph import drawing, gathering
from halo_engine.memory.graph.gathering import Selection
from halo_engine.memory.proposing import proposals
from halo_engine.workspace import Workspace

SIZES, QUICK = (100, 10_000, 100_000), (100, 1_000)
JUDGED = 1_000
"""Notes of the vault whose proposals are compared with its links."""
FIRST = 100


def run(*, quick: bool) -> list[Figure]:
    figures = judged()
    for count in QUICK if quick else SIZES:
        with scratch() as place:
            figures += timed(place, count)
    return figures


def filled(place: Path, count: int) -> Workspace:
    workspace = Workspace(place / "workspace")
    workspace.create()
    save(vault(count), folder(workspace) / "notes")
    sync.sync(workspace)
    return workspace


def timed(place: Path, count: int) -> list[Figure]:
    workspace = filled(place, count)
    first = seconds(lambda: proposals.page(workspace))
    one = folder(workspace) / "notes" / "n000007.md"
    one.write_text(one.read_text(encoding="utf-8") + "\nAnd one thing more.\n", encoding="utf-8")
    sync.sync(workspace)
    again = seconds(lambda: proposals.page(workspace))
    laid = seconds(lambda: gathering.gather(workspace, Selection()))
    kept = seconds(lambda: drawing.html(gathering.gather(workspace, Selection())))
    return [
        Figure(f"enrich, {count:,} notes from nothing", f"{first:.1f} s"),
        Figure(f"enrich, {count:,} notes, one changed", f"{again:.1f} s"),
        Figure(f"graph, {count:,} notes laid out", f"{laid:.1f} s"),
        Figure(f"graph, {count:,} notes with places, as a page", f"{kept:.1f} s"),
    ]


def judged() -> list[Figure]:
    made = vault(JUDGED)
    with scratch() as place:
        found, _ = proposals.page(filled(place, JUDGED), limit=0)
    ours = [(min(each.source, each.target), max(each.source, each.target)) for each in found]
    theirs = alike.ranked(made.notes)
    figures = []
    for what, most in ((f"first {FIRST} right", FIRST), ("links found in as many", len(made.links))):
        mine, peers = (sum(pair in made.links for pair in pairs[:most]) / most for pairs in (ours, theirs))
        bar = "at least the peer's" + (", and 75 %" if most == FIRST else "")
        met = mine >= peers and (most != FIRST or mine >= 0.75)
        figures.append(Figure(f"proposals: {what}", f"{mine:.0%}", f"{peers:.0%}", None, bar, met))
    return figures


def seconds(work: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun
