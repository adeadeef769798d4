"""Made-up logs for the sample workspace: three instances, each with its own way of writing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from halo_engine import clock
from halo_engine.workspace import Workspace

INSTANCES = ("dad", "mum", "ben")
HOURS = 48
PER_HOUR = 40
SAYS = (
    (30, "message received", {"chat": 812}),
    (30, "reply sent", {"chat": 812, "ms": 1900, "tokens": 412}),
    (30, "memory note written", {"note": "note-17"}),
    (20, "cache hit", {"key": "profile"}),
    (40, "reply was slow", {"ms": 9120}),
    (40, "rate limit near", {"left": 12}),
    (50, "TelegramConflict: terminated by other getUpdates request", {"code": 409}),
    (50, "tool failed after 3 attempts", {"tool": "calendar"}),
)
WEIGHTS = (30, 30, 8, 20, 4, 2, 1, 1)
WORDS = {20: "debug", 30: "info", 40: "warning", 50: "error"}


def fill(workspace: Workspace, random: Random) -> None:
    """Two days up to now. Does nothing where a sample is already."""
    now = clock.now()
    workspace.logs.mkdir(parents=True, exist_ok=True)
    for instance in INSTANCES:
        path = _path(workspace, instance)
        if not path.exists():
            path.write_text("".join(_lines(instance, now, random)), encoding="utf-8")


def step(workspace: Workspace, random: Random) -> None:
    """One line more, of one of them."""
    instance = random.choice(INSTANCES)
    with _path(workspace, instance).open("a", encoding="utf-8") as file:
        file.write(_line(instance, clock.now(), random))


def _path(workspace: Workspace, instance: str) -> Path:
    return workspace.logs / f"{instance}.log"


def _lines(instance: str, now: datetime, random: Random) -> Iterator[str]:
    count = HOURS * PER_HOUR
    passed = sorted(random.uniform(0, HOURS * 3600) for _ in range(count))
    for seconds in passed:
        yield _line(instance, now - timedelta(hours=HOURS) + timedelta(seconds=seconds), random)


def _line(instance: str, at: datetime, random: Random) -> str:
    level, message, fields = random.choices(SAYS, WEIGHTS)[0]
    trace = f"{random.randrange(16**8):08x}"
    said: dict[str, Any]
    if instance == "dad":
        said = {"level": level, "time": round(at.timestamp() * 1000), "msg": message}
    else:
        said = {"timestamp": at.isoformat(), "level": WORDS[level].upper(), "message": message}
    return json.dumps({**said, "instance": instance, "trace_id": trace, **fields}) + "\n"
