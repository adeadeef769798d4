"""Links proposed, from nothing and after one change; how many are right, beside the textbook; the graph as a page."""

from __future__ import annotations

from pathlib import Path

from benchmarks.made_vault import save, vault
from benchmarks.measure import Figure, ms, scratch, timed, under
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


MINUTES = 10 * 60.0
"""Seconds that proposals for all notes may take."""
AGAIN = 0.1
"""Part of that time that they may take after one note was changed, with the most notes."""


def run(*, quick: bool) -> list[Figure]:
    figures = judged()
    sizes = QUICK if quick else SIZES
    for count in sizes:
        with scratch() as place:
            figures += proposed(filled(place, count), count, bars=count == SIZES[-1])
    for count in sizes:
        with scratch() as place:
            figures += drawn(filled(place, count, linked=True), count)
    return figures


def filled(place: Path, count: int, *, linked: bool = False) -> Workspace:
    workspace = Workspace(place / "workspace")
    workspace.create()
    save(vault(count), folder(workspace) / "notes", linked=linked)
    sync.sync(workspace)
    return workspace


def proposed(workspace: Workspace, count: int, *, bars: bool) -> list[Figure]:
    """Links for every note, then after a change of one, then with nothing changed."""
    first = timed(lambda: proposals.page(workspace))
    one = folder(workspace) / "notes" / "n000007.md"
    one.write_text(one.read_text(encoding="utf-8") + "\nAnd one thing more.\n", encoding="utf-8")
    sync.sync(workspace)
    again = timed(lambda: proposals.page(workspace))
    same = timed(lambda: proposals.page(workspace))
    what = f"enrich, {count:,} notes"
    return [
        under(f"{what} from nothing", first, MINUTES if bars else None, _shown),
        under(f"{what}, one changed", again, AGAIN * first if bars else None, _shown),
        under(f"{what}, nothing changed", same, None, _shown),
    ]


def drawn(workspace: Workspace, count: int) -> list[Figure]:
    """The graph laid out, and again as a page with every note where it was."""
    laid = timed(lambda: gathering.gather(workspace, Selection()))
    page = timed(lambda: drawing.html(gathering.gather(workspace, Selection(), bodies=20)))
    what = f"graph, {count:,} notes"
    return [
        under(f"{what} laid out", laid, None, _shown),
        under(f"{what} with places, as a page", page, None, _shown),
    ]


def _shown(seconds: float) -> str:
    return ms(seconds) if seconds < 1 else f"{seconds:.1f} s"


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
