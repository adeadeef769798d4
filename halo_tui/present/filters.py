"""A filter as it is typed, `deploy tag:bot status:open,blocked due:friday`: the same words as `nightctl list` takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from halo_engine.errors import HaloError, Usage
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import Kind
from halo_engine.workspace import Workspace
from halo_tui.present.ink import Line

if TYPE_CHECKING:
    import click

    from halo_engine.events.queries import EventFilter

ITEM_WORDS = "words  tag:  status:  kind:  due:  ready  all"
EVENT_WORDS = "words  module:  type:  stream:  actor:  since:  until:"
OPTIONS = {"tag": "--tag", "status": "--status", "kind": "--kind", "due": "--due"}
EVENT_OPTIONS = {
    "module": "--module",
    "type": "--type",
    "stream": "--stream",
    "actor": "--actor",
    "since": "--since",
    "until": "--until",
}


class Typed(NamedTuple):
    """The words of a filter, sorted out."""

    words: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    flags: frozenset[str]


def unmatched(key: str, _: int) -> list[Line]:
    """What a list says of which the filter leaves nothing; `key` takes it back."""
    return [[("nothing matches the filter", "muted")], [], [(key, "key"), (" shows everything again", "faint")]]


def sort_out(text: str, options: dict[str, str], flags: frozenset[str]) -> Typed:
    """Words, `option:value` pairs and flags; an option that still lacks its value is passed over."""
    words, pairs, found = [], [], set()
    for word in text.split():
        name, colon, value = word.partition(":")
        if colon and name in options:
            pairs += [(name, value)] if value else []
        elif word in flags:
            found.add(word)
        else:
            words.append(word)
    return Typed(tuple(words), tuple(pairs), frozenset(found))


def items(workspace: Workspace, text: str, sort: str) -> Filter:
    """What a filter means for items.

    Raises Usage for a state, kind or date that does not exist.
    """
    if not text:
        return Filter(sort=sort)
    from halo_engine.tasks.arguments import Moment, Status, item_filter

    typed = sort_out(text, OPTIONS, frozenset({"ready", "all"}))

    def values(name: str) -> list[str]:
        return [value for option, value in typed.options if option == name]

    kinds = [kind for value in values("kind") for kind in value.split(",")]
    if wrong := [kind for kind in kinds if kind not in set(Kind)]:
        raise Usage(f"{wrong[0]!r} is no kind; they are: {', '.join(Kind)}")
    given: dict[str, Any] = {
        "status": [_converted(Status(), value) for value in values("status")],
        "every": "all" in typed.flags,
        "kind": kinds,
        "tags": [value.split(",") for value in values("tag")],
        "text": " ".join(typed.words),
        "due": _converted(Moment(end=True), values("due")[-1]) if values("due") else None,
        "ready": "ready" in typed.flags,
        "sort": sort,
    }
    return item_filter(workspace, given)


def _converted(kind: click.ParamType[Any], value: str) -> Any:
    import click

    try:
        return kind.convert(value, None, None)
    except click.BadParameter as error:
        raise Usage(error.message) from error


def events(workspace: Workspace, text: str) -> EventFilter:
    """What a filter means for events.

    Raises Usage for a time that does not exist.
    """
    from halo_engine.events.queries import EventFilter

    typed = sort_out(text, EVENT_OPTIONS, frozenset())
    given = dict(typed.options)
    for name in ("since", "until"):
        if name in given:
            given[name] = moment(workspace, given[name], end=name == "until")
    return EventFilter(text=" ".join(typed.words), **given)


def moment(workspace: Workspace, text: str, *, end: bool = False) -> str:
    """A time that a person typed, looking back: `14:30`, `3d`, `friday`, as a timestamp.

    Raises Usage.
    """
    from halo_engine import clock, times

    zone = times.zone(workspace.settings.timezone or "")
    return clock.stamp(times.moment(text, clock.now(), zone, end=end, past=True))


def fault(error: HaloError) -> str:
    """A problem in one line."""
    return error.message.replace("\n", " ")


def item_command(text: str, sort: str = "priority") -> str:
    """The command line that lists the same items."""
    typed = sort_out(text, OPTIONS, frozenset({"ready", "all"}))
    parts = [f"{OPTIONS[name]} {value}" for name, value in typed.options] + [
        f"--{flag}" for flag in sorted(typed.flags)
    ]
    parts += [f"--text '{' '.join(typed.words)}'"] if typed.words else []
    parts += [f"--sort {sort}"] if sort != "priority" else []
    return " ".join(["nightctl list", *parts])


def event_command(text: str) -> str:
    """The command line that lists the same events."""
    typed = sort_out(text, EVENT_OPTIONS, frozenset())
    parts = [f"{EVENT_OPTIONS[name]} {value}" for name, value in typed.options]
    parts += [f"--text '{' '.join(typed.words)}'"] if typed.words else []
    return " ".join(["halo-engine events list", *parts])
