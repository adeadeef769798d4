"""Asks before something is given up: says what is lost, and wants the name typed."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Input, Label

from halo_tui.dialogs.dialog import Dialog


class Confirm(Dialog[str]):
    """Answers the reason (it may be empty) when the name was typed, None when it was left."""

    DEFAULT_CSS = """
    Confirm .sheet { border: round $error; }
    Confirm .row { height: 1; }
    Confirm .row Label { width: 12; color: $halo-muted; }
    Confirm Label { width: 1fr; height: auto; }
    Confirm #what { text-style: bold; color: $halo-strong; }
    Confirm .gap { height: 1; }
    """

    def __init__(self, title: str, what: str, lost: str, name: str, line: str) -> None:
        super().__init__()
        self._title, self._what, self._lost, self._typed, self._line = title, what, lost, name, line

    def compose(self) -> ComposeResult:
        sheet = Vertical(classes="sheet")
        sheet.border_title = self._title
        sheet.border_subtitle = "enter does it   esc leaves it as it is"
        with sheet:
            yield Label(self._what, id="what", markup=False)
            yield Label(self._lost, classes="said", markup=False)
            yield Label("", classes="gap")
            with Horizontal(classes="row"):
                yield Label("reason")
                yield Input(compact=True, id="reason", placeholder="may be left out")
            with Horizontal(classes="row"):
                yield Label(f"type {self._typed}", markup=False)
                yield Input(compact=True, id="name")
            yield Label("", classes="fault", id="fault", markup=False)
            yield Label(f"$ {self._line}", classes="line", markup=False)

    def on_mount(self) -> None:
        self.query_one("#name", Input).focus()

    @on(Input.Submitted)
    def _submitted(self, message: Input.Submitted) -> None:
        name = self.query_one("#name", Input)
        if name.value.strip().upper() == self._typed.upper():
            self.dismiss(self.query_one("#reason", Input).value.strip())
        elif message.input is name and name.value:
            self.query_one("#fault", Label).update(f"that is not {self._typed}: nothing was done")
        else:
            name.focus()
