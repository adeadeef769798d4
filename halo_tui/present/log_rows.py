"""Records of logs as rows: when, how grave, whose, what, and the fields beside it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

from halo_engine.logs.formats.json_lines import Keys
from halo_engine.logs.levels import NAMES, Level
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.stamps import Nanoseconds
from halo_tui.present.columns import Cells, Column
from halo_tui.present.filters import unmatched
from halo_tui.present.ink import Line, Run, Tone, clean, cut
from halo_tui.present.when import When

COLUMNS = (
    Column("", 1),
    Column("time", 15, priority=1),
    Column("level", 7),
    Column("from", 9, priority=2),
    Column("message", 20, share=3),
    Column("fields", 24, share=2, priority=3),
)
LEVELS: dict[Level | None, Run] = {
    Level.FATAL: ("✖", "alert"),
    Level.ERROR: ("▲", "alert"),
    Level.WARN: ("◆", "warning"),
    Level.INFO: ("●", "muted"),
    Level.DEBUG: ("·", "faint"),
    Level.TRACE: ("·", "faint"),
    None: (" ", "faint"),
}
"""Glyph and tone of each; the word stands beside it."""
MARK: Run = ("◆", "mark")
SAID = 600
"""Characters of a message that a row may need."""
FIELDS, LONGEST = 300, 80
HEAD = frozenset(
    key for value in msgspec.structs.asdict(Keys()).values() for key in ([value] if isinstance(value, str) else value)
) | {"pid", "hostname", "v"}
"""Fields that say what the other columns say, or what is the same in every line."""
LAST = frozenset({"trace_id", "traceId", "span_id", "spanId", "correlation_id", "request_id", "reqId", "id"})


def row(found: Record | Malformed, text: bytes, marked: bool, whose: str, when: When) -> Cells:
    """One row; `whose` is the source, for a record that names no instance."""
    mark: Run = MARK if marked else (" ", "plain")
    if isinstance(found, Malformed):
        said = clean(text[:SAID].decode(errors="replace"))
        return mark, ("", "plain"), ("", "plain"), ("", "plain"), (said, "muted"), ("", "plain")
    return (
        mark,
        (moment(found.time, when), "faint"),
        badge(found.level),
        (clean(found.instance or whose), "muted"),
        (clean(found.message[:SAID]), tone(found.level)),
        beside(found.fields or {}),
    )


def badge(level: Level | None) -> Run:
    """Glyph and word of a level in its tone."""
    glyph, tone_ = LEVELS[level]
    return f"{glyph} {NAMES[level] if level else ''}", tone_


def tone(level: Level | None) -> Tone:
    """Of a message: only trouble is coloured, and only noise is grey."""
    shown = LEVELS[level][1]
    return "plain" if level in {Level.INFO, None} else shown


def moment(time: Nanoseconds | None, when: When) -> str:
    """`14:02:11.042` today, else `Nov 19 14:02:11`; the day alone in another year."""
    if time is None:
        return ""
    try:
        then = datetime.fromtimestamp(time / 1e9, when.zone)
    except (OverflowError, ValueError, OSError):
        return "no such time"
    now = when.now.astimezone(when.zone)
    if then.date() == now.date():
        return f"{then:%H:%M:%S}.{then.microsecond // 1000:03d}"
    return f"{then:%b %d %H:%M:%S}" if then.year == now.year else f"{then:%Y-%m-%d}"


def beside(fields: dict[str, Any]) -> Line:
    """The fields that no other column shows, what is only an id last: `chat=812 ms=1900`."""
    line: Line = []
    used = 0
    for name, value in sorted(fields.items(), key=lambda pair: pair[0] in LAST):
        if name in HEAD or used > FIELDS:
            continue
        said = clean(short(value))
        line += [(f"{clean(name)}=", "faint"), (f"{said} ", "muted")]
        used += len(name) + len(said)
    return line


def short(value: Any) -> str:
    """A value in few characters."""
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return cut(text[: LONGEST + 1], LONGEST)


def nothing(filtered: bool, sources: bool, fault: str, keys: tuple[str, str], columns: int) -> list[Line]:
    """What an empty list says; `keys` are those of the filter's end and of the prompt."""
    if fault:
        return [[(f"▲ {clean(fault)}", "alert")]]
    if filtered:
        return unmatched(keys[0], columns)
    if sources:
        return [[("nothing has been written yet", "muted")]]
    told = ("they are looked for in logs/ of the workspace and of each instance", "logctl.yaml names others")
    return [
        [("no logs were found", "muted")],
        [],
        *([(line, "faint")] for line in told),
        [(keys[1], "key"), (" logctl sources", "plain"), ("  lists what there is", "faint")],
    ]
