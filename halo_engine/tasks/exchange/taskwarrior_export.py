"""Items as a Taskwarrior export, so that `task import` takes them.

Taskwarrior has fewer states: what is in hand becomes a started task, what is put off a waiting one. Kinds, commands,
plans and runs stay behind; `exchange` writes those.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.tasks.exchange.entries import tag_from, title_from
from halo_engine.tasks.exchange.taskwarrior import KEPT, KEY, PRIORITIES, PROJECT, SOMEDAY, Task, listed, stamp
from halo_engine.tasks.states import OVER, State
from halo_engine.tasks.store import Item

STARTED = frozenset({State.IN_PROGRESS, State.RUNNING, State.REVIEW, State.TESTING, State.BLOCKED})
NAMESPACE = "6ba7b812-9dad-11d1-80b4-00c04fd430c8"
"""RFC 9562's, for names of no other kind."""


def write(items: Iterable[Item], uuids: Mapping[str, str]) -> Iterator[str]:
    """A Taskwarrior export of the items, line by line. `uuids`: of every item, by its id (see `uuid_of`)."""
    yield "["
    before = ""
    for item in items:
        if before:
            yield before + ","
        before = json.dumps(_task(item, uuids), ensure_ascii=False)
    yield from (before, "]") if before else ("]",)


def uuid_of(item_id: str, key: str | None, created: Timestamp) -> str:
    """The UUID that an item has in Taskwarrior: the one it came with, else one that is always the same."""
    if key and key.startswith(KEY):
        return key.removeprefix(KEY)
    from uuid import UUID, uuid5

    return str(uuid5(UUID(NAMESPACE), f"{item_id} {created}"))


def _task(item: Item, uuids: Mapping[str, str]) -> Task:
    kept, annotations = _notes(item)
    description = kept.pop("description", item.title)
    title, context = title_from(description)
    if title != item.title:
        description = item.title
    if item.context and item.context != context:
        annotations.append((item.created, item.context))
    task = {
        "uuid": uuids[item.id],
        "description": description,
        "entry": _date(item.created),
        "modified": _date(item.changed),
        "due": _date(item.due),
        "priority": next(
            (name for name, rank in PRIORITIES.items() if rank == item.priority), kept.pop("priority", None)
        ),
        **_status(item, kept),
        **_words(item, kept),
        "depends": [uuids[each] for each in item.depends_on if each in uuids],
        "annotations": _annotations(annotations),
    }
    return kept | {name: value for name, value in task.items() if value}


def _notes(item: Item) -> tuple[Task, list[tuple[Timestamp, str]]]:
    """What was kept of the task that the item once was, and the other notes."""
    kept: Task = {}
    others = []
    for time, text in item.notes:
        found = _kept(text)
        kept |= found
        if not found:
            others.append((time, text))
    return kept, others


def _kept(note: str) -> Task:
    try:
        found = json.loads(note.removeprefix(KEPT)) if note.startswith(KEPT) else None
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _status(item: Item, kept: Task) -> Task:
    """The attributes that say how far it is; takes them from `kept`."""
    recurring, start, wait = kept.pop("status", None) == "recurring", kept.pop("start", None), kept.pop("wait", None)
    if item.state in OVER:
        status = "completed" if item.state is State.DONE else "deleted"
        return {"status": status, "start": start, "wait": wait, "end": _date(item.finished or item.changed)}
    if item.state is not State.DEFERRED:
        return {"status": "pending", "wait": wait, "start": _date(item.entered) if item.state in STARTED else None}
    if recurring:
        return {"status": "recurring", "wait": wait}
    if item.defer_until and item.defer_until == stamp(kept.get("scheduled")):
        return {"status": "pending", "wait": wait}
    return {"status": "waiting", "wait": _date(item.defer_until) or SOMEDAY, "start": start}


def _words(item: Item, kept: Task) -> Task:
    """Tags and project, as they were written where they still stand for the same."""
    written = {tag_from(word): word for word in listed(kept.pop("tags", None))}
    was = kept.pop("project", "")
    of_project = next((tag for tag in reversed(item.tags) if tag.startswith(PROJECT)), "")
    project = was if was and of_project == tag_from(PROJECT + was) else of_project.removeprefix(PROJECT)
    return {"tags": [written.get(tag, tag) for tag in item.tags if tag != of_project], "project": project}


def _annotations(notes: list[tuple[Timestamp, str]]) -> list[Task]:
    """Notes, each at a second of its own: Taskwarrior tells them apart by it."""
    annotations: dict[str, str] = {}
    for time, text in notes:
        moment = clock.instant(time)
        while _date(clock.stamp(moment)) in annotations:
            moment += timedelta(seconds=1)
        annotations[_date(clock.stamp(moment)) or ""] = text
    return [{"entry": time, "description": text} for time, text in annotations.items()]


def _date(time: Timestamp | None) -> str | None:
    """A timestamp as Taskwarrior writes it, to the second."""
    return f"{time[:4]}{time[5:7]}{time[8:13]}{time[14:16]}{time[17:19]}Z" if time else None
