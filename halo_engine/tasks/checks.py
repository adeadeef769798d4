"""Looking over what people give, before it is recorded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from halo_engine.console import counted
from halo_engine.errors import BadData, Usage
from halo_engine.events.store import opened
from halo_engine.tasks import queries
from halo_engine.tasks.events import TaskAdded
from halo_engine.tasks.night.windows import parse
from halo_engine.tasks.projection import tasks
from halo_engine.tasks.states import Kind
from halo_engine.tasks.store import Item
from halo_engine.workspace import Workspace

TITLE_LIMIT = 500
TEXT_LIMIT = 100_000
TAG_LIMIT = 100
KEY_LIMIT = 500
LISTED = 100
"""Faults that a message lists."""
NEEDS_LIMIT = 1000
"""Items that one item may wait for."""
LONGEST = 31_536_000
"""Seconds: no timeout is longer than a year."""
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")
NO_TAG = re.compile(r"[\s,\"\x00-\x1f\x7f-\x9f]")


def check(workspace: Workspace, data: TaskAdded | Item, itself: Item | None) -> None:
    """Look over the fields that a person gives.

    Raises Usage for a bad value, BadData for what is no Unicode, NotFound for an unknown dependency.
    """
    checked_text(data.context, "context")
    _command(data)
    if data.window is not None:
        parse(data.window)
    if data.timeout is not None and not 0 < data.timeout <= LONGEST:
        raise Usage("a timeout is more than 0 seconds, and a year at the most")
    if data.retries is not None and data.retries < 0:
        raise Usage("retries are 0 or more")
    if data.priority not in range(4):
        raise Usage(f"its priority must be 0 to 3, not {data.priority}", "0 none, 1 low, 2 medium, 3 high")
    bad = [tag for tag in data.tags if not tag or NO_TAG.search(tag) or len(tag) > TAG_LIMIT]
    if bad:
        raise Usage(f"not a tag: {bad[0][:40]!r}", "a tag is a word without blanks, commas or quotes")
    checked_text("".join(data.tags), "tags")
    check_dependencies(workspace, data.depends_on, itself)


def _command(data: TaskAdded | Item) -> None:
    if data.command is None:
        if data.kind is Kind.JOB:
            raise Usage("a job needs a command", 'add --command "..."')
        return
    checked_text(data.command, "command")
    if data.kind is not Kind.JOB:
        raise Usage(f"a command belongs to a job, not to a {data.kind}", "add --kind job")
    if not data.command.strip() or "\0" in data.command:
        raise Usage("the command is empty or holds a NUL character")


def check_dependencies(workspace: Workspace, depends_on: Sequence[str], itself: Item | None) -> None:
    """All known, and none that waits for this item itself.

    Raises NotFound, or Usage with the cycle.
    """
    if not depends_on or (itself and depends_on == itself.depends_on):
        return
    if len(depends_on) > NEEDS_LIMIT:
        raise Usage(f"{len(depends_on):,} dependencies; {NEEDS_LIMIT:,} are the most", "put an item in between")
    with opened(workspace, tasks) as store:
        trail: list[tuple[Item, tuple[str, ...]]]
        trail = [(row, (row.id,)) for row in (queries.found(store, ref) for ref in depends_on)]
        seen: set[str] = set()
        while trail:
            row, path = trail.pop()
            if itself and row.id == itself.id:
                raise Usage(
                    f"{itself.id} would wait for itself: {' -> '.join((itself.id, *path))}", "leave one of them out"
                )
            if row.id not in seen:
                seen.add(row.id)
                trail += [(queries.found(store, ref), (*path, ref)) for ref in row.depends_on]


def checked_title(title: str) -> str:
    """One line, not empty, not a book, nothing that steers a terminal.

    Raises Usage.
    """
    title = " ".join(title.split())
    if not title:
        raise Usage("the title is empty", 'nightctl add "what is to be done"')
    if len(title) > TITLE_LIMIT:
        raise Usage(f"the title has {len(title):,} characters; {TITLE_LIMIT} are the most", "put the rest in --context")
    return _without_control(checked_text(title, "title"), "title")


def checked_key(key: str | None) -> str | None:
    """Raises Usage for what is no short line."""
    if key is None:
        return None
    if len(key) > KEY_LIMIT:
        raise Usage(f"the key has {len(key):,} characters; {KEY_LIMIT} are the most", "a hash of it will do")
    return _without_control(checked_text(key, "key"), "key")


def checked_reason(reason: str) -> str:
    """Raises Usage when there is none."""
    if not reason.strip():
        raise Usage("a reason is needed", '--reason "..."')
    return checked_text(reason.strip(), "reason")


def refusal(said: str, faults: Sequence[object], hint: str) -> BadData:
    """What is wrong with what was handed in: `said`, with the count of faults in its `{}`, then a line for each."""
    lines = [said.format(counted(len(faults), "fault")), *(f"  {fault}" for fault in faults[:LISTED])]
    if len(faults) > LISTED:
        lines.append(f"  and {len(faults) - LISTED:,} more")
    return BadData("\n".join(lines), hint)


def checked_text(text: str, what: str) -> str:
    """Text that can be kept.

    Raises Usage when it is too long, BadData when it is not Unicode (a lone surrogate).
    """
    if len(text) > TEXT_LIMIT:
        raise Usage(f"the {what} has {len(text):,} characters; {TEXT_LIMIT:,} are the most", "keep the rest in a file")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadData(f"the {what} is not valid Unicode at character {error.start + 1}") from error
    return text


def _without_control(text: str, what: str) -> str:
    found = CONTROL.search(text)
    if found:
        raise Usage(f"the {what} holds a control character (U+{ord(found[0]):04X})", "leave it out")
    return text
