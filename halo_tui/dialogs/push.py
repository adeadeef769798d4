"""What a push would change, instance by instance, before it is done."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Label

from halo_engine.fleet.governing.pushing import Pushed
from halo_tui.dialogs.dialog import Dialog
from halo_tui.present import fleet
from halo_tui.widgets.text_view import TextView, inset


class Push(Dialog[bool]):
    """Answers True when it is to be done."""

    BINDINGS: ClassVar = [Binding("enter", "push", show=False, priority=True)]
    DEFAULT_CSS = "Push TextView { height: 1fr; } Push .sheet { height: 80%; max-width: 130; }"

    def __init__(self, found: Sequence[Pushed], line: str) -> None:
        super().__init__()
        self._found, self._line = found, line

    @property
    def _any(self) -> bool:
        return any(each.outcome == "would" or each.paths for each in self._found)

    def compose(self) -> ComposeResult:
        sheet = Vertical(classes="sheet")
        sheet.border_title = "Push governance"
        sheet.border_subtitle = "enter pushes   esc leaves it as it is" if self._any else "nothing to push   esc"
        with sheet:
            yield TextView(inset(lambda columns: fleet.pushes(self._found, columns)), id="changes")
            yield Label(f"$ {self._line}", classes="line", markup=False)

    def on_mount(self) -> None:
        self.query_one(TextView).focus()

    def action_push(self) -> None:
        self.dismiss(self._any)
