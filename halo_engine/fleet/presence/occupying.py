"""One runtime in an instance's folder, whoever starts it: a lock of the kernel, which ends with who holds it.

It is on the folder of the store itself: there is no file that somebody could remove to be let in as a second one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import msgspec
from msgspec import Struct

from halo_engine import clock, console
from halo_engine.clock import Timestamp
from halo_engine.errors import Conflict
from halo_engine.fleet.files import locking
from halo_engine.fleet.files.trees import read_plain
from halo_engine.fleet.instance import Layout
from halo_engine.workspace import replace, writing


class Occupant(Struct, frozen=True):
    """Who runs there, as it said itself; it is asked only while the lock is held."""

    pid: int = 0
    since: Timestamp = ""

    def words(self) -> str:
        """`process 812, since 2026-11-21 09:10:02`."""
        return f"process {self.pid}, since {console.moment(self.since)}" if self.pid else "another process"


@contextmanager
def occupied(place: Layout, name: str) -> Iterator[None]:
    """Be the only runtime of an instance, whose folders are there.

    Raises Conflict, saying who it is, when there is one already.
    """
    with writing(place.database.parent):
        folder = os.open(place.database.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        if not locking.taken(folder):
            raise Conflict(f"{name} runs already: {_said(place).words()}", f"`halctl status {name}` shows it")
        with suppress(OSError):  # a full disk: then nobody hears who it is
            place.occupant.unlink(missing_ok=True)
            replace(place.occupant, msgspec.json.encode(Occupant(os.getpid(), clock.stamp())))
        yield
    finally:
        os.close(folder)


def occupant(place: Layout) -> Occupant | None:
    """Who runs there at this moment, whoever started it; None when nobody does."""
    try:
        folder = os.open(place.database.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        return _said(place) if locking.held(folder) else None
    finally:
        os.close(folder)


def _said(place: Layout) -> Occupant:
    try:
        said = msgspec.json.decode(read_plain(place.occupant), type=Occupant)
        clock.instant(said.since)
    except (OSError, ValueError, msgspec.MsgspecError):
        return Occupant()
    return said
