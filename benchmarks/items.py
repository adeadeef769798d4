"""`add`, `list`, `ready` and `export` with few and with many items, beside Taskwarrior with the same items."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.generate import filled
from benchmarks.measure import BIN, Figure, beside, child, median, ms, scratch, turns

SIZES = (100, 10_000, 100_000)
FLAT = 1.2
"""How much longer a command may take with the most items than with the fewest."""
PATIENCE = 60.0
"""Seconds: a peer that takes longer once is not asked again."""
Command = list[str | Path]
VERBS = ("add", "list", "ready", "export")


class Halo:
    """A workspace with so many items, three events each, none of them over."""

    def __init__(self, folder: Path, count: int) -> None:
        self.root = filled(folder / f"halo-{count}", count, count * 3, ends=False).root
        child(self.command("list"))

    def command(self, verb: str) -> Command:
        words = {"add": ["add", "Fix the deployment script"], "list": ["list", "--limit", "50"]}.get(verb, [verb])
        return [BIN / "nightctl", *words, "--workspace", self.root]

    def seconds(self, verb: str) -> float:
        return child(self.command(verb)).seconds


class Taskwarrior:
    """The same items, taken from Halo's export, in a home of their own."""

    def __init__(self, folder: Path, halo: Halo) -> None:
        home = folder / f"taskwarrior-of-{halo.root.name}"
        (home / "data").mkdir(parents=True)
        (home / "taskrc").write_text("confirmation=off\nnews.version=9.9.9\n", encoding="utf-8")
        self._home = {"TASKDATA": str(home / "data"), "TASKRC": str(home / "taskrc")}
        self._slow: set[str] = set()
        with (home / "items.json").open("wb") as file:
            words = ["export", "--format", "taskwarrior", "--workspace", halo.root]
            subprocess.run([BIN / "nightctl", *words], stdout=file, check=True)
        child(["task", "import", home / "items.json"], **self._home)

    def seconds(self, verb: str) -> float:
        """0 when it has taken too long before."""
        if verb in self._slow:
            return 0.0
        words = {"add": ["add", "Fix the deployment script"], "ready": ["next", "limit:50"]}.get(verb, [verb])
        try:
            took = child(["timeout", f"{PATIENCE:.0f}", "task", *words], **self._home).seconds
        except subprocess.CalledProcessError:
            self._slow.add(verb)
            return 0.0
        if took > PATIENCE / 10:
            self._slow.add(verb)
        return took


def run(*, quick: bool) -> list[Figure]:
    sizes, rounds = ((100, 2_000, 10_000), 3) if quick else (SIZES, 15)
    with scratch() as folder:
        ours = {size: Halo(folder, size) for size in sizes}
        theirs = _peers(folder, ours)
        figures = []
        for verb in VERBS:
            few, *many = _together(verb, rounds if verb != "export" else 3, ours, theirs)
            figures += [_figure(verb, *each, ahead=each[0] == many[0][0]) for each in (few, *many)]
            if verb != "export":
                figures.append(_flat(verb, few, many[-1]))
    return figures


def _peers(folder: Path, ours: dict[int, Halo]) -> dict[int, Taskwarrior]:
    if shutil.which("task") is None:
        print("Taskwarrior is not installed: Halo alone", file=sys.stderr)
        return {}
    return {size: Taskwarrior(folder, halo) for size, halo in ours.items()}


Took = tuple[int, float, float | None]
"""Items, and the median of Halo and of Taskwarrior."""


def _together(verb: str, rounds: int, ours: dict[int, Halo], theirs: dict[int, Taskwarrior]) -> list[Took]:
    jobs: list[Callable[[], float]] = []
    for size, halo in ours.items():
        jobs.append(partial(halo.seconds, verb))
        jobs.append(partial(theirs[size].seconds, verb) if size in theirs else float)
    found = [[each for each in results if each] for results in turns(rounds, *jobs)]
    return [
        (size, median(found[place * 2]), median(found[place * 2 + 1]) if found[place * 2 + 1] else None)
        for place, size in enumerate(ours)
    ]


def _figure(verb: str, size: int, ours: float, theirs: float | None, *, ahead: bool) -> Figure:
    words = {"list": "nightctl list --limit 50"}.get(verb, f"nightctl {verb}")
    what = f"`{words}`, {size:,} items"
    if theirs is None:
        return Figure(what, ms(ours), f"over {PATIENCE:.0f} s")
    if not ahead:
        return beside(what, ours, theirs, ms)
    return beside(what, ours, theirs, ms)._replace(bar="ahead", met=ours < theirs)


def _flat(verb: str, few: Took, many: Took) -> Figure:
    ratio = many[1] / few[1]
    what = f"`nightctl {verb}`: {many[0]:,} items beside {few[0]:,}"
    return Figure(what, ms(many[1]), ms(few[1]), ratio, f"within {FLAT}x", ratio <= FLAT)
