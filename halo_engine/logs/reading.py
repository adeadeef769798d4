"""A source from end to end: its files in order, each in the part that the query can be in, by several processes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import msgspec

from halo_engine.logs import parallel, seek
from halo_engine.logs.files import LogFile
from halo_engine.logs.query import Query
from halo_engine.logs.scan import Found
from halo_engine.logs.sources import Source

A = TypeVar("A")
Work = Callable[[LogFile, int, int], A]


class Reading(msgspec.Struct):
    """How a query is being read; what it met that a person should know."""

    query: Query = msgspec.field(default_factory=Query)
    processes: int = 1
    met: Found = msgspec.field(default_factory=Found)
    disordered: list[str] = msgspec.field(default_factory=list)
    """Files whose times are so far out of order that they were read whole."""

    def part(self, source: Source, file: LogFile) -> tuple[int, int]:
        """The part of a file that the query can be in."""
        window = seek.window(file, self.query.since, self.query.until, source.slack)
        if not window.ordered:
            self.disordered.append(str(file.path))
        return window.start, window.end

    def each(self, source: Source, work: Work[A], answer: type[A]) -> Iterator[tuple[LogFile, Iterator[A]]]:
        """The files of a source in order, each open, with the answers to `work` of its pieces, in order."""
        for file in self.files(source):
            parts = parallel.pieces(file, *self.part(source, file))
            yield file, parallel.mapped(_on(file, work), answer, parts, self.processes)

    def files(self, source: Source) -> Iterator[LogFile]:
        """The files of a source that the query can be in, in order, each open until the next."""
        for path in source.within(self.query.since, self.query.until):
            with source.reading(path) as file:
                if file is not None:
                    yield file


def _on(file: LogFile, work: Work[A]) -> Callable[[int, int], A]:
    return lambda start, end: work(file, start, end)
