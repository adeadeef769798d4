"""Usage of 500 MB of transcripts, read for the first time and asked for again, beside ccusage over the same tree."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from pathlib import Path

import psutil

from benchmarks.made_transcripts import make
from benchmarks.measure import BIN, SCRATCH, Figure, beside, child, median, mib, ms, scratch, turns, under

SIZE = 500_000_000
PEER = "ccusage@20.0.24"
TOGETHER = 0.01
"""Seconds between two looks at the memory of a program and its children."""


def run(*, quick: bool) -> list[Figure]:
    with scratch() as folder:
        size = make(folder, SIZE // 10 if quick else SIZE)
        environment = {"CLAUDE_CONFIG_DIR": str(folder), "HOME": str(folder / "home"), "TZ": "UTC"}
        peer = [ccusage(), "claude", "session", "--offline", "--json"]
        ours = [BIN / "halo-engine", "agents", "usage", "--by", "session", "--json", "--workspace", folder / "halo"]

        def first() -> float:
            shutil.rmtree(folder / "halo", ignore_errors=True)
            return child(ours, **environment).seconds

        def later() -> float:
            return child(ours, **environment).seconds

        def theirs() -> float:
            return child(peer, **environment).seconds

        theirs()  # the tree is in the page cache for both
        read, again, compared = map(median, turns(3 if quick else 7, first, later, theirs))
        same = totals(ours, environment) == totals(peer, environment)
        shutil.rmtree(folder / "halo")
        memory, peers = held(ours, environment), held(peer, environment)
    what = f"{size / 1e6:,.0f} MB of transcripts"
    return [
        beside(f"{what}: first report", read, compared, ms, 1.5),
        beside(f"{what}: every later report", again, compared, ms, 1.0),
        under(f"{what}: memory at most, all processes", memory, peers, mib, mib(peers)),
        Figure("tokens of all sessions, the same as the peer's", "yes" if same else "no", met=same),
    ]


def ccusage() -> Path:
    """The peer's own program, without the launcher; fetched with npm when it is not there yet."""
    home = SCRATCH / "npm"
    pattern = "node_modules/@ccusage/*/bin/ccusage"
    if not any(home.glob(pattern)):
        home.mkdir(parents=True, exist_ok=True)
        command = ["npm", "install", "--prefix", str(home), "--include=optional", "--no-fund", PEER]
        subprocess.run(command, check=True, capture_output=True)
    program = next(home.glob(pattern))
    program.chmod(0o755)
    return program


def totals(command: list[str | Path], environment: dict[str, str]) -> int:
    """All tokens that a report counts."""
    done = subprocess.run(list(map(str, command)), env=os.environ | environment, check=True, capture_output=True)
    found = json.loads(done.stdout)
    return int(found["data"]["total"]["tokens"] if "data" in found else found["totals"]["totalTokens"])


def held(command: list[str | Path], environment: dict[str, str]) -> int:
    """Bytes that a program and its children hold together at most; what they share counts once."""
    running = psutil.Popen(list(map(str, command)), env=os.environ | environment, stdout=subprocess.DEVNULL)
    most = 0
    while running.poll() is None:
        now = 0
        for each in (running, *running.children(recursive=True)):
            try:
                now += each.memory_full_info().pss
            except psutil.Error:
                continue
        most = max(most, now)
        time.sleep(TOGETHER)
    return most
