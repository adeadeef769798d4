"""The lines of a log: any number of them, followed as they grow, marked."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, cast

from halo_engine.logs.cleaning import Cleaner
from halo_engine.logs.record import Malformed, Record
from halo_tui.present import log_rows
from halo_tui.present.columns import Cells
from halo_tui.present.ink import plain
from halo_tui.present.log_record import Opened
from halo_tui.screens.page import Page
from halo_tui.sheets import Progress, Sheet
from halo_tui.sheets.chain import Place
from halo_tui.widgets.row_table import RowTable


class LogLines(RowTable[Any]):
    """`following` keeps the newest line in view; going up from it pauses that, going to the end resumes it."""

    def __init__(self, *, id: str) -> None:
        super().__init__(log_rows.COLUMNS, id=id)
        self.sheet: Sheet | None = None
        self.source = ""
        self.following = True
        self.marks: dict[str, set[Place]] = {}
        """By source that shows: the lines that were marked."""
        self.progress = Progress(())
        self.told: Callable[[], None] = lambda: None
        """Called when there are more lines, or when what is said about them has changed."""

    @property
    def page(self) -> Page:
        return cast("Page", self.parent)

    @property
    def marked(self) -> set[Place]:
        """The marks in what shows."""
        return self.marks.setdefault(self.source, set())

    @cached_property
    def cleaner(self) -> Cleaner:
        """Takes secrets out of what shows; asked for in workers only, since it may have to look them up."""
        return Cleaner(self.page.station.workspace)

    def take(self, sheet: Sheet | None, source: str) -> None:
        """Show another sheet; the one before is closed."""
        self.leave()
        self.sheet, self.source, self.progress = sheet, source, Progress((), 0.0)
        self.dim(False)
        self.forget()
        self.told()
        self.show((), self._rows_of)
        self.advance()

    def leave(self) -> None:
        """Close what shows."""
        if self.sheet is not None:
            self.sheet.close()
        self.sheet = None

    def on_unmount(self) -> None:
        self.leave()

    def _rows_of(self, keys: Any) -> dict[Any, Cells]:
        """Called in a worker."""
        sheet, when = self.sheet, self.page.station.when
        if sheet is None:
            return {}

        clean = self.cleaner

        def dress(found: Record | Malformed, text: bytes, marked: bool, source: str) -> Cells:
            shown = clean.record(found) if isinstance(found, Record) else found
            return log_rows.row(shown, clean.raw(text), marked, source, when)

        return dict(sheet.rows(keys, dress, frozenset(self.marked)))

    def opened(self, key: Any) -> Opened:
        """The line of a row, without secrets. Called in a worker."""
        assert self.sheet is not None
        found, clean = self.sheet.opened(key), self.cleaner
        record = clean.record(found.found) if isinstance(found.found, Record) else found.found
        return found._replace(found=record, text=clean.raw(found.text))

    def advance(self) -> None:
        """Look whether there is more."""
        if self.sheet is not None:
            work = partial(self.sheet.advance, self.key)
            self.page.read(f"sheet {id(self.sheet)}", work, partial(self._advanced, self.sheet), self.page.failed)

    def _advanced(self, sheet: Sheet, progress: Progress) -> None:
        if sheet is not self.sheet:
            return
        before, self.progress = self.progress, progress
        if progress.changed or len(progress.order) != len(self.order):
            self._show(progress)
        if progress[1:] != before[1:] or len(progress.order) != len(before.order):
            self.told()
        if progress.share < 1:
            self.advance()

    def _show(self, progress: Progress) -> None:
        top, height = self.scroll_offset.y, self._height
        if self.following and self.order and top + height < self.cursor:
            self.following = False
        if not self.following and not top <= self.cursor < top + height and self.order:
            self.go(top if self.cursor < top else top + height - 1)
        at = progress.order[-1] if self.following and progress.order else progress.at
        self.show(progress.order, at=at)

    def moved(self, key: Any) -> None:
        """The cursor came to a row by hand."""
        following = bool(self.order) and key == self.order[-1]
        if following != self.following:
            self.following = following
            self.told()

    def follow(self, following: bool) -> None:
        """Keep the newest line in view, or hold still."""
        self.following = following
        if following:
            self.action_last()
        self.told()

    # Marks

    def mark(self) -> None:
        """Mark the line, or take its mark away."""
        key, marks, station = self.key, self.marked, self.page.station
        if self.sheet is None or key is None:
            return

        def found(place: Place) -> None:
            marks.symmetric_difference_update({place})
            self.renew([key])
            station.remark(f"{len(marks)} marked" if marks else "no line is marked")

        self.page.read("mark", partial(self.sheet.place, key), found, self.page.failed)

    def to_mark(self, steps: int) -> None:
        """Go to the next (1) or the last (-1) marked line from here."""
        station = self.page.station
        if self.sheet is None or self.key is None or not self.marked:
            station.complain("no line is marked")
            return

        def to(found: Any) -> None:
            if found is None or not self.go_to(found):
                station.complain("no marked line that way")

        work = partial(self.sheet.marked, self.key, frozenset(self.marked), steps)
        self.page.read("mark", work, to, self.page.failed)

    @property
    def text(self) -> str:
        """The selected row as text."""
        found = self.cells(self.key) if self.key is not None else None
        return " ".join(filter(None, (_text(cell) for cell in found or ())))


def _text(cell: Any) -> str:
    return (cell[0] if isinstance(cell, tuple) else plain(cell)).strip()
