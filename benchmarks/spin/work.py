"""What every made-up session may begin with, and what may happen in between."""

from __future__ import annotations

from random import Random

from benchmarks.spin.transcript import Transcript
from benchmarks.spin.words import code, goal, noun, path, thought


def work(t: Transcript, random: Random, rounds: int = 3) -> list[str]:
    """Some real work first; returns the files that were touched."""
    t.prompt(goal(random))
    files = []
    for _ in range(random.randrange(1, rounds + 1)):
        file = path(random)
        t.files.setdefault(file, code(random))
        files.append(file)
        if random.random() < 0.5:
            t.think(thought(random))
        t.read(file)
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
        t.edit(file, old, old.replace("total", random.choice(["amount", "result", "size"]) + " = checked", 1))
    return files


def muse(t: Transcript, random: Random) -> None:
    """Now and then a word in between, which changes nothing."""
    if random.random() < 0.4:
        t.think(thought(random))
    elif random.random() < 0.2:
        t.say(random.choice(["Let me look.", "One moment.", "Checking.", "Trying that."]))


def work_on(t: Transcript, random: Random, edits: int) -> None:
    for _ in range(edits):
        file = path(random)
        t.files.setdefault(file, code(random))
        t.read(file)
        old = random.choice([line for line in t.files[file].splitlines() if "total" in line])
        t.edit(file, old, old.replace("total", f"checked_{noun(random)}", 1))


def snapshot(random: Random, lines: list[str]) -> str:
    """A page as a browser tool shows it: each element with a new reference."""
    return "\n".join(f"- {line} [ref=e{random.randrange(10, 999)}]" for line in lines)
