"""The Overview: is anything wrong, what is in hand, what does it cost. Each pane opens the screen that says more."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from halo_engine.alerts.store import Alert
from halo_engine.errors import HaloError
from halo_engine.fleet.queries import InstanceRow
from halo_tui import overview_reading as reading
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.overview_reading import Tail, Tokens, Work
from halo_tui.present import alerts, fleet, overview
from halo_tui.screens.alert_actions import AlertActions
from halo_tui.screens.page import framed
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView

WIDE = 112
"""Columns from which on panes stand side by side."""
LOW, SHORT = 30, 18
"""Rows below which there is no room for tokens where panes are stacked, and none for logs."""
LOOK = 1.0
"""Seconds between two looks at the end of the logs, which no event announces."""
LEADS = {"instances": "fleet", "alerts": "agents", "work": "tasks", "tokens": "agents", "tail": "logs"}
"""Pane -> the screen that says more."""


class OverviewScreen(AlertActions):
    """`alert` is the selected one. Panes read on their own: a slow one keeps no other waiting."""

    DEFAULT_CSS = """
    OverviewScreen { grid-rows: 2fr 6 5 5 2fr; }
    OverviewScreen.-low { grid-rows: 2fr 5 5 1fr; }
    OverviewScreen.-low #tokens { display: none; }
    OverviewScreen TextView { overflow: hidden; scrollbar-gutter: auto; }
    OverviewScreen.-short { grid-rows: 1fr 1fr; }
    OverviewScreen.-short #tokens, OverviewScreen.-short #tail { display: none; }
    OverviewScreen.-wide { grid-size: 2; grid-columns: 1fr 1fr; grid-rows: 2fr 2fr 3fr; }
    OverviewScreen.-wide #tail { column-span: 2; }
    """
    MAIN: ClassVar = "alerts"
    BINDINGS: ClassVar = bindings("overview")
    HINTS: ClassVar = {
        "alerts": ("overview.open", "overview.ack", "overview.mute", "overview.status"),
        "": ("overview.open", "app.zoom", "overview.status"),
    }
    KEPT: ClassVar = ()
    ARRANGED: ClassVar = {
        "-wide": lambda columns, _: columns >= WIDE,
        "-low": lambda columns, rows: rows < LOW and columns < WIDE,
        "-short": lambda _, rows: rows < SHORT,
    }
    spent = None

    def __init__(self) -> None:
        super().__init__(id="overview")
        self._alerts: dict[int, Alert] = {}
        self._tail: Tail | None = None

    def compose(self) -> ComposeResult:
        instances = framed(RowTable[str](fleet.BRIEF, id="instances"), "Fleet")
        instances.empty = partial(fleet.nothing, self.station.keys.of("app.fleet"), "")
        yield instances
        raised = framed(RowTable[int](alerts.COLUMNS, id="alerts"), "Alerts")
        raised.empty = alerts.nothing
        yield raised
        yield framed(TextView(id="work"), "Tasks")
        yield framed(TextView(id="tokens"), f"Tokens, {reading.DAYS} days")
        yield framed(TextView(id="tail"), "Logs")

    def on_mount(self) -> None:
        super().on_mount()
        self.refresh_view()
        if not self.station.options.still:
            self.set_interval(LOOK, self._look)

    @property
    def table(self) -> RowTable[int]:
        return self.query_one("#alerts", RowTable)

    @property
    def alert(self) -> Alert | None:
        """The selected alert."""
        return self._alerts.get(self.table.key) if self.table.key is not None else None

    # Reading

    def refresh_view(self, change: Change | None = None) -> None:
        view = self.station.view
        self.read("fleet", partial(reading.instances, view), self._manned, self.failed)
        self.read("alerts", partial(reading.raised, view), self._raised, self.failed)
        self.read("work", partial(reading.work, view), self._worked, partial(self._not, "work"))
        self.read("tokens", partial(reading.tokens, view), self._used, partial(self._not, "tokens"))
        self._look()

    def _look(self) -> None:
        if self.display and self.station.past is None:
            work = partial(reading.tail, self.station.workspace, self._tail)
            self.read("tail", work, self._written, partial(self._not, "tail"))

    def _pane(self, name: str) -> TextView:
        return self.query_one(f"#{name}", TextView)

    def _manned(self, found: dict[str, InstanceRow]) -> None:
        when = self.station.when
        table = self.query_one("#instances", RowTable)
        table.show(list(found), lambda names: {name: fleet.brief(found[name], when) for name in names if name in found})
        table.dim(False)
        table.border_title = f"Fleet {len(found)}" if found else "Fleet"

    def _raised(self, found: dict[int, Alert]) -> None:
        self._alerts = found
        when = self.station.when
        self.table.show(
            list(found), lambda numbers: {each: alerts.row(found[each], when) for each in numbers if each in found}
        )
        self.table.dim(False)
        self.table.border_title = f"Alerts {len(found)}" if found else "Alerts"

    def _worked(self, found: Work) -> None:
        when = self.station.when
        self._show("work", lambda columns, rows: overview.work(found, when, columns, rows))

    def _used(self, found: Tokens) -> None:
        self._show("tokens", lambda columns, rows: overview.tokens(found, columns, rows))
        hidden = self.has_class("-low") or self.has_class("-short")
        self.query_one("#instances").border_subtitle = overview.total(found) if hidden else ""

    def _written(self, found: Tail) -> None:
        if found is self._tail:
            return
        self._tail = found
        self._pane("tail").border_subtitle = "● following" if found.sources and self.station.past is None else ""
        when = self.station.when
        self._show("tail", lambda columns, rows: overview.tail(found, when, columns, rows))

    def _show(self, name: str, build: Any) -> None:
        pane = self._pane(name)
        pane.dim(False)
        pane.show(lambda columns, rows: [[(" ", "plain"), *line] for line in build(max(10, columns - 2), rows)])

    def _not(self, name: str, error: HaloError) -> None:
        pane = self._pane(name)
        pane.dim(True)
        pane.fault(error)

    # Actions

    @on(RowTable.Opened)
    async def _opened(self, message: RowTable.Opened) -> None:
        message.stop()
        await self.action_open_pane()

    async def action_open_pane(self) -> None:
        """Show what the focused pane is about on its own screen."""
        focused = self.station.focused
        name = LEADS.get(focused.id or "") if focused else None
        if name:
            await self.station.action_page(name)

    def action_status(self) -> None:
        self.station.run_command("halo-engine status")

    def row_text(self) -> str:
        return f"{self.alert.id} {self.alert.title}" if self.alert else ""
