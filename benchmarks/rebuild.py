"""A store made again from its whole log, beside a fold in a dict that knows nothing of items."""

from __future__ import annotations

import sys

from benchmarks.generate import filled
from benchmarks.measure import BIN, HERE, Figure, beside, child, median, mib, rate, scratch, turns, under

EVENTS, ITEMS = 1_000_000, 100_000
BAR = 305_000 / 200_000
"""200,000 events a second on the machine on which the peer folds 305,000."""
MEMORY = 150 * 2**20


def run(*, quick: bool) -> list[Figure]:
    events, items = (EVENTS // 10, ITEMS // 10) if quick else (EVENTS, ITEMS)
    with scratch() as folder:
        workspace = filled(folder / "halo", items, events)
        rebuild = [BIN / "halo-engine", "events", "rebuild", "tasks", "--workspace", workspace.root]
        fold = [sys.executable, HERE / "peers" / "fold.py", workspace.store / "events.db", folder / "peer.db"]
        ours, theirs = [], []

        def halo() -> float:
            ours.append(child(rebuild))
            return ours[-1].seconds

        def peer() -> float:
            (folder / "peer.db").unlink(missing_ok=True)
            theirs.append(child(fold))
            return theirs[-1].seconds

        halo_seconds, peer_seconds = turns(3 if quick else 5, halo, peer)
    what = f"rebuild of {events:,} events of {items:,} items, whole process"
    memory = max(each.peak for each in ours)
    return [
        beside(what, median(halo_seconds) / events, median(peer_seconds) / events, rate, BAR),
        under("memory at most while it rebuilds", memory, MEMORY, mib, mib(max(each.peak for each in theirs))),
    ]
