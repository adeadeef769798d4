"""Events in, rows out: how a module declares its projection, and how a batch of events is folded."""

from __future__ import annotations

import typing
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from halo_engine.events.model import Event, Payload, types_of
from halo_engine.events.table import Row

Handler = Callable[[Any, Any, Event], Row | Iterable[Row] | None]
F = TypeVar("F", bound=Handler)
Load = Callable[[type[Row], Any], Row | None]


class Projection:
    """A module's rows and the pure functions that make them.

    A handler gets the row of its event's stream (None before the first), the payload and the event, and returns the
    row as it is after the event; or several rows, also of other tables; or None for no change.

        tasks = Projection("tasks", module="task", main=Item, others=(Run,), key=number_of)

        @tasks.on(TaskNoted)
        def noted(item: Item, data: TaskNoted, event: Event) -> Item:
            return item.with_(notes=[*item.notes, (event.time, data.text)])
    """

    def __init__(
        self,
        name: str,
        *,
        module: str,
        main: type[Row],
        key: Callable[[str], Any],
        others: tuple[type[Row], ...] = (),
        revision: int = 1,
    ) -> None:
        self.name = name
        self.module = module
        self.main = main
        self.key = key
        self.rows = (main, *others)
        self.revision = revision
        """To be raised when handlers change their mind: every store is rebuilt then."""
        self.handlers: dict[str, Handler] = {}

    def on(self, payload: type[Payload]) -> Callable[[F], F]:
        """Declare the handler of a payload, for every event type that carries it."""

        def declare(handler: F) -> F:
            for name in types_of(payload):
                self.handlers[name] = handler
            return handler

        return declare


class Fold:
    """Events folded in memory: the last state of each row, until `take` hands them over."""

    def __init__(self, projection: Projection, load: Load) -> None:
        self._projection = projection
        self._load = load
        self._main: dict[str, Row] = {}
        self._changed: dict[type[Row], dict[Any, Row]] = {row: {} for row in projection.rows}
        self._keys = {row: row.__struct_fields__[0] for row in projection.rows}

    def __len__(self) -> int:
        return len(self._main) + sum(map(len, self._changed.values()))

    def apply(self, events: Iterable[Event]) -> int:
        """Fold events; returns the position of the last one, 0 when there was none."""
        handlers, main, changed = self._projection.handlers, self._main, self._changed
        main_row, key_of = self._projection.main, self._projection.key
        main_changed = changed[main_row]
        position = 0
        for event in events:
            position = event.position
            handler = handlers.get(event.type)
            data = event.data() if handler else None
            if handler is None or data is None:
                continue
            stream = event.stream
            row = main.get(stream) or self._load(main_row, key_of(stream))
            result = handler(row, data, event)
            if type(result) is main_row:
                main[stream] = result
                main_changed[getattr(result, self._keys[main_row])] = result
            elif result is not None:
                self._put(stream, result)
        return position

    def _put(self, stream: str, rows: Any) -> None:
        for row in rows:
            kind = type(row)
            if kind is self._projection.main:
                self._main[stream] = row
            self._changed[kind][getattr(row, self._keys[kind])] = row

    def row(self, stream: str) -> Row | None:
        """The main row of a stream, as folded so far."""
        return self._main.get(stream)

    def changes(self) -> Iterator[tuple[type[Row], list[Row]]]:
        """What has changed: each row type with the last state of its rows."""
        for kind, rows in self._changed.items():
            if rows:
                yield kind, list(rows.values())


def handler_rows(projection: Projection) -> dict[str, str]:
    """Event type -> handler name, for documentation and tests."""
    return {name: typing.cast("Any", handler).__name__ for name, handler in projection.handlers.items()}
