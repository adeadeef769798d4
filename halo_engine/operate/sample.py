"""The sample workspace: made by the engine's own commands, the same for the same seed."""

from __future__ import annotations

import time
from random import Random

from halo_engine.errors import NotAllowed
from halo_engine.modules import parts
from halo_engine.workspace import Workspace

PAUSE = (0.5, 4.0)
"""Seconds between two things that happen in a sample that lives."""


def fill(workspace: Workspace, seed: int = 7) -> int:
    """Fill an empty workspace; returns how many events that took.

    Raises NotAllowed when something is in it already.
    """
    check_empty(workspace)
    random = Random(seed)
    for part in parts():
        part.demo(workspace, random)
    return workspace.log.head()


def check_empty(workspace: Workspace) -> None:
    """Raises NotAllowed when something is in it already."""
    if workspace.log.head():
        raise NotAllowed(
            f"{workspace.root} is not empty: the sample would mix with what is there",
            "halo-engine demo --workspace FOLDER",
        )


def live(workspace: Workspace, seed: int = 7) -> None:
    """Let things happen in a workspace, for ever."""
    random = Random(seed)
    while True:
        for part in parts():
            part.live(workspace, random)
        time.sleep(random.uniform(*PAUSE))
