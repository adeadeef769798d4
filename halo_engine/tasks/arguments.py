"""What people write on the command line, as the types that commands take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from halo_engine import clock, times
from halo_engine.clock import Timestamp
from halo_engine.errors import Usage
from halo_engine.tasks import queries
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import Kind, State
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

PRIORITIES = {"none": 0, "low": 1, "medium": 2, "high": 3, "l": 1, "m": 2, "h": 3}
CLEARABLE = frozenset({"tags", "due", "context", "depends_on", "window", "timeout", "retries"})
COMPLETED = 50
"""Items that completion offers at most."""


def complete_item(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Items that are not over, by the beginning of their id; their titles beside them."""
    from click.shell_completion import CompletionItem

    workspace = Workspace.find(ctx.params.get("workspace"), make=False)
    items = queries.page(workspace, Filter(), 0)[0] if workspace.exists() else []
    fitting = [item for item in items if item.id.startswith(incomplete.upper())][:COMPLETED]
    return [CompletionItem(item.id, help=item.title) for item in fitting]


ITEM = click.argument("item", metavar="ITEM", shell_complete=complete_item)
LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, help="How many at the most; 0 for all."
)


def beginning(typed: str, words: Sequence[str], before: str = "") -> list[Any]:
    """What a shell may offer for what was typed so far; `before` stands there already."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(before + word) for word in words if word.startswith(typed)]


class Priority(click.ParamType[int]):
    """`high`, `h`, ... as 0 to 3."""

    name = "priority"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        found = PRIORITIES.get(str(value).lower())
        if found is None:
            self.fail(f"{value!r} is none of high, medium, low, none", param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        return beginning(incomplete, ("high", "medium", "low", "none"))


class Status(click.ParamType[list[State]]):
    """States with `-` or `_`, several with commas, or `all`."""

    name = "state"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[State]:
        found: list[State] = []
        for word in str(value).lower().replace("-", "_").split(","):
            if word == "all":
                found += list(State)
            elif word in set(State):
                found.append(State(word))
            else:
                self.fail(f"{word!r} is no state; they are: {', '.join(State)}", param, ctx)
        return found

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[Any]:
        done, comma, last = incomplete.rpartition(",")
        return beginning(last, [state.value for state in State], done + comma)


class Tags(click.ParamType[list[str]]):
    """Words, several with commas."""

    name = "word"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        return [word.strip() for word in str(value).split(",") if word.strip()]


class Duration(click.ParamType[float]):
    """`90s`, `15m`, or plain seconds, as seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value)
        return float(text) if text.isdigit() else times.duration(text).total_seconds()


class Moment(click.ParamType[tuple[str, bool]]):
    """A date or a moment; which instant that is depends on the operator's zone, so it is worked out later.

    `end`: a bare date means its last second.
    """

    name = "when"

    def __init__(self, *, end: bool = False) -> None:
        self.end = end

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, bool]:
        return (str(value), self.end) if isinstance(value, str) else value


def stamped(workspace: Workspace, given: tuple[str, bool] | None) -> Timestamp | None:
    """A `Moment` as an instant.

    Raises Usage for text that is no moment.
    """
    if given is None:
        return None
    text, end = given
    return clock.stamp(times.moment(text, clock.now(), times.zone(workspace.settings.timezone or ""), end=end))


def flat(given: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    """Repeated options with several values each, in one, each value once."""
    return tuple(dict.fromkeys(value for group in given for value in group))


def item_fields(workspace: Workspace, given: dict[str, Any]) -> dict[str, Any]:
    """The options of `add` as fields; what was not given is left out."""
    fields = {name: value for name, value in given.items() if value is not None and value != ()}
    for name in ("due", "defer_until"):
        if name in fields:
            fields[name] = stamped(workspace, fields[name])
    if "kind" in fields:
        fields["kind"] = Kind(fields["kind"])
    if "tags" in fields:
        fields["tags"] = flat(fields["tags"])
    if "depends_on" in fields:
        needed = (queries.item(workspace, each).id for each in flat(fields["depends_on"]))
        fields["depends_on"] = tuple(dict.fromkeys(needed))
    return fields


def item_changes(workspace: Workspace, item: str, given: dict[str, Any]) -> dict[str, Any]:
    """The options of `edit` as changed fields.

    Raises Usage when nothing is to be changed.
    """
    untag, clear = flat(given.pop("untag")), given.pop("clear")
    changes = item_fields(workspace, given)
    row = queries.item(workspace, item)
    if "tags" in changes or untag:
        tags = dict.fromkeys([*row.tags, *changes.get("tags", ())])
        changes["tags"] = tuple(tag for tag in tags if tag not in untag)
    for name in clear:
        changes[name] = {"tags": (), "depends_on": (), "context": ""}.get(name)
    if not changes:
        raise Usage("nothing to change", "nightctl edit --help")
    return changes


def item_filter(workspace: Workspace, given: dict[str, Any]) -> Filter:
    """The options of `list` as a filter."""
    return Filter(
        states=frozenset(flat(given["status"])),
        every=given["every"],
        kinds=frozenset(map(Kind, given["kind"])),
        tags=frozenset(flat(given["tags"])),
        text=given["text"],
        due_until=stamped(workspace, given["due"]),
        ready=given["ready"],
        sort=given["sort"],
    )
