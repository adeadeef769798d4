"""The workstation through a real pseudo-terminal, beside the smallest Textual app: start, keys, bytes, memory."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.generate import filled
from benchmarks.measure import BIN, HERE, Figure, beside, median, mib, ms, scratch, share, turns, under
from benchmarks.terminal import Terminal
from halo_engine.tasks import queries
from halo_engine.tasks.queries import Filter

SIZES = (10_000, 100_000)
TEXT, DATA = 1.5, 2.5
"""How much longer than the peer's first text ours, and our first data, may take."""
FRAME = 0.016
"""Seconds that a key may take longer than the peer's (p95)."""
MEMORY = 120 * 2**20
HELLO = [sys.executable, HERE / "peers" / "hello.py"]
BLOCK = 15
"""Keys in a turn."""


class Case:
    """A workspace with so many items, and the item that the list begins with."""

    def __init__(self, folder: Path, count: int) -> None:
        self.workspace = filled(folder / f"halo-{count}", count, count * 3, ends=False)
        self.count = count
        self.first = queries.page(self.workspace, Filter(), 1)[0][0].id.encode()

    def open(self) -> Terminal:
        return Terminal([BIN / "halo-tui", "--workspace", self.workspace.root, "--screen", "tasks"])


def run(*, quick: bool) -> list[Figure]:
    sizes, rounds, blocks = ((100, 2_000), 3, 2) if quick else (SIZES, 11, 8)
    figures: list[Figure] = []
    with scratch() as folder:
        for case in (Case(folder, size) for size in sizes):
            figures += start(case, rounds) + keys(case, blocks)
    return figures


def start(case: Case, rounds: int) -> list[Figure]:
    """To the first text, and to the first item in the list."""
    data: list[float] = []

    def ours() -> float:
        with case.open() as terminal:
            text = terminal.until(b"halo")
            data.append(terminal.until(case.first))
            return text

    def theirs() -> float:
        with Terminal(HELLO) as terminal:
            return terminal.until(b"Hello, World!")

    text, hello = turns(rounds, ours, theirs)
    floor = median(hello)
    return [
        beside(f"workstation, {case.count:,} items: start to first text", median(text), floor, ms, TEXT),
        beside("the same: start to first data", median(data), floor, ms, DATA),
    ]


def keys(case: Case, blocks: int) -> list[Figure]:
    """From `j` to the first byte of the repaint, both programs open, block by block."""
    with case.open() as halo, Terminal(HELLO) as hello:
        halo.until(case.first)
        hello.until(b"Hello, World!")
        halo.settle()
        hello.settle()
        pressed: tuple[list[tuple[float, int]], ...] = ([], [])
        turns(blocks, _block(halo, pressed[0]), _block(hello, pressed[1]))
        resident = halo.resident(), hello.resident()
    ours, theirs = ([seconds for seconds, _ in each] for each in pressed)
    our_bytes, their_bytes = ([count for _, count in each] for each in pressed)
    over = share(ours, 0.95) - share(theirs, 0.95)
    return [
        beside(f"workstation, {case.count:,} items: key to repaint, p50", median(ours), median(theirs), ms),
        beside("the same: p95", share(ours, 0.95), share(theirs, 0.95), ms)._replace(
            bar=f"{ms(FRAME)} over the peer's", met=over <= FRAME
        ),
        Figure("the same: bytes a key", f"{median(our_bytes):,.0f}", f"{median(their_bytes):,.0f}"),
        under("the same: resident memory", resident[0], MEMORY, mib, mib(resident[1])),
    ]


def _block(terminal: Terminal, pressed: list[tuple[float, int]]) -> Callable[[], float]:
    def press() -> float:
        pressed.extend(terminal.press(b"j") for _ in range(BLOCK))
        return 0.0

    return press
