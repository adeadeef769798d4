"""Values as columns of blocks, one or more rows high."""

from __future__ import annotations

from collections.abc import Sequence

BLOCKS = " ▁▂▃▄▅▆▇█"


def bars(values: Sequence[float], rows: int = 1, top: float = 0.0) -> list[str]:
    """Rows of blocks from the top down, a column a value, the highest for `top` (default: the greatest value).

    What is more than nothing is seen: it takes an eighth of a row at the least.
    """
    top = top or max(values, default=0) or 1
    heights = [max(value > 0, round(min(value, top) / top * rows * 8)) for value in values]
    return ["".join(BLOCKS[max(0, min(8, height - 8 * row))] for height in heights) for row in reversed(range(rows))]


def squeezed(values: Sequence[float], columns: int) -> list[float]:
    """As many sums as there are columns; fewer values are spread out, each over several columns."""
    if not values or columns <= 0:
        return []
    if len(values) <= columns:
        return [values[place * len(values) // columns] for place in range(columns)]
    sums = [0.0] * columns
    for place, value in enumerate(values):
        sums[place * columns // len(values)] += value
    return sums
