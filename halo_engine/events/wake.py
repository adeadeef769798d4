"""Sleeping until somebody appends to the log: the operating system's own file notices, no polling of the store."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

STEP = 10
"""Milliseconds from a write to the wake-up, twice at most."""


class Wake:
    """A watch on the log's files. What is written between two waits is not missed.

    Uses the documented Rust backend of watchfiles, since its generator starts to watch only when first asked.
    """

    def __init__(self, path: Path) -> None:
        from watchfiles._rust_notify import RustNotify

        path.parent.mkdir(parents=True, exist_ok=True)
        self._names = (path.name, f"{path.name}-wal")
        self._notify = RustNotify([str(path.parent)], False, False, 300, False, False)
        self._stop = threading.Event()

    def wait(self, idle: float | None = None) -> bool:
        """True when the log was written; False when `idle` seconds passed or `close` was called."""
        deadline = None if idle is None else time.monotonic() + idle
        while True:
            left = 0 if deadline is None else max(1, round((deadline - time.monotonic()) * 1000))
            seen = self._notify.watch(STEP, STEP, left, self._stop)
            if seen == "signal":
                raise KeyboardInterrupt
            if isinstance(seen, str):
                return False
            if any(os.path.basename(changed) in self._names for _, changed in seen):  # noqa: PTH119 (many, and often)
                return True

    def close(self) -> None:
        self._stop.set()
        self._notify.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
