"""Where a command can be made to die or to fail, so that what follows can be seen: set by tests, never by a user."""

from __future__ import annotations

import os
import signal

from halo_engine.errors import Failed

KILL = "HALO_KILL_AT"
FAIL = "HALO_FAIL_AT"


def point(name: str) -> None:
    """`create.copy`: killed without warning here when `HALO_KILL_AT` names it; fails when `HALO_FAIL_AT` does."""
    if os.environ.get(KILL) == name:
        os.kill(os.getpid(), signal.SIGKILL)
    if os.environ.get(FAIL) == name:
        raise Failed(f"{name} was made to fail")
