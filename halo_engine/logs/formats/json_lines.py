"""JSON lines: pino, bunyan, zap, slog, Python's json loggers, and what else writes one object a line."""

from __future__ import annotations

import math
import operator
from datetime import UTC, tzinfo
from typing import Any

import msgspec
from msgspec import UNSET

from halo_engine.logs.levels import level_of
from halo_engine.logs.record import Malformed, Record
from halo_engine.logs.stamps import instant

_BOM = b"\xef\xbb\xbf"
FAULTS = (msgspec.MsgspecError, RecursionError, ValueError)
NO_KEY = "(no key)"
"""Stands for the first of no keys."""
LONGEST_NUMBER = 4000
"""Digits; a longer number stays text, as Python reads none."""


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which fields hold what; the first that a record has counts."""

    time: tuple[str, ...] = ("time", "timestamp", "ts", "@timestamp", "asctime", "datetime")
    level: tuple[str, ...] = ("level", "severity", "lvl", "levelname", "log.level", "levelno")
    message: tuple[str, ...] = ("msg", "message", "event")
    instance: tuple[str, ...] = ("instance", "agent", "bot")


class JsonLines:
    """One object a line, RFC 8259; of what it forbids, NaN, Infinity and lone surrogates are taken too."""

    name = "json"
    multiline = False

    def __init__(self, keys: Keys | None = None, zone: tzinfo = UTC, instance: str = "") -> None:
        self.keys = keys or Keys()
        self.zone = zone
        self.instance = instance
        names = dict.fromkeys((*self.keys.time, *self.keys.level, *self.keys.message, *self.keys.instance))
        slots = {name: f"f{place}" for place, name in enumerate(names)}
        slots[NO_KEY] = "none"
        fields = [(slot, Any, UNSET) for slot in slots.values()]
        head = msgspec.defstruct("Head", fields, rename={slot: name for name, slot in slots.items()}, gc=False)
        self._decode_head = msgspec.json.Decoder(head).decode
        self._decode = msgspec.json.Decoder(dict[str, Any]).decode
        wanted = [
            keys or (NO_KEY,) for keys in (self.keys.time, self.keys.level, self.keys.message, self.keys.instance)
        ]
        self._firsts = operator.attrgetter(*(slots[keys[0]] for keys in wanted))
        self._level_key = wanted[1][0]
        self._others = [[(slots[key], key) for key in keys[1:]] for keys in wanted]

    def begins(self, line: bytes, before: bytes) -> bool:
        return True

    def head(self, lines: bytes) -> Record | Malformed:
        try:
            found = self._decode_head(lines)
            if not lines.isascii():
                lines.decode()
        except FAULTS:
            return self.whole(lines)
        time, level, message, instance = self._firsts(found)
        key = self._level_key
        if time is UNSET:
            time, _ = _other(found, self._others[0])
        if level is UNSET:
            level, key = _other(found, self._others[1])
        if message is UNSET:
            message, _ = _other(found, self._others[2])
        if instance is UNSET:
            instance, _ = _other(found, self._others[3])
        return Record(
            instant(time, self.zone),
            None if level is UNSET else level_of(level, key),
            instance if type(instance) is str else self.instance if instance is UNSET else as_text(instance),
            message if type(message) is str else "" if message is UNSET else as_text(message),
        )

    def whole(self, lines: bytes) -> Record | Malformed:
        try:
            fields = self._decode(lines)
        except FAULTS:
            second = lenient(lines)
            if isinstance(second, Malformed):
                return second
            fields = second
        return self.record(fields)

    def record(self, fields: dict[str, Any]) -> Record:
        """The record that an object means."""
        keys = self.keys
        time = next((fields[key] for key in keys.time if key in fields), None)
        level = next(((fields[key], key) for key in keys.level if key in fields), None)
        message = next((fields[key] for key in keys.message if key in fields), "")
        instance = next((fields[key] for key in keys.instance if key in fields), None)
        return Record(
            None if time is None else instant(time, self.zone),
            level_of(*level) if level else None,
            self.instance if instance is None else as_text(instance),
            as_text(message),
            fields,
        )


def _other(head: Any, slots: list[tuple[str, str]]) -> tuple[Any, str]:
    """The first field of those that a decoded head has, and its key; `UNSET` for none."""
    for slot, key in slots:
        found = getattr(head, slot)
        if found is not UNSET:
            return found, key
    return UNSET, ""


def as_text(value: Any) -> str:
    """A field as one text."""
    if isinstance(value, str):
        return value
    return "" if value is None else msgspec.json.encode(value).decode()


def lenient(lines: bytes) -> dict[str, Any] | Malformed:
    """A second, slower look at what strict JSON refuses: real loggers write NaN and lone surrogates.

    A surrogate becomes U+FFFD; NaN, Infinity and numbers out of range become text.
    """
    import json

    text = lines.strip().removeprefix(_BOM)
    try:
        found = json.loads(text.decode(), parse_int=_number)
    except (ValueError, RecursionError) as error:
        return Malformed(_why(text, error))
    return clean(found) if isinstance(found, dict) else Malformed("text")


def _number(digits: str) -> int | str:
    return int(digits) if len(digits) < LONGEST_NUMBER else digits


def _why(text: bytes, error: Exception) -> str:
    if not text:
        return "blank"
    if b"\0" in text:
        return "nul"
    if isinstance(error, UnicodeDecodeError):
        return "utf8"
    if isinstance(error, RecursionError):
        return "deep"
    if not text.startswith(b"{"):
        return "text"
    return "json" if text.endswith(b"}") else "cut"


def clean(value: Any) -> Any:
    """The same value, of what JSON can say."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, dict):
        return {clean(key): clean(each) for key, each in value.items()}
    return [clean(each) for each in value] if isinstance(value, list) else value
