"""One item, told: where it stands, how it came there, what can be done next, and what hangs on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from halo_engine import times
from halo_engine.errors import BadData
from halo_engine.events.model import Event
from halo_engine.tasks.glyphs import GLYPHS, words
from halo_engine.tasks.states import State
from halo_engine.tasks.store import Item
from halo_tui.actions.item import legal
from halo_tui.keymap import Keys
from halo_tui.present import facts
from halo_tui.present.ink import Line, Run, clean, cut_line, ends, flow, wrap
from halo_tui.present.items import due
from halo_tui.present.states import badge, tone
from halo_tui.present.when import When

LABEL = 11
"""Columns of the label before each part."""
STEPS = 12
"""States of the path that are shown, the last ones."""
PRIORITIES = ("", "low", "medium", "high")


class Story(NamedTuple):
    """What the overview of an item tells."""

    item: Item
    events: list[Event]
    waits_for: list[Item]
    holds_up: list[Item]


def overview(story: Story, keys: Keys, when: When, columns: int) -> list[Line]:
    """The overview, in lines of at most that many columns."""
    item = story.item
    inner = columns - LABEL
    parts: list[tuple[str, list[Line]]] = [
        ("path", _path(story, when, inner)),
        ("reason", wrap(item.reason, inner) if item.reason else []),
        ("next", _next(item, keys, inner)),
        ("due", [[due_at(item, when)]] if item.due else []),
        (
            "opens",
            [[(when.day(item.defer_until), "plain")]] if item.defer_until and item.state is State.DEFERRED else [],
        ),
        ("waits for", flow([_other(each) for each in story.waits_for], inner, gap=3)),
        ("holds up", flow([_other(each) for each in story.holds_up], inner, gap=3)),
        ("command", wrap(item.command, inner, "strong") if item.command else []),
        ("runs", _policy(item, when, inner)),
        ("plan", [[plan_state(item)]] if item.plan_hash else []),
        ("context", wrap(item.context, inner) if item.context else []),
        ("notes", _notes(item, when, inner)),
        ("made", [_made(item, when)]),
    ]
    lines = [_heading(item, columns), []]
    for label, body in parts:
        lines.extend(_labelled(label, body))
    return lines


def _heading(item: Item, columns: int) -> Line:
    marks = [item.kind.value, PRIORITIES[item.priority], *(f"#{tag}" for tag in item.tags)]
    right = cut_line([(clean("  ".join(mark for mark in marks if mark)), "muted")], columns // 2)
    return ends([(f"{item.id}  ", "muted"), (clean(item.title), "strong")], [("  ", "plain"), *right], columns)


def _labelled(label: str, body: list[Line]) -> list[Line]:
    blank: Run = (" " * LABEL, "plain")
    return [[(f"{label:<{LABEL}}", "faint") if not index else blank, *line] for index, line in enumerate(body)]


def _path(story: Story, when: When, columns: int) -> list[Line]:
    try:
        steps = facts.path(story.events)
    except BadData as error:
        return [[(f"▲ {clean(error.message)}", "alert")]]
    parts: list[Line] = []
    if len(steps) > STEPS:
        parts.append([(f"{len(steps) - STEPS} before", "faint")])
    steps = steps[-STEPS:]
    for (state, since), after in zip(steps, [*steps[1:], None], strict=True):
        stayed = when.seconds(since) - (when.seconds(after[1]) if after else 0)
        if after:
            parts.append([(f"{GLYPHS[state]} {words(state)}", "muted"), (f" ─{brief(stayed)}─▸", "faint")])
        else:
            parts.append([badge(state), (f" {brief(stayed)}", "faint")])
    return flow(parts, columns, gap=1)


def brief(seconds: float) -> str:
    """A duration in its largest unit: `3h`."""
    return times.span(seconds).partition(" ")[0]


def _next(item: Item, keys: Keys, columns: int) -> list[Line]:
    parts: list[Line] = [
        [(keys.of(f"item.{move.verb}"), "key"), (f" {move.verb} ", "plain"), (f"▸ {words(to)}", "faint")]
        for move, to in legal(item)
    ]
    return flow(parts, columns, gap=3) or [
        [("nothing leads out of it; ", "muted"), (keys.of("item.undo"), "key"), (" takes it back", "muted")]
    ]


def due_at(item: Item, when: When) -> Run:
    """When it is due, in full."""
    assert item.due is not None
    short, tone_ = due(item, when)
    return (
        f"{when.day(item.due)}  {'late by ' if short.startswith('▲') else 'in '}{short.removeprefix('▲')}"
        if short
        else when.day(item.due),
        tone_,
    )


def _other(item: Item) -> Line:
    return [(f"{GLYPHS[item.state]} ", tone(item.state)), (f"{item.id} ", "muted"), (clean(item.title[:40]), "plain")]


def _policy(item: Item, when: When, columns: int) -> list[Line]:
    parts: list[Line] = []
    for label, value in (
        ("window", item.window or ""),
        ("timeout", times.span(item.timeout) if item.timeout else ""),
        ("retries", "" if item.retries is None else str(item.retries)),
        ("so far", str(item.attempts or "")),
        ("again", when.clock(item.retry_at) if item.retry_at else ""),
    ):
        if value:
            parts.append([(f"{label} ", "faint"), (value, "plain")])
    return flow(parts, columns, gap=3)


def plan_state(item: Item) -> Run:
    """Whether the plan is approved as it is."""
    if item.approved_hash is None:
        return "not approved", "warning"
    return ("approved", "ok") if item.approved_hash == item.plan_hash else ("▲ changed since it was approved", "alert")


def _notes(item: Item, when: When, columns: int) -> list[Line]:
    lines: list[Line] = []
    for time, text in item.notes:
        at = f"{when.day(time)}  "
        body: Sequence[Line] = wrap(text, max(10, columns - len(at)))
        lines.extend([(at if not index else " " * len(at), "faint"), *line] for index, line in enumerate(body))
    return lines


def _made(item: Item, when: When) -> Line:
    made = f"{when.day(item.created)} by {item.created_by}"
    changed = f"   changed {when.day(item.changed)} by {item.changed_by}" if item.changed != item.created else ""
    return [(clean(made + changed), "faint")]
