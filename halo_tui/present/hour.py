"""An hour of a log by level: a row of bars each, with its glyph, its word and its count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from halo_engine.logs.levels import Level
from halo_engine.logs.stamps import Nanoseconds
from halo_tui.present.bars import bars, squeezed
from halo_tui.present.counts import number
from halo_tui.present.ink import Line, Run
from halo_tui.present.when import When

LENGTH = 3_600_000_000_000
"""Nanoseconds."""
LABEL = 14
ROWS: tuple[tuple[str, Run, frozenset[Level | None]], ...] = (
    ("error", ("▲", "alert"), frozenset({Level.ERROR, Level.FATAL})),
    ("warn", ("◆", "warning"), frozenset({Level.WARN})),
    ("info", ("●", "muted"), frozenset({Level.INFO})),
    ("other", ("·", "faint"), frozenset({Level.DEBUG, Level.TRACE, None})),
)


class Hour(NamedTuple):
    """Records of an hour by stretch of time and level."""

    since: Nanoseconds
    counts: Sequence[dict[Level | None, int]]
    """Of each stretch, the earliest first."""
    present: bool = True
    """It ends now; else with the last record there is."""


def stretches(columns: int) -> int:
    """How many stretches of an hour there is room for."""
    return max(15, columns - LABEL - 1)


def picture(hour: Hour, when: When, columns: int) -> list[Line]:
    """A row a level, each drawn to its own height, and below them the time."""
    wide = stretches(columns)
    lines: list[Line] = []
    for name, (glyph, tone), levels in ROWS:
        values = [sum(count for level, count in part.items() if level in levels) for part in hour.counts]
        total = sum(values)
        label: Line = [(f" {glyph} ", tone if total else "faint"), (f"{name:<6}", "muted" if total else "faint")]
        count: Run = (f"{number(total):>4} ", "plain" if total else "faint")
        lines.append([*label, count, (bars(squeezed(values, wide))[0], tone)])
    return [*lines, _axis(hour, when, wide)]


def _axis(hour: Hour, when: When, wide: int) -> Line:
    ends = [datetime.fromtimestamp((hour.since + LENGTH * part // 2) / 1e9, when.zone) for part in range(3)]
    first, middle, last = (f"{end:%H:%M}" for end in ends)
    left = max(0, (wide - 5) // 2 - 5)
    return [(" " * LABEL + first + " " * left + middle + " " * max(0, wide - 15 - left) + last, "faint")]


def title(hour: Hour, when: When) -> str:
    """Which hour it is."""
    if hour.present:
        return "Last hour"
    end = datetime.fromtimestamp((hour.since + LENGTH) / 1e9, when.zone)
    return f"Hour to {end:%Y-%m-%d %H:%M}"
