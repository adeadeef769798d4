"""Events in, rows out: how a module declares its projection, and how a batch of events is folded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from halo_engine.errors import BadData
from halo_engine.events.model import UNFIT, Event, Payload, reader, types_of
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


ROW = 500
"""Bytes that a row takes in memory before any long text."""
LONG = 200
"""Bytes of a payload that is taken to bring such text."""


class Fold:
    """Events folded in memory: the last state of each row that changed."""

    def __init__(self, projection: Projection, load: Load) -> None:
        self._projection = projection
        self._load = load
        self._steps = {name: (handler, *reader(name)) for name, handler in projection.handlers.items()}
        self._main: dict[str, Row] = {}
        self._others: dict[type[Row], dict[Any, Row]] = {}
        self.weight = 0
        """Bytes held, roughly: so much for a row, and what long payloads brought."""

    def apply(self, events: Iterable[Event]) -> int:
        """Fold events; returns the position of the last one, 0 when there was none.

        Raises BadData, naming the event, when it does not fit its type or what came before it.
        """
        steps, main, load = self._steps, self._main, self._load
        main_row, key_of = self._projection.main, self._projection.key
        event = None
        try:
            for event in events:
                step = steps.get(event.type)
                if step is None:
                    continue
                handler, schema, decode = step
                data = decode(event.payload) if event.schema == schema else event.data()
                if data is None:
                    continue
                stream = event.stream
                row = main.get(stream)
                size = len(event.payload)
                if row is None:
                    row = load(main_row, key_of(stream)) if event.version > 1 else None
                    self.weight += ROW + size
                elif size > LONG:
                    self.weight += size
                result = handler(row, data, event)
                if type(result) is main_row:
                    main[stream] = result
                elif result is not None:
                    self._put(stream, result)
        except UNFIT as error:
            raise _unfit(event, error) from error
        return event.position if event else 0

    def _put(self, stream: str, rows: Any) -> None:
        for row in rows:
            kind = type(row)
            if kind is self._projection.main:
                self._main[stream] = row
            else:
                self.weight += ROW
                self._others.setdefault(kind, {})[getattr(row, row.__struct_fields__[0])] = row

    def row(self, stream: str) -> Row | None:
        """The main row of a stream, as folded so far."""
        return self._main.get(stream)

    def changes(self) -> Iterator[tuple[type[Row], Iterable[Row]]]:
        """What has changed: each row type with the last state of its rows."""
        yield self._projection.main, self._main.values()
        for kind, rows in self._others.items():
            yield kind, rows.values()


def _unfit(event: Event | None, error: Exception) -> BadData:
    at = f"event {event.position} ({event.type} on {event.stream})" if event else "the log"
    return BadData(
        f"{at} cannot be understood: {error}", "`halo-engine events verify` says whether it was changed by hand"
    )
