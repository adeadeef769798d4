"""Levels from 1 to 10 as bars, one a line."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding
from textual.events import Focus
from textual.message import Message

from halo_tui.present import fleet
from halo_tui.present.ink import Line
from halo_tui.widgets.text_view import TextView


class Sliders(TextView):
    """The levels, one a line: up and down choose, left and right move."""

    BINDINGS: ClassVar = [
        Binding("right,l,plus", "move(1)", show=False),
        Binding("left,h,minus", "move(-1)", show=False),
        Binding("down,j", "choose(1)", show=False),
        Binding("up,k", "choose(-1)", show=False),
    ]

    class Moved(Message):
        """A level is another one, or another one is chosen."""

    def __init__(self, *, id: str) -> None:
        super().__init__(self._lines_of, id=id)
        self.levels: dict[str, int] = {}
        self.sides: dict[str, tuple[str, str]] = {}
        self.chosen = 0

    def tell(self, levels: dict[str, int], sides: dict[str, tuple[str, str]]) -> None:
        """Show these levels."""
        self.levels, self.sides = dict(levels), sides
        self.styles.height = len(levels)
        self.show(self._lines_of)

    def _lines_of(self, columns: int, _: int) -> list[Line]:
        return [
            fleet.slider(name, level, self.sides[name], columns, chosen=self.has_focus and place == self.chosen)
            for place, (name, level) in enumerate(self.levels.items())
        ]

    @property
    def at(self) -> str:
        """The dimension that is chosen; empty while nobody is here."""
        return list(self.levels)[self.chosen] if self.has_focus and self.levels else ""

    def on_focus(self, _: Focus) -> None:
        self._changed()

    def on_blur(self) -> None:
        self._changed()

    def _changed(self) -> None:
        self.show(self._lines_of)
        self.post_message(self.Moved())

    def action_choose(self, steps: int) -> None:
        after = self.chosen + steps
        if not 0 <= after < len(self.levels):
            (self.screen.focus_next if steps > 0 else self.screen.focus_previous)()
            return
        self.chosen = after
        self._changed()

    def action_move(self, steps: int) -> None:
        name = list(self.levels)[self.chosen]
        level = max(1, min(fleet.LEVELS, self.levels[name] + steps))
        if level != self.levels[name]:
            self.levels[name] = level
            self._changed()
