"""The read side. Every function returns typed rows of a store that is caught up with the log."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import NotFound, Usage
from halo_engine.events.model import Event
from halo_engine.events.store import Store, opened
from halo_engine.tasks.events import RunFinished  # noqa: F401  (declares the facts)
from halo_engine.tasks.projection import number_of, tasks
from halo_engine.tasks.states import OVER, Kind, State
from halo_engine.tasks.store import Item, Plan, Run
from halo_engine.workspace import Workspace

WILDCARD = re.compile(r"[%_\\]")
REFERENCE = re.compile(r"(?:[Tt]-?)?0*(\d{1,15})")
OVER_SQL = ", ".join(f"'{state}'" for state in sorted(OVER))
SORTS = {
    "priority": "priority DESC, number",
    "created": "number",
    "changed": "changed DESC, number DESC",
    "due": "due IS NULL, due, priority DESC, number",
    "title": "title COLLATE NOCASE, number",
    "state": "state, priority DESC, number",
}
WAITING = f"""(depends_on <> '[]' AND EXISTS (
    SELECT 1 FROM json_each(item.depends_on) AS needed
    JOIN item AS other ON other.number = CAST(substr(needed.value, 3) AS INTEGER)
    WHERE other.state NOT IN ({OVER_SQL})))"""
NO_LIMIT = -1
"""As SQL has it."""
READY_STATES = (State.OPEN, State.RETRY, State.IN_PROGRESS)


class Filter(msgspec.Struct, frozen=True):
    """What to list. Empty fields leave everything through; the fields of one another all hold."""

    states: frozenset[State] = frozenset()
    """Empty: all that is not over."""
    every: bool = False
    """With empty `states`: also what is over."""
    kinds: frozenset[Kind] = frozenset()
    tags: frozenset[str] = frozenset()
    """All of them."""
    text: str = ""
    """Words, each somewhere in id, title, context or tags; letters in any case."""
    due_until: Timestamp | None = None
    ready: bool = False
    """Can be worked on now: open, in progress or to retry, and waiting for nothing."""
    sort: str = "priority"


def name(number: int) -> str:
    """42 -> `T-042`."""
    return f"T-{number:03d}"


def stream(item_id: str) -> str:
    return f"task/{item_id}"


def last_touched(store: Store) -> int:
    """The number of the item that the log's last event about items is about.

    Raises NotFound when there is no item.
    """
    head = store.log.head(tasks.module)
    for event in store.log.read(head - 1, until=head):
        return number_of(event.stream)
    raise NotFound("there is no item yet", 'nightctl add "what is to be done"')


def found(store: Store, reference: str) -> Item:
    """The item that `T-042`, `T-42`, `t-42`, `42` or `@last` (the one touched last) mean, in an open store.

    Raises Usage when it is no reference, NotFound when there is no such item.
    """
    if reference == "@last":
        wanted = last_touched(store)
    else:
        match = REFERENCE.fullmatch(reference.strip())
        if match is None:
            raise Usage(
                f"not an item: {reference[:60]!r}", "items read T-042 (T-42, t-42 and 42 mean the same), or @last"
            )
        wanted = int(match[1])
    row = store.get(Item, wanted)
    if row is None:
        raise NotFound(f"no item {name(wanted)}", "`nightctl list --all` shows what there is")
    return row


def item(workspace: Workspace, reference: str) -> Item:
    """One item.

    Raises NotFound, Usage.
    """
    with opened(workspace, tasks) as store:
        return found(store, reference)


def items(workspace: Workspace, numbers: Sequence[int]) -> list[Item]:
    """The items of these numbers, in this order; those that do not exist are left out."""
    with opened(workspace, tasks) as store:
        wanted = msgspec.json.encode(list(numbers)).decode()
        found = store.select(Item, "WHERE number IN (SELECT value FROM json_each(?))", [wanted])
    rows = {row.number: row for row in found}
    return [rows[each] for each in numbers if each in rows]


def order(workspace: Workspace, wanted: Filter) -> Sequence[int]:
    """The numbers of all items that a filter leaves, sorted: 8 bytes each, so that a screen can hold 100,000."""
    where, values = condition(wanted)
    with opened(workspace, tasks) as store:
        rows = store.all(f"SELECT number FROM item {where} ORDER BY {SORTS[wanted.sort]}", values)
        return array("q", (row[0] for row in rows))


def page(workspace: Workspace, wanted: Filter, limit: int) -> tuple[list[Item], int]:
    """The first items that a filter leaves (limit 0: all of them), and how many more there are."""
    where, values = condition(wanted)
    tail = f"ORDER BY {SORTS[wanted.sort]}" + (" LIMIT ?" if limit else "")
    with opened(workspace, tasks) as store:
        rows = store.select(Item, f"{where} {tail}", [*values, limit] if limit else values)
        if not limit or len(rows) < limit:
            return rows, 0
        total = store.all(f"SELECT count(*) FROM item {where}", values)[0][0]
    return rows, total - len(rows)


def condition(wanted: Filter) -> tuple[str, list[Any]]:
    """A filter as SQL."""
    parts: list[str] = []
    values: list[Any] = []
    states = wanted.states or (frozenset(READY_STATES) if wanted.ready else frozenset())
    if states:
        parts.append(f"state IN ({', '.join('?' * len(states))})")
        values += sorted(states)
    elif not wanted.every:
        parts.append(f"state NOT IN ({OVER_SQL})")
    if wanted.kinds:
        parts.append(f"kind IN ({', '.join('?' * len(wanted.kinds))})")
        values += sorted(wanted.kinds)
    for tag in sorted(wanted.tags):
        parts.append("EXISTS (SELECT 1 FROM json_each(item.tags) WHERE json_each.value = ?)")
        values.append(tag)
    for word in wanted.text.split():
        parts.append("(id || ' ' || title || ' ' || context || ' ' || tags) LIKE ? ESCAPE '\\'")
        values.append(f"%{WILDCARD.sub(_escaped, word)}%")
    if wanted.due_until:
        parts.append("due <= ?")
        values.append(wanted.due_until)
    if wanted.ready:
        parts.append(f"(retry_at IS NULL OR retry_at <= ?) AND NOT {WAITING}")
        values.append(clock.stamp())
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def _escaped(match: re.Match[str]) -> str:
    return f"\\{match[0]}"


def counts(workspace: Workspace) -> dict[State, int]:
    """How many items are in each state; every state is there."""
    with opened(workspace, tasks) as store:
        have = dict(store.all("SELECT state, count(*) FROM item GROUP BY state"))
    return {state: have.get(state.value, 0) for state in State}


def overdue(workspace: Workspace) -> int:
    """How many items that are not over were due before now."""
    with opened(workspace, tasks) as store:
        sql = f"SELECT count(*) FROM item WHERE due < ? AND state NOT IN ({OVER_SQL})"
        return int(store.all(sql, [clock.stamp()])[0][0])


def done_since(workspace: Workspace, moment: Timestamp) -> int:
    """How many items were done at that moment or later."""
    with opened(workspace, tasks) as store:
        sql = "SELECT count(*) FROM item WHERE state = 'done' AND finished >= ?"
        return int(store.all(sql, [moment])[0][0])


def overslept(workspace: Workspace) -> list[Item]:
    """Deferred items whose date has come."""
    with opened(workspace, tasks) as store:
        return store.select(Item, "WHERE state = 'deferred' AND defer_until <= ?", [clock.stamp()])


def by_key(workspace: Workspace, key: str) -> Item | None:
    """The item that was added with this key."""
    with opened(workspace, tasks) as store:
        rows = store.select(Item, "WHERE key = ?", [key])
    return rows[0] if rows else None


def last_number(workspace: Workspace) -> int:
    """The highest number given so far, 0 when there is none."""
    with opened(workspace, tasks) as store:
        return int(store.all("SELECT coalesce(max(number), 0) FROM item")[0][0])


def dependencies(workspace: Workspace, reference: str) -> list[Item]:
    """What an item waits for, or waited for."""
    with opened(workspace, tasks) as store:
        return [found(store, each) for each in found(store, reference).depends_on]


def dependents(workspace: Workspace, reference: str) -> list[Item]:
    """The items that wait for this one, or waited."""
    with opened(workspace, tasks) as store:
        wanted = found(store, reference)
        return store.select(
            Item,
            "WHERE depends_on <> '[]' AND depends_on LIKE ? ORDER BY +number",
            [f'%"{wanted.id}"%'],
        )


def waiting_for(workspace: Workspace, reference: str) -> list[Item]:
    """The dependencies that hold an item up now."""
    return [each for each in dependencies(workspace, reference) if each.state not in OVER]


def runs(workspace: Workspace, reference: str | None = None, limit: int = 0) -> list[Run]:
    """The runs of an item, or of all, newest first."""
    return runs_page(workspace, reference, limit)[0]


def runs_page(workspace: Workspace, reference: str | None, limit: int) -> tuple[list[Run], int]:
    """The latest runs of an item, or of all (limit 0: every one), and how many more there are."""
    with opened(workspace, tasks) as store:
        where, values = ("WHERE item = ?", [found(store, reference).number]) if reference else ("", [])
        rows = store.select(Run, f"{where} ORDER BY started DESC, attempt DESC LIMIT ?", [*values, limit or NO_LIMIT])
        total = store.all(f"SELECT count(*) FROM run {where}", values)[0][0]
    return rows, total - len(rows)


def plan(workspace: Workspace, reference: str) -> Plan | None:
    """An item's plan, None when it has none."""
    with opened(workspace, tasks) as store:
        row = store.get(Plan, found(store, reference).number)
    return row if row and row.xml else None


