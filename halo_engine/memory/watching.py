"""Following the memory folder while people work in it."""

from __future__ import annotations

from collections.abc import Iterator

from halo_engine.memory import sync as syncing
from halo_engine.memory.config import folder
from halo_engine.memory.sync import Synced
from halo_engine.workspace import Workspace

PAUSE = 200
"""Milliseconds without a change after which a burst of changes is over."""


def watch(workspace: Workspace) -> Iterator[Synced]:
    """Take in changes as they are made, for ever; yields what each burst of them was."""
    from watchfiles import DefaultFilter, watch

    class Notes(DefaultFilter):
        def __call__(self, change: object, path: str) -> bool:
            return path.lower().endswith(".md") and "/." not in path.removeprefix(str(root))

    root = folder(workspace)
    root.mkdir(parents=True, exist_ok=True)
    for _ in watch(root, watch_filter=Notes(), step=PAUSE, raise_interrupt=True):
        report = syncing.sync(workspace)
        if report.any:
            yield report
