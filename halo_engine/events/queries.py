"""Reading the log: filtered, by position, by cause."""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound, Usage
from halo_engine.events.model import Event
from halo_engine.events.sqlite_log import COLUMNS
from halo_engine.workspace import Workspace


class EventFilter(msgspec.Struct, frozen=True):
    """Which events. Empty fields leave everything through."""

    module: str = ""
    stream: str = ""
    type: str = ""
    """A part of the type: `blocked`, `task.run`."""
    actor: str = ""
    correlation_id: str = ""
    since: Timestamp = ""
    until: Timestamp = ""
    text: str = ""
    """Words, each somewhere in stream, type, source or payload."""


def positions(workspace: Workspace, wanted: EventFilter, after: int = 0) -> Sequence[int]:
    """Positions of the events that a filter leaves, ascending; a `range` when it leaves everything."""
    head = workspace.log.head()
    if wanted == EventFilter():
        return range(after + 1, head + 1)
    where, values = condition(wanted)
    sql = f"SELECT position FROM events WHERE position > ? AND position <= ? AND {where} ORDER BY position"
    found: Any = workspace.log.index.rows(sql, [after, head, *values])
    return array("q", (row[0] for row in found))


def events(workspace: Workspace, wanted: Sequence[int]) -> list[Event]:
    """The events at these positions, in this order."""
    sql = f"SELECT {COLUMNS} FROM events WHERE position IN (SELECT value FROM json_each(?))"
    listed = msgspec.json.encode(list(wanted)).decode()
    rows = {event.position: event for event in workspace.log.index.select(sql, [listed])}
    return [rows[each] for each in wanted if each in rows]


def page(workspace: Workspace, wanted: EventFilter, limit: int) -> tuple[list[Event], int]:
    """The last events that a filter leaves (limit 0: all), oldest first, and how many more there are."""
    where, values = condition(wanted)
    head = workspace.log.head()
    base = f"FROM events WHERE position <= ? AND {where}"
    sql = f"SELECT {COLUMNS} {base} ORDER BY position DESC {'LIMIT ?' if limit else ''}"
    log = workspace.log.index
    rows = list(log.select(sql, [head, *values, limit] if limit else [head, *values]))[::-1]
    if not limit or len(rows) < limit:
        return rows, 0
    counted: Any = log.rows(f"SELECT count(*) {base}", [head, *values])
    return rows, int(counted[0][0]) - len(rows)


def condition(wanted: EventFilter) -> tuple[str, list[Any]]:
    """A filter as SQL."""
    parts: list[str] = ["1"]
    values: list[Any] = []
    for clause, value in (
        ("module = ?", wanted.module),
        ("stream = ?", wanted.stream),
        ("instr(type, ?)", wanted.type),
        ("source LIKE ? || '@%'", wanted.actor),
        ("correlation_id = ?", wanted.correlation_id),
        ("time >= ?", wanted.since),
        ("time <= ?", wanted.until),
    ):
        if value:
            parts.append(clause)
            values.append(value)
    for word in wanted.text.split():
        parts.append("instr(lower(stream || ' ' || type || ' ' || source || ' ' || CAST(payload AS TEXT)), ?)")
        values.append(word.lower())
    return " AND ".join(parts), values


def event(workspace: Workspace, reference: str) -> Event:
    """One event, by position or by id (the beginning of one is enough where it is clear).

    Raises NotFound, Usage when several begin so.
    """
    log = workspace.log.index
    if re.fullmatch("[0-9]{1,18}", reference):
        found = list(log.select(f"SELECT {COLUMNS} FROM events WHERE position = ?", [int(reference)]))
    else:
        low, high = reference, reference + "~"
        found = list(log.select(f"SELECT {COLUMNS} FROM events WHERE id >= ? AND id < ? LIMIT 2", [low, high]))
    if len(found) > 1:
        raise Usage(f"several events begin with {reference}", "give more of the id")
    if not found or found[0].position > workspace.log.head():
        raise NotFound(f"no event {reference}", "`halo-engine events list` shows positions and ids")
    return found[0]


def effects(workspace: Workspace, event_id: str) -> list[Event]:
    """What an event caused directly, and all that carries its id as correlation; in order."""
    sql = f"""
        SELECT {COLUMNS} FROM events WHERE causation_id = ?1
        UNION SELECT {COLUMNS} FROM events WHERE correlation_id = ?1 AND correlation_id <> id
        ORDER BY position"""
    head = workspace.log.head()
    return [each for each in workspace.log.index.select(sql, [event_id]) if each.position <= head]


def cause(workspace: Workspace, effect: Event) -> Event | None:
    """The event that led to this one, None when a person did."""
    wanted = effect.causation_id or (effect.correlation_id if effect.correlation_id != effect.id else None)
    if wanted is None:
        return None
    return next(iter(workspace.log.index.select(f"SELECT {COLUMNS} FROM events WHERE id = ?", [wanted])), None)


def before(workspace: Workspace, moment: Timestamp) -> int:
    """Position of the last event recorded at or before a moment, 0 when there is none."""
    found: Any = workspace.log.index.rows("SELECT coalesce(max(position), 0) FROM events WHERE time <= ?", [moment])
    return int(found[0][0]) if found else 0


def follow(workspace: Workspace, wanted: EventFilter, after: int) -> Iterator[Event]:
    """Events that a filter leaves, as they are appended, for ever."""
    for batch in workspace.log.follow(after):
        chosen = set(positions(workspace, wanted, batch[0].position - 1))
        yield from [each for each in batch if each.position in chosen]
