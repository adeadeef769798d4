"""What is sought: a query, and whether a record answers it."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

import msgspec

from halo_engine.errors import Usage
from halo_engine.logs.formats.json_lines import as_text
from halo_engine.logs.levels import Level
from halo_engine.logs.record import Record
from halo_engine.logs.stamps import Nanoseconds

_CONDITION = re.compile(r"\s*([^=!<>~\s][^=!<>~]*?)\s*(!=|!~|>=|<=|=|~|>|<)\s*(.*)", re.DOTALL)
_ORDER = {">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}
MISSING = object()


class Condition(msgspec.Struct, frozen=True):
    """`a.b=c` on a field: = and != compare, ~ and !~ search a pattern, < <= > >= compare numbers (else text)."""

    path: str
    sign: str
    value: str


class Query(msgspec.Struct, frozen=True):
    """What a record must be. All that is set must be true."""

    levels: frozenset[Level] | None = None
    since: Nanoseconds | None = None
    """Inclusive, as is `until`. A record without a time is in no window."""
    until: Nanoseconds | None = None
    instances: tuple[str, ...] = ()
    where: tuple[Condition, ...] = ()
    text: str = ""
    """Words as they stand in the line or in the message, in any case of letters."""
    regex: str = ""
    """A pattern (Python's re) in the line or in the message."""
    trace: str = ""
    """The value of any field, at any depth, or a word of the message."""

    @property
    def bounded(self) -> bool:
        return self.since is not None or self.until is not None

    @property
    def everything(self) -> bool:
        return self == Query()


def condition(text: str) -> Condition:
    """A condition as people write it: `req.url~^/v1`, `status>=500`, `user=dad`.

    Raises Usage for what is none, or a pattern that is not valid.
    """
    found = _CONDITION.fullmatch(text)
    if not found:
        raise Usage(f"{text[:60]!r} is no condition", "write FIELD=VALUE; != ~ !~ > >= < <= are known too")
    made = Condition(*found.groups())
    if "~" in made.sign:
        pattern(made.value)
    return made


def pattern(text: str) -> re.Pattern[str]:
    """A compiled pattern. Raises Usage for one that is not valid."""
    try:
        return re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise Usage(f"{text[:60]!r} is not a valid pattern: {error}", "it is a regular expression of Python") from error


def value_at(fields: dict[str, Any], path: str) -> Any:
    """The field of that name, else the nested one that the dots lead to; `MISSING` where there is none."""
    if path in fields:
        return fields[path]
    value: Any = fields
    for step in path.split("."):
        if isinstance(value, dict) and step in value:
            value = value[step]
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


Test = Callable[[Record, bytes], bool]


def tests(query: Query) -> tuple[list[Test], bool]:
    """What each record is asked, the cheap questions first; and whether that takes all of its fields."""
    found: list[Test] = []
    if query.levels is not None:
        levels = query.levels
        found.append(lambda record, _: record.level in levels)
    if query.since is not None:
        since = query.since
        found.append(lambda record, _: record.time is not None and record.time >= since)
    if query.until is not None:
        until = query.until
        found.append(lambda record, _: record.time is not None and record.time <= until)
    if query.instances:
        instances = frozenset(query.instances)
        found.append(lambda record, _: record.instance in instances)
    found += [_where(each) for each in query.where]
    if query.text:
        found.append(_text(query.text.lower()))
    if query.regex:
        found.append(_regex(pattern(query.regex)))
    if query.trace:
        found.append(_trace(query.trace))
    return found, bool(query.where or query.trace)


def _text(wanted: str) -> Test:
    return lambda record, line: wanted in record.message.lower() or wanted in line.decode(errors="replace").lower()


def _regex(wanted: re.Pattern[str]) -> Test:
    return lambda record, line: bool(wanted.search(record.message) or wanted.search(line.decode(errors="replace")))


def _trace(wanted: str) -> Test:
    word = re.compile(rf"(?<![\w-]){re.escape(wanted)}(?![\w-])")
    return lambda record, _: holds(record.fields, wanted) or bool(word.search(record.message))


def holds(value: Any, wanted: str) -> bool:
    """Whether a value is that, or has it within."""
    if isinstance(value, dict):
        return any(holds(each, wanted) for each in value.values())
    if isinstance(value, list):
        return any(holds(each, wanted) for each in value)
    return value is not None and as_text(value) == wanted


def _where(wanted: Condition) -> Test:
    check = _check(wanted)

    def test(record: Record, _: bytes) -> bool:
        found = value_at(record.fields or {}, wanted.path)
        return wanted.sign in {"!=", "!~"} if found is MISSING else check(found)

    return test


def _check(wanted: Condition) -> Callable[[Any], bool]:
    if "~" in wanted.sign:
        searched, negated = pattern(wanted.value), wanted.sign == "!~"
        return lambda value: bool(searched.search(as_text(value))) != negated
    number = _number(wanted.value)
    if wanted.sign in {"=", "!="}:
        same = wanted.sign == "="
        return lambda value: _equal(value, wanted.value, number) == same
    order = _ORDER[wanted.sign]
    return lambda value: _ordered(order, value, wanted.value, number)


def _ordered(order: Callable[[Any, Any], bool], value: Any, text: str, number: float | None) -> bool:
    if number is None:
        return bool(order(as_text(value), text))
    mine = _number(as_text(value))
    return mine is not None and bool(order(mine, number))


def _equal(value: Any, text: str, number: float | None) -> bool:
    if value is None:
        return text == "null"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value == number if is_number and number is not None else as_text(value) == text


def _number(text: str) -> float | None:
    try:
        return int(text) if text.lstrip("-").isdecimal() and len(text) < 4000 else float(text)
    except ValueError:
        return None
