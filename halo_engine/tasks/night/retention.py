"""The folders of runs that are over: the latest stay, older ones go."""

from __future__ import annotations

from pathlib import Path

import msgspec

from halo_engine.events.store import opened
from halo_engine.runs.retention import prune
from halo_engine.tasks.config import NightSettings
from halo_engine.tasks.projection import tasks
from halo_engine.workspace import Workspace

OVER = "SELECT id FROM run WHERE ended IS NOT NULL AND id IN (SELECT value FROM json_each(?))"


def tidy(workspace: Workspace, settings: NightSettings) -> list[Path]:
    """Remove what `keep_runs` and `keep_days` do not keep. Only folders of runs that the log knows as ended are
    touched; whatever else lies beside them stays.

    Returns the folders that were removed.
    """
    home = workspace.root / settings.runs_folder
    names = [each.name for each in home.iterdir() if each.is_dir()] if home.is_dir() else []
    with opened(workspace, tasks) as store:
        over = [row[0] for row in store.all(OVER, (msgspec.json.encode(names).decode(),))]
    return prune([home / name for name in over], keep=settings.keep_runs, days=settings.keep_days)
