"""How a row of cells shares a width: fixed columns, shares of what is left, and which columns go first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, TypeAlias

from halo_tui.present.ink import Line, Run, fit, fit_line

Cell: TypeAlias = Run | Line
"""One run, or several."""
Cells: TypeAlias = Sequence[Cell]
GAP = 1


class Column(NamedTuple):
    """One column of a table."""

    title: str
    width: int
    """Columns of the terminal; with `share`, the least that it needs."""
    share: int = 0
    """Parts of the width that is left over."""
    priority: int = 0
    """0 always shows; of the others the highest goes first when the width does not suffice."""
    align: Literal["left", "right"] = "left"


class Slot(NamedTuple):
    """A column that shows, and its width."""

    place: int
    """Of the column among all."""
    width: int
    align: Literal["left", "right"]


def lay_out(columns: Sequence[Column], available: int) -> list[Slot]:
    """The columns that fit into `available` cells, with their widths; a share takes what the others leave."""
    shown = list(range(len(columns)))
    while len(shown) > 1 and _needed(columns, shown) > available:
        droppable = [index for index in shown if columns[index].priority]
        if not droppable:
            break
        shown.remove(max(droppable, key=lambda index: (columns[index].priority, index)))
    spare = max(0, available - _needed(columns, shown))
    shares = sum(columns[index].share for index in shown)
    slots = []
    for index in shown:
        column = columns[index]
        extra = spare * column.share // shares if shares else 0
        spare, shares = spare - extra, shares - column.share
        slots.append(Slot(index, column.width + extra, column.align))
    return slots


def _needed(columns: Sequence[Column], shown: Sequence[int]) -> int:
    return sum(columns[index].width for index in shown) + GAP * (len(shown) - 1)


def compose(cells: Cells, slots: Sequence[Slot]) -> Line:
    """One row: each cell cut or padded to its slot, a blank between two."""
    line: Line = []
    for place, slot in enumerate(slots):
        if place:
            line.append((" " * GAP, "plain"))
        cell = cells[slot.place]
        if isinstance(cell, tuple):
            line.append((fit(cell[0], slot.width, slot.align), cell[1]))
        else:
            line.extend(fit_line(cell, slot.width, slot.align))
    return line


def heading(columns: Sequence[Column], slots: Sequence[Slot]) -> Line:
    """The titles, set as the cells are."""
    return compose([(column.title, "faint") for column in columns], slots)
