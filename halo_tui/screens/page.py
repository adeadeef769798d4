"""What every screen of the workstation has: panes, reads in workers, a filter, zoom, what is remembered, hints.

A screen says what it is about in a few names (`MAIN`, `HINTS`, `KEPT`, `ARRANGED`, `WORDS`), yields its panes, and
reads in `refresh_view`; the rest is here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from textual import on
from textual.content import Content
from textual.events import Resize
from textual.widget import Widget

from halo_engine.errors import HaloError
from halo_tui.actions import BY_ID
from halo_tui.actions.action import frozen
from halo_tui.feed import Change
from halo_tui.present.ink import clean, cut, wrap
from halo_tui.screens.reads import Reads
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView

if TYPE_CHECKING:
    from halo_tui.session import Kept

Pane = TypeVar("Pane", bound=Widget)
BROADEST = 76
"""Columns of a text that is to be read."""
AROUND = 2
"""Rows of the frame around a screen."""


def framed(pane: Pane, title: str = "") -> Pane:
    """A widget as a pane: with a border and a title, and a stop for tab and zoom."""
    pane.add_class("pane")
    pane.border_title = title
    return pane


class Page(Reads):
    """One screen. `table` is the list that it is about."""

    SCOPED_CSS = False
    DEFAULT_CSS = """
    Page { layout: grid; width: 1fr; height: 1fr; grid-size: 1; }
    .pane {
        border: round $halo-border;
        border-title-color: $halo-muted;
        border-title-background: $background;
        border-subtitle-color: $halo-muted;
        border-subtitle-background: $background;
    }
    .pane:focus { border: round $accent; border-title-color: $halo-strong; }
    .-past .pane { border: round $warning 60%; border-title-color: $warning; }
    .-past .pane:focus { border: round $warning; }
    """
    HINTS: ClassVar[dict[str, tuple[str, ...]]] = {}
    """By pane (its id, or "" for any other): the actions that the bottom line names."""
    KEPT: ClassVar[tuple[str, ...]] = ("filter",)
    """The attributes that are found again at the next start: texts, numbers, yes or no."""
    ARRANGED: ClassVar[Mapping[str, Callable[[int, int], bool]]] = {}
    """Classes that the screen has, by its columns and rows."""
    WORDS: ClassVar = ""
    """What its filter understands."""
    TYPED: ClassVar = 0.0
    """Seconds without a key after which a filter that is being typed is tried."""
    SETTLE: ClassVar = 0.04
    """Seconds that the cursor rests on a row before that is read."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.filter = ""

    @property
    def table(self) -> RowTable[Any]:
        return self.query_one(RowTable)

    @property
    def panes(self) -> list[Widget]:
        """What tab goes through and zoom shows alone."""
        return [pane for pane in self.query(".pane") if pane.can_focus and pane.display]

    def hints(self, pane: str) -> tuple[str, ...]:
        """The actions that the bottom line names while a pane has the focus."""
        return self.HINTS.get(pane, self.HINTS.get("", ()))

    def focus_first(self) -> None:
        """Give the focus to where work begins."""
        if self.panes:
            self.panes[0].focus()

    # What shows

    def refresh_view(self, change: Change | None = None) -> None:
        """Read again what shows; with a change, what it touched glows."""

    def bring_up(self, key: Any) -> None:
        """Select what another screen points at."""
        self.table.go_to(key)

    def restyle(self) -> None:
        """The theme is another one."""
        for pane in self.query(".pane, .styled"):
            getattr(pane, "restyle", pane.refresh)()

    def slow(self) -> None:
        self.dim(True)
        self.table.border_subtitle = "reading…"

    def failed(self, error: HaloError) -> None:
        """What the screen is about cannot be read: dim it, and say why."""
        self.dim(True)
        self.show_fault(self.table, error)

    @on(RowTable.Failed)
    def _rows_failed(self, message: RowTable.Failed) -> None:
        self.failed(message.error)

    def dim(self, dimmed: bool) -> None:
        """Show that what is here cannot be relied on now, or can again."""
        for table in self.query(RowTable):
            table.dim(dimmed)

    def show_fault(self, table: RowTable[Any], error: HaloError) -> None:
        """Say why a table cannot be read: in its place when it is empty, else at its edge."""
        message, hint = self.station.shortened(error.message), self.station.shortened(error.hint)
        if len(table.order):
            table.border_subtitle = Content(f"▲ {cut(clean(message), max(20, table.size.width - 6))}").markup
            return
        table.empty = lambda columns: [
            *wrap(f"▲ {message}", min(columns, BROADEST), "alert"),
            [],
            *wrap(hint, min(columns, BROADEST), "muted"),
        ]
        table.show(())

    def note(self, *parts: str) -> None:
        """At the table's lower edge: its filter, and what else is to be known."""
        said = [f"/ {self.filter}"] if self.filter else []
        self.table.border_subtitle = Content("  ".join(filter(None, [*said, *parts]))).markup

    # The layout

    def on_mount(self) -> None:
        self.lay_out(self.app.size.width, self.app.size.height - AROUND)

    def on_resize(self, event: Resize) -> None:
        self.lay_out(event.size.width, event.size.height)

    def lay_out(self, columns: int, rows: int) -> None:
        """Lay the panes out for so much room."""
        for name, fits in self.ARRANGED.items():
            self.set_class(fits(columns, rows), name)

    def zoom(self, pane: Widget | None) -> bool:
        """Show a pane alone, or all again; returns whether one is alone now."""
        alone = pane is not None and not self.has_class("-zoomed")
        self.set_class(alone, "-zoomed")
        for other in self.query(".pane"):
            other.set_class(alone and other is not pane and pane not in other.walk_children(), "-hidden")
        return alone

    # The filter

    def filter_command(self, text: str) -> str:
        """The command line that filters the same."""
        return ""

    def refilter(self) -> None:
        """The filter is another one."""
        self.refresh_view()

    def filter_to(self, text: str) -> None:
        """Set the filter."""
        self.drop("typing")
        if text.strip() != self.filter:
            self.filter = text.strip()
            self.refilter()

    def action_filter(self) -> None:
        before = self.filter

        def typed(text: str) -> None:
            if self.TYPED:
                self.later("typing", self.TYPED, partial(self.filter_to, text))
            else:
                self.filter_to(text)

        def done(text: str | None) -> None:
            self.filter_to(before if text is None else text)
            if text:
                self.station.echo(self.filter_command(text))

        self.station.ask("/", done, changed=typed, value=self.filter, hint=self.WORDS)

    def clear(self) -> bool:
        """Take back what hides something, the filter; False when nothing does."""
        hid = bool(self.filter)
        self.filter_to("")
        return hid

    # What is remembered and copied

    def remember(self) -> Kept:
        """What is to be found again at the next start."""
        return {name: getattr(self, name) for name in self.KEPT}

    def recall(self, kept: Kept) -> None:
        """Take what was remembered, before the panes are made."""
        for name in self.KEPT:
            if name in kept and isinstance(kept[name], type(getattr(self, name))):
                setattr(self, name, kept[name])

    def selected(self) -> str:
        """What `y` copies."""
        focused = self.station.focused
        return focused.text if isinstance(focused, TextView) else self.row_text()

    def row_text(self) -> str:
        """What `y` copies of the selected row."""
        return ""

    def refused(self, action: str, *, about: str = "") -> bool:
        """Say why an action cannot be done now: because of the past, or `about` what it needs; False when it can."""
        reason = frozen(BY_ID[action], self.station.view.moment) or about
        if reason:
            self.station.complain(reason)
        return bool(reason)
