"""A row type declares its table: columns from its fields, the first one the key, lists and dicts kept as JSON."""

from __future__ import annotations

import enum
import sqlite3
import types
import typing
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, ClassVar, Generic, Self, TypeVar

import msgspec

EMPTY = {list: "[]", tuple: "[]", dict: "{}", type(None): None}
# SQLite asks around how to take each value that is not plainly a number or text; told beforehand, it does so in a
# third of the time.
sqlite3.register_adapter(types.NoneType, {None: None}.__getitem__)
sqlite3.register_adapter(bool, int)
sqlite3.register_adapter(bytes, bytes)
AFFINITY = {int: "INTEGER", bool: "INTEGER", float: "REAL", str: "TEXT"}


class Row(msgspec.Struct, frozen=True, gc=False):
    """One row of a store. Subclasses name their `table` and its `indexes`: the columns of each, and after ` | `
    the condition of a partial one.
    """

    table: ClassVar[str]
    indexes: ClassVar[Sequence[str]] = ()

    def with_(self, **changes: Any) -> Self:
        return msgspec.structs.replace(self, **changes)


R = TypeVar("R", bound=Row)


class Table(Generic[R]):
    """The SQL of one row type."""

    def __init__(self, row: type[R]) -> None:
        self.row = row
        self.name = row.table
        fields = msgspec.structs.fields(row)
        self.columns = [field.name for field in fields]
        self.key = self.columns[0]
        self._read = [(place, read) for place, field in enumerate(fields) if (read := _reader(field.type))]
        for kind in {_plain(field.type) for field in fields if _is_enum(field.type)}:
            sqlite3.register_adapter(kind, {member: member.value for member in kind}.__getitem__)
        self._json = [place for place, field in enumerate(fields) if _is_json(field.type)]
        kinds = ", ".join(f"{field.name} {_affinity(field.type)}" for field in fields[1:])
        key = f"{self.key} {_affinity(fields[0].type)} PRIMARY KEY"
        self.create = f"CREATE TABLE {self.name} ({key}, {kinds})"
        self.index = [
            f"CREATE INDEX {self.name}_{number} ON {self.name} ({columns}) {condition}".rstrip()
            for number, (columns, _, condition) in enumerate((each.partition(" | ") for each in row.indexes), 1)
        ]
        marks = ", ".join("?" * len(fields))
        self.upsert = f"INSERT OR REPLACE INTO {self.name} VALUES ({marks})"
        self.select = f"SELECT {', '.join(self.columns)} FROM {self.name}"

    def values(self, row: R) -> Sequence[Any]:
        """The row as SQLite takes it."""
        values = list(msgspec.structs.astuple(row))
        for place in self._json:
            values[place] = msgspec.json.encode(values[place]).decode() if values[place] else EMPTY[type(values[place])]
        return values

    def from_values(self, values: Sequence[Any]) -> R:
        """The row as SQLite gave it, typed."""
        typed = list(values)
        for place, read in self._read:
            if typed[place] is not None:
                typed[place] = read(typed[place])
        return self.row(*typed)


@cache
def table_of(row: type[R]) -> Table[R]:
    return Table(row)


def _plain(kind: Any) -> Any:
    """The type without `| None`."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return next(part for part in typing.get_args(kind) if part is not types.NoneType)
    return kind


def _is_json(kind: Any) -> bool:
    return typing.get_origin(_plain(kind)) in {list, dict, tuple}


def _is_enum(kind: Any) -> bool:
    plain = _plain(kind)
    return isinstance(plain, type) and issubclass(plain, enum.Enum)


def _affinity(kind: Any) -> str:
    plain = _plain(kind)
    return AFFINITY.get(plain, "TEXT")


def _reader(kind: Any) -> Callable[[Any], Any] | None:
    plain = _plain(kind)
    if _is_json(kind):
        return msgspec.json.Decoder(plain).decode
    if plain is bool or _is_enum(kind):
        return typing.cast("Callable[[Any], Any]", plain)
    return None
