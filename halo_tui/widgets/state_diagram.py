"""The state machine, whole where there is room for it, else in a few lines."""

from __future__ import annotations

from collections.abc import Mapping

from halo_engine.tasks.states import State
from halo_tui.present.diagram import Lit, compact, draw
from halo_tui.present.diagram_layout import HEIGHT, WIDTH
from halo_tui.present.ink import Line
from halo_tui.widgets.text_view import TextView


class StateDiagram(TextView):
    """Counts by state, the selected item's state, and the keys of its moves."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(self._picture, id=id, focusable=False)
        self.counts: Mapping[State, int] = {}
        self.lit = Lit()

    def tell(self, counts: Mapping[State, int] | None = None, lit: Lit | None = None) -> None:
        """Show other counts, or another item's state; only lines that change are drawn."""
        before = self.counts, self.lit
        self.counts = self.counts if counts is None else counts
        self.lit = self.lit if lit is None else lit
        if (self.counts, self.lit) != before:
            self.show(self._picture)

    def _picture(self, columns: int, rows: int) -> list[Line]:
        if columns < WIDTH or rows < HEIGHT:
            return compact(self.counts, self.lit, columns)
        left, top = (columns - WIDTH) // 2, (rows - HEIGHT) // 2
        margin: Line = [(" " * left, "plain")] if left else []
        return [[]] * top + [[*margin, *line] for line in draw(self.counts, self.lit)]
