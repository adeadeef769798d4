"""Questions about logs, each one function: search, stream, tail, follow, stats, errors, malformed, sources, view.

None of them changes anything. All may be called from a thread, with `processes` left at 1: more are forked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from halo_engine.logs import bulk, scan, tally
from halo_engine.logs.files import LogFile
from halo_engine.logs.levels import Level
from halo_engine.logs.merging import merged
from halo_engine.logs.packed import STDIN
from halo_engine.logs.query import Query
from halo_engine.logs.reading import Reading
from halo_engine.logs.record import Entry, Malformed, Oddity, Record
from halo_engine.logs.scan import Found, Hit, Judge, Lines
from halo_engine.logs.sources import Source, chosen
from halo_engine.logs.tally import By, Tally
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from halo_engine.logs.view import LogView

__all__ = ["Query", "Reading"]
SHOWN = 500
"""Characters of a malformed line that are shown."""
ERRORS = frozenset({Level.ERROR, Level.FATAL})


class Answer(msgspec.Struct):
    """The entries that were found, the earliest first, and how many there are in all."""

    entries: list[Entry]
    count: int


class Oddities(msgspec.Struct):
    """Malformed lines, the earliest first, and how many there are in all."""

    lines: list[Oddity] = msgspec.field(default_factory=list)
    count: int = 0


class About(msgspec.Struct):
    """A source, its files and what they are."""

    name: str
    format: str
    instance: str | None
    files: list[str]
    bytes: int
    """On disk; of stdin what came."""


def sources(workspace: Workspace, files: Sequence[Path] = (), names: Sequence[str] = ()) -> list[Source]:
    """The sources to read: of the files given, or those of that name, or all that are known.

    Raises NotFound for what is not there, BadConfig.
    """
    return chosen(workspace, files, names)


def about(source: Source) -> About:
    """What a source is. Raises NotFound when a file went away, OSError."""
    ordered = source.in_order()
    form, size = source.format, sum(path.stat().st_size for path in ordered if path != STDIN)
    for path in ordered[-1:]:
        with source.opened(path) as file:
            form = file.format.name
            size += file.size if path == STDIN else 0
    return About(source.name, form, source.instance or None, [str(path) for path in ordered], size)


def view(source: Source, path: Path | None = None) -> LogView:
    """One file of a source to scroll, search and follow in; the one that is written to now, unless another is given.

    Raises NotFound, OSError.
    """
    from halo_engine.logs.view import LogView

    chosen_path = path or source.live()[0]
    return LogView(source.name, source.opened(chosen_path), partial(source.opened, chosen_path))


def search(sources: Sequence[Source], reading: Reading, limit: int = 100, context: int = 0) -> Answer:
    """The latest `limit` entries that answer, and how many there are; with `context` also as many beside each.

    0: all. Needs room for `limit` entries of each source; `stream` does without. Raises NotFound, Unavailable, OSError.
    """
    count = 0
    latest: list[list[Entry]] = []
    work = partial(_found, reading.query, limit)
    for source in sources:
        entries: list[Entry] = []
        for file, answers in reading.each(source, work, Found):
            kept: deque[Hit] = deque(maxlen=limit or None)
            for found in answers:
                kept += found.hits
                count += found.count
                reading.met.add(found)
            entries = (entries + [_entry(source, file, hit) for hit in kept])[-limit:]
        latest.append(entries)
    entries = list(deque(merged(latest), maxlen=limit or None))
    if context:
        from halo_engine.logs.context import surrounded

        entries = surrounded(sources, entries, context)
    return Answer(entries, count)


def _found(query: Query, keep: int, file: LogFile, start: int, end: int) -> Found:
    return scan.found(file, query, start, end, keep)


def _entry(source: Source, file: LogFile, hit: Hit) -> Entry:
    record = file.format.whole(file.read(hit[0], hit[1]))
    assert isinstance(record, Record)
    return Entry(source.name, str(file.path), hit[0], hit[1], record)


def stream(sources: Sequence[Source], reading: Reading) -> Iterator[Entry]:
    """All entries that answer, merged by time, as they are read: for answers of any size.

    Raises NotFound, OSError.
    """
    if len(sources) == 1:
        return _split(sources[0], reading)
    return merged([_stream(source, reading) for source in sources])


def _split(source: Source, reading: Reading) -> Iterator[Entry]:
    """One source, read by as many processes as may be."""
    for file, answers in reading.each(source, partial(_found, reading.query, 0), Found):
        for found in answers:
            reading.met.add(found)
            for hit in found.hits:
                yield _entry(source, file, hit)


def raw(sources: Sequence[Source], reading: Reading, limit: int = 0) -> Iterator[bytes]:
    """The lines that answer as they are written, with newlines, source after source, many at a time; the last
    `limit`, 0: all.
    """
    kept: deque[bytes] = deque(maxlen=limit)
    for source in sources:
        for _, answers in reading.each(source, partial(_written, reading.query), Lines):
            for found in answers:
                reading.met.add(found.met)
                if limit:
                    kept += found.text.splitlines(keepends=True)
                else:
                    yield found.text
    yield from kept


def _written(query: Query, file: LogFile, start: int, end: int) -> Lines:
    return scan.written(file, query, start, end)


def _stream(source: Source, reading: Reading) -> Iterator[Entry]:
    """One source as far as its records are asked for, beside others."""
    for file in reading.files(source):
        judge = Judge(reading.query, file, whole=True)
        for start, end, record in scan.hits(file, judge, *reading.part(source, file)):
            yield Entry(source.name, str(file.path), start, end, record)
        reading.met.add(judge.met)


def tail(sources: Sequence[Source], query: Query, lines: int, ends: dict[Path, int] | None = None) -> list[Entry]:
    """The last so many entries that answer, the earliest first: read from the end, and no more than that takes.

    `ends`: where in a file to begin, for one that `follow` goes on with.
    """
    return list(deque(merged([_tail(source, query, lines, ends or {}) for source in sources]), maxlen=lines))


def ends(sources: Sequence[Source]) -> dict[Path, int]:
    """Behind the last whole line of the file that each source is written to now."""
    found: dict[Path, int] = {}
    for source in sources:
        for path in source.live():
            with source.reading(path) as file:
                if file is not None:
                    found[path] = file.line_start(file.size)
    return found


def follow(
    sources: Sequence[Source],
    query: Query,
    starts: dict[Path, int] | None = None,
    again: Callable[[], Sequence[Source]] = tuple,
) -> Iterator[list[Entry]]:
    """What answers as it is written, for ever, merged by time; an empty list at each look that found nothing.

    `starts`: where to begin in a file; default: at its end. `again` says which sources there are by now: a file that
    is new among them is read from its beginning.
    """
    from halo_engine.logs.follow import following

    return following(sources, query, starts, again)


def _tail(source: Source, query: Query, lines: int, ends: dict[Path, int]) -> list[Entry]:
    found: list[Entry] = []
    for path in reversed(source.in_order()):
        if len(found) >= lines:
            break
        with source.reading(path) as file:
            if file is None:
                continue
            judge = Judge(query, file, whole=True)
            begun = ends.get(path, file.size)
            for start, end, record in islice(scan.backwards(file, judge, begun), lines - len(found)):
                found.append(Entry(source.name, str(path), start, end, record))
    return found[::-1]


def stats(sources: Sequence[Source], reading: Reading, by: By = "level") -> Tally:
    """Every line counted, and the records that answer in groups. Each line is decoded."""
    return _tallied(sources, reading, partial(_count, reading.query, by))


def errors(sources: Sequence[Source], reading: Reading) -> Tally:
    """The records that answer (of level error and above where the query names none), by template."""
    if reading.query.levels is None:
        reading.query = msgspec.structs.replace(reading.query, levels=ERRORS)
    return _tallied(sources, reading, partial(_group, reading.query))


def _count(query: Query, by: By, file: LogFile, start: int, end: int) -> Tally:
    counted = bulk.tallied if bulk.fits(query, file) else tally.tallied
    return counted(file, query, by, start, end)


def _group(query: Query, file: LogFile, start: int, end: int) -> Tally:
    return tally.grouped(file, query, "template", start, end)


def _tallied(sources: Sequence[Source], reading: Reading, work: partial[Tally]) -> Tally:
    total = Tally()
    for source in sources:
        for _, answers in reading.each(source, work, Tally):
            for found in answers:
                total.add(found)
    reading.met.undated = total.undated
    return total


def malformed(sources: Sequence[Source], reading: Reading, limit: int = 100) -> Oddities:
    """The last `limit` lines that are no records (0: all), and how many there are."""
    total = Oddities()
    kept: deque[Oddity] = deque(maxlen=limit or None)
    for source in sources:
        for _, answers in reading.each(source, partial(_odd, source.name, limit), Oddities):
            for found in answers:
                kept += found.lines
                total.count += found.count
    total.lines = list(kept)
    return total


def _odd(name: str, limit: int, file: LogFile, start: int, end: int) -> Oddities:
    kept: deque[Oddity] = deque(maxlen=limit or None)
    count = 0
    for offset, block in file.blocks(start, end):
        for first, last in file.spans(block):
            record = file.format.head(block[first:last])
            if isinstance(record, Malformed):
                text = block[first : min(last, first + SHOWN * 4)].decode(errors="replace")[:SHOWN]
                kept.append(Oddity(name, str(file.path), offset + first, record.kind, text))
                count += 1
    return Oddities(list(kept), count)
