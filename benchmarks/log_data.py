"""Mixed logs of any size with the truth about them: `python -m benchmarks.log_data 1GB out.log [--seed 7]`.

Half pino, three tenths Python's json logger, the rest lower-case; one line in a hundred is malformed (cut, plain text,
broken, with NUL bytes, not UTF-8). Levels also stand where they mean nothing: nested, and in messages. Writers are
late by up to two seconds. Beside `out.log` stands `out.log.truth.json`.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any

END = 1_790_000_000
DAYS = 7
LINE = 255
"""Bytes of a line in the mean."""
JITTER = 2.0
INSTANCES = ("dad", "mum", "ben", "gains", "aunt", "micro01", "micro02", "micro03", "micro04", "micro05")
WEIGHTS = (30, 25, 20, 10, 5, 3, 3, 2, 1, 0.5)
LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
SHARES = (2, 20, 60, 14, 3.6, 0.4)
PINO = {"trace": 10, "debug": 20, "info": 30, "warn": 40, "error": 50, "fatal": 60}
PYTHON = {"trace": "DEBUG", "debug": "DEBUG", "info": "INFO", "warn": "WARNING", "error": "ERROR", "fatal": "CRITICAL"}
RIGA = timezone(timedelta(hours=2))
SAYS = (
    "reply sent to chat {n}",
    "request finished in {n} ms",
    'user wrote "level":"error" into a note',
    "no error found in {n} checks",
    "tool calendar returned {n} entries",
    "memory note-{n} linked",
    "retrying fetch, attempt {n}",
    "connection to 10.0.0.{n}:5432 lost",
)
TRACEBACK = 'Traceback (most recent call last):\n  File "/app/worker.py", line {n}, in run\nValueError: bad ERROR {n}'
FAULTS = ("cut", "text", "broken", "nul", "utf8")


class Truth:
    """What was written."""

    def __init__(self) -> None:
        self.lines = 0
        self.malformed = 0
        self.levels: Counter[str] = Counter()
        self.instances: Counter[str] = Counter()
        self.faults: Counter[str] = Counter()
        self.late: dict[str, Counter[str]] = {"1h": Counter(), "24h": Counter()}

    def record(self, level: str, instance: str, ago: float) -> None:
        self.levels[level] += 1
        self.instances[instance] += 1
        for name, length in (("1h", 3600), ("24h", 86_400)):
            if ago <= length:
                self.late[name][level] += 1

    def data(self) -> dict[str, Any]:
        counted = {name: dict(getattr(self, name)) for name in ("levels", "instances", "faults", "late")}
        return {"end": END, "lines": self.lines, "malformed": self.malformed, **counted}


def line(random: Random, at: float, truth: Truth) -> bytes:
    """One line, and what it is."""
    truth.lines += 1
    n = random.randrange(1000)
    level = random.choices(LEVELS, SHARES)[0]
    instance = random.choices(INSTANCES, WEIGHTS)[0]
    at = round(at + random.uniform(-JITTER, JITTER), 3)
    message = random.choice(SAYS).format(n=n)
    extra = {
        "req": {"method": "GET", "url": f"/v1/items/{n}", "level": "error" if n % 50 == 0 else "info"},
        "trace_id": f"{random.getrandbits(64):016x}",
        "ms": n,
    }
    if n % 97 == 0:
        extra["stack"] = TRACEBACK.format(n=n)
    style = random.random()
    if style < 0.5:
        head = {"level": PINO[level], "time": round(at * 1000), "pid": 4711, "hostname": "host-1"}
        whole = {**head, "instance": instance, "msg": message, **extra}
        text = json.dumps(whole, separators=(",", ":"))
    elif style < 0.8:
        zone = RIGA if n % 2 else UTC
        stamp = datetime.fromtimestamp(at, zone).isoformat(timespec="microseconds")
        level = {"trace": "debug"}.get(level, level)
        whole = {"timestamp": stamp.replace("+00:00", "Z"), "level": PYTHON[level], "logger": "worker"}
        text = json.dumps({**whole, "instance": instance, "message": message, **extra})
    else:
        text = json.dumps(
            {"ts": at, "lvl" if n % 3 == 0 else "level": level, "msg": message + " ✓", "instance": instance, **extra},
            ensure_ascii=n % 2 == 0,
        )
    if random.random() < 0.01:
        truth.malformed += 1
        fault = random.choice(FAULTS)
        truth.faults[fault] += 1
        return broken(text, fault, random)
    truth.record(level, instance, END - at)
    return text.encode()


def broken(text: str, fault: str, random: Random) -> bytes:
    """A line that is no record any more."""
    raw = text.encode()
    place = random.randrange(20, len(text) // 2)
    if fault == "cut":
        return raw[: place + 20]
    if fault == "text":
        return b'plain words with "level":"error" in them'
    if fault == "broken":
        return raw.replace(b":", b";", 1)
    ascii_raw = text.encode("ascii", "replace")
    return ascii_raw[:place] + (b"\0" if fault == "nul" else b"\xff\xfe") + ascii_raw[place:]


def generate(path: Path, size: int, seed: int = 7) -> dict[str, Any]:
    """Write about so many bytes, evenly over a week up to `END`; returns the truth."""
    random, truth = Random(seed), Truth()
    written, length = 0, DAYS * 86_400
    with path.open("wb") as file:
        while written < size:
            at = END - JITTER - length * max(0.0, 1 - written / size)
            raw = line(random, at, truth) + b"\n"
            written += file.write(raw)
    data = truth.data()
    path.with_name(path.name + ".truth.json").write_text(json.dumps(data, indent=1))
    return data


def bytes_of(text: str) -> int:
    """`1GB`, `100MB`, or plain bytes."""
    units = {"GB": 10**9, "MB": 10**6, "kB": 1000}
    unit = next((unit for unit in units if text.endswith(unit)), "")
    return round(float(text.removesuffix(unit)) * units.get(unit, 1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("size", type=bytes_of)
    parser.add_argument("path", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    generate(given.path, given.size, given.seed)


if __name__ == "__main__":
    main()
