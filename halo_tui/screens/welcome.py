"""The first screen of a workspace in which nothing has happened yet."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult

from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.present.frame import home
from halo_tui.present.ink import Line, width
from halo_tui.screens.item_actions import ItemActions
from halo_tui.widgets.text_view import TextView


class Welcome(ItemActions):
    """Says where the workspace is, and offers three ways to begin."""

    BINDINGS: ClassVar = bindings("welcome")
    HINTS: ClassVar = {"": ("welcome.add", "welcome.import", "welcome.sample")}
    number = None
    item = None

    def __init__(self) -> None:
        super().__init__(id="welcome")

    def compose(self) -> ComposeResult:
        view = TextView(self._text, id="greeting")
        view.add_class("pane")
        yield view

    def _text(self, columns: int, rows: int) -> list[Line]:
        keys = self.station.keys
        root = home(self.station.workspace.root, columns - 16)
        ways: list[Line] = [
            [(f"  {keys.of(action)}  ", "key"), (f"{what:<28}", "plain"), (f"$ {line}", "faint")]
            for action, what, line in (
                ("welcome.add", "add a task", 'nightctl add "..."'),
                ("welcome.import", "import a task list", "nightctl import FILE"),
                ("welcome.sample", "load the sample workspace", "halo-engine demo"),
            )
        ]
        lines: list[Line] = [
            [("halo", "title")],
            [],
            [("This workspace is empty. It is kept in ", "muted"), (root, "strong")],
            [],
            *ways,
            [],
            [("A task list: Taskwarrior's export, or our own JSON Lines.", "faint")],
            [
                ("Everything here is a command too; ", "faint"),
                (keys.of("app.prompt"), "key"),
                (" takes any of them, ", "faint"),
                (keys.of("app.help"), "key"),
                (" shows the keys.", "faint"),
            ],
        ]
        left = max(0, (columns - max(width(line) for line in lines)) // 2)
        top = max(0, (rows - len(lines)) // 2 - 1)
        return [[]] * top + [[(" " * left, "plain"), *line] for line in lines]

    def refresh_view(self, change: Change | None = None) -> None:
        self.query_one(TextView).show(self._text)

    def row_text(self) -> str:
        return str(self.station.workspace.root)

    def bring_up(self, key: int) -> None:
        """Soon: the feed shows the Tasks screen."""
        self.station.session.pages.setdefault("tasks", {})["item"] = key

    def action_sample(self) -> None:
        from halo_engine.operate.sample import fill

        self.station.perform("halo-engine demo", lambda: fill(self.station.workspace))
