"""The Logs screen: an hour by level, millions of lines, and the record that was opened."""

from __future__ import annotations

import time
from functools import partial
from shlex import quote
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.timer import Timer

from halo_engine.errors import HaloError
from halo_engine.logs.record import Malformed, Record
from halo_tui import log_reading
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.log_reading import ALL, Shelf
from halo_tui.present import hour, log_filter, log_record, log_rows
from halo_tui.present.columns import Cells
from halo_tui.present.hour import Hour
from halo_tui.present.ink import Line, plain, wrap
from halo_tui.present.log_record import Opened
from halo_tui.screens.page import Page
from halo_tui.session import Session
from halo_tui.sheets import Closed, Place, Progress, Sheet
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView

LOOK = 0.2
"""Seconds between two looks at whether a log has grown."""
TYPED = 0.25
"""Seconds without a key after which a filter that is being typed is tried."""
SETTLE = 0.04
"""Seconds that the cursor rests on a row before the record is read."""
CALM = 5.0
"""Seconds between two readings of the hour; more where it takes long: a twentieth of the time may go to it."""
STYLES = {True: "$halo-strong bold", False: "$halo-faint"}
"""Of a source's name: of the one that shows, and of the others."""
WIDE, SHORT = 130, 30
"""Columns from which on the record opens beside the lines; rows below which it takes the hour's place."""


