"""The next times of a schedule: how many cases come out as in Debian's cron, beside two libraries, and how fast."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from benchmarks.measure import Figure, beside, median, ms, turns
from halo_engine.cron.schedule import next_times

CASES = Path(__file__).parent.parent / "tests" / "cron" / "data" / "debian.jsonl"
SPEED = ("*/7 3-18 * * mon-fri", "30 3 * * *", "0 0 29 2 *")
COUNT = 200
"""Times of each schedule that are asked for."""
Next = Callable[[str, str, int, int], list[int]]


def cronsim(expression: str, zone: str, start: int, count: int) -> list[int]:
    from cronsim import CronSim

    found = islice(CronSim(expression, datetime.fromtimestamp(start, ZoneInfo(zone))), count)
    return [int(each.timestamp()) for each in found]


def croniter(expression: str, zone: str, start: int, count: int) -> list[int]:
    import croniter as library

    found = library.croniter(expression, datetime.fromtimestamp(start, ZoneInfo(zone)))
    return [int(found.get_next(datetime).timestamp()) for _ in range(count)]


def run(*, quick: bool) -> list[Figure]:
    cases = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    ours = right(next_times, cases)
    theirs = {peer.__name__: right(peer, cases) for peer in (cronsim, croniter)}
    said = ", ".join(f"{name} {count}" for name, count in theirs.items())
    bar = f"all {len(cases)}"
    figures = [Figure("schedules: cases like Debian's cron", str(ours), said, None, bar, ours == len(cases))]
    rounds = 3 if quick else 15
    mine, peer = turns(rounds, lambda: seconds(next_times), lambda: seconds(cronsim))
    figures.append(beside(f"schedules: {COUNT} times of {len(SPEED)}, beside cronsim", median(mine), median(peer), ms))
    return figures


def right(what: Next, cases: list[dict[str, Any]]) -> int:
    """How many cases come out the same, or are refused as Debian's cron refuses them."""
    return sum(answer(what, case) == case.get("times") for case in cases)


def answer(what: Next, case: dict[str, Any]) -> list[int] | None:
    count = len(case.get("times", ())) or 1
    try:
        return what(case["expression"], case["zone"], case["start"], count)
    except Exception:  # noqa: BLE001 (whatever a library raises is its refusal)
        return None


def seconds(what: Next) -> float:
    from time import perf_counter

    start = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())
    begun = perf_counter()
    for expression in SPEED:
        what(expression, "Europe/Riga", start, 20 if expression == SPEED[-1] else COUNT)
    return perf_counter() - begun
