"""Taskwarrior's export, read into entries without loss.

What has no place in an item (recurrence, the user's own attributes, a name too long) goes into one note,
`taskwarrior: {...}`, and `taskwarrior_export` brings it back from there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.tasks.exchange.entries import Entry, refuse, tag_from, title_from
from halo_engine.tasks.states import OVER, Kind, State
from halo_engine.tasks.store import Item

KEY, PROJECT, KEPT = "taskwarrior:", "project:", "taskwarrior: "
PRIORITIES = {"L": 1, "M": 2, "H": 3}
STATUSES = ("pending", "waiting", "recurring", "completed", "deleted")
SOMEDAY, FAR = "99991230T000000Z", "9999"
"""Put off without a date, as Taskwarrior writes it; and how such a timestamp begins."""
DATES = ("entry", "modified", "start", "end", "due", "wait", "scheduled", "until")
DERIVED = frozenset({"id", "urgency"})

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DATE = re.compile(r"\d{8}T\d{6}Z")
Task = dict[str, Any]


def read(text: str, now: datetime) -> list[Entry]:
    """The tasks of an export: a JSON array, or one object a line. `now` decides which of them still wait.

    Raises BadData, listing every fault with its place.
    """
    entries: list[Entry] = []
    faults: list[str] = []
    seen: dict[str, str] = {}
    escapes = "\\ud" in text.lower()
    for where, task in _tasks(text, faults):
        problems = [*_problems(task), *(_not_unicode(task) if escapes else ())]
        uuid = str(task.get("uuid"))
        if uuid in seen:
            problems.append(f"its uuid stands in {seen[uuid]} already")
        seen.setdefault(uuid, where)
        faults += [f"{where}: {problem}" for problem in problems]
        if not faults:
            entries.append(_entry(task, where, clock.stamp(now)))
    refuse(faults)
    return entries


def _tasks(text: str, faults: list[str]) -> Iterator[tuple[str, Task]]:
    """Every object with its place; what is none goes to `faults`."""
    for where, each in _values(text, faults):
        if isinstance(each, dict):
            yield where, each
        else:
            faults.append(f"{where}: a task is a JSON object, and this is none")


def _values(text: str, faults: list[str]) -> Iterator[tuple[str, Any]]:
    if text.lstrip().startswith("["):
        for whole in _parsed(text, 1, faults):
            yield from ((f"task {number}", each) for number, each in enumerate(whole, 1))
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            yield from ((f"line {number}", each) for each in _parsed(line.strip().rstrip(","), number, faults))


def _parsed(text: str, line: int, faults: list[str]) -> Iterator[Any]:
    """The JSON value of some lines from `line` on; none, and why in `faults`, when it is not JSON."""
    try:
        yield json.loads(text)
    except json.JSONDecodeError as error:
        faults.append(f"line {line + error.lineno - 1}, column {error.colno}: not JSON: {error.msg}")
    except (ValueError, RecursionError):
        faults.append(f"line {line}: not JSON that can be read")


def _problems(task: Task) -> Iterator[str]:
    """What is wrong with a task, in words."""
    for name, (fits, words) in CHECKS.items():
        if not fits(task.get(name)):
            yield f"{name} {words}, not {json.dumps(task.get(name))[:60]}"


def _not_unicode(task: Task) -> Iterator[str]:
    try:
        json.dumps(task, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        yield "it holds a character that is no Unicode"


def _is_date(value: Any) -> bool:
    return value is None or stamp(value) is not None


def _is_text(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_uuid(value: Any) -> bool:
    return isinstance(value, str) and _UUID.fullmatch(value) is not None


def _is_annotation(value: Any) -> bool:
    return isinstance(value, dict) and bool(stamp(value.get("entry"))) and isinstance(value.get("description"), str)


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "description": (lambda value: isinstance(value, str) and bool(title_from(value)[0]), "must be a text"),
    "uuid": (_is_uuid, "must be a UUID"),
    "status": (lambda value: value in STATUSES, f"must be one of {', '.join(STATUSES)}"),
    **dict.fromkeys(DATES, (_is_date, "must be a date such as 20261120T140211Z")),
    **dict.fromkeys(("project", "priority"), (_is_text, "must be a text")),
    "tags": (lambda value: all(isinstance(each, str) for each in listed(value)), "must be a list of words"),
    "depends": (lambda value: all(map(_is_uuid, listed(value))), "must be a list of UUIDs"),
    "annotations": (lambda value: all(map(_is_annotation, listed(value))), "must be a list of entry and description"),
}
"""Attribute -> what it must be."""


def listed(value: Any) -> list[Any]:
    """A list as Taskwarrior writes it: as a list, or (before 2.6) as text with commas."""
    if isinstance(value, str):
        return [each for each in value.split(",") if each]
    return value if isinstance(value, list) else [] if value is None else [value]


def stamp(value: Any) -> Timestamp | None:
    """`20261120T140211Z` as a timestamp; None when it is none."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return None
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return None
    return f"{value[:4]}-{value[4:6]}-{value[6:11]}:{value[11:13]}:{value[13:15]}.000000Z"