def history(workspace: Workspace, reference: str) -> list[Event]:
    """Everything that happened to an item, from its beginning."""
    return workspace.log.stream(stream(item(workspace, reference).id))


def run_folder(workspace: Workspace, reference: str, attempt: int | None = None) -> Path:
    """The folder of a run (default: the last), which holds `output.log`.

    Raises NotFound when there is no such run.
    """
    wanted = [each for each in runs(workspace, reference) if attempt in {None, each.attempt}]
    if not wanted:
        which = "no run yet" if attempt is None else f"no run {attempt}"
        raise NotFound(f"{item(workspace, reference).id} has {which}", f"nightctl runs {reference}")
    return workspace.root / wanted[0].folder


def connected(workspace: Workspace, reference: str | None = None, *, every: bool = False) -> list[Item]:
    """The items that depend on another or that another depends on; or those that one item is connected with."""
    where = "" if every or reference else f"WHERE state NOT IN ({OVER_SQL})"
    with opened(workspace, tasks) as store:
        rows = {row.id: row for row in store.select(Item, f"{where} ORDER BY number")}
        start = {found(store, reference).id} if reference else {row.id for row in rows.values() if row.depends_on}
        for row_id in [each for row in rows.values() for each in row.depends_on if each not in rows]:
            rows[row_id] = found(store, row_id)
    near: dict[str, set[str]] = {row_id: set() for row_id in rows}
    for row in rows.values():
        for other in row.depends_on:
            if other in near:
                near[row.id].add(other)
                near[other].add(row.id)
    reached: set[str] = set()
    while start:
        reached |= start
        start = {other for row_id in start for other in near[row_id]} - reached
    return [rows[row_id] for row_id in sorted(reached, key=lambda each: rows[each].number)]
