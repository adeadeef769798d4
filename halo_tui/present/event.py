"""One event, opened: its envelope, its payload as a tree, what caused it and what it caused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from halo_engine.events.model import Event
from halo_engine.events.sentences import sentence
from halo_tui.present.facts import name, says
from halo_tui.present.ink import Line, clean, cut_line, wrap
from halo_tui.present.when import When

LABEL = 11
DEEP = 12
"""Levels of a payload that are shown."""
MANY = 60
"""Entries of a list or a mapping that are shown."""
EFFECTS = 30
"""Effects that are listed."""


def page(event: Event, cause: Event | None, effects: list[Event], when: When, columns: int) -> list[Line]:
    """The event in lines of at most that many columns."""
    said, tone = says(event)
    lines: list[Line] = [
        [(name(event), "strong"), (f"  {event.stream}", "muted"), (f" version {event.version}", "faint")],
        *(wrap(said, columns, tone)[:4] if said.startswith("▲") or sentence(event) else []),
        [],
        *_fields(event, when, columns),
        [],
        [("payload", "muted")],
        *[cut_line(line, columns) for line in tree(_payload(event), columns)],
    ]
    lines += _others("caused by", [cause] if cause else [], "a person, a command or a timer", when, columns)
    lines += _others("caused", effects, "nothing yet", when, columns)
    return lines


def _fields(event: Event, when: When, columns: int) -> list[Line]:
    fields = (
        ("position", f"{event.position:,}"),
        ("time", when.full(event.time)),
        ("type", f"{event.type}  schema {event.schema}"),
        ("by", event.source),
        ("id", event.id),
        ("follows", event.correlation_id if event.correlation_id != event.id else ""),
        ("hash", event.hash.hex()[:32]),
    )
    return [
        cut_line([(f"{label:<{LABEL}}", "faint"), (clean(value), "plain")], columns) for label, value in fields if value
    ]


def _payload(event: Event) -> Any:
    try:
        return msgspec.json.decode(event.payload)
    except msgspec.DecodeError:
        return event.payload.decode(errors="replace")


def tree(value: Any, columns: int) -> list[Line]:
    """Data as an indented tree, a line an entry; long texts are wrapped."""
    return list(_entries(value, "", columns, 0))


def _entries(value: Any, margin: str, columns: int, depth: int) -> Iterator[Line]:
    pairs = (
        list(value.items())
        if isinstance(value, dict)
        else list(enumerate(value))
        if isinstance(value, list)
        else [("", value)]
    )
    widest = min(18, max((len(str(key)) for key, _ in pairs), default=0))
    for place, (key, entry) in enumerate(pairs[:MANY]):
        last = place == len(pairs) - 1
        head: Line = [(f"{margin}{'└' if last else '├'} ", "faint"), (f"{clean(str(key)):<{widest}}  ", "muted")]
        inside = f"{margin}{' ' if last else '│'} "
        if isinstance(entry, dict | list) and entry and depth < DEEP:
            yield head
            yield from _entries(entry, inside, columns, depth + 1)
        else:
            yield from _leaf(head, inside, entry, widest, columns)
    if len(pairs) > MANY:
        yield [(f"{margin}  and {len(pairs) - MANY} more", "faint")]


def _leaf(head: Line, margin: str, value: Any, widest: int, columns: int) -> Iterator[Line]:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    indent = len(margin) + widest + 2
    body = wrap(text, max(10, columns - indent), "plain")
    yield [*head, *body[0]]
    for line in body[1:]:
        yield [(margin + " " * (widest + 2), "faint"), *line]


def _others(label: str, events: list[Event], nothing: str, when: When, columns: int) -> list[Line]:
    lines: list[Line] = [[], [(label, "muted"), ("" if events else f"  {nothing}", "faint")]]
    for event in events[:EFFECTS]:
        said, tone = says(event)
        line: Line = [
            (f"  {event.position:>6}  ", "faint"),
            (f"{when.clock(event.time)}  ", "faint"),
            (f"{event.stream.partition('/')[2]}  ", "muted"),
            (f"{name(event)}  ", tone),
            (said, "plain"),
        ]
        lines.append(cut_line(line, columns))
    if len(events) > EFFECTS:
        lines.append([(f"  and {len(events) - EFFECTS:,} more", "faint")])
    return lines
