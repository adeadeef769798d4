"""Lines of text that scroll. Drawn a line at a time; what did not change is not drawn again."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import dedent
from typing import ClassVar, TypeAlias

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from halo_engine.errors import HaloError
from halo_tui.keymap import bindings
from halo_tui.present.ink import Line, plain, wrap
from halo_tui.widgets.inks import Ground, inks

Build: TypeAlias = Callable[[int, int], list[Line]]
"""From the columns and rows that there are to the lines to show."""


class TextView(ScrollView, can_focus=True):
    """Shows what a `Build` makes of the space; asks it again when the space changes."""

    BINDINGS: ClassVar = bindings("page")
    ALLOW_SELECT = False
    DEFAULT_CSS = "TextView { overflow-x: hidden; scrollbar-gutter: stable; }"

    def __init__(self, build: Build | None = None, *, id: str | None = None, focusable: bool = True) -> None:
        super().__init__(id=id)
        self.can_focus = focusable
        self.dimmed = False
        self.raised = False
        """Lies over something else."""
        self.following = False
        """Stay at the end as lines are added."""
        self._build: Build = build or _nothing
        self._lines: list[Line] = []

    @property
    def lines(self) -> list[Line]:
        return self._lines

    @property
    def text(self) -> str:
        """What it shows, as text."""
        return dedent("\n".join(plain(line).rstrip() for line in self._lines)).strip("\n")

    def show(self, build: Build, *, top: bool = False) -> None:
        """Show something else; from its beginning with `top`."""
        self._build = build
        self._make()
        if top:
            self.scroll_to(y=0, animate=False, force=True)

    def fault(self, error: HaloError) -> None:
        """Say why there is nothing to show."""
        self.show(inset(lambda columns: wrap(f"▲ {error.message}", columns, "alert")), top=True)

    def dim(self, dimmed: bool) -> None:
        """Show that what is here cannot be relied on now."""
        if dimmed != self.dimmed:
            self.dimmed = dimmed
            self.refresh()

    def restyle(self) -> None:
        """Draw anew with the inks of another theme."""
        self.refresh()

    def on_resize(self) -> None:
        self._make()

    def _make(self) -> None:
        if not self.is_mounted or not self.size.width:
            return
        region = self.scrollable_content_region
        before, self._lines = self._lines, self._build(region.width, region.height)
        size = Size(region.width, max(len(self._lines), region.height))
        if size != self.virtual_size:
            self.virtual_size = size
        if self.following:
            self.scroll_to(y=len(self._lines), animate=False, force=True)
        for y in range(max(len(before), len(self._lines))):
            if before[y : y + 1] != self._lines[y : y + 1]:
                self.refresh_line(y)

    def render_line(self, y: int) -> Strip:
        columns = self.scrollable_content_region.width
        index = self.scroll_offset.y + y
        line = self._lines[index] if index < len(self._lines) else []
        return inks(self.app).strip(line, columns, Ground(cursor=self.raised, dim=self.dimmed))

    def action_scroll_by(self, lines: int) -> None:
        self._move(self.scroll_offset.y + lines)

    def action_scroll_pages(self, pages: int) -> None:
        self._move(self.scroll_offset.y + pages * max(1, self.size.height - 1))

    def action_scroll_home(self) -> None:
        self._move(0)

    def action_scroll_end(self) -> None:
        self._move(len(self._lines))

    def _move(self, y: int) -> None:
        self.scroll_to(y=y, animate=False)
        self.following = self.following and y >= self.max_scroll_y


def inset(build: Callable[[int], list[Line]]) -> Build:
    """A page with a column of air on both sides."""
    return lambda columns, _: [[(" ", "plain"), *line] for line in build(max(10, columns - 2))]


def _nothing(columns: int, rows: int) -> list[Line]:  # noqa: ARG001
    return []
