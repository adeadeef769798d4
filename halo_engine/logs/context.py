"""What stands beside an entry: the records before and after it, of the same instance where it has one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from operator import attrgetter
from pathlib import Path

from halo_engine.logs import scan
from halo_engine.logs.files import LogFile
from halo_engine.logs.query import Query
from halo_engine.logs.record import Entry
from halo_engine.logs.scan import Judge
from halo_engine.logs.sources import Source

FAR = 16 << 20
"""Bytes around an entry in which its neighbours are looked for."""
BLOCK = 65_536


def surrounded(sources: Sequence[Source], entries: Sequence[Entry], count: int) -> list[Entry]:
    """Entries with so many records before and after each, marked as context; each record once, by source and place."""
    by_name = {source.name: source for source in sources}
    found: list[Entry] = []
    placed = sorted(entries, key=lambda entry: (entry.source, entry.path, entry.start))
    for (name, path), group in groupby(placed, key=attrgetter("source", "path")):
        sought = list(group)
        with by_name[name].opened(Path(path)) as file:
            around = {each.start: each for entry in sought for each in neighbours(file, entry, count)}
        around |= {entry.start: entry for entry in sought}
        found += [around[start] for start in sorted(around)]
    return found


def neighbours(file: LogFile, entry: Entry, count: int) -> Iterator[Entry]:
    """The records beside one."""
    instance = entry.record.instance
    judge = Judge(Query(instances=(instance,) if instance else ()), file, whole=True)
    before = scan.backwards(file, judge, entry.start, max(0, file.align(entry.start - FAR)), BLOCK)
    behind = file.align(entry.end)
    after = scan.hits(file, judge, behind, file.align(min(behind + FAR, file.size)), BLOCK)
    for stream in (before, after):
        for start, end, record in islice(stream, count):
            yield Entry(entry.source, entry.path, start, end, record, context=True)
