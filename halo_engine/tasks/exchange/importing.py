"""Taking in items that lived elsewhere: each key once, ids kept where they are free, dependencies rewritten."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from graphlib import TopologicalSorter
from itertools import count

import msgspec

from halo_engine import clock, console
from halo_engine.errors import Conflict
from halo_engine.events.model import New
from halo_engine.events.store import opened
from halo_engine.tasks import queries
from halo_engine.tasks.events import KeyTaken, TaskImported
from halo_engine.tasks.exchange import rules
from halo_engine.tasks.exchange.entries import Entry, refuse
from halo_engine.tasks.planning import plans
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.store import Item, Run
from halo_engine.workspace import Workspace

FIRST_EVENT = "halo:"
"""How the key of an item begins that was given none: the id of its first event follows."""
BATCH = 500
"""Items that are appended at a time, so that others get their turn."""
ATTEMPTS = 100
"""How often others may come between."""
_BARE = msgspec.to_builtins(Item(number=0, id="", title="", kind=Kind.TASK, state=State.OPEN, version=0))


class Report(msgspec.Struct):
    """What an import did (in a dry run: would do)."""

    added: int = 0
    unchanged: int = 0
    """Were here already, under the same key."""
    renumbered: int = 0
    """Added under another id than they had, since theirs was taken."""
    missing: int = 0
    """Dependencies that were neither in the file nor here; each is noted on its item."""

    def summary(self) -> str:
        parts = [f"{self.added:,} added", f"{self.unchanged:,} here already"]
        if self.renumbered:
            parts.append(f"{self.renumbered:,} of them under a new id")
        if self.missing:
            parts.append(f"{self.missing:,} dependencies not found (noted on the items)")
        return ", ".join(parts)


class _Here(msgspec.Struct):
    """What the workspace has already."""

    ids: dict[str, str]
    """Key -> id of the items that the file speaks of."""
    numbers: set[int]
    """Of all items."""


def import_items(workspace: Workspace, entries: Sequence[Entry], origin: str) -> Report:
    """Append what is not here yet; dependencies before what waits for them, so that an import cut short can go on.

    Raises BadData, listing every fault, before anything is written.
    """
    refuse(list(rules.faults(workspace, entries)))
    report = Report()
    here = _here(workspace, entries)
    places = _places(entries, here, keep=True)
    waiting = [entry for entry in _in_order(entries) if entry.key in places]
    show = console.progress(len(waiting), "imported")
    conflicts = 0
    while waiting:
        batch, rest = waiting[:BATCH], waiting[BATCH:]
        ids = here.ids | {entry.key: queries.name(places[entry.key]) for entry in batch}
        try:
            workspace.log.append([new for entry in batch for new in _events(entry, ids, origin)])
        except Conflict:
            conflicts += 1
            if conflicts > ATTEMPTS:
                raise
            here = _here(workspace, entries)
            places = _places(entries, here, keep=False)
            waiting = [entry for entry in waiting if entry.key in places]
            continue
        here.ids, waiting = ids, rest
        _count(report, batch, ids)
        show(report.added)
    report.unchanged = len(entries) - report.added
    with opened(workspace, tasks):
        return report


def _count(report: Report, batch: Sequence[Entry], ids: dict[str, str]) -> None:
    report.added += len(batch)
    report.renumbered += sum(bool(entry.item.id) and entry.item.id != ids[entry.key] for entry in batch)
    report.missing += sum(need not in ids for entry in batch for need in entry.needs)


def _here(workspace: Workspace, entries: Sequence[Entry]) -> _Here:
    """Look at what there is, after whatever others have added."""
    wanted = {key for entry in entries for key in (entry.key, *entry.needs)}
    with opened(workspace, tasks) as store:
        given = store.all("SELECT key, id FROM item WHERE key IS NOT NULL")
        numbers = {int(number) for (number,) in store.all("SELECT number FROM item")}
    ids = {str(key): str(item_id) for key, item_id in given if key in wanted}
    first = sorted(key.removeprefix(FIRST_EVENT) for key in wanted - ids.keys() if key.startswith(FIRST_EVENT))
    for part in (first[start : start + BATCH] for start in range(0, len(first), BATCH)):
        marks = ", ".join("?" * len(part))
        sql = f"SELECT id, substr(stream, 6) FROM events WHERE id IN ({marks}) AND version = 1 AND module = 'task'"
        ids |= {FIRST_EVENT + str(event): str(item_id) for event, item_id in workspace.log.index.rows(sql, part)}
    return _Here(ids, numbers)


def _places(entries: Sequence[Entry], here: _Here, *, keep: bool) -> dict[str, int]:
    """A number for each key that is not here: the one it had, if that is free and to be kept, else the next."""
    new = [entry for entry in entries if entry.key not in here.ids]
    taken = set(here.numbers)
    places: dict[str, int] = {}
    for entry in new if keep else []:
        if entry.item.number and entry.item.number not in taken:
            places[entry.key] = entry.item.number
            taken.add(entry.item.number)
    following = count(max(taken, default=0) + 1)
    return {entry.key: places.get(entry.key) or next(following) for entry in new}


def _in_order(entries: Sequence[Entry]) -> list[Entry]:
    """Dependencies first, else as in the file."""
    by_key = {entry.key: entry for entry in entries}
    sorter = TopologicalSorter({entry.key: [need for need in entry.needs if need in by_key] for entry in entries})
    return [by_key[key] for key in sorter.static_order()]


def _events(entry: Entry, ids: dict[str, str], origin: str) -> Iterator[New]:
    item = _settled(entry, ids)
    bare = msgspec.to_builtins(item)
    fields = {name: value for name, value in bare.items() if value != _BARE[name]}
    same_id = ids[entry.key] == entry.item.id
    runs = tuple(msgspec.to_builtins(_ended(run, same_id=same_id)) for run in entry.runs)
    plan = entry.plan
    imported = TaskImported(
        fields=fields,
        plan=plan.xml if plan else None,
        plan_written=plan.written if plan else None,
        plan_written_by=plan.written_by if plan else "",
        runs=runs,
        origin=origin,
    )
    yield New(queries.stream(ids[entry.key]), "task.item.imported", imported, expected=0)
    yield New(f"task-key/{entry.key}", "task.key.taken", KeyTaken(ids[entry.key]), expected=0)


def _ended(run: Run, *, same_id: bool) -> Run:
    """The run as it can stand here: over, and without its folder where that may be another item's."""
    outcome = "lost" if run.outcome == "running" else run.outcome
    return run.with_(outcome=outcome, folder=run.folder if same_id else "")


def _settled(entry: Entry, ids: dict[str, str]) -> Item:
    """The item as it can stand here: its dependencies by the ids that they have here, no run under way."""
    item = entry.item.with_(
        number=0,
        id="",
        version=0,
        key=entry.key,
        depends_on=tuple(dict.fromkeys(ids[need] for need in entry.needs if need in ids)),
        plan_hash=plans.digest(entry.plan.xml) if entry.plan else None,
        attempts=max(entry.item.attempts, *(run.attempt for run in entry.runs), 0),
    )
    missing = [need for need in entry.needs if need not in ids]
    if missing:
        note = f"depended on {', '.join(missing)}, which was not imported"
        item = item.with_(notes=(*item.notes, (item.changed or clock.stamp(), note)))
    if item.state is State.RUNNING:
        reason = "it was running elsewhere when it was exported"
        item = item.with_(state=State.FAILED, reason=reason, run=None, runner=None, lease_until=None)
    return item
