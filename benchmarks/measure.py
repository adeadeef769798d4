"""What the benchmarks share: take turns with the peer, take medians, and say whether a bar is met."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
SCRATCH = HERE.parent / "build" / "benchmarks"
"""On the disk that the checkout is on: a benchmark of durable writes in memory would measure nothing."""
BIN = Path(sys.executable).parent


class Figure(NamedTuple):
    """One line of the answer."""

    what: str
    halo: str
    peer: str = ""
    ratio: float | None = None
    """Halo's time over the peer's: below 1 is ahead."""
    bar: str = ""
    met: bool | None = None
    """None: there is no bar."""

    @property
    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.met]


class Ran(NamedTuple):
    """What a child needed."""

    seconds: float
    peak: int
    """Bytes resident at most; never less than the 10 MiB of the process that starts it."""


def beside(what: str, ours: float, theirs: float, show: Callable[[float], str], limit: float | None = None) -> Figure:
    """A figure of ours beside the peer's, both in seconds; `limit` is the bar for their ratio."""
    ratio = ours / theirs
    bar = f"within {limit:g}x" if limit else ""
    return Figure(what, show(ours), show(theirs), ratio, bar, None if limit is None else ratio <= limit)


def under(
    what: str, value: float, limit: float | None, show: Callable[[float], str], peer: str = "", word: str = "most"
) -> Figure:
    """A figure with a bar of its own, if there is one. `word` is `least` for seconds shown as so many a second."""
    if limit is None:
        return Figure(what, show(value), peer)
    return Figure(what, show(value), peer, None, f"at {word} {show(limit)}", value <= limit)


def turns(rounds: int, *jobs: Callable[[], float]) -> list[list[float]]:
    """Run the jobs by turns (A B A B), so that a busy moment of the machine hits all; what each returned, by job."""
    found: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, results in zip(jobs, found, strict=True):
            results.append(job())
    return found


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def share(values: Sequence[float], part: float) -> float:
    """The value that this part of all values does not exceed: `share(waits, 0.99)`."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(part * len(ranked)))]


def timed(job: Callable[[], object]) -> float:
    """Seconds that a call took."""
    start = time.perf_counter()
    job()
    return time.perf_counter() - start


def child(command: Sequence[str | Path], **environment: str) -> Ran:
    """Run a program to its end; what it writes is thrown away.

    Raises CalledProcessError, with what it wrote to stderr, when it fails.
    """
    shim = [sys.executable, "-I", "-S", str(HERE / "peers" / "child.py"), *map(str, command)]
    done = subprocess.run(shim, env=os.environ | environment, check=True, capture_output=True)
    found = json.loads(done.stdout)
    if found["status"]:
        raise subprocess.CalledProcessError(found["status"], command, stderr=done.stderr.decode())
    return Ran(found["seconds"], found["peak"])


@contextmanager
def scratch() -> Iterator[Path]:
    """An empty folder that is gone afterwards."""
    SCRATCH.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=SCRATCH) as folder:
        yield Path(folder)


def ms(seconds: float) -> str:
    return f"{seconds * 1000:.{2 if seconds < 0.01 else 1 if seconds < 0.1 else 0}f} ms"


def rate(seconds: float) -> str:
    """Seconds for one, as so many a second."""
    return f"{1 / seconds:,.0f}/s"


def mib(count: float) -> str:
    return f"{count / 2**20:.0f} MiB"


def markdown(figures: Sequence[Figure]) -> str:
    """A table of figures."""
    lines = ["| | Halo | peer | ratio | bar | |", "| --- | ---: | ---: | ---: | --- | --- |"]
    for each in figures:
        ratio = "" if each.ratio is None else f"{each.ratio:.2f}x"
        lines.append(f"| {each.what} | {each.halo} | {each.peer} | {ratio} | {each.bar} | {each.verdict} |")
    return "\n".join(lines)
