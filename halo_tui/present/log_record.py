"""One record of a log, opened: where it stands, what it says, and its fields as a tree."""

from __future__ import annotations

from typing import NamedTuple

from halo_engine.logs.levels import NAMES
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.stamps import iso
from halo_tui.present.event import tree
from halo_tui.present.ink import Line, clean, cut_line, wrap
from halo_tui.present.log_rows import LEVELS, moment, tone
from halo_tui.present.when import When

LABEL = 10
LONG = 20_000
"""Characters of a line that are shown as they are."""
TRACES = ("trace_id", "traceId", "trace", "correlation_id", "correlationId", "request_id", "requestId", "reqId")
"""Fields that carry what belongs together, the best first."""
WHY = {
    "cut": "it ends in the middle",
    "json": "it is not JSON",
    "text": "it is no text",
    "nul": "it is NUL bytes",
    "utf8": "it is not UTF-8",
    "deep": "it is nested too deep",
    "blank": "it is blank",
}


class Opened(NamedTuple):
    """A line, and what it is."""

    source: str
    path: str
    offset: int
    found: Record | Malformed
    text: bytes
    """As it is written, or its beginning."""


def page(opened: Opened, when: When, columns: int) -> list[Line]:
    """The record in lines of at most that many columns."""
    found = opened.found
    if isinstance(found, Malformed):
        head = wrap(f"▲ no record: {WHY.get(found.kind, found.kind)}", columns, "warning")
        return [*head, [], *_where(opened, columns), [], *_text(opened, columns)]
    said = wrap(found.message or "(no message)", columns, tone(found.level))
    fields = (
        ("level", f"{LEVELS[found.level][0]} {NAMES[found.level]}" if found.level else ""),
        ("time", f"{moment(found.time, when)}  {iso(found.time)}" if found.time is not None else ""),
        ("instance", found.instance),
    )
    lines = [*said, [], *_labelled(fields, columns), []]
    if not found.fields:
        return [*lines, *_text(opened, columns), [], *_where(opened, columns)]
    body = [cut_line(line, columns) for line in tree(found.fields, columns)]
    return [*lines, [("fields", "muted")], *body, [], *_where(opened, columns)]


def _where(opened: Opened, columns: int) -> list[Line]:
    return _labelled((("source", opened.source), ("file", opened.path), ("offset", f"{opened.offset:,}")), columns)


def _labelled(pairs: tuple[tuple[str, str], ...], columns: int) -> list[Line]:
    return [
        cut_line([(f"{name:<{LABEL}}", "faint"), (clean(value), "plain")], columns) for name, value in pairs if value
    ]


def _text(opened: Opened, columns: int) -> list[Line]:
    return [[("as written", "muted")], *wrap(opened.text[:LONG].decode(errors="replace"), columns)]


def trace_of(opened: Opened) -> str:
    """The trace id of a record; empty when it has none."""
    fields = opened.found.fields or {} if isinstance(opened.found, Record) else {}
    return next((str(fields[name]) for name in TRACES if isinstance(fields.get(name), str | int) and fields[name]), "")