class LogsScreen(Page):
    """`following` keeps the newest line in view; going up from it pauses that, going to the end resumes it."""

    DEFAULT_CSS = """
    LogsScreen { grid-rows: 7 1fr; }
    LogsScreen #hour { overflow: hidden; scrollbar-gutter: auto; }
    LogsScreen #record { display: none; }
    LogsScreen.-open { grid-rows: 7 3fr 2fr; }
    LogsScreen.-open #record { display: block; }
    LogsScreen.-short.-open { grid-rows: 1fr 1fr; }
    LogsScreen.-short.-open #hour { display: none; }
    LogsScreen.-wide.-open { grid-size: 2; grid-columns: 3fr 2fr; grid-rows: 7 1fr; }
    LogsScreen.-wide.-open #hour { column-span: 2; }
    LogsScreen.-zoomed { grid-size: 1 !important; grid-rows: 1fr !important; }
    LogsScreen.-zoomed .pane { column-span: 1 !important; }
    LogsScreen .pane.-hidden { display: none !important; }
    """
    BINDINGS: ClassVar = bindings("logs")
    HINTS: ClassVar = {
        "lines": ("table.open", "logs.filter", "logs.follow", "logs.next_source", "logs.instance", "logs.mark"),
        "record": ("app.back", "app.zoom", "app.copy", "logs.trace"),
    }

    def __init__(self) -> None:
        super().__init__(id="logs")
        self.filter = ""
        self.source = ""
        self.following = True
        self.names: list[str] = []
        self.sheet: Sheet | None = None
        self.marks: dict[str, set[Place]] = {}
        """By source that shows: the lines that were marked."""
        self._progress = Progress(())
        self._shown_for = ("", "", "")
        self._opened: Opened | None = None
        self._settling: Timer | None = None
        self._typing: Timer | None = None
        self._hour_due = 0.0

    def compose(self) -> ComposeResult:
        self.source, self.filter = self.station.session.logs_source, self.station.session.logs_filter
        picture = TextView(lambda *_: [[(" …", "faint")]], id="hour", focusable=False)
        picture.border_title = "Last hour"
        picture.add_class("pane")
        table: RowTable[Any] = RowTable(log_rows.COLUMNS, id="lines")
        table.border_title = "Logs"
        table.add_class("pane")
        opened = TextView(id="record")
        opened.border_title = "Record"
        opened.add_class("pane")
        yield picture
        yield table
        yield opened

    def on_mount(self) -> None:
        self._arrange(self.app.size.width, self.app.size.height - 2)
        self.refresh_view()
        if not self.station.options.still:
            self.set_interval(LOOK, self._look)

    def on_resize(self, event: Resize) -> None:
        self._arrange(event.size.width, event.size.height)
        self._hour_due = 0.0
        self._read_hour()

    def _arrange(self, columns: int, rows: int) -> None:
        self.set_class(columns >= WIDE, "-wide")
        self.set_class(rows < SHORT, "-short")

    @property
    def table(self) -> RowTable[Any]:
        return self.query_one("#lines", RowTable)

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
            self._reopen()
            self._hour_due = 0.0
            self._read_hour()

    def _reopen(self) -> None:
        wanted = (self.source, self.filter, self.until)
        work = partial(log_reading.shelf, self.station.workspace, *wanted)
        self.read("shelf", work, partial(self._took, wanted), self._failed)

    def _took(self, wanted: tuple[str, str, str], shelf: Shelf) -> None:
        if self.sheet is not None and wanted == self._shown_for and shelf.names == self.names and shelf.sheet:
            shelf.sheet.close()
            return
        if self.sheet is not None:
            self.sheet.close()
        moved = shelf.chosen != self.source
        self.sheet, self.names, self.source, self._shown_for = shelf.sheet, shelf.names, shelf.chosen, wanted
        if moved:
            self._shown_for = (shelf.chosen, *wanted[1:])
            self._read_hour()
        self._progress = Progress((), 0.0)
        self.table.dim(False)
        self.table.forget()
        self._explain("")
        self.table.show((), self._fetch)
        self._retitle()
        self._advance()

    def _fetch(self, keys: Any) -> dict[Any, Cells]:
        """Called in a worker."""
        sheet, when = self.sheet, self.station.when
        if sheet is None:
            return {}

        def dress(found: Record | Malformed, text: bytes, marked: bool, source: str) -> Cells:
            return log_rows.row(found, text, marked, source, when)

        return dict(sheet.rows(keys, dress, frozenset(self.marks.get(self.source, ()))))

    def _look(self) -> None:
        if self.display and not self.until and self._progress.share >= 1:
            self._advance()
            self._read_hour()

    def _advance(self) -> None:
        if self.sheet is not None:
            work = partial(self.sheet.advance, self.table.key)
            self.read(f"sheet {id(self.sheet)}", work, partial(self._advanced, self.sheet), self._failed)

    def _advanced(self, sheet: Sheet, progress: Progress) -> None:
        if sheet is not self.sheet:
            return
        before, self._progress = self._progress, progress
        if progress.changed or len(progress.order) != len(self.table.order):
            self._show(progress)
        if progress[1:] != before[1:] or len(progress.order) != len(before.order):
            self._explain("")
            self._retitle()
        if progress.share < 1:
            self._advance()

    def _show(self, progress: Progress) -> None:
        table = self.table
        height = max(1, table.scrollable_content_region.height - 1)
        top = table.scroll_offset.y
        if self.following and table.order and top + height < table.cursor:
            self.following = False
        if not self.following and not top <= table.cursor < top + height and table.order:
            table.go(top if table.cursor < top else top + height - 1)
        at = progress.order[-1] if self.following and progress.order else progress.at
        table.show(progress.order, at=at)

    def on_unmount(self) -> None:
        if self.sheet is not None:
            self.sheet.close()

    def _failed(self, error: HaloError) -> None:
        if isinstance(error, Closed):
            return
        self.table.dim(True)
        self._explain(f"{error.message}")
        self.show_fault(self.table, error)

    @on(RowTable.Failed)
    def _rows_failed(self, message: RowTable.Failed) -> None:
        self._failed(message.error)

    def _explain(self, fault: str) -> None:
        keys = self.station.keys.of("app.back"), self.station.keys.of("app.prompt")
        if self.sheet is not None and self._progress.share < 1:
            self.table.empty = lambda _: [[("searching …", "muted")]]
        else:
            self.table.empty = partial(log_rows.nothing, bool(self.filter), bool(self.names), fault, keys)

    def _retitle(self) -> None:
        progress = self._progress
        head = Content(f"Logs {'the latest ' if progress.full else ''}{len(progress.order):,}")
        self.table.border_title = Content("  ").join([head, *self._tabs()]).markup
        live = "● following" if self.following else "○ paused"
        parts = [f"/ {self.filter}"] if self.filter else []
        parts += [f"{progress.share:.0%} read"] if progress.share < 1 and self.sheet else []
        parts += ["◂ the past" if self.until else live]
        self.table.border_subtitle = "  ".join(parts).replace("[", "\\[")

    def _tabs(self) -> list[Content]:
        """The sources, from the one before that which shows on."""
        first = max(0, self.names.index(self.source) - 1) if self.source in self.names else 0
        tabs = [Content.styled("‹", "$halo-faint")] if first else []
        shown = self.names[first:] if len(self.names) > 1 else []
        return tabs + [Content.styled(name, STYLES[name == self.source]) for name in shown]

    # The hour

    def _read_hour(self) -> None:
        if self.names and self.display and time.monotonic() >= self._hour_due:
            self._hour_due = time.monotonic() + CALM
            begun = time.monotonic()
            stretches = hour.stretches(self.app.size.width - 2)
            work = partial(log_reading.hour, self.station.workspace, self.source, self.until, stretches)
            self.read("hour", work, partial(self._hour_read, begun), self._hour_failed)

    def _hour_read(self, begun: float, found: Hour) -> None:
        now = time.monotonic()
        self._hour_due = now + max(CALM, 20 * (now - begun))
        when = self.station.when
        picture = self.query_one("#hour", TextView)
        picture.dim(False)
        picture.border_title = hour.title(found, when)
        picture.show(lambda columns, _: hour.picture(found, when, columns))

    def _hour_failed(self, error: HaloError) -> None:
        picture = self.query_one("#hour", TextView)
        picture.dim(True)
        picture.show(lambda columns, _: wrap(f" ▲ {error.message}", columns, "alert"))

    # The selected record

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        following = bool(self.table.order) and message.key == self.table.order[-1]
        if message.by_hand and following != self.following:
            self.following = following
            self._retitle()
        if self.has_class("-open"):
            if self._settling is not None:
                self._settling.stop()
            self._settling = self.set_timer(SETTLE, self._read_record)

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
        if self.sheet is not None and key is not None:
            self.read("record", partial(self.sheet.opened, key), then, self._not_seen)

    def _seen(self, found: Opened) -> None:
        when = self.station.when
        moved = self._opened is None or self._opened[:3] != found[:3]
        self._opened = found
        shown = found._replace(path=self.station.shortened(found.path))

        def build(columns: int, _: int) -> list[Line]:
            return [[(" ", "plain"), *line] for line in log_record.page(shown, when, max(10, columns - 2))]

        self.record.show(build, top=moved)

    def _not_seen(self, error: HaloError) -> None:
        self._opened = None
        self.record.show(lambda columns, _: wrap(f"▲ {error.message}", columns, "alert"), top=True)

    # Actions

    def action_follow(self) -> None:
        self.following = not self.following
        if self.following:
            self.table.action_last()
            self.station.echo(log_filter.command(self.filter, self._named, "tail -f"))
        self._retitle()

    @property
    def _named(self) -> str:
        return "" if self.source == ALL or len(self.names) < 2 else self.source

    def action_turn(self, steps: int) -> None:
        if len(self.names) > 1:
            self.source = self.names[(self.names.index(self.source) + steps) % len(self.names)]
            self.following = True
            self._reopen()
            self._hour_due = 0.0
            self._read_hour()

    def action_filter(self) -> None:
        before = self.filter

        def set_to(text: str) -> None:
            if text.strip() != self.filter:
                self.filter = text.strip()
                self._reopen()

        def typed(text: str) -> None:
            if self._typing is not None:
                self._typing.stop()
            self._typing = self.set_timer(TYPED, partial(set_to, text))

        def done(text: str | None) -> None:
            if self._typing is not None:
                self._typing.stop()
            set_to(before if text is None else text)
            if text:
                self.station.echo(log_filter.command(text, self._named))

        self.station.ask("/", done, changed=typed, value=self.filter, hint=log_filter.WORDS)

    def action_only_instance(self) -> None:
        def narrow(found: Opened) -> None:
            instance = found.found.instance if isinstance(found.found, Record) else ""
            if not instance:
                self.station.complain("this record names no instance")
                return
            self._narrow(log_filter.toggled(self.filter, f"instance:{instance}"))

        self.with_record(narrow)

    def _narrow(self, text: str) -> None:
        self.filter = text
        self.station.echo(log_filter.command(text, self._named))
        self._reopen()

    def action_trace(self) -> None:
        def run(found: Opened) -> None:
            name = log_record.trace_of(found)
            if name:
                self.station.run_command(f"logctl trace {quote(name)}")
            else:
                self.station.complain("this record has no trace id")

        self.with_record(run)

    def action_mark(self) -> None:
        key, sheet = self.table.key, self.sheet
        if sheet is None or key is None:
            return
        marks = self.marks.setdefault(self.source, set())

        def marked(place: Place) -> None:
            marks.symmetric_difference_update({place})
            self.table.renew([key])
            self.station.remark(f"{len(marks)} marked" if marks else "no line is marked")

        self.read("mark", partial(sheet.place, key), marked, self._not_seen)

    def action_to_mark(self, steps: int) -> None:
        key, sheet, marks = self.table.key, self.sheet, frozenset(self.marks.get(self.source, ()))
        if sheet is None or key is None or not marks:
            self.station.complain("no line is marked")
            return

        def to(found: Any) -> None:
            if found is None or not self.table.go_to(found):
                self.station.complain("no marked line that way")

        self.read("mark", partial(sheet.marked, key, marks, steps), to, self._not_seen)

    def clear(self) -> bool:
        if self.has_class("-open"):
            self.remove_class("-open")
            self.table.focus()
            return True
        if not self.filter:
            return False
        self.filter = ""
        self._reopen()
        return True

    def focus_first(self) -> None:
        self.table.focus()

    def remember(self, session: Session) -> None:
        session.logs_source, session.logs_filter = self.source, self.filter

    def selected(self) -> str:
        if self.record.has_focus:
            return "\n".join(plain(line).strip() for line in self.record.lines)
        cells = self.table.cells(self.table.key) if self.table.key is not None else None
        return " ".join(filter(None, (_text(cell) for cell in cells or ())))


def _text(cell: Any) -> str:
    return (cell[0] if isinstance(cell, tuple) else plain(cell)).strip()
