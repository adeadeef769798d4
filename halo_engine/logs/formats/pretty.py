"""pino-pretty: `[14:02:11.123] ERROR (worker/4711): message`, coloured, its fields indented below it."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo
from typing import Any

import msgspec

from halo_engine.logs.formats.json_lines import as_text
from halo_engine.logs.formats.text import ANSI
from halo_engine.logs.levels import level_of
from halo_engine.logs.record import Malformed, Reach, Record, reach
from halo_engine.logs.stamps import instant

_STARTS = re.compile(
    rb"(?:\x1b\[[0-9;]*m)*\[(?:[0-9]{4}-[0-9]{2}-[0-9]{2}[T ])?[0-9]{2}:[0-9]{2}:[0-9]{2}"
    rb"(?:\.[0-9]+)?(?: ?[+-][0-9]{2}:?[0-9]{2}|Z)?\](?:\x1b\[[0-9;]*m)* *(?:\x1b\[[0-9;]*m)*[A-Z]+"
)
_HEAD = re.compile(
    r"\[(?P<time>[^\]]+)\] +(?P<level>[A-Z0-9]+)(?: +\((?P<who>[^)]*)\))?:? ?(?P<message>[^\n]*)(?:\n(?P<rest>.*))?",
    re.DOTALL,
)
_FIELD = re.compile(r"^    ([^\s:][^:\n]*): (.*(?:\n {5,}.*|\n    [\]}].*)*)", re.MULTILINE)


class Pretty:
    """A time of day without a date is shown, but compares with nothing: a date would be made up."""

    name = "pretty"
    multiline = True
    looks_back = False

    def __init__(self, zone: tzinfo = UTC, instance: str = "", instance_keys: tuple[str, ...] = ("instance",)) -> None:
        self.zone = zone
        self.instance = instance
        self.instance_keys = instance_keys

    def begins(self, line: bytes, before: bytes) -> bool:
        return _STARTS.match(line) is not None

    def head(self, lines: bytes) -> Record | Malformed:
        return self.whole(lines)

    def reach(self, records: list[bytes]) -> Reach:
        return reach(map(self.whole, records))

    def whole(self, lines: bytes) -> Record | Malformed:
        text = ANSI.sub("", lines.decode(errors="replace")).rstrip("\r\n")
        if not text.strip():
            return Malformed("blank")
        found = _HEAD.match(text)
        if found is None:
            return Malformed("nul" if "\0" in text else "text")
        fields: dict[str, Any] = {key: _value(value) for key, value in _FIELD.findall(found["rest"] or "")}
        instance = next((as_text(fields[key]) for key in self.instance_keys if key in fields), self.instance)
        time = instant(found["time"], self.zone)
        if time is None:
            fields = {"clock": found["time"], **fields}
        if found["who"]:
            fields = {"name": found["who"], **fields}
        rest = _FIELD.sub("", found["rest"] or "").strip("\n")
        message = found["message"] + ("\n" + rest if rest.strip() else "")
        return Record(time, level_of(found["level"]), instance, message, fields)


def _value(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, ValueError):
        return text
