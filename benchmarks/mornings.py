"""The briefing and the reports of a long history, each a whole process, once the stores are caught up."""

from __future__ import annotations

from benchmarks.measure import BIN, Figure, Ran, child, median, mib, ms, scratch, under
from benchmarks.mixed import filled

EVENTS = 1_000_000
BAR = 1.0
"""Seconds."""
MEMORY = 150 * 2**20
COMMANDS = {
    "briefing": ("hal-briefing", "generate", "--no-ai"),
    "weekly report": ("reportctl", "weekly"),
    "export of 30 days": ("reportctl", "export", "--period", "30d"),
}


def run(*, quick: bool) -> list[Figure]:
    events = EVENTS // 10 if quick else EVENTS
    with scratch() as folder:
        workspace, morning = filled(folder / "halo", events)
        place = ["--workspace", workspace.root]

        def ran(words: tuple[str, ...]) -> Ran:
            return child([BIN / words[0], *words[1:], *place], HALO_NOW=morning.isoformat())

        for words in COMMANDS.values():  # the stores are made, or caught up
            ran(words)
        found = {name: [ran(words) for _ in range(3 if quick else 9)] for name, words in COMMANDS.items()}
    figures = [
        under(f"{name} over {events:,} events, whole process", median([each.seconds for each in times]), BAR, ms)
        for name, times in found.items()
    ]
    peak = max(each.peak for times in found.values() for each in times)
    return [*figures, under("memory at most for these", peak, MEMORY, mib)]
