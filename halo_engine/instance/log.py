"""The runtime's log: JSON lines that `logctl` reads. What was said in a chat never stands in it."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import clock, secrets
from halo_engine.errors import HaloError

KEPT = 5
"""Old logs beside the one that is written."""


class Log:
    """Appends to `instance.jsonl`; `size` bytes on it becomes `instance.jsonl.1`, that `.2`, and so on.

    A full disk costs lines, not the instance.
    """

    def __init__(self, path: Path, instance: str, size: int, hidden: tuple[str, ...] = ()) -> None:
        self._path = path
        self._instance = instance
        self._size = size
        self._hidden = hidden

    def info(self, what: str, **fields: Any) -> None:
        self._write("info", what, fields)

    def warning(self, what: str, **fields: Any) -> None:
        self._write("warning", what, fields)

    def error(self, what: str, **fields: Any) -> None:
        self._write("error", what, fields)

    def fault(self, what: str, problem: HaloError) -> None:
        self._write("error", what, {"fault": problem.message, "hint": problem.hint})

    def _write(self, level: str, what: str, fields: dict[str, Any]) -> None:
        entry = {"time": clock.stamp(), "level": level, "instance": self._instance, "msg": what, **fields}
        line = secrets.redact(msgspec.json.encode(entry).decode(), self._hidden)
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")
                full = file.tell() >= self._size
            if full:
                self._rotate()
        except OSError:
            return

    def _rotate(self) -> None:
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, KEPT + 1))]
        for old, new in reversed(list(pairwise(names))):
            if old.exists():
                old.replace(new)
