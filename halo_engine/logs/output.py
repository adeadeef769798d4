"""Entries as text, NDJSON or CSV, a line at a time: whatever the size of the answer, it streams."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from halo_engine import console
from halo_engine.logs.formats.json_lines import Keys
from halo_engine.logs.levels import NAMES, Level
from halo_engine.logs.record import Entry, Record
from halo_engine.logs.stamps import Nanoseconds, iso

COLOURS = {
    Level.TRACE: "2",
    Level.DEBUG: "2",
    Level.INFO: "",
    Level.WARN: "33",
    Level.ERROR: "31",
    Level.FATAL: "1;31",
}
HIDDEN = frozenset({"v", "pid", "hostname", "levelno"})
"""Fields that every line repeats: left out of the text for a person, not of JSON."""
KEYS = Keys()
LONGEST = 2000
"""Characters of a message or a field in the text for a person."""
CONTROL = {code: f"\\x{code:02x}" for code in (*range(9), *range(11, 32), 127, *range(128, 160))}
"""What could move the cursor or hide text is shown as its code."""
Writer = Callable[[Iterable[Entry]], Iterator[str]]


def coloured() -> bool:
    """Whether stdout is a terminal that wants colours."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def universal(time: Nanoseconds) -> str:
    """An instant in UTC, `2026-11-20T14:02:11.123Z`: for what is written to be read elsewhere."""
    return iso(time)[:23] + "Z"


def local(time: Nanoseconds) -> str:
    """An instant as the operator's clock shows it, `2026-11-20 16:02:11.123`."""
    stamp = iso(time)
    return f"{console.local(stamp)[:19]}.{stamp[20:23]}"


def text(
    entries: Iterable[Entry], *, colour: bool = False, when: Callable[[Nanoseconds], str] = universal
) -> Iterator[str]:
    """For a person: `2026-11-20T14:02:11.123Z error dad message key=value`."""
    before: Entry | None = None
    for entry in entries:
        if before is not None and (entry.context or before.context) and _apart(before, entry):
            yield "--"
        yield _line(entry, colour, when)
        before = entry


def _apart(before: Entry, entry: Entry) -> bool:
    return before.path != entry.path or not before.end <= entry.start <= before.end + 2


def _line(entry: Entry, colour: bool, when: Callable[[Nanoseconds], str]) -> str:
    record = entry.record
    time = when(record.time) if record.time is not None else "-"
    level = NAMES[record.level] if record.level else "-"
    code = COLOURS.get(record.level, "") if colour and record.level else ""
    shown = f"\x1b[{code}m{level:<5}\x1b[0m" if code else f"{level:<5}"
    parts = [f"{time:<23}", shown, record.instance or entry.source, plain(record.message)]
    fields, told = record.fields or {}, _told(record)
    parts += [f"{key}={_value(value)}" for key, value in fields.items() if key not in told and key not in HIDDEN]
    return ("  " if entry.context else "") + " ".join(parts)


def _told(record: Record) -> set[str | None]:
    """The fields that stand in the line already, as time, level, instance or message; not what could not be read."""
    fields = record.fields or {}
    time, level = KEYS.time if record.time is not None else (), KEYS.level if record.level else ()
    wanted = (time, level, KEYS.instance, KEYS.message)
    return {next((key for key in keys if fields.get(key) is not None), None) for keys in wanted}


def plain(message: str) -> str:
    """A message that leaves the terminal as it is; its further lines are indented."""
    if len(message) > LONGEST:
        message = f"{message[:LONGEST]}... ({len(message):,} characters)"
    return message.translate(CONTROL).replace("\n", "\n    ") if not message.isprintable() else message


def _value(value: Any) -> str:
    if isinstance(value, str):
        return plain(value) if value and " " not in value else f'"{plain(value)}"'
    return plain(encoded(value))


def encoded(value: Any) -> str:
    """A value as JSON."""
    return msgspec.json.encode(value).decode()


def ndjson(entries: Iterable[Entry]) -> Iterator[str]:
    """One object a line."""
    for entry in entries:
        yield encoded(entry.readable())


def json(entries: Iterable[Entry]) -> Iterator[str]:
    """One array, an element a line."""
    yield "["
    before = ""
    for entry in entries:
        if before:
            yield before + ","
        before = encoded(entry.readable())
    if before:
        yield before
    yield "]"


COLUMNS = ("time", "level", "instance", "message", "source", "file", "offset", "fields")


def comma_separated(entries: Iterable[Entry]) -> Iterator[str]:
    """RFC 4180, the fields as JSON in the last column."""
    yield ",".join(COLUMNS)
    for entry in entries:
        row = entry.readable()
        row["fields"] = encoded(row["fields"])
        yield _row([row[column] for column in COLUMNS])


def _row(values: list[Any]) -> str:
    import csv

    draft = io.StringIO()
    csv.writer(draft, lineterminator="").writerow(values)
    return draft.getvalue()


WRITERS: dict[str, Writer] = {"json": json, "ndjson": ndjson, "csv": comma_separated, "text": text}
