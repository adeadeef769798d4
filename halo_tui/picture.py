"""A picture of a screen, taken without a terminal."""

from __future__ import annotations

import asyncio
from pathlib import Path

from halo_engine.workspace import Workspace, replace, writing
from halo_tui.app import Workstation
from halo_tui.frame import Options

PATIENCE = 100
"""Looks at whether all panes have read what they show, before the picture is taken as it is."""
PAUSE = 0.05


def write(workspace: Workspace, file: Path, *, screen: str | None, theme: str | None, size: tuple[int, int]) -> None:
    """Write an SVG of a screen once everything on it has been read.

    Raises Unavailable when the file cannot be written.
    """
    app = Workstation(workspace, Options(screen, theme, still=True))
    svg = asyncio.run(_taken(app, size))
    with writing(file):
        replace(file.absolute(), svg)


async def _taken(app: Workstation, size: tuple[int, int]) -> str:
    app.animation_level = "none"
    async with app.run_test(size=size) as pilot:
        await settled(app, pilot.pause)
        return app.export_screenshot(title="halo")


async def settled(app: Workstation, pause: object) -> None:
    """Wait until the first screen shows, no worker is under way and every message has been handled."""
    quiet = 0
    for _ in range(PATIENCE):
        await pause(PAUSE)  # type: ignore[operator]
        busy = not app.at_work or any(worker.is_running for worker in app.workers)
        quiet = 0 if busy else quiet + 1
        if quiet > 2:
            return
