"""A grid of characters on which boxes and connectors are drawn; lines that meet become the right joint."""

from __future__ import annotations

from itertools import groupby, pairwise

from halo_tui.present.ink import Line, Tone

UP, DOWN, LEFT, RIGHT = 1, 2, 4, 8
JOINTS = {
    UP | DOWN: "│", LEFT | RIGHT: "─", DOWN | RIGHT: "╭", DOWN | LEFT: "╮", UP | RIGHT: "╰", UP | LEFT: "╯",
    UP | DOWN | RIGHT: "├", UP | DOWN | LEFT: "┤", DOWN | LEFT | RIGHT: "┬", UP | LEFT | RIGHT: "┴",
    UP | DOWN | LEFT | RIGHT: "┼", UP: "│", DOWN: "│", LEFT: "─", RIGHT: "─",
}  # fmt: skip
DASHED = {"│": "╎", "─": "╌"}
HEADS = {UP: "▴", DOWN: "▾", LEFT: "◂", RIGHT: "▸"}
HOLLOW = {UP: "▵", DOWN: "▿", LEFT: "◃", RIGHT: "▹"}
OPPOSITE = {UP: DOWN, DOWN: UP, LEFT: RIGHT, RIGHT: LEFT}

SINGLE = "╭─╮│╰╯"
DOUBLE = "╔═╗║╚╝"
TEES = {UP: "┴", DOWN: "┬", LEFT: "┤", RIGHT: "├"}
"""In a box's edge, where a line leaves it to that side."""
DOUBLE_TEES = {UP: "╧", DOWN: "╤", LEFT: "╢", RIGHT: "╟"}


class Canvas:
    """Columns by rows; later drawing lies over earlier."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._cells: list[list[tuple[str, Tone]]] = [[(" ", "plain")] * width for _ in range(height)]
        self._joints: dict[tuple[int, int], int] = {}
        self._solid: set[tuple[int, int]] = set()

    def text(self, x: int, y: int, text: str, tone: Tone) -> None:
        """Characters from a cell to the right; what falls off the edge is left out."""
        for place, character in enumerate(text):
            if 0 <= x + place < self.width and 0 <= y < self.height:
                self._cells[y][x + place] = (character, tone)

    def box(self, x: int, y: int, width: int, height: int, tone: Tone, *, double: bool = False) -> None:
        """A frame with rounded corners, or a double one."""
        edge = DOUBLE if double else SINGLE
        self.text(x, y, edge[0] + edge[1] * (width - 2) + edge[2], tone)
        for row in range(y + 1, y + height - 1):
            self.text(x, row, edge[3], tone)
            self.text(x + width - 1, row, edge[3], tone)
        self.text(x, y + height - 1, edge[4] + edge[1] * (width - 2) + edge[5], tone)

    def lay(self, way: list[tuple[int, int]], leaving: int, entering: int, *, solid: bool) -> None:
        """Remember a way with its joints: `leaving` and `entering` are the directions at its two ends."""
        cells = along(way)
        steps = [leaving, *(direction(a, b) for a, b in pairwise(cells)), entering]
        for cell, (come, go) in zip(cells, pairwise(steps), strict=True):
            self._joints[cell] = self._joints.get(cell, 0) | OPPOSITE[come] | go
            if solid:
                self._solid.add(cell)

    def line(self, way: list[tuple[int, int]], tone: Tone) -> None:
        """Draw a way that was laid, with the joints of all that were laid."""
        for x, y in along(way):
            character = JOINTS[self._joints[x, y]]
            self.text(x, y, character if (x, y) in self._solid else DASHED.get(character, character), tone)

    def lines(self) -> list[Line]:
        """What was drawn, neighbours of one tone joined."""
        return [
            [("".join(character for character, _ in run), tone) for tone, run in groupby(row, key=lambda cell: cell[1])]
            for row in self._cells
        ]


def along(way: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Every cell of a way that is given by its corners."""
    cells = [way[0]]
    for (x, y), (to_x, to_y) in pairwise(way):
        step_x, step_y = (to_x > x) - (to_x < x), (to_y > y) - (to_y < y)
        while (x, y) != (to_x, to_y):
            x, y = x + step_x, y + step_y
            cells.append((x, y))
    return cells


def direction(a: tuple[int, int], b: tuple[int, int]) -> int:
    """The direction from a cell to one of its neighbours."""
    return {(0, -1): UP, (0, 1): DOWN, (-1, 0): LEFT, (1, 0): RIGHT}[b[0] - a[0], b[1] - a[1]]
