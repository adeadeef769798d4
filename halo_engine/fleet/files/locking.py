"""Locks of the kernel, on an open file or folder: each ends with who holds it, however that ended."""

from __future__ import annotations

import fcntl
import time
from typing import IO

PAUSE = 0.02
"""Seconds between two tries."""
GLANCE = 0.5
"""Seconds that `held` of others, and one that is just ending, may be in the way of who takes a lock."""


def taken(file: int | IO[str], patience: float = GLANCE) -> bool:
    """Take a lock for as long as the file is open; False when somebody else has it for longer than `patience`."""
    until = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return True
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(PAUSE)


def held(file: int | IO[str]) -> bool:
    """Whether somebody has the lock at this moment. To look is to have it too, beside others who look, until the file
    is closed.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    return False
