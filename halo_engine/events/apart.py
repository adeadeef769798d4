"""A long history folded by two processes. Streams know nothing of each other, so each process takes a share of them.

The other process is this module run as a program: it folds its share into a database without a name, and hands the
rows over a pipe. It leaves nothing behind, however it ends.
"""

from __future__ import annotations

import os
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Self

import msgspec

from halo_engine import modules
from halo_engine.events.table import table_of

if TYPE_CHECKING:
    from halo_engine.events.projection import Projection
    from halo_engine.workspace import Workspace

MANY = 200_000
"""Events from which a second process is worth its start."""
FRAME = struct.Struct(">I")
ROWS = 2000
"""Rows handed over at a time."""
OURS, THEIRS = range(4), range(4, 10)
"""Tenths of the streams; fewer for the process that writes all the rows in the end."""


class Other:
    """The process that folds the other share. What goes wrong there goes wrong here too, and is said here."""

    def __init__(self, workspace: Workspace, projection: Projection, until: int) -> None:
        words = [sys.executable, "-P", "-m", __name__, str(workspace.root), projection.name, str(until)]
        self._process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def hand_over(self, connection: sqlite3.Connection, projection: Projection) -> bool:
        """Write its rows; False when it did not live to give all of them."""
        assert self._process.stdout
        for place, rows in _frames(self._process.stdout):
            connection.executemany(table_of(projection.rows[place]).upsert, rows)
        return self._process.wait() == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdout
        self._process.stdout.close()
        self._process.kill()
        self._process.wait()


def worthwhile(projection: Projection, events: int) -> bool:
    """Whether a second process would help, and could find the projection by its name."""
    alone = len(os.sched_getaffinity(0)) < 2 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) < 2
    return events >= MANY and not alone and modules.projections().get(projection.name) is projection


def _frames(pipe: IO[bytes]) -> Iterator[tuple[int, list[Any]]]:
    """Table and rows, as long as whole ones come."""
    while len(head := pipe.read(FRAME.size)) == FRAME.size:
        size = FRAME.unpack(head)[0]
        body = pipe.read(size)
        if len(body) < size:
            return
        yield msgspec.msgpack.decode(body)


def main(root: str, name: str, until: str) -> None:
    """Fold the other share of a module's streams, up to a position; rows to stdout."""
    from halo_engine.events.catching_up import clear, fold
    from halo_engine.workspace import Workspace

    projection = modules.projections()[name]
    connection = sqlite3.connect("", isolation_level=None)
    connection.execute("PRAGMA journal_mode = OFF")
    clear(connection, projection)
    fold(Workspace(Path(root)).log, projection, connection, until=int(until), share=THEIRS)
    for place, row in enumerate(projection.rows):
        found = connection.execute(table_of(row).select)
        while rows := found.fetchmany(ROWS):
            body = msgspec.msgpack.encode((place, rows))
            sys.stdout.buffer.write(FRAME.pack(len(body)) + body)


if __name__ == "__main__":
    main(*sys.argv[1:])
