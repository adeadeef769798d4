"""One gigabyte of mixed logs asked for a level and a time, beside ripgrep, jq and duckdb; each answer is checked.

The bars are ratios to ripgrep, which finds the level by a pattern and knows no time: on the two cores on which they
were set it took 1.45 s for a gigabyte, and the bars in seconds were 1.2, 0.35, 0.10 and 0.10.
"""

from __future__ import annotations

import os
import subprocess
import venv
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import log_data
from benchmarks.measure import BIN, HERE, SCRATCH, Figure, beside, child, median, mib, ms, scratch, turns, under

SIZE = 1_000_000_000
PEER = "duckdb"
RIPGREP = 1.45
"""Seconds that ripgrep took where the bars were set."""
BARS = {"all of it": 1.2, "24 hours": 0.35, "1 hour": 0.10, "last 50 lines of one instance": 0.10}
STATS = 4.0
"""Counting decodes every line, a search only those that may answer."""
MEMORY = 64 << 20
PATTERN = r'"(level|lvl)": ?(50|"error"|"ERROR")'
JQ = 'fromjson? | objects | select((.level // .lvl) as $l | $l == 50 or $l == "error" or $l == "ERROR") | .msg'
INSTANCE = "micro05"


def run(*, quick: bool) -> list[Figure]:
    with scratch() as folder:
        path = folder / "mixed.log"
        truth = log_data.generate(path, SIZE // 10 if quick else SIZE)
        ours = commands(path, folder)
        environment = {"HALO_NOW": datetime.fromtimestamp(truth["end"], UTC).isoformat(), "TZ": "UTC"}
        wrong = [name for name, command in ours.items() if lines(command, environment) != expected(truth)[name]]

        def seconds(*command: str | Path) -> float:
            return child(command, **environment).seconds

        pattern = ["rg", "-a", "-c", PATTERN, path]
        jobs = [lambda command=command: seconds(*command) for command in (pattern, *ours.values())]
        ripgrep, *halo = map(median, turns(3 if quick else 7, *jobs))
        jq = seconds("jq", "-R", "-c", JQ, path)
        since = datetime.fromtimestamp(truth["end"] - 86_400, UTC).isoformat()
        duckdb = median([seconds(python_of_duckdb(), HERE / "peers" / "logs_duckdb.py", path, since) for _ in range(3)])
        stats = median(
            [seconds(BIN / "halo-engine", "logs", "stats", path, "--workspace", folder / "halo") for _ in range(3)]
        )
        peaks = [child(command, **environment).peak for command in ours.values()]
    what = f"{truth['lines']:,} lines of logs"
    named = dict(zip(ours, halo, strict=True))
    return [
        *(beside(f"{what}: {name}, beside rg", named[name], ripgrep, ms, bar / RIPGREP) for name, bar in BARS.items()),
        beside(f"{what}: level, beside jq", named["all of it"], jq, ms, 1.0),
        beside(f"{what}: level in 24 hours, beside duckdb", named["24 hours"], duckdb, ms, 1.0),
        beside(f"{what}: stats, beside our own search of all of it", stats, named["all of it"], ms, STATS),
        under(f"{what}: memory at most, each process", max(peaks), MEMORY, mib),
        Figure("answers equal to the generator's truth", "no: " + ", ".join(wrong) if wrong else "yes", met=not wrong),
    ]


def commands(path: Path, folder: Path) -> dict[str, list[str | Path]]:
    """Our command lines, by what they find."""
    logctl = [BIN / "halo-engine", "logs"]
    rest = [path, "--workspace", folder / "halo"]
    search: list[str | Path] = [*logctl, "search", *rest, "--limit", "0", "--raw", "--level", "=error"]
    return {
        "all of it": search,
        "24 hours": [*search, "--since", "24h"],
        "1 hour": [*search, "--since", "1h"],
        "last 50 lines of one instance": [*logctl, "tail", *rest, "-n", "50", "--instance", INSTANCE],
    }


def expected(truth: dict[str, Any]) -> dict[str, int]:
    """How many lines each of them must give."""
    late = truth["late"]
    counts = (truth["levels"]["error"], late["24h"]["error"], late["1h"]["error"], 50)
    return dict(zip(BARS, counts, strict=True))


def lines(command: list[str | Path], environment: dict[str, str]) -> int:
    """How many lines a command writes."""
    done = subprocess.run(list(map(str, command)), env=os.environ | environment, check=True, capture_output=True)
    return done.stdout.count(b"\n")


def python_of_duckdb() -> Path:
    """A Python that has the peer, in an environment of its own; made when it is not there yet."""
    home = SCRATCH / "duckdb"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PEER], check=True, capture_output=True)
    return python
