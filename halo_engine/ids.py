"""New identifiers: UUID version 7 (RFC 9562), so that ids sort by the time they were made."""

from __future__ import annotations

import os
import threading
import time
from uuid import UUID

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """A time-ordered, unique id, like `01932f0c-5b7e-7c3a-9d53-3f1f6a1e7b42`.

    Ids made by one process ascend strictly, also within a millisecond: the 12 bits after the version count
    fractions of it (RFC 9562, section 6.2, method 3).
    """
    global _last
    with _lock:
        ticks = time.time_ns() * 4096 // 1_000_000
        _last = max(ticks, _last + 1)
        ticks = _last
    random = int.from_bytes(os.urandom(8)) & (2**62 - 1)
    value = (ticks >> 12) << 80 | 0x7 << 76 | (ticks & 0xFFF) << 64 | 0b10 << 62 | random
    return str(UUID(int=value))
