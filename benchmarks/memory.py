"""Notes: `new`, `search` and `index rebuild` with few and with many, `search` beside ripgrep over the same files."""

from __future__ import annotations

import random
from functools import partial
from itertools import accumulate, count
from pathlib import Path

from benchmarks.measure import BIN, Figure, beside, child, median, ms, rate, scratch, share, timed, turns, under
from halo_engine.memory import keeping
from halo_engine.memory import sync as syncing
from halo_engine.memory.config import folder
from halo_engine.memory.finding import search
from halo_engine.memory.finding.search import Search
from halo_engine.workspace import Workspace

SIZES, QUICK = (100, 10_000, 100_000), (100, 2_000)
FLAT = 1.3
"""How much longer `new` may take with the most notes than with the fewest."""
SLOWEST = 0.040
"""Seconds that a search may take inside the engine, 95 of 100 times."""
LEAST = 8_000
"""Notes a second that a rebuild must read."""
QUESTIONS = 300
NAMES = ("Ben", "Mum", "Dad", "Gains", "Caroline", "Melanie")


class Words:
    """A made-up language whose words are as unevenly common as those of a real one (Zipf)."""

    def __init__(self, size: int = 20_000) -> None:
        self.chance = random.Random(7)
        syllables = [first + second for first in "bdfgklmnprstv" for second in "aeiou"]
        self._all = ["".join(self.chance.choices(syllables, k=self.chance.randint(2, 4))) for _ in range(size)]
        self._weights = list(accumulate(1 / (place + 5) for place in range(size)))

    def some(self, number: int) -> list[str]:
        return self.chance.choices(self._all, cum_weights=self._weights, k=number)


class Notes:
    """A workspace with so many notes, and what is asked of it."""

    def __init__(self, place: Path, size: int) -> None:
        self.size, self.words, self._numbers = size, Words(), count()
        self.workspace = Workspace(place / f"notes-{size}")
        self.workspace.create()
        home = folder(self.workspace) / "notes"
        home.mkdir(parents=True)
        for number in range(1, size + 1):
            (home / f"note-{number}.md").write_text(self._note(number), encoding="utf-8")
        syncing.sync(self.workspace)

    def _note(self, number: int) -> str:
        name, others = self.words.chance.choice(NAMES), [self.words.chance.randint(1, self.size) for _ in range(2)]
        links = ", ".join(f'"[[note-{each}]]"' for each in others)
        day = f"20{20 + number * 6 // (self.size + 1)}-{number % 12 + 1:02}-{number % 28 + 1:02}"
        head = f"id: note-{number}\ntitle: {name} {' '.join(self.words.some(5))}\ntype: fact\n"
        tags = ", ".join(self.words.some(2))
        return f"---\n{head}tags: [{tags}]\nlinks: [{links}]\ncreated: {day}\n---\n\n{' '.join(self.words.some(40))}\n"

    def question(self) -> str:
        return f"what did {self.words.chance.choice(NAMES)} {' '.join(self.words.some(4))}"

    def command(self, *words: str | Path) -> list[str | Path]:
        return [BIN / "halo-engine", "memory", *words, "--workspace", self.workspace.root]

    def new(self) -> float:
        title = f"{' '.join(self.words.some(6))} {next(self._numbers)}"
        return child(self.command("new", "--force", "--title", title)).seconds

    def search(self) -> float:
        return child(self.command("search", self.question())).seconds

    def ripgrep(self) -> float:
        word = self.words.chance.choice(NAMES)
        return child(["rg", "-i", "-l", word, folder(self.workspace)]).seconds

    def inside(self) -> list[float]:
        """Seconds of each of many searches, in an index that is open."""
        asked = [Search(self.question()) for _ in range(QUESTIONS)]
        with syncing.looked(self.workspace) as index:
            return [timed(partial(search.found, self.workspace, index, each)) for each in asked]


def run(*, quick: bool) -> list[Figure]:
    sizes = QUICK if quick else SIZES
    with scratch() as place:
        every = [Notes(place, size) for size in sizes]
        rounds = 5 if quick else 15
        new = [median(each) for each in turns(rounds, *(notes.new for notes in every))]
        figures = [Figure(f"new, {notes.size:,} notes", ms(took)) for notes, took in zip(every, new, strict=True)]
        figures.append(beside(f"new, {sizes[-1]:,} notes beside {sizes[0]:,}", new[-1], new[0], ms, FLAT))
        for notes in every:
            figures += searched(notes, rounds)
        return figures


def searched(notes: Notes, rounds: int) -> list[Figure]:
    ours, theirs = map(median, turns(rounds, notes.search, notes.ripgrep))
    what = f"{notes.size:,} notes"
    last = share(notes.inside(), 0.95)
    again = timed(lambda: keeping.rebuild(notes.workspace)) / notes.size
    slowest = 1 / LEAST if notes.size >= SIZES[-1] else None
    return [
        beside(f"search, {what}, beside rg for one word", ours, theirs, ms),
        under(f"search inside the engine, {what}, 95 of 100", last, SLOWEST, ms),
        under(f"index rebuild, {what}", again, slowest, rate, word="least"),
    ]
