"""Commands on notes killed with kill -9: every note is there, and the index is what the files say."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from halo_engine.memory import commands, config, keeping, queries, sync
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
    """Every note that was told of is there with all it said, and the index equals the files."""
    sync.sync(workspace)
    assert keeping.verify(workspace).ok
    assert keeping.verify(workspace).portable == "current"
    rows = {row.id: row for row in queries.page(workspace, NoteFilter(every=True), 0)[0]}
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


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_two_hundred_kills_lose_nothing(workspace):
    lived = kill_all_over(workspace, 200, 5)
    assert lived < 150, "most were to be killed"
