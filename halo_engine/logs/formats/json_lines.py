"""JSON lines: pino, bunyan, zap, slog, Python's json loggers, and what else writes one object a line."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from datetime import UTC, tzinfo
from typing import Any

import msgspec
from msgspec import UNSET

from halo_engine.logs.levels import level_of
from halo_engine.logs.record import Malformed, Reach, Record, reach
from halo_engine.logs.stamps import extremes, instant

_BOM = b"\xef\xbb\xbf"
FAULTS = (msgspec.MsgspecError, RecursionError, ValueError)
NO_KEY = "(no key)"
"""Stands for the first of no keys."""
LONGEST_NUMBER = 4000
"""Digits; a longer number stays text, as Python reads none."""
TIME, LEVEL, INSTANCE, MESSAGE = ALL = tuple(range(4))


class Keys(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which fields hold what; the first that a record has, and that is not null, counts."""

    time: tuple[str, ...] = ("time", "timestamp", "ts", "@timestamp", "asctime", "datetime")
    level: tuple[str, ...] = ("level", "severity", "lvl", "levelname", "log.level", "levelno")
    message: tuple[str, ...] = ("msg", "message", "event")
    instance: tuple[str, ...] = ("instance", "agent", "bot")


class JsonLines:
    """One object a line, RFC 8259; of what it forbids, NaN, Infinity and lone surrogates are taken too."""

    name = "json"
    multiline = False
    looks_back = False

    def __init__(self, keys: Keys | None = None, zone: tzinfo = UTC, instance: str = "") -> None:
        self.keys = keys or Keys()
        self.zone = zone
        self.instance = instance
        self._keys = [
            keys or (NO_KEY,) for keys in (self.keys.time, self.keys.level, self.keys.instance, self.keys.message)
        ]
        self._slots = {key: f"f{place}" for place, key in enumerate(dict.fromkeys(sum(self._keys, ())))}
        self._decoders: dict[tuple[int, ...], Callable[[bytes], Any]] = {}
        self._decode_head = self._decoder(ALL)
        self._decode = msgspec.json.Decoder(dict[str, Any]).decode
        self._firsts = self.firsts(TIME, LEVEL, INSTANCE)
        self._first_message = self.firsts(MESSAGE)
        self._others = [[(self._slots[key], key) for key in keys[1:]] for keys in self._keys]

    def firsts(self, *wanted: int) -> Callable[[Any], Any]:
        """Of a decoded head, each of these things as the first of its keys has it, or `UNSET`."""
        return operator.attrgetter(*(self._slots[self._keys[what][0]] for what in wanted))

    def _decoder(self, wanted: tuple[int, ...]) -> Callable[[bytes], Any]:
        """Of these things of an object only, each field an attribute; what it has not is `UNSET`."""
        if wanted not in self._decoders:
            slots = {key: self._slots[key] for what in wanted for key in self._keys[what]}
            fields = [(slot, Any, UNSET) for slot in slots.values()]
            struct = msgspec.defstruct("Head", fields, rename={slot: key for key, slot in slots.items()}, gc=False)
            self._decoders[wanted] = msgspec.json.Decoder(struct).decode
        return self._decoders[wanted]

    def begins(self, line: bytes, before: bytes) -> bool:
        return True

    def head(self, lines: bytes) -> Record | Malformed:
        try:
            found = self._decode_head(lines)
            if not lines.isascii():
                lines.decode()
        except FAULTS:
            return self.whole(lines)
        time, level, instance = self._firsts(found)
        key = self._keys[LEVEL][0]
        if time is UNSET or time is None:
            time, _ = self.other(found, TIME)
        if level is UNSET or level is None:
            level, key = self.other(found, LEVEL)
        if instance is UNSET or instance is None:
            instance, _ = self.other(found, INSTANCE)
        return Record(
            instant(time, self.zone),
            None if level is UNSET else level_of(level, key),
            self.instance_of(instance),
            self.message_of(found),
        )

    def reach(self, records: list[bytes]) -> Reach:
        first = self.firsts(TIME)
        by_type: dict[type, list[Any]] = {}
        rest: list[Record | Malformed] = []
        for line, head in zip(records, self.heads(records, (TIME,)), strict=True):
            if head is None:
                rest.append(self.whole(line))
                continue
            time = first(head)
            if time is UNSET or time is None:
                time, _ = self.other(head, TIME)
            by_type.setdefault(type(time), []).append(time)
        ends = [*(extremes(times, self.zone) for times in by_type.values()), reach(rest)]
        times = [time for pair in ends for time in pair if time is not None]
        return min(times, default=None), max(times, default=None)

    def heads(self, lines: list[bytes], wanted: tuple[int, ...] = ALL) -> list[Any]:
        """Many lines decoded at once, for `firsts` and `other`; None for a line that `whole` has to look at.

        `wanted`: what is to be had of them. The less, the less work.
        """
        decode = self._decoder(wanted)
        found: list[Any] = []
        rest = iter(lines)
        while len(found) < len(lines):
            try:
                found.extend(map(decode, rest))
            except FAULTS:
                found.append(None)
        for place, plain in enumerate(map(bytes.isascii, lines)):
            if not plain and not _is_utf8(lines[place]):
                found[place] = None
        return found

    def other(self, head: Any, what: int) -> tuple[Any, str]:
        """The first field that a decoded head has of the further keys for a thing, and its key; `UNSET` for none."""
        for slot, key in self._others[what]:
            found = getattr(head, slot)
            if found is not UNSET and found is not None:
                return found, key
        return UNSET, ""

    def instance_of(self, field: Any) -> str:
        """What a field, or `UNSET`, says of the instance."""
        return field if type(field) is str else self.instance if field is UNSET or field is None else as_text(field)

    def message_of(self, head: Any) -> str:
        """The message of a decoded head that has one."""
        found = self._first_message(head)
        if found is UNSET or found is None:
            found, _ = self.other(head, MESSAGE)
        return found if type(found) is str else "" if found is UNSET else as_text(found)

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
        time = next((fields[key] for key in keys.time if fields.get(key) is not None), None)
        level = next(((fields[key], key) for key in keys.level if fields.get(key) is not None), None)
        message = next((fields[key] for key in keys.message if fields.get(key) is not None), "")
        instance = next((fields[key] for key in keys.instance if fields.get(key) is not None), None)
        return Record(
            None if time is None else instant(time, self.zone),
            level_of(*level) if level else None,
            self.instance if instance is None else as_text(instance),
            as_text(message),
            fields,
        )


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


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
