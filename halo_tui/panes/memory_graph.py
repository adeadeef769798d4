"""The graph: a note and those around it, or all notes; arrow keys walk along links, dragging moves the picture."""

from __future__ import annotations

from collections.abc import Callable
from math import pi
from typing import ClassVar

from textual.events import MouseDown, MouseMove, MouseUp
from textual.message import Message

from halo_tui.keymap import bindings
from halo_tui.present import graph
from halo_tui.present.graph import Around, Places, Sky
from halo_tui.present.ink import Line
from halo_tui.widgets.text_view import TextView

LEVELS = ("near", "far", "all")
"""What shows, from the closest to the farthest; beyond the last the picture shrinks no more."""
LARGEST = 8.0
REMEMBERED = 100
"""Notes that `back` goes through."""


class MemoryGraph(TextView):
    """`focus` is the note in the middle; the screen reads what `Wanted` asks for and calls `tell`."""

    BINDINGS: ClassVar = bindings("graph")
    DEFAULT_CSS = "MemoryGraph { overflow: hidden; scrollbar-gutter: auto; }"

    class Wanted(Message):
        """Another note is focused, or another level; `walked`: by a key in the graph."""

        def __init__(self, note: str, *, walked: bool) -> None:
            super().__init__()
            self.note, self.walked = note, walked

    def __init__(self, *, id: str) -> None:
        super().__init__(self._picture, id=id)
        self.note = ""
        self.level = LEVELS[0]
        self.enlarged = 1.0
        """Of the picture of all notes."""
        self.shift = (0.0, 0.0)
        self.places: Places = {}
        self.empty: Callable[[int], list[Line]] = lambda _: []
        self.around: Around | None = None
        self._sky: Sky | None = None
        self._came: tuple[str, float] | None = None
        self._trail: list[str] = []
        self._held: tuple[int, int] | None = None

    @property
    def has_sky(self) -> bool:
        """Whether it is known where all notes lie."""
        return self._sky is not None

    def go_to(self, note: str) -> None:
        """Focus a note from elsewhere."""
        if note != self.note:
            self._leave(None)
            self.note = note

    def _leave(self, came: tuple[str, float] | None) -> None:
        if self.note:
            self._trail = [*self._trail[-REMEMBERED:], self.note]
        self._came, self.shift = came, (0.0, 0.0)

    def tell(self, around: Around | None, sky: Sky | None = None) -> None:
        """What is around the focused note; with `sky` all notes."""
        self.around, self._sky = around, sky or self._sky
        self.places = graph.places(around, self._came) if around is not None else {}
        self._title()
        self.show(self._picture)

    def _title(self) -> None:
        said = {"near": "linked", "far": "two links", "all": "all notes"}[self.level]
        if self.level == "all" and not self.has_sky:
            said = "all notes, being laid out…"
        more = self.around.more if self.around is not None and self.level != "all" else 0
        self.border_subtitle = f"{said}, {more} more" if more > 0 else said

    def _picture(self, columns: int, rows: int) -> list[Line]:
        if self.level == "all" and self._sky is not None:
            return graph.sky(self._sky, self.note, columns, rows, shift=self.shift, zoom=self.enlarged)
        if self.around is None:
            return self.empty(columns)
        return graph.picture(self.around, self.places, columns, rows, self.shift)

    # Walking

    def action_walk(self, across: int, down: int) -> None:
        if self.around is None or self.note not in self.places:
            return
        near = [each.id for each in self.around.near]
        found = graph.neighbour(self.places, self.note, near, (across, down))
        if found is not None:
            back = (graph.angle_of(self.places, self.note, found) + pi) % (2 * pi)
            came = self.note
            self._leave((came, back))
            self._go(found)

    def action_back(self) -> None:
        if self._trail:
            note = self._trail.pop()
            self._came, self.shift = None, (0.0, 0.0)
            self._go(note)

    def _go(self, note: str) -> None:
        self.note = note
        self.post_message(self.Wanted(note, walked=True))

    # Looking

    def action_zoom(self, closer: int) -> None:
        """A level closer or farther; all notes are first drawn smaller and larger."""
        if self.level == "all" and 1 <= self.enlarged * 2.0**closer <= LARGEST:
            self.enlarged *= 2.0**closer
            self.show(self._picture)
            return
        self.level = LEVELS[max(0, min(len(LEVELS) - 1, LEVELS.index(self.level) - closer))]
        self.enlarged = 1.0
        self._title()
        self.post_message(self.Wanted(self.note, walked=False))

    def action_fit(self) -> None:
        self.shift, self.enlarged = (0.0, 0.0), 1.0
        if self.level != LEVELS[0]:
            self.level = LEVELS[0]
            self.post_message(self.Wanted(self.note, walked=False))
        self.show(self._picture)

    def on_mouse_down(self, event: MouseDown) -> None:
        self._held = (event.x, event.y)
        self.capture_mouse()

    def on_mouse_move(self, event: MouseMove) -> None:
        if self._held is not None:
            self.shift = self.shift[0] + event.x - self._held[0], self.shift[1] + event.y - self._held[1]
            self._held = (event.x, event.y)
            self.show(self._picture)

    def on_mouse_up(self, _: MouseUp) -> None:
        self._held = None
        self.release_mouse()
