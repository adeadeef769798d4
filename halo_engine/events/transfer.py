"""Events out to JSON Lines, and in again: ids, times, sources and order kept."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from halo_engine.errors import BadData
from halo_engine.events.model import Event
from halo_engine.events.projection import Fold, Projection
from halo_engine.events.store import opened

if TYPE_CHECKING:
    from halo_engine.workspace import Workspace

BATCH = 2000
STOPPED = "nothing was imported from this line on"
Count = Annotated[int, msgspec.Meta(ge=1)]
Text = Annotated[str, msgspec.Meta(min_length=1)]
Time = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")]
CARRIED = (
    "position",
    "id",
    "stream",
    "version",
    "type",
    "schema",
    "time",
    "source",
    "correlation_id",
    "causation_id",
)


class Line(msgspec.Struct, frozen=True):
    """An event as one line of a file. Hashes are not carried: they are made anew, over the same contents."""

    position: Count
    id: Text
    stream: Annotated[str, msgspec.Meta(pattern="^[^/]+/.")]
    version: Count
    type: Text
    schema: Count
    time: Time
    source: str
    correlation_id: str
    payload: msgspec.Raw
    causation_id: str | None = None


def to_lines(events: Iterable[Event]) -> Iterator[str]:
    """One line an event."""
    for event in events:
        line = {name: getattr(event, name) for name in CARRIED} | {"payload": msgspec.Raw(event.payload)}
        yield msgspec.json.encode(line).decode()


def from_lines(lines: Iterable[str]) -> Iterator[Event]:
    """Events from lines.

    Raises BadData naming the line.
    """
    decoder = msgspec.json.Decoder(Line)
    number = 0
    try:
        for text in lines:
            number += 1
            if text.strip():
                line = decoder.decode(text)
                carried: dict[str, Any] = {name: getattr(line, name) for name in CARRIED}
                yield Event(**carried, payload=bytes(line.payload))
    except UnicodeDecodeError as error:
        raise BadData(f"line {number + 1}: not UTF-8", STOPPED) from error
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise BadData(f"line {number}: not an event: {error}", STOPPED) from error


def take_in(workspace: Workspace, events: Iterable[Event], projections: Iterable[Projection] = ()) -> tuple[int, int]:
    """Append events from elsewhere that are not here yet; returns how many were added, and how many were here.

    They are folded first, for nobody, to see that the stores will understand them. Raises BadData when not, and
    Conflict when a stream here went another way. Whole batches are kept; a repeated import goes on from there. In a
    dry run nothing is kept.
    """
    log = workspace.log.index
    added = seen = 0
    rest = iter(events)
    with ExitStack() as stack:
        folds = {each.module: Fold(each, stack.enter_context(opened(workspace, each)).get) for each in projections}
        while batch := list(islice(rest, BATCH)):
            new = log.unknown(batch)
            for event in new:
                event.data()
                if event.module in folds:
                    folds[event.module].apply([event])
            if not workspace.dry_run:
                new = log.restore(new)
            added, seen = added + len(new), seen + len(batch) - len(new)
    return added, seen
