"""What goes to the terminal: of what is painted anew, only the cells that differ from what it shows.

Textual writes whole lines of whole widgets, each run of text with all its colours: 15 to 45 kB for a key, which is felt
over SSH. Here a line is compared with the one that was sent before, and a colour is sent when it changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeAlias

from rich.cells import cell_len
from rich.color import ColorSystem
from rich.console import COLOR_SYSTEMS, Console, RenderableType
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.strip import Strip

NEAR = 6
"""Cells alike between two that differ, which are sent again: to go past them costs as much."""
RESET = "\x1b[0m"
ON_BLANKS = frozenset({"4", "7", "9", "21", "53"})
"""Attributes that show also where there is no letter: lines under, through and over it, and reversed."""
NARROW = re.compile("[ -~\u00a1-\u00ac\u00ae-\u02ff\u2010-\u2027\u2190-\u21ff\u2500-\u25fc\u2800-\u28ff]*")
"""Letters, lines, blocks and signs that take one cell each."""
_SGR = re.compile(r"\x1b\[([\d;]*)m")


class Pen(NamedTuple):
    """How the terminal draws, in codes of SGR. A blank takes any ink: it has none."""

    attributes: str
    ink: str
    paper: str


PLAIN = Pen("", "39", "49")
Cell: TypeAlias = tuple[str, Pen]
"""A letter; of a wide one the second cell is empty."""
Part: TypeAlias = tuple[int, Iterable[Strip]]
"""From which column on, and what stands there."""
Painted: TypeAlias = tuple[int, list[Part], tuple[int, int] | None]
"""A row of the screen, what stands there, and which columns of it were painted; None: all."""


class Sparing:
    """Knows what the terminal shows, as far as it was told by way of this."""

    def __init__(self) -> None:
        self._shown: dict[int, list[Cell | None]] = {}

    def forget(self) -> None:
        """The terminal may show anything now."""
        self._shown.clear()

    def update(self, update: RenderableType | CompositorUpdate | None) -> Any:
        """The same update, made sparing."""
        if isinstance(update, LayoutUpdate):
            x, y = update.region.offset
            return _Sent(self, [(y + row, [(x, strips)], None) for row, strips in enumerate(update.strips)])
        if isinstance(update, ChopsUpdate):
            return _Sent(self, map(partial(_parts, update), update.spans))
        if update is not None:
            self.forget()
        return update

    def sequences(self, y: int, parts: Iterable[Part], span: tuple[int, int] | None, system: ColorSystem) -> str:
        """What to write so that a line shows these parts, as far as they lie in the span."""
        row = self._shown.setdefault(y, [])
        found = []
        for x, strips in parts:
            cells = [cell for strip in strips for cell in _cells(strip, system)]
            first, last = (x, x + len(cells)) if span is None else (max(x, span[0]), min(x + len(cells), span[1]))
            row.extend([None] * (last - len(row)))
            for start, end in _runs(row, cells, x, first, last):
                found.append(f"\x1b[{y + 1};{start + 1}H{_written(cells[start - x : end - x])}")
            row[first:last] = cells[first - x : last - x]
        return "".join(found)


class _Sent(CompositorUpdate):
    """An update of Textual's, line by line."""

    def __init__(self, sparing: Sparing, lines: Iterable[Painted]) -> None:
        self._sparing, self._lines = sparing, lines

    def render_segments(self, console: Console) -> str:
        system = COLOR_SYSTEMS[console.color_system or "truecolor"]
        return "".join(self._sparing.sequences(y, parts, span, system) for y, parts, span in self._lines)


def _parts(update: ChopsUpdate, span: tuple[int, int, int]) -> Painted:
    y, first, last = span
    ends = zip(update.chop_ends[y], update.chops[y].items(), strict=False)
    parts: list[Part] = [(x, [strip]) for end, (x, strip) in ends if strip is not None and x < last and end > first]
    return y, parts, (first, last)


def _cells(strip: Strip, system: ColorSystem) -> list[Cell]:
    cells: list[Cell] = []
    for text, style, _ in strip:
        pen = _pen(style, system) if style else PLAIN
        blank = _blank(pen)
        if NARROW.fullmatch(text):
            cells += [(letter, blank if letter == " " else pen) for letter in text]
            continue
        for letter in text:
            wide = cell_len(letter)
            if not wide and cells:
                cells[-1] = (cells[-1][0] + letter, pen)
            cells += [(letter, pen), ("", pen)][:wide]
    return cells


def _runs(row: list[Cell | None], cells: list[Cell], x: int, first: int, last: int) -> list[list[int]]:
    """Columns, from and to, of what differs; what lies near together is one."""
    runs: list[list[int]] = []
    for at in range(first, last):
        if row[at] == cells[at - x]:
            continue
        start = at - 1 if not cells[at - x][0] and at > first else at
        end = at + 2 if at + 1 < last and not cells[at + 1 - x][0] else at + 1
        if runs and start - runs[-1][1] <= NEAR:
            runs[-1][1] = max(end, runs[-1][1])
        else:
            runs.append([start, end])
    return runs


def _written(cells: list[Cell]) -> str:
    parts, pen = [], PLAIN
    for letter, wanted in cells:
        if wanted is not pen:
            codes, pen = _turned(pen, wanted)
            parts.append(codes)
        parts.append(letter)
    return "".join(parts) + (RESET if pen != PLAIN else "")


@lru_cache(maxsize=4096)
def _turned(pen: Pen, wanted: Pen) -> tuple[str, Pen]:
    """What makes a pen draw as is wanted, and how it draws then."""
    if not wanted.ink:
        wanted = Pen("" if _marks_blanks(pen) else pen.attributes, pen.ink, wanted.paper)
    if pen.attributes != wanted.attributes:
        return f"\x1b[{';'.join(filter(None, ('0', *wanted)))}m", wanted
    codes = [new for old, new in zip(pen[1:], wanted[1:], strict=True) if old != new]
    return f"\x1b[{';'.join(codes)}m" if codes else "", wanted


def _marks_blanks(pen: Pen) -> bool:
    return not ON_BLANKS.isdisjoint(pen.attributes.split(";"))


@lru_cache(maxsize=1024)
def _blank(pen: Pen) -> Pen:
    return pen if _marks_blanks(pen) else Pen("", "", pen.paper)


@lru_cache(maxsize=1024)
def _pen(style: Style, system: ColorSystem) -> Pen:
    attributes = _SGR.match(style.without_color.render("x", color_system=system))
    ink, paper = (
        ";".join(color.downgrade(system).get_ansi_codes(foreground)) if color else default
        for color, foreground, default in ((style.color, True, "39"), (style.bgcolor, False, "49"))
    )
    return Pen(attributes[1] if attributes else "", ink, paper)
