"""Who holds a lease, and whether that process still lives."""

from __future__ import annotations

import os

from halo_engine import clock, process_tree
from halo_engine.clock import Timestamp
from halo_engine.events.envelope import whoami

SLACK = 60.0
"""Seconds that a lease outlives the longest that its run can take."""


def host() -> str:
    """This machine's name, as events have it."""
    return whoami().rpartition("@")[2]


def runner() -> str:
    """This process as the holder of a lease: `host:pid:identity`, which no other process ever has."""
    return f"{host()}:{os.getpid()}:{process_tree.identity(os.getpid())}"


def is_here(holder: str) -> bool:
    """Whether the holder of a lease runs, or ran, on this machine."""
    return holder.rsplit(":", 2)[0] == host()


def is_over(holder: str, until: Timestamp | None) -> bool:
    """Whether a lease binds nobody any more: its holder has ended, or on another machine, its time has passed."""
    if not is_here(holder):
        return until is None or until < clock.stamp()
    _, pid, identity = holder.rsplit(":", 2)
    return not pid.isdigit() or process_tree.identity(int(pid)) != identity
