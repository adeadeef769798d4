"""A long history folded by two processes. Streams know nothing of each other, so each process takes a share of them.

The other process is this module run as a program: it folds its share into a file of its own, beside the store, which
then takes the rows over as they are.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Self

from halo_engine import modules
from halo_engine.events.log import Share
from halo_engine.events.sqlite import PAGES
from halo_engine.events.table import table_of

if TYPE_CHECKING:
    from halo_engine.events.projection import Projection
    from halo_engine.workspace import Workspace

MANY = 200_000
"""Events from which a second process is worth its start."""
OURS = 0.48
"""Part of the events for this process, which writes all the rows and their indexes in the end."""


class Other:
    """The process that folds the other share. What goes wrong there goes wrong here too, and is said here."""

    def __init__(
        self, workspace: Workspace, projection: Projection, connection: sqlite3.Connection, until: int
    ) -> None:
        import subprocess

        border = workspace.log.divided(projection.module, OURS)
        self.ours, self.theirs = Share(end=border), Share(start=border)
        self._connection = connection
        self._file = Path(f"{_file(connection)}-part")
        self._file.unlink(missing_ok=True)  # of one that was killed
        words = [str(workspace.root), projection.name, str(self._file), str(until), border]
        command = [sys.executable, "-P", "-m", __name__, *words]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def hand_over(self, projection: Projection) -> bool:
        """Take its rows into the store; False when it did not live to fold all of them."""
        if self._process.wait():
            return False
        self._connection.execute("ATTACH ? AS part", (str(self._file),))
        for row in projection.rows:
            table = table_of(row).name
            self._connection.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM part.{table}")
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        self._file.unlink(missing_ok=True)


def worthwhile(projection: Projection, connection: sqlite3.Connection, events: int) -> bool:
    """Whether a second process would help, has a place to write, and could find the projection by its name."""
    alone = len(os.sched_getaffinity(0)) < 2 if hasattr(os, "sched_getaffinity") else (os.cpu_count() or 1) < 2
    known = modules.projection(projection.name) is projection
    return events >= MANY and not alone and known and bool(_file(connection))


def _file(connection: sqlite3.Connection) -> str:
    """The path of a store; empty for one in memory."""
    return str(connection.execute("PRAGMA database_list").fetchone()[2])


def main(root: str, name: str, file: str, until: str, border: str) -> None:
    """Fold the streams of a module from a border on, up to a position, into a new file."""
    from halo_engine.events.catching_up import clear, fold
    from halo_engine.workspace import Workspace

    projection = modules.projection(name)
    assert projection is not None
    connection = sqlite3.connect(file, isolation_level=None)
    for setting in (PAGES, "journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("BEGIN")
    clear(connection, projection)
    fold(Workspace(Path(root)).log, projection, connection, until=int(until), share=Share(start=border))
    connection.execute("COMMIT")


if __name__ == "__main__":
    main(*sys.argv[1:])