def _entry(task: Task, where: str, now: Timestamp) -> Entry:
    kept = {name: value for name, value in task.items() if name not in DERIVED}
    uuid, entry = kept.pop("uuid"), stamp(task.get("entry")) or now
    state, until = _state(kept, now)
    title, context = title_from(task["description"])
    if title == task["description"]:
        del kept["description"]
    needs = [KEY + each for each in listed(kept.pop("depends", None))]
    notes = [(stamp(each["entry"]) or entry, each["description"]) for each in listed(kept.pop("annotations", None))]
    modified = stamp(kept.pop("modified", None)) or entry
    ended = stamp(kept.pop("end", None)) or modified if state in OVER else None
    item = Item(
        number=0,
        id="",
        title=title,
        kind=Kind.TASK,
        state=state,
        version=0,
        priority=PRIORITIES[kept.pop("priority")] if task.get("priority") in PRIORITIES else 0,
        tags=_tags(kept),
        due=stamp(kept.pop("due", None)),
        context=context,
        defer_until=until,
        key=KEY + uuid,
        by_hand=state is State.IN_PROGRESS,
        created=entry,
        changed=modified,
        entered=ended or stamp(task.get("start")) or modified,
        finished=ended,
    )
    kept.pop("entry", None)
    if kept:
        notes.append((entry, KEPT + json.dumps(kept, ensure_ascii=False, sort_keys=True)))
    return Entry(KEY + uuid, item.with_(notes=tuple(notes)), needs, where=where)


def _state(kept: Task, now: Timestamp) -> tuple[State, Timestamp | None]:
    """The state that a task is in, and until when; takes from `kept` what these two say already.

    A pending task whose `wait` has not come is waiting: since 2.6 Taskwarrior does not write that status itself.
    """
    status = kept.pop("status")
    wait, scheduled = stamp(kept.get("wait")), stamp(kept.get("scheduled"))
    if status in {"completed", "deleted"}:
        return (State.DONE if status == "completed" else State.CANCELLED), None
    if status == "recurring":
        kept["status"] = status
        return State.DEFERRED, None
    if status == "waiting" or (wait and wait > now):
        kept.pop("wait", None)
        return State.DEFERRED, wait if wait and wait < FAR else None
    if "start" in kept:
        del kept["start"]
        return State.IN_PROGRESS, None
    return (State.DEFERRED, scheduled) if scheduled and scheduled > now else (State.OPEN, None)


def _tags(kept: Task) -> tuple[str, ...]:
    """Tags, the project as one of them; `kept` loses what they say exactly."""
    words, project = listed(kept.get("tags")), kept.get("project")
    tags = list(dict.fromkeys(filter(None, map(tag_from, words))))
    if tags == words:
        kept.pop("tags", None)
    if project:
        tags.append(tag_from(PROJECT + project))
        if tags[-1] == PROJECT + project:
            del kept["project"]
    return tuple(tags)
