"""Sleeping until somebody appends to the log: the operating system's own file notices, no polling of the store."""

from __future__ import annotations

import math
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

STEP = 10
"""Milliseconds from a write to the wake-up, twice at most."""
RESTING = 20
"""The same when nothing has been written for a while: half the looks, and still within 50 ms."""
CALM = 10.0
"""Seconds without a write after which it rests."""


class Wake:
    """A watch on the log's files. What is written between two waits is not missed.

    Uses the documented Rust backend of watchfiles, since its generator starts to watch only when first asked.
    """

    def __init__(self, path: Path, ended: threading.Event | None = None) -> None:
        """`ended`: set, by any thread, it ends a wait at once."""
        from watchfiles._rust_notify import RustNotify

        path.parent.mkdir(parents=True, exist_ok=True)
        self._names = (path.name, f"{path.name}-wal")
        self._notify = RustNotify([str(path.parent)], False, False, 300, False, False)
        self._ended = ended or threading.Event()
        self._written = time.monotonic()

    def wait(self, idle: float | None = None) -> bool:
        """True when the log was written; False when `idle` seconds passed or `ended` was set."""
        deadline = None if idle is None else time.monotonic() + idle
        while True:
            now = time.monotonic()
            rests = now - self._written >= CALM
            until = deadline if rests else min(self._written + CALM, math.inf if deadline is None else deadline)
            step, left = RESTING if rests else STEP, 0 if until is None else max(1, round((until - now) * 1000))
            seen = self._notify.watch(step, step, left, self._ended)
            if seen == "signal":
                raise KeyboardInterrupt
            if seen == "timeout" and (deadline is None or time.monotonic() < deadline):
                continue
            if isinstance(seen, str):
                return False
            if any(os.path.basename(changed) in self._names for _, changed in seen):  # noqa: PTH119 (many, and often)
                self._written = time.monotonic()
                return True

    def close(self) -> None:
        self._notify.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
