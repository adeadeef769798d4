"""Numbers, short enough for a box or a bar."""

from __future__ import annotations


def number(count: int) -> str:
    """A count in at most four columns: 999, 1.2k, 99k, 1.2M."""
    for size, unit in ((1_000_000, "M"), (1_000, "k")):
        if count >= size:
            return f"{count / size:.1f}{unit}" if count < 10 * size else f"{count // size}{unit}"
    return str(count)
