"""What the Logs screen reads, each in one call for a worker."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack, closing
from functools import partial
from typing import NamedTuple

import msgspec

from halo_engine import clock
from halo_engine.logs import queries
from halo_engine.logs.levels import Level
from halo_engine.logs.query import Query
from halo_engine.logs.sources import Source
from halo_engine.logs.stamps import Nanoseconds, nanoseconds
from halo_engine.workspace import Workspace
from halo_tui.present import log_filter
from halo_tui.present.hour import LENGTH, Hour
from halo_tui.sheets import Sheet
from halo_tui.sheets.chain import Chain
from halo_tui.sheets.hits import Hits
from halo_tui.sheets.lines import Lines, MergedLines

ALL = "all"
"""The choice that shows every source."""


class Shelf(NamedTuple):
    """The logs that there are, and the sheet of the one that shows."""

    names: list[str]
    chosen: str
    sheet: Sheet | None


def shelf(workspace: Workspace, wanted: str, text: str, until: str) -> Shelf:
    """Open the source of that name (all of them, when there is none), narrowed by a filter; `until` is the moment that
    the clock was moved to, empty for now.

    Raises Usage for a filter that makes no sense, NotFound, BadConfig.
    """
    query = log_filter.query(workspace, text)
    if until:
        query = msgspec.structs.replace(query, until=min(query.until or _past(until), _past(until)))
    found = present(workspace)
    names = [source.name for source in found]
    if len(found) > 1:
        names = [ALL, *names]
    if not found:
        return Shelf([], "", None)
    chosen = wanted if wanted in names else names[0]
    return Shelf(
        names,
        chosen,
        _sheet(workspace, [each.name for each in found if chosen in {ALL, each.name}], query, live=not until),
    )


def _past(time: str) -> Nanoseconds:
    return nanoseconds(clock.instant(time))


def present(workspace: Workspace) -> list[Source]:
    """The sources that have a file."""
    return [source for source in queries.sources(workspace) if source.live()]


def _sheet(workspace: Workspace, names: Sequence[str], query: Query, *, live: bool) -> Sheet:
    chains = _chains(workspace, names)
    if not query.everything:
        return Hits(chains, query, live=live)
    return MergedLines(chains) if len(chains) > 1 else Lines(chains)


def _chains(workspace: Workspace, names: Sequence[str]) -> list[Chain]:
    """All of them open, or none."""
    with ExitStack() as stack:
        chains = []
        for name in names:
            chains.append(Chain(partial(_source, workspace, name), queries.view))
            stack.callback(chains[-1].close)
        stack.pop_all()
    return chains


def _source(workspace: Workspace, name: str) -> Source:
    return queries.sources(workspace, names=[name])[0]


def hour(workspace: Workspace, chosen: str, until: str, stretches: int) -> Hour:
    """The last hour of a source, or of all, by level, in so many stretches; the hour to the last record where that one
    is empty.

    Raises NotFound, Unavailable.
    """
    end = 1 + (_past(until) if until else nanoseconds(clock.now()))
    counts: list[dict[Level | None, int]] = [{} for _ in range(stretches)]
    sources = [source for source in present(workspace) if chosen in {ALL, source.name}]
    last = max((time for source in sources if (time := _last(source)) is not None), default=end)
    present_ = last > end - LENGTH
    end = end if present_ or until else last + 1
    for source in sources:
        for path in source.within(end - LENGTH, end):
            with closing(queries.view(source, path)) as view:
                for into, bucket in zip(counts, view.histogram(end - LENGTH, end, stretches), strict=True):
                    for level, count in bucket.counts.items():
                        into[level] = into.get(level, 0) + count
    return Hour(end - LENGTH, counts, present=present_ or bool(until))


def _last(source: Source) -> Nanoseconds | None:
    with closing(queries.view(source)) as view:
        return view.last_time()
