"""Commands on notes killed with kill -9: every note is there, and the index is what the files say."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halo_engine.memory import commands, config, keeping, pruning, queries, sync
from halo_engine.memory.commands import Draft
from halo_engine.memory.notes import note_of
from halo_engine.memory.queries import NoteFilter

ROOT = Path(__file__).parents[2]
DYING = """
import os, pathlib, signal, sys
from halo_engine.events.sqlite import Connection
from halo_engine.memory.cli import main
left = int(sys.argv.pop(1))
def dying(real):
    def call(*arguments, **named):
        global left
        left -= 1
        if not left:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)
    return call
for name in ("execute", "executemany"):
    setattr(Connection, name, dying(getattr(Connection, name)))
for name in ("replace", "rename", "open", "mkdir"):
    setattr(pathlib.Path, name, dying(getattr(pathlib.Path, name)))
os.fsync = dying(os.fsync)
main()
"""
"""`memctl`, killed before its nth statement or step on a file."""


def die(workspace, step, *words):
    """Run a command that dies at its nth step; whether it lived to its end."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HALO_WORKSPACE": str(workspace.root)}
    done = subprocess.run(
        [sys.executable, "-c", DYING, str(step), *words], cwd=ROOT, env=env, capture_output=True, check=False
    )
    assert done.returncode in {0, -signal.SIGKILL}, done.stderr.decode()
    return done.returncode == 0


def must_be_whole(workspace, known):
    """After the next command: every note that was told of is there with all it said, the index equals the files, and
    the event log knows where each of them is.
    """
    rows = {row.id: row for row in queries.page(workspace, NoteFilter(every=True), 0)[0]}
    assert keeping.verify(workspace).ok
    assert keeping.verify(workspace).portable == "current"
    records = queries.records(workspace)
    for row in rows.values():
        record = records[row.id]
        assert (record.path, record.hash, record.state) == (row.path, row.hash, "archived" if row.archived else "live")
    assert known <= rows.keys()
    for row in rows.values():
        note = note_of((config.folder(workspace) / row.path).read_bytes(), row.path)
        assert not note.fault
        assert note.title
    assert len(rows) == len(list(config.folder(workspace).rglob("*.md")))


def kill_all_over(workspace, rounds, seed):
    chance = random.Random(seed)
    known = {commands.new(workspace, Draft(f"Beginning {word}")).note.id for word in ("one", "two", "three")}
    lived = 0
    for turn in range(rounds):
        victim = chance.choice(sorted(known))
        words = chance.choice(
            [
                ("new", "--title", f"Claim number {turn}", "--force"),
                ("edit", victim, "--title", f"Changed in turn {turn}"),
                ("sync",),
                ("prune", "--execute"),
            ]
        )
        if words[0] == "sync":
            (config.folder(workspace) / f"by-hand-{turn}.md").write_text(f"# Written in turn {turn}\n")
            known.add(f"by-hand-{turn}")
        if words[0] == "prune":
            (config.folder(workspace) / f"stale-{turn}.md").write_text("---\ncreated: 2001-01-01\n---\n# Stale\n")
            known.add(f"stale-{turn}")
        lived += die(workspace, chance.randrange(1, 120), *words)
        if turn % 5 == 4 or rounds < 20:
            must_be_whole(workspace, known)
        known |= {row.id for row in queries.page(workspace, NoteFilter(every=True), 0)[0]}
    must_be_whole(workspace, known)
    return lived


def test_a_few_kills_lose_nothing(workspace):
    kill_all_over(workspace, 12, 4)


STALE = "---\ncreated: 2001-01-01\n---\n# Stale number {}\n"
VERBS = {
    "new": ("new", "--force", "--title", "Claim {}", "--body", "It is so."),
    "edit": ("edit", "note-1", "--title", "Changed {}", "--body", "It was so."),
    "prune": ("prune", "--execute"),
    "sync": ("sync",),
}


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("stride", [37, pytest.param(3, marks=pytest.mark.soak)])
@pytest.mark.parametrize("verb", VERBS)
def test_killed_before_any_step(workspace, verb, stride):
    """The same command in the same place, killed before its first step, its fourth, its seventh, until it lives; with
    these strides the four verbs are killed some 200 times.
    """
    made = commands.new(workspace, Draft("Beginning", "It begins.")).note.id
    step, lived, known = 1, False, {made}
    while not lived:
        for number in range({"prune": 1, "sync": 2}.get(verb, 0)):
            name = f"stale-{step}-{number}"
            (config.folder(workspace) / f"{name}.md").write_text(STALE.format(name))
            known.add(name)
        if verb == "prune":
            sync.sync(workspace)
        lived = die(workspace, step, *(word.format(step) for word in VERBS[verb]))
        must_be_whole(workspace, known)
        known |= {row.id for row in queries.page(workspace, NoteFilter(every=True), 0)[0]}
        step += stride
    if verb == "prune":
        assert pruning.candidates(workspace) == [], "the one that lived did what all the others had left"
    assert step > 90, "a command has more steps than that"


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_two_hundred_kills_lose_nothing(workspace):
    lived = kill_all_over(workspace, 200, 5)
    assert lived < 150, "most were to be killed"
