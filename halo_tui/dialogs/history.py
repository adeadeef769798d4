"""The commands that were given here, newest first, to be copied or given again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical

from halo_engine.tasks.glyphs import GLYPHS
from halo_engine.tasks.states import State
from halo_tui.deeds import Deed
from halo_tui.dialogs.dialog import Dialog
from halo_tui.present.columns import Cells, Column
from halo_tui.present.ink import clean
from halo_tui.widgets.row_table import RowTable

COLUMNS = (Column("", 1), Column("command", 20, share=2), Column("outcome", 10, share=1, priority=1))


class History(Dialog[str]):
    """Answers the command line that was chosen."""

    BINDINGS: ClassVar = [Binding("y", "copy", show=False)]
    DEFAULT_CSS = "History .sheet RowTable { height: 1fr; background: $background; }"

    def __init__(self, deeds: Sequence[Deed]) -> None:
        super().__init__()
        self._deeds = list(deeds)

    def compose(self) -> ComposeResult:
        sheet = Vertical(classes="sheet -tall")
        sheet.border_title = "Commands"
        sheet.border_subtitle = "enter again   y copy   esc leave"
        with sheet:
            table: RowTable[int] = RowTable(COLUMNS)
            table.empty = lambda _: [[("no command was given yet", "muted")]]
            yield table

    def on_mount(self) -> None:
        table = self.query_one(RowTable)
        table.show(range(len(self._deeds) - 1, -1, -1), self._rows)
        table.focus()

    def _rows(self, places: Sequence[int]) -> Mapping[int, Cells]:
        return {place: _row(self._deeds[place]) for place in places}

    @on(RowTable.Opened)
    def _chosen(self, message: RowTable.Opened) -> None:
        self.dismiss(self._deeds[message.key].line)

    def action_copy(self) -> None:
        key = self.query_one(RowTable).key
        if key is not None:
            self.app.copy_to_clipboard(self._deeds[key].line)
            self.query_one(".sheet").border_subtitle = "copied"


def _row(deed: Deed) -> Cells:
    good = deed.outcome == "done"
    glyph = (GLYPHS[State.DONE], "ok") if good else ("·", "faint") if not deed.outcome else ("▲", "warning")
    return glyph, (clean(deed.line), "plain"), (clean(deed.outcome), "faint" if good else "warning")
