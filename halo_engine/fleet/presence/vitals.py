"""Signs of life: what a running instance says of itself."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from halo_engine.clock import Timestamp
from halo_engine.fleet.files.trees import read_plain
from halo_engine.fleet.instance import Layout


class Vitals(Struct, frozen=True):
    """What a running instance says of itself in `run/vitals.json`, written whole every few seconds."""

    name: str
    pid: int
    identity: str
    """See `process_tree.identity`."""
    started: Timestamp
    beat: Timestamp
    """When this was written."""
    interval: float = 5.0
    """Seconds to the next."""
    bot: str = ""
    """Id of its bot, where a channel knows one."""
    chats: int = 0
    last_message: Timestamp = ""
    """When somebody wrote to it last."""
    day: str = ""
    """The day that the next two are of, `2026-11-20`, in the instance's zone."""
    tokens: int = 0
    cost: float = 0.0
    """US dollars."""
    uptime: float = 0.0
    """`process_tree.uptime` at the beat: its age by a clock that nobody sets, and that sleeps when the machine does."""
    accepted: int = 0
    """The number of the last message taken in; a store that knows fewer has lost some."""
    waiting: int = 0
    """Messages that have no reply yet."""
    failing: str = ""
    """Why the message that ended last was not answered; empty when it was."""


def vitals(place: Layout) -> Vitals | None:
    """What the instance said last, whether it still runs or not; None when it never ran, or wrote nonsense."""
    try:
        return msgspec.json.decode(read_plain(place.vitals), type=Vitals)
    except (OSError, msgspec.MsgspecError):
        return None
