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


def output(text: str, columns: int) -> list[Line]:
    """What a run wrote, without what would colour the terminal; of a line drawn over itself, its last state."""
    lines: list[Line] = []
    for row in ESCAPES.sub("", text).removesuffix("\n").split("\n"):
        lines.extend(wrap(row.rstrip("\r").rpartition("\r")[2], columns))
    return lines


def rule(title: str, columns: int) -> Line:
    """A quiet line with a word in it."""
    return [(f"── {title} " + "─" * max(0, columns - len(title) - 4), "faint")]
