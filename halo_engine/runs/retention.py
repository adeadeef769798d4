"""How long the folders of runs are kept. The log remembers every run, with the end of its output."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

from halo_engine import clock

DAY = 86_400.0


def prune(folders: Collection[Path], *, keep: int, days: float) -> list[Path]:
    """Remove all but the latest `keep` of these folders, and those that were not touched for so many days.

    Returns what was removed; what cannot be removed stays. Folders that are not there are passed over.
    """
    ages: list[tuple[float, Path]] = []
    for folder in folders:
        with suppress(OSError):
            ages.append((folder.stat().st_mtime, folder))
    oldest = clock.now().timestamp() - days * DAY
    ranked = sorted(ages, reverse=True)
    over = [folder for place, (touched, folder) in enumerate(ranked) if place >= keep or touched < oldest]
    for folder in over:
        shutil.rmtree(folder, ignore_errors=True)
    return [folder for folder in over if not folder.exists()]
