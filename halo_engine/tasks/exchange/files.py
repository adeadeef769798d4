"""Moving house: all items out to a file, and in from one, in our own JSON Lines or as Taskwarrior has them.

A line of our own is one item with its plan and its runs, and nothing is lost:

    {"halo": 1, "key": "...", "item": {...}, "needs": ["..."], "plan": {...}, "runs": [...]}
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from halo_engine import clock
from halo_engine.errors import BadData, Usage
from halo_engine.events.store import Store, opened
from halo_engine.tasks import queries
from halo_engine.tasks.exchange.entries import Entry, refuse
from halo_engine.tasks.exchange.importing import FIRST_EVENT, Report, import_items
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.states import OVER
from halo_engine.tasks.store import Item, Plan, Run
from halo_engine.workspace import Workspace

FORMAT = 1
CHUNK = 500
"""Items that are held in memory at a time."""
OVER_SQL = ", ".join(f"'{state}'" for state in sorted(OVER))


class Line(msgspec.Struct, frozen=True):
    """One item, as a line of an export."""

    halo: int
    key: str
    item: Item
    needs: list[str]
    """Keys of the items that it depends on."""
    plan: Plan | None = None
    runs: list[Run] = []


def import_file(workspace: Workspace, file: Path, style: str = "auto") -> Report:
    """Take in a file (`-`: stdin) of style `halo` or `taskwarrior`, or whichever it is.

    Raises BadData, listing every fault with its place; then nothing has been written.
    """
    raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise BadData(f"{file}:{line}: not UTF-8 text", "save it as UTF-8") from error
    style = _style(text) if style == "auto" else style
    return import_items(workspace, _entries(text, style), style)


def _style(text: str) -> str:
    beginning = text.lstrip()[:1]
    first = text.lstrip().partition("\n")[0]
    if beginning == "{" and '"halo"' in first:
        return "halo"
    if beginning == "[" or (beginning == "{" and '"uuid"' in first):
        return "taskwarrior"
    if not beginning:
        return "halo"
    raise BadData("this is neither an export of ours nor one of Taskwarrior's", "say which: --format halo|taskwarrior")


def _entries(text: str, style: str) -> list[Entry]:
    if style == "taskwarrior":
        from halo_engine.tasks.exchange import taskwarrior

        return taskwarrior.read(text, clock.now())
    return read_lines(text)


def read_lines(text: str) -> list[Entry]:
    """The items of our own export.

    Raises BadData, listing every fault with its line.
    """
    decoder = msgspec.json.Decoder(Line)
    entries: list[Entry] = []
    faults: list[str] = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        where = f"line {number}"
        try:
            found = decoder.decode(line)
        except (msgspec.MsgspecError, RecursionError) as error:
            faults.append(f"{where}: {str(error).replace('`$.', '`')}")
            continue
        if found.halo != FORMAT:
            faults.append(f"{where}: it is of format {found.halo}, and this Halo reads format {FORMAT}")
        else:
            entries.append(Entry(found.key, found.item, found.needs, found.plan, found.runs, where))
    refuse(faults)
    return entries


def export_lines(workspace: Workspace, style: str = "halo", *, every: bool = True) -> Iterator[str]:
    """The lines of an export, items in order of their numbers; without `every` only what is not over.

    Raises Usage for an unknown style.
    """
    if style not in {"halo", "taskwarrior"}:
        raise Usage(f"no such format: {style}", "known: halo, taskwarrior")
    with opened(workspace, tasks) as store:
        if style == "taskwarrior":
            from halo_engine.tasks.exchange import taskwarrior_export as other

            rows = store.all("SELECT id, key, created FROM item")
            uuids = {item_id: other.uuid_of(item_id, key, created) for item_id, key, created in rows}
            items = (item for chunk in _chunks(store, every=every) for item in chunk)
            yield from other.write(items, uuids)
            return
        for chunk in _chunks(store, every=every):
            for line in _lines(workspace, store, chunk):
                yield msgspec.json.encode(line).decode()


def _chunks(store: Store, *, every: bool) -> Iterator[list[Item]]:
    wanted = "number > ?" if every else f"number > ? AND state NOT IN ({OVER_SQL})"
    last = -1
    while chunk := store.select(Item, f"WHERE {wanted} ORDER BY number LIMIT {CHUNK}", [last]):
        last = chunk[-1].number
        yield chunk


def _lines(workspace: Workspace, store: Store, items: list[Item]) -> Iterator[Line]:
    numbers = [item.number for item in items]
    marks = ", ".join("?" * len(numbers))
    plans = {plan.item: plan for plan in store.select(Plan, f"WHERE xml <> '' AND item IN ({marks})", numbers)}
    runs: dict[int, list[Run]] = {number: [] for number in numbers}
    for run in store.select(Run, f"WHERE item IN ({marks}) ORDER BY item, attempt", numbers):
        runs[run.item].append(run)
    keys = _keys(workspace, store, {each for item in items for each in (item.id, *item.depends_on)})
    for item in items:
        needs = [keys[each] for each in item.depends_on]
        yield Line(FORMAT, keys[item.id], item, needs, plans.get(item.number), runs[item.number])


def _keys(workspace: Workspace, store: Store, ids: Iterable[str]) -> dict[str, str]:
    """The name for ever of each item: the one it was given, else its first event's."""
    keys: dict[str, str] = {}
    wanted = sorted(ids)
    for part in (wanted[start : start + CHUNK] for start in range(0, len(wanted), CHUNK)):
        marks = ", ".join("?" * len(part))
        events = workspace.log.index.rows(
            f"SELECT substr(stream, 6), ? || id FROM events WHERE version = 1 AND stream IN ({marks})",
            [FIRST_EVENT, *map(queries.stream, part)],
        )
        keys |= {str(item_id): str(key) for item_id, key in events}
        given = f"SELECT id, key FROM item WHERE key IS NOT NULL AND number IN ({marks})"
        keys |= dict(store.all(given, [int(each.rpartition("-")[2]) for each in part]))
    return keys
