"""The runs of an item and what they wrote."""

from __future__ import annotations

import re

from halo_engine import times
from halo_engine.tasks.store import Run
from halo_engine.tasks.views import size
from halo_tui.present.ink import Line, Tone, clean, wrap
from halo_tui.present.when import When

OUTCOMES: dict[str, tuple[str, Tone]] = {
    "running": ("►", "ok"),
    "succeeded": ("✓", "ok"),
    "failed": ("▲", "alert"),
    "timed_out": ("▲", "alert"),
    "lost": ("▲", "alert"),
    "cancelled": ("✗", "muted"),
}
SHOWN = 6
"""Runs that are listed above the output."""
LINES, LONGEST = 2_000, 1_000
"""Lines of output that are shown, the last ones, and characters of each."""
ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])")
"""What a program writes to colour a terminal or to move its cursor."""


def table(runs: list[Run], when: When) -> list[Line]:
    """The newest runs, a line each."""
    lines: list[Line] = []
    for run in runs[:SHOWN]:
        glyph, tone = OUTCOMES.get(run.outcome, ("·", "plain"))
        took = run.duration if run.duration is not None else when.seconds(run.started)
        lines.append(
            [
                (f"{glyph} {run.outcome.replace('_', ' '):<11}", tone),
                (f"{run.id:<9}", "muted"),
                (f"{when.clock(run.started):<13}", "faint"),
                (f"{times.span(took):>8}  ", "plain"),
                (f"exit {run.exit_code}  " if run.exit_code is not None else "", "alert" if run.exit_code else "faint"),
                (f"{size(run.peak_memory)}  " if run.peak_memory else "", "faint"),
                (clean(run.reason), tone if run.reason else "plain"),
            ]
        )
    if len(runs) > SHOWN:
        lines.append([(f"  and {len(runs) - SHOWN} earlier", "faint")])
    return lines


def cleaned(text: str) -> list[str]:
    """What a run wrote as lines, without what would colour the terminal or move its cursor.

    Of a line drawn over itself its last state is kept, of a very long one the beginning.
    """
    rows = ESCAPES.sub("", text).removesuffix("\n").split("\n")
    return [_cut(row.rstrip("\r").rpartition("\r")[2]) for row in rows[-LINES:]]


def _cut(row: str) -> str:
    return row if len(row) <= LONGEST else f"{row[:LONGEST]} … {len(row) - LONGEST:,} more characters"


def output(rows: list[str], columns: int) -> list[Line]:
    """Cleaned lines, wrapped to the width."""
    return [line for row in rows for line in wrap(row, columns)]


def rule(title: str, columns: int) -> Line:
    """A quiet line with a word in it."""
    return [(f"── {title} " + "─" * max(0, columns - len(title) - 4), "faint")]
