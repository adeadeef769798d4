"""One of a few values, all of them on a line: left and right choose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding
from textual.message import Message

from halo_tui.present.ink import Line, clean, cut_line
from halo_tui.widgets.text_view import TextView


class Choice(TextView):
    """Shows its values with the chosen one lit; where they do not all fit, from the chosen one on."""

    BINDINGS: ClassVar = [
        Binding("right,l,space", "choose(1)", show=False),
        Binding("left,h", "choose(-1)", show=False),
        Binding("down,enter", "screen.focus_next", show=False),
        Binding("up", "screen.focus_previous", show=False),
    ]
    DEFAULT_CSS = "Choice { height: 1; background: $panel; } Choice:focus { background: $boost; }"

    class Changed(Message):
        """Another value is chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, values: Sequence[str], *, id: str) -> None:
        super().__init__(self._lines_of, id=id)
        self.values = tuple(values)
        self.value = self.values[0]

    def tell(self, values: Sequence[str], value: str) -> None:
        """Choose among other values."""
        self.values, self.value = tuple(values), value
        self.show(self._lines_of)

    def _lines_of(self, columns: int, _: int) -> list[Line]:
        at = self.values.index(self.value)
        first = at if sum(len(each) + 2 for each in self.values) > columns else 0
        line: Line = [
            (f"{clean(each)}  ", ("lit" if self.has_focus else "plain") if each == self.value else "faint")
            for each in self.values[first:]
        ]
        return [cut_line([("‹ " if first else "", "faint"), *line], columns)]

    def on_focus(self) -> None:
        self.show(self._lines_of)

    def on_blur(self) -> None:
        self.show(self._lines_of)

    def action_choose(self, steps: int) -> None:
        self.value = self.values[(self.values.index(self.value) + steps) % len(self.values)]
        self.show(self._lines_of)
        self.post_message(self.Changed(self))
