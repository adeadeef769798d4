"""Where an instance is at home: on which machine, in which folder. A copy of it elsewhere stands still until the
operator says that it takes over, as two of one kind would both answer for one bot.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import socket
from functools import lru_cache
from pathlib import Path

import msgspec
from msgspec import Struct

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import NotAllowed
from halo_engine.fleet.files.trees import read_plain
from halo_engine.fleet.instance import Layout
from halo_engine.workspace import replace, writing

MACHINE = "HALO_MACHINE"
"""The variable that names this machine where its own id does not: in containers, and in tests."""
IDS = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
"""See machine-id(5): the same over reboots, another one on each machine; never to be shown as it is."""
UNSET = frozenset({"", "uninitialized"})


class Home(Struct, frozen=True):
    """What `store/home.json` says; it goes wherever the instance's data goes."""

    machine: str
    """See `machine`."""
    root: str
    """The instance's folder, links resolved."""
    host: str = ""
    """The machine's name, for people."""
    since: Timestamp = ""


def machine() -> str:
    """What tells this machine from others: a hash of its id, of `HALO_MACHINE`, or of its name where it has no id."""
    named = os.environ.get(MACHINE, "").strip()
    return _hashed(named) if named else _of_its_own()


@lru_cache(maxsize=1)
def _of_its_own() -> str:
    for place in IDS:
        try:
            found = place.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            continue
        if found not in UNSET:
            return _hashed(found)
    return _hashed(socket.gethostname())


def _hashed(name: str) -> str:
    return hmac.new(b"halo: where an instance is at home", name.encode(), hashlib.sha256).hexdigest()[:32]


def here(place: Layout) -> Home:
    """The home that an instance in this folder has on this machine."""
    return Home(machine(), os.path.realpath(place.root), socket.gethostname(), clock.stamp())


def home(place: Layout) -> Home | None:
    """Where the instance says that it is at home; None for one that has not run yet."""
    try:
        return msgspec.json.decode(read_plain(place.home), type=Home)
    except (OSError, ValueError, msgspec.MsgspecError):  # also for a name that no file can have
        return None


def elsewhere(said: Home | None, place: Layout) -> str:
    """Why an instance whose data says `said` is a copy in this folder, in words; empty when it is at home.

    A folder that was moved on its machine is at home where it is now; where the first one still is, this is a copy.
    """
    if said is None:
        return ""
    if said.machine != machine():
        return f"its data is at home on another machine, {said.host or 'unnamed'}, in {said.root}"
    if said.root == os.path.realpath(place.root):
        return ""
    first = home(Layout(Path(said.root)))
    copied = first and first.root == said.root and not place.root.samefile(said.root)  # one folder may have two names
    return f"it is a copy of {said.root}, which is still there" if copied else ""


def not_at_home(name: str, place: Layout) -> NotAllowed | None:
    """Why an instance must not be started here, with what to do; None when it may be."""
    why = elsewhere(home(place), place)
    return NotAllowed(f"{name} stands still here: {why}", taking_over(name)) if why else None


def taking_over(name: str) -> str:
    """What to do about a copy."""
    return f"once the other one is stopped for good: halctl reset {name} --take-over"


def settle(place: Layout, *, first: bool = False) -> None:
    """Say that the instance is at home here, where it says otherwise or nothing; with `first` only where it says
    nothing. Nowhere when its folder is gone.

    Raises Unavailable when that cannot be written.
    """
    said, now = home(place), here(place)
    other = said is not None and not first and (said.machine, said.root) != (now.machine, now.root)
    if (said is None or other) and place.home.parent.is_dir():
        with writing(place.home):
            replace(place.home, msgspec.json.encode(now))
