"""A log as it grows: over rotation (a new file of that name) and truncation (the same file, shorter or begun anew).

What was written between the last look and the rotation is read first: from the old file, which is still open; from the
files rotated in between; and after a copy-and-truncate from the copy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path

from halo_engine.errors import HaloError, NotFound
from halo_engine.logs.files import LogFile
from halo_engine.logs.merging import merged
from halo_engine.logs.packed import PACKED, STDIN, identity
from halo_engine.logs.query import Query
from halo_engine.logs.record import Entry
from halo_engine.logs.scan import Judge
from halo_engine.logs.sources import Source, base_of, rotations

PAUSE = 0.05
"""Seconds between two looks."""
AGAIN = 2.0
"""Seconds between two looks for new logs."""
MARK = 64
"""Bytes before the place reached that must stay what they were."""
PATIENCE = 0.25
"""Seconds after which a record that may go on over more lines is taken as ended."""


def replaced(file: LogFile) -> bool:
    """Whether the file of that name is another one now, or has become shorter."""
    if file.path == STDIN or file.path.suffix in PACKED:
        return False
    try:
        status = os.stat(file.path)  # noqa: PTH116
    except FileNotFoundError:
        return False
    return (status.st_dev, status.st_ino) != file.identity or status.st_size < file.size


class Follower:
    """The records of one file from a place on, as they are written."""

    def __init__(self, source: Source, path: Path, query: Query, start: int | None = None) -> None:
        self._source = source
        self._path = path
        self._query = query
        self._file: LogFile | None = None
        self._at = 0
        self._mark = b""
        self._waiting = -1
        self._quiet_since = 0.0
        file = self._open()
        if file is not None:
            self._moved(file.size if start is None else start)

    def close(self) -> None:
        if self._file is not None:
            self._file.close()

    def fresh(self) -> list[Entry]:
        """What has been written since the last call."""
        file = self._file or self._open()
        if file is None:
            return []
        kept = file.read(self._at - len(self._mark), self._at)
        if file.grown() < self._at or kept != self._mark:
            return [*self._copied(), *self._anew(file), *self._read(final=False)]
        if replaced(file):
            return [*self._read(final=True), *self._between(file), *self._anew(file, reopen=True)]
        return self._read(final=False)

    def _open(self) -> LogFile | None:
        try:
            self._file = self._source.opened(self._path)
        except NotFound:
            self._file = None
        self._at, self._mark = 0, b""
        return self._file

    def _moved(self, at: int) -> None:
        assert self._file is not None
        self._at = at
        self._mark = self._file.read(max(0, at - MARK), at)

    def _anew(self, file: LogFile, *, reopen: bool = False) -> list[Entry]:
        if not reopen:
            self._at, self._mark = 0, b""
            return []
        file.close()
        return self._read(final=False) if self._open() else []

    def _read(self, *, final: bool) -> list[Entry]:
        """Whole records from the place reached on; with `final` also one that has no newline yet."""
        assert self._file is not None
        file = self._file
        end = file.size
        if end <= self._at:
            return []
        if not final:
            end = file.line_start(end)
            end = self._settled(file, end)
        if end <= self._at:
            return []
        if self._at == 0:
            file.format = self._source.sniffed(file)
        found = self._entries(file, self._at, end)
        self._moved(end)
        return found

    def _settled(self, file: LogFile, end: int) -> int:
        """Where the last record begins, as long as lines may still come that belong to it."""
        if not file.format.multiline:
            return end
        now = time.monotonic()
        if end != self._waiting:
            self._waiting, self._quiet_since = end, now
        if now - self._quiet_since >= PATIENCE:
            return end
        return self._at + file.last_start(file.read(self._at, end))

    def _entries(self, file: LogFile, start: int, end: int) -> list[Entry]:
        judge = Judge(self._query, file, whole=True)
        found: list[Entry] = []
        for offset, block in file.blocks(start, end):
            for first, last in judge.spans(block):
                record = judge.answers(block[first:last])
                if record is not None:
                    found.append(Entry(self._source.name, str(file.path), offset + first, offset + last, record))
        return found

    def _between(self, old: LogFile) -> list[Entry]:
        """What stands in files that were begun and rotated since the last look."""
        newer = [path for path in rotations(self._path) if path != self._path and path.suffix not in PACKED]
        newer.sort(key=lambda path: path.stat().st_mtime_ns)
        known = [place for place, path in enumerate(newer) if _identity(path) == old.identity]
        found: list[Entry] = []
        for path in newer[known[0] + 1 :] if known else []:
            with self._source.opened(path) as file:
                found += self._entries(file, 0, file.size)
        return found

    def _copied(self) -> list[Entry]:
        """After a copy-and-truncate: the rest of the copy, where there is one that begins as what was read."""
        for path in rotations(self._path):
            if path == self._path or path.suffix in PACKED:
                continue
            with self._source.opened(path) as copy:
                at = self._at
                if copy.size > at and self._mark and copy.read(at - len(self._mark), at) == self._mark:
                    return self._entries(copy, at, copy.size)
        return []


def _identity(path: Path) -> tuple[int, int]:
    with path.open("rb") as file:
        return identity(file)


class Following:
    """The files that several sources are written to, and those that come."""

    def __init__(
        self, sources: Sequence[Source], query: Query, starts: dict[Path, int], again: Callable[[], Sequence[Source]]
    ) -> None:
        self._query, self._again = query, again
        self._known = {path for source in sources for path in source.files}
        self._followers = [
            Follower(source, path, query, starts.get(path)) for source in sources for path in source.live()
        ]
        self._looked = time.monotonic()

    def fresh(self) -> list[Entry]:
        """What has been written since the last call, merged by time."""
        if time.monotonic() - self._looked >= AGAIN:
            self._look_again()
        return list(merged([each.fresh() for each in self._followers]))

    def _look_again(self) -> None:
        """Take in the logs that have begun since: of a new day, of a new instance."""
        self._looked = time.monotonic()
        with suppress(HaloError, OSError):  # what is changed just now is there the next time
            for source in self._again():
                self._followers += [Follower(source, path, self._query, 0) for path in source.live() if self._new(path)]
                self._known.update(source.files)

    def _new(self, path: Path) -> bool:
        """Whether a file has begun since, and is none that a followed one was rotated to."""
        return not {path, base_of(path)} & self._known and path.suffix not in PACKED

    def close(self) -> None:
        for each in self._followers:
            each.close()


def following(
    sources: Sequence[Source],
    query: Query,
    starts: dict[Path, int] | None = None,
    again: Callable[[], Sequence[Source]] = tuple,
) -> Iterator[list[Entry]]:
    """As `queries.follow` says."""
    with closing(Following(sources, query, starts or {}, again)) as files:
        while True:
            yield files.fresh()
            time.sleep(PAUSE)
