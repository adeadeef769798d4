"""`index.json` in the memory folder: everything about the notes but their bodies, for other programs."""

from __future__ import annotations

import msgspec

from halo_engine import clock
from halo_engine.memory import config
from halo_engine.memory.index import Index
from halo_engine.workspace import Workspace, replace

FILE = "index.json"
BY_CHANGE, BY_COMMAND = "every change", "memctl index"


def follow(workspace: Workspace, index: Index) -> None:
    """After a change: write it where the notes are few. Where they have just become many, once more, so that it says
    what it is written by from now on.
    """
    if workspace.dry_run:
        return
    few = index.count <= config.memory_settings(workspace).index_limit
    if few or index.fact("portable") == BY_CHANGE:
        write(workspace, index)


def write(workspace: Workspace, index: Index) -> int:
    """Write it whole; returns how many notes are in it."""
    few = index.count <= config.memory_settings(workspace).index_limit
    made = contents(workspace, index, BY_CHANGE if few else BY_COMMAND)
    config.folder(workspace).mkdir(parents=True, exist_ok=True)
    replace(config.folder(workspace) / FILE, msgspec.json.encode(made).decode() + "\n")
    index.state("portable", made["written_by"])
    return len(made["notes"])
