"""What every screen of the workstation has: panes, reads in workers, zoom, and keys to show for the focused pane."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Container
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from halo_engine.errors import HaloError, Unavailable
from halo_tui.feed import Change
from halo_tui.present.ink import clean, cut, wrap

if TYPE_CHECKING:
    from halo_tui.app import Workstation
    from halo_tui.session import Session
    from halo_tui.widgets.row_table import RowTable

Work = Callable[[], Any]
Then = Callable[[Any], None]
Failed = Callable[[HaloError], None]
SLOW = 1.0
"""Seconds after which a read that is still under way is said to be."""
BROADEST = 76
"""Columns of a text that is to be read."""


class Page(Container):
    """One screen. Reads go through `read`, never on the app's own thread."""

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

    .-hidden { display: none; }
    """
    HINTS: ClassVar[dict[str, tuple[str, ...]]] = {}
    """By pane (its id, or "" for any other): the actions that the bottom line names."""
    MAIN: ClassVar = ""
    """The read that the screen is about."""

    class _Done(Message):
        def __init__(self, name: str, finish: Callable[[], None]) -> None:
            super().__init__()
            self.name, self.finish = name, finish

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._busy: set[str] = set()
        self._waiting: dict[str, tuple[Work, Then, Failed]] = {}

    @property
    def station(self) -> Workstation:
        return cast("Workstation", self.app)

    @property
    def panes(self) -> list[Widget]:
        """What tab goes through and zoom shows alone."""
        return [pane for pane in self.query(".pane") if pane.can_focus]

    def hints(self, pane: str) -> tuple[str, ...]:
        """The actions that the bottom line names while a pane has the focus."""
        return self.HINTS.get(pane, self.HINTS.get("", ()))

    def refresh_view(self, change: Change | None = None) -> None:
        """Read again what shows; with a change, what it touched glows."""

    def restyle(self) -> None:
        """The theme is another one."""
        for pane in self.query(".pane, .styled"):
            getattr(pane, "restyle", pane.refresh)()

    def remember(self, session: Session) -> None:
        """Note what is to be found again at the next start."""

    def clear(self) -> bool:
        """Take back what hides something, a filter; False when nothing does."""
        return False

    def selected(self) -> str:
        """What `y` copies."""
        return ""

    def focus_first(self) -> None:
        """Give the focus to where work begins."""
        if self.panes:
            self.panes[0].focus()

    def zoom(self, pane: Widget | None) -> bool:
        """Show a pane alone, or all again; returns whether one is alone now."""
        alone = pane is not None and not self.has_class("-zoomed")
        self.set_class(alone, "-zoomed")
        for other in self.query(".pane"):
            other.set_class(alone and other is not pane and pane not in other.walk_children(), "-hidden")
        return alone

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

    # Reading in workers

    def read(self, name: str, work: Work, then: Then, failed: Failed) -> None:
        """Call `work` in a thread, then `then` (or `failed`) here. While one of that name is under way, only the
        newest request waits for it.
        """
        if name in self._busy:
            self._waiting[name] = (work, then, failed)
            return
        self._busy.add(name)
        if name == self.MAIN:
            self.set_timer(SLOW, self._look_whether_slow)
        self.run_worker(partial(self._work, name, work, then, failed), thread=True, group=name)

    def _look_whether_slow(self) -> None:
        if self.MAIN in self._busy:
            self.slow()

    def slow(self) -> None:
        """What the screen is about takes long to be read: say so."""

    def _work(self, name: str, work: Work, then: Then, failed: Failed) -> None:
        try:
            finish = partial(then, work())
        except HaloError as error:
            finish = partial(failed, error)
        except OSError as error:
            finish = partial(failed, Unavailable(str(error), "see to it and repeat"))
        self.post_message(self._Done(name, finish))

    def on_page__done(self, message: _Done) -> None:
        message.stop()
        self._busy.discard(message.name)
        waiting = self._waiting.pop(message.name, None)
        message.finish()
        if message.name == self.MAIN:
            self.station.ready()
        if waiting is not None and message.name not in self._busy:
            self.read(message.name, *waiting)
