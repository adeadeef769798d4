"""A canvas of braille dots, two across and four down in each cell, with labels lying over them."""

from __future__ import annotations

from itertools import groupby

from halo_tui.present.ink import Line, Tone, cells

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot in its cell, by row and column; added to U+2800."""
EMPTY = 0x2800
STRENGTH = {"faint": 0, "muted": 1, "plain": 2}
"""Of two tones in a cell the stronger shows; any other is stronger than these."""


class Braille:
    """Columns by rows of the terminal; dots count from the upper left, `2 * columns` by `4 * rows`."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._dots: dict[tuple[int, int], int] = {}
        self._tones: dict[tuple[int, int], Tone] = {}
        self._labels: dict[tuple[int, int], tuple[str, Tone]] = {}

    def dot(self, x: float, y: float, tone: Tone) -> None:
        """Set a dot; what falls off the edge is left out."""
        across, down = int(x), int(y)
        if not (0 <= across < 2 * self.columns and 0 <= down < 4 * self.rows):
            return
        cell = across // 2, down // 4
        self._dots[cell] = self._dots.get(cell, 0) | DOTS[down % 4][across % 2]
        if STRENGTH.get(tone, 3) >= STRENGTH.get(self._tones.get(cell, "faint"), 3):
            self._tones[cell] = tone

    def line(self, start: tuple[float, float], end: tuple[float, float], tone: Tone) -> None:
        """A straight line of dots."""
        steps = int(max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1))
        for step in range(steps + 1):
            part = step / steps
            self.dot(start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part, tone)

    def room(self, column: int, row: int, text: str) -> bool:
        """Whether a label would lie on the canvas, and over no other."""
        width = cells(text)
        if not (0 <= row < self.rows and column >= 0 and column + width <= self.columns):
            return False
        return all((each, row) not in self._labels for each in range(column - 1, column + width + 1))

    def label(self, column: int, row: int, text: str, tone: Tone) -> None:
        """Text over the dots, from a cell to the right; there must be room."""
        for character in text:
            self._labels[column, row] = (character, tone)
            width = cells(character)
            for place in range(1, width):
                self._labels[column + place, row] = ("", tone)
            column += width

    def lines(self) -> list[Line]:
        """What was drawn, neighbours of one tone joined."""
        return [self._line(row) for row in range(self.rows)]

    def _line(self, row: int) -> Line:
        drawn = [self._cell(column, row) for column in range(self.columns)]
        return [("".join(text for text, _ in run), tone) for tone, run in groupby(drawn, key=lambda cell: cell[1])]

    def _cell(self, column: int, row: int) -> tuple[str, Tone]:
        place = column, row
        if place in self._labels:
            return self._labels[place]
        dots = self._dots.get(place)
        return (chr(EMPTY + dots), self._tones[place]) if dots else (" ", "plain")
