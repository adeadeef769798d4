"""What edits cost that get nowhere, and what has been done at all."""

from __future__ import annotations

from collections import deque

from halo_engine.agents.spin.history import History
from halo_engine.agents.spin.lately import Lately, Seen
from halo_engine.agents.spin.steps import Step

BACK, TRIAL = 1.0, 0.2
"""An edit back to what was: without need, and after it was tried."""
COSMETIC, REWRITTEN = 0.7, 0.4
"""An edit of lines edited before: one that says nothing new, and any other."""
EDIT, SLIGHT_EDIT = -0.4, -0.3
"""An edit in a new place."""
FILES, LINES, EDITS = 500, 2000, 1000
"""How many files are remembered, how many lines that were written into each, and how many edits."""
THROWN_AWAY, MOST_THROWN = 0.7, 2.0
"""Each edit that is taken back, and all of them."""


class Work:
    """What has been done since a person last asked for something else."""

    def __init__(self) -> None:
        self.moves = 0
        """Edits in new places, and what else was done for the first time."""
        self.acts = 0
        """All edits, and commands that change something."""
        self.edits = 0
        self.news = 0
        """Calls that showed something new."""
        self.futile = 0
        """How often a failure stayed as it was though something was done."""
        self.written: Lately[str, Seen[str]] = Lately(FILES)
        """Path -> the lines that were written into it."""
        self.kept: deque[str] = deque(maxlen=EDITS)
        """Paths of the edits that were not taken back."""
        self._tried: Seen[str] = Seen(FILES)
        """Paths of those that were."""

    @property
    def sum(self) -> tuple[int, int, int, int]:
        """How much has been done and seen."""
        return self.moves, self.acts, self.edits, self.news

    def edit(self, history: History, step: Step) -> float:
        """What an edit costs."""
        self.acts += 1
        self.edits += 1
        elsewhere = not any(change.path in self.written for change in step.changes)
        again = self._is_again(step)
        if not any(change.removed or change.added for change in step.changes):
            return 0.0 if elsewhere else COSMETIC
        if history.asked.undo and not step.fresh:
            return 0.0
        if not step.fresh and not step.slight:
            return TRIAL if step.excused else self.lose({change.path for change in step.changes}, BACK, THROWN_AWAY)
        if again:
            return COSMETIC if step.slight else REWRITTEN
        if step.slight and not elsewhere:
            return 0.0
        return self._moved(step)

    def _moved(self, step: Step) -> float:
        """An edit in a new place."""
        self.moves += 1
        paths = [change.path for change in step.changes]
        self.kept += paths
        if any(path in self._tried for path in paths):
            return 0.0
        if step.slight:
            return SLIGHT_EDIT
        made = not any(change.removed for change in step.changes)
        return EDIT / (1 + self.futile) if made else EDIT

    def lose(self, paths: set[str], least: float, each: float) -> float:
        """What it costs that the edits of some files are taken back."""
        lost = [path for path in self.kept if path in paths]
        self.kept = deque((path for path in self.kept if path not in paths), EDITS)
        self._tried.update(lost)
        return min(MOST_THROWN, max(least, each * len(lost)))

    def _is_again(self, step: Step) -> bool:
        """Whether an edit takes out what was written before, or writes it again."""
        again = False
        for change in step.changes:
            written = self.written.setdefault(change.path, lambda: Seen(LINES))
            removed, added = said(change.removed), said(change.added)
            again = again or (bool(removed) and sum(line in written for line in removed) >= len(removed) / 2)
            again = again or (bool(added) and all(line in written for line in added))
            written.update(added)
        return again


def said(lines: tuple[str, ...]) -> set[str]:
    """The lines that say something."""
    return {line.strip() for line in lines if len(line.strip()) > 2}
