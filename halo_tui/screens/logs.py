"""The Logs screen: an hour by level, millions of lines, and the record that was opened."""

from __future__ import annotations

from functools import partial
from shlex import quote
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.events import Resize

from halo_engine.errors import HaloError
from halo_engine.logs.record import Record
from halo_tui import log_reading
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.log_reading import ALL, Shelf
from halo_tui.panes.log_hour import LogHour
from halo_tui.panes.log_lines import LogLines
from halo_tui.present import log_filter, log_record, log_rows
from halo_tui.present.log_record import Opened
from halo_tui.screens.page import Page, framed
from halo_tui.sheets import Closed
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.tabs import tabs
from halo_tui.widgets.text_view import TextView, inset

LOOK = 0.2
"""Seconds between two looks at whether a log has grown."""
WIDE, SHORT = 130, 30
"""Columns from which on the record opens beside the lines; rows below which it takes the hour's place."""


class LogsScreen(Page):
    """`source` is what shows: one log, or all of them merged by time."""

    DEFAULT_CSS = """
    LogsScreen { grid-rows: 7 1fr; }
    LogsScreen #record { display: none; }
    LogsScreen.-open { grid-rows: 7 3fr 2fr; }
    LogsScreen.-open #record { display: block; }
    LogsScreen.-short.-open { grid-rows: 1fr 1fr; }
    LogsScreen.-short.-open #hour { display: none; }
    LogsScreen.-wide.-open { grid-size: 2; grid-columns: 3fr 2fr; grid-rows: 7 1fr; }
    LogsScreen.-wide.-open #hour { column-span: 2; }
    """
    BINDINGS: ClassVar = bindings("logs")
    HINTS: ClassVar = {
        "lines": ("table.open", "logs.filter", "logs.follow", "logs.next_source", "logs.instance", "logs.mark"),
        "record": ("app.back", "app.zoom", "app.copy", "logs.trace"),
    }
    KEPT: ClassVar = ("filter", "source")
    ARRANGED: ClassVar = {"-wide": lambda columns, _: columns >= WIDE, "-short": lambda _, rows: rows < SHORT}
    WORDS: ClassVar = log_filter.WORDS
    TYPED: ClassVar = 0.25

    def __init__(self) -> None:
        super().__init__(id="logs")
        self.source = ""
        self.names: list[str] = []
        self._shown_for = ("", "", "")
        self._opened: Opened | None = None

    def compose(self) -> ComposeResult:
        yield framed(LogHour(id="hour"), "Last hour")
        lines = framed(LogLines(id="lines"), "Logs")
        lines.told = self._retitle
        yield lines
        yield framed(TextView(id="record"), "Record")

    def on_mount(self) -> None:
        self.refresh_view()
        if not self.station.options.still:
            self.set_interval(LOOK, self._look)

    def on_resize(self, event: Resize) -> None:
        self._count(anew=True)

    @property
    def table(self) -> LogLines:
        return self.query_one(LogLines)

    @property
    def record(self) -> TextView:
        return self.query_one("#record", TextView)

    @property
    def until(self) -> str:
        """The moment that the clock was moved to; empty for now."""
        past = self.station.past
        return past.time if past else ""

    # Reading

    def refresh_view(self, change: Change | None = None) -> None:
        """Look again which logs there are; what is appended to the event log is no reason."""
        if change is None:
            self.refilter()
            self._count(anew=True)

    def refilter(self) -> None:
        wanted = (self.source, self.filter, self.until)
        work = partial(log_reading.shelf, self.station.workspace, *wanted)
        self.read("shelf", work, partial(self._took, wanted), self.failed)

    def _took(self, wanted: tuple[str, str, str], shelf: Shelf) -> None:
        if self.table.sheet is not None and wanted == self._shown_for and shelf.names == self.names and shelf.sheet:
            shelf.sheet.close()
            return
        moved = shelf.chosen != self.source
        self.names, self.source = shelf.names, shelf.chosen
        self._shown_for = (shelf.chosen, *wanted[1:])
        self.table.take(shelf.sheet, shelf.chosen)
        self._count(anew=moved)

    def _look(self) -> None:
        if self.display and not self.until and self.table.progress.share >= 1:
            self.table.advance()
            self._count()

    def _count(self, *, anew: bool = False) -> None:
        if self.names and self.display:
            self.query_one(LogHour).tell(self.source, self.until, anew=anew)

    def failed(self, error: HaloError) -> None:
        if not isinstance(error, Closed):
            self._explain(error.message)
            super().failed(error)

    def _explain(self, fault: str = "") -> None:
        keys = self.station.keys.of("app.back"), self.station.keys.of("app.prompt")
        if self.table.sheet is not None and self.table.progress.share < 1:
            self.table.empty = lambda _: [[("searching …", "muted")]]
        else:
            self.table.empty = partial(log_rows.nothing, bool(self.filter), bool(self.names), fault, keys)

    def _retitle(self) -> None:
        self._explain()
        progress = self.table.progress
        first = max(0, self.names.index(self.source) - 1) if self.source in self.names else 0
        shown = self.names[first:] if len(self.names) > 1 else []
        count = f"Logs {'the latest ' if progress.full else ''}{len(progress.order):,}"
        self.table.border_title = tabs({name: name for name in shown}, self.source, count, *(["‹"] if first else []))
        live = "● following" if self.table.following else "○ paused"
        read = f"{progress.share:.0%} read" if progress.share < 1 and self.table.sheet else ""
        self.note(read, "◂ the past" if self.until else live)

    # The selected record

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        if message.by_hand:
            self.table.moved(message.key)
        if self.has_class("-open"):
            self.later("settle", self.SETTLE, self._read_record)

    @on(RowTable.Opened)
    def _open(self, message: RowTable.Opened) -> None:
        message.stop()
        self.add_class("-open")
        self._read_record()
        self.record.focus()

    def _read_record(self) -> None:
        self.with_record(self._seen)

    def with_record(self, then: Any) -> None:
        """Read the selected record, and go on with that."""
        key = self.table.key
        if self.table.sheet is not None and key is not None:
            self.read("record", partial(self.table.opened, key), then, self._not_seen)

    def _seen(self, found: Opened) -> None:
        when = self.station.when
        moved = self._opened is None or self._opened[:3] != found[:3]
        self._opened = found
        shown = found._replace(path=self.station.shortened(found.path))
        self.record.show(inset(lambda columns: log_record.page(shown, when, columns)), top=moved)

    def _not_seen(self, error: HaloError) -> None:
        self._opened = None
        self.record.fault(error)

    # Actions

    def filter_command(self, text: str, verb: str = "search") -> str:
        source = "" if self.source == ALL or len(self.names) < 2 else self.source
        return log_filter.command(text, source, verb)

    def action_follow(self) -> None:
        self.table.follow(not self.table.following)
        if self.table.following:
            self.station.echo(self.filter_command(self.filter, "tail -f"))

    def action_turn(self, steps: int) -> None:
        if len(self.names) > 1:
            self.source = self.names[(self.names.index(self.source) + steps) % len(self.names)]
            self.table.following = True
            self.refresh_view()

    def action_only_instance(self) -> None:
        def narrow(found: Opened) -> None:
            instance = found.found.instance if isinstance(found.found, Record) else ""
            if not instance:
                self.station.complain("this record names no instance")
                return
            self.filter_to(log_filter.toggled(self.filter, f"instance:{instance}"))
            self.station.echo(self.filter_command(self.filter))

        self.with_record(narrow)

    def action_trace(self) -> None:
        def run(found: Opened) -> None:
            name = log_record.trace_of(found)
            if name:
                self.station.run_command(f"logctl trace {quote(name)}")
            else:
                self.station.complain("this record has no trace id")

        self.with_record(run)

    def action_mark(self) -> None:
        self.table.mark()

    def action_to_mark(self, steps: int) -> None:
        self.table.to_mark(steps)

    def clear(self) -> bool:
        if self.has_class("-open"):
            self.remove_class("-open")
            self.table.focus()
            return True
        return super().clear()

    def focus_first(self) -> None:
        self.table.focus()

    def row_text(self) -> str:
        return self.table.text
