"""The Agents screen: sessions or usage, what needs the operator, and the session that was opened."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from halo_engine.agents.queries import Report, Spent
from halo_engine.agents.spin.checking import KIND
from halo_engine.alerts.store import Alert
from halo_engine.errors import HaloError
from halo_tui import agent_reading
from halo_tui.agent_reading import Bench, Listed
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.present import agent_filter, alerts, session_story, sessions, usage
from halo_tui.present.session_story import Story
from halo_tui.present.sessions import Insight
from halo_tui.screens.alert_actions import AlertActions
from halo_tui.screens.page import framed
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.tabs import tabs
from halo_tui.widgets.text_view import TextView, inset

WIDE = 112
"""Columns from which on alerts stand beside the sessions."""
LOOKED_AT = 100
"""Sessions, the latest, whose transcripts are read for the list."""
SECTIONS = ("sessions", "day", "model", "instance")
"""The tabs: the sessions, and what was used by each."""


class AgentsScreen(AlertActions):
    """`spent` is the selected session; transcripts are read one after the other, as long as nothing else is asked."""

    DEFAULT_CSS = """
    AgentsScreen { grid-rows: 2fr 5 3fr; }
    AgentsScreen #usage, AgentsScreen.-usage #sessions { display: none; }
    AgentsScreen.-usage #usage { display: block; }
    AgentsScreen.-wide { grid-size: 2; grid-columns: 3fr 2fr; grid-rows: 2fr 3fr; }
    AgentsScreen.-wide #session { column-span: 2; }
    """
    BINDINGS: ClassVar = [*bindings("agents"), *bindings("tabs")]
    HINTS: ClassVar = {
        "sessions": (
            "table.open",
            "agents.filter",
            "tabs.next",
            "agents.ack",
            "agents.check",
            "agents.ingest",
            "agents.transcript",
        ),
        "usage": ("tabs.next", "tabs.previous", "app.zoom"),
        "alerts": ("table.open", "agents.ack", "agents.mute"),
        "session": ("app.zoom", "agents.transcript", "agents.ack", "agents.mute", "app.copy"),
    }

    ARRANGED: ClassVar = {"-wide": lambda columns, _: columns >= WIDE}
    WORDS: ClassVar = agent_filter.WORDS
    SETTLE: ClassVar = 0.08

    def __init__(self) -> None:
        super().__init__(id="agents")
        self.section = SECTIONS[0]
        self.found = Listed({}, {}, {})
        self.story: Story | None = None
        self.bench = Bench()
        self._insights: dict[str, Insight] = {}

    def compose(self) -> ComposeResult:
        yield framed(RowTable[str](sessions.COLUMNS, id="sessions"))
        yield framed(TextView(id="usage"))
        raised = framed(RowTable[int](alerts.COLUMNS, id="alerts"), "Alerts")
        raised.empty = alerts.nothing
        yield raised
        yield framed(TextView(id="session"), "Session")

    def on_mount(self) -> None:
        self._retitle()
        self.refresh_view()

    @property
    def table(self) -> RowTable[str]:
        return self.query_one("#sessions", RowTable)

    @property
    def raised(self) -> RowTable[int]:
        return self.query_one("#alerts", RowTable)

    @property
    def opened(self) -> TextView:
        return self.query_one("#session", TextView)

    @property
    def spent(self) -> Spent | None:
        """The selected session."""
        return self.found.sessions.get(self.table.key) if self.table.key is not None else None

    @property
    def alert(self) -> Alert | None:
        """The selected alert; in the other panes that of the selected session."""
        if self.raised.has_focus:
            return self.found.alerts.get(self.raised.key) if self.raised.key is not None else None
        spent = self.spent
        own = (each for each in self.found.alerts.values() if spent and each.key == f"{KIND}:{spent.session.id}")
        return next(own, None)

    # Reading

    def refresh_view(self, change: Change | None = None) -> None:
        self.read("agents", partial(agent_reading.listed, self.station.view, self.filter), self._listed, self.failed)
        if self.section != SECTIONS[0]:
            work = partial(agent_reading.usage, self.station.view, self.section)
            self.read("usage", work, self._used, self._not_used)
        if change is None and not self.station.options.still and self.station.past is None:
            self.read("known", partial(agent_reading.freshened, self.station.workspace), lambda _: None, self.failed)

    def _listed(self, found: Listed) -> None:
        self.found = found
        keys = self.station.keys
        self.table.empty = partial(
            sessions.nothing, bool(self.filter), (keys.of("agents.ingest"), keys.of("app.back"), keys.of("app.prompt"))
        )
        self.table.show(list(found.sessions), self._rows)
        when = self.station.when
        self.raised.show(
            list(found.alerts),
            lambda numbers: {each: alerts.row(found.alerts[each], when) for each in numbers if each in found.alerts},
        )
        self.dim(False)
        self._retitle()
        self._look_at_next()
        if self.table.key is not None:
            self._settle()
        else:
            self._show_none()

    def _rows(self, keys: Any) -> Any:
        """Called in a worker."""
        return agent_reading.rows(self.found, dict(self._insights), self.station.when, keys)

    def _look_at_next(self) -> None:
        """Read the transcript of the next session whose row lacks what it tells."""
        for key, spent in list(self.found.sessions.items())[:LOOKED_AT]:
            known = self._insights.get(key)
            if known is None or known.last != spent.session.last:
                work = partial(agent_reading.insight, self.station.workspace, self.bench, spent)
                self.read("insight", work, partial(self._looked_at, key), self.failed)
                return

    def _looked_at(self, key: str, found: Insight) -> None:
        self._insights[key] = found
        self.table.renew([key])
        self._look_at_next()

    def _used(self, report: Report) -> None:
        pane = self.query_one("#usage", TextView)
        pane.dim(False)
        pane.show(inset(lambda columns: usage.page(report, max(20, columns))))

    def _not_used(self, error: HaloError) -> None:
        pane = self.query_one("#usage", TextView)
        pane.dim(True)
        pane.fault(error)

    def _retitle(self) -> None:
        counted = {SECTIONS[0]: f"{SECTIONS[0]} {len(self.found.sessions):,}"}
        title = tabs({name: counted.get(name, name) for name in SECTIONS}, self.section)
        for pane in (self.table, self.query_one("#usage")):
            pane.border_title = title
        self.note()
        self.query_one("#usage").border_subtitle = f"{agent_reading.DAYS} days"
        self.raised.border_title = f"Alerts {len(self.found.alerts)}" if self.found.alerts else "Alerts"

    # The selected session or alert

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        if message.table is self.table:
            self._settle()
        elif message.by_hand:
            self._show_alert()

    def _settle(self) -> None:
        self.later("settle", self.SETTLE, self._read_story)

    def _read_story(self) -> None:
        if self.spent is not None and not self.raised.has_focus:
            work = partial(agent_reading.story, self.station.workspace, self.bench, self.spent)
            self.read("story", work, self._told, self._not_told)

    def _told(self, story: Story) -> None:
        moved = self.story is None or self.story.spent.session.key != story.spent.session.key
        self.story = story
        when = self.station.when
        self.opened.border_title = Content(f"Session {story.spent.session.id}").markup
        self.opened.show(inset(lambda columns: session_story.page(story, when, max(20, columns))), top=moved)
        key = story.spent.session.key
        if self._insights.get(key) != story.insight:
            self._insights[key] = story.insight
            self.table.renew([key])

    def _not_told(self, error: HaloError) -> None:
        self.story = None
        self.opened.fault(error)

    def _show_none(self) -> None:
        self.story = None
        self.opened.border_title = "Session"
        self.opened.show(inset(lambda _: [[], [("no session is selected", "muted")]]), top=True)

    def _show_alert(self) -> None:
        alert = self.alert
        if alert is None:
            return
        key = agent_reading.session_of(self.found, alert)
        if key is not None:
            self.table.go_to(key)
            work = partial(agent_reading.story, self.station.workspace, self.bench, self.found.sessions[key])
            self.read("story", work, self._told, self._not_told)
            return
        self.story = None
        self.opened.border_title = f"Alert {alert.id}"
        self.opened.show(inset(lambda columns: alerts.page(alert, max(20, columns))), top=True)

    def on_descendant_focus(self) -> None:
        if self.raised.has_focus:
            self._show_alert()

    @on(RowTable.Opened)
    def _open(self, message: RowTable.Opened) -> None:
        message.stop()
        self.opened.focus()

    # Actions

    def action_turn(self, steps: int) -> None:
        self.section = SECTIONS[(SECTIONS.index(self.section) + steps) % len(SECTIONS)]
        used = self.section != SECTIONS[0]
        self.set_class(used, "-usage")
        if used:
            self.station.echo(f"agentctl usage --period {agent_reading.DAYS}d --by {self.section}")
        self._retitle()
        self.refresh_view()
        self.call_after_refresh(self.focus_first)

    def filter_command(self, text: str) -> str:
        return agent_filter.command(text)

    def clear(self) -> bool:
        if self.opened.has_focus or self.raised.has_focus:
            (self.query_one("#usage") if self.section != SECTIONS[0] else self.table).focus()
            return True
        if self.section != SECTIONS[0]:
            self.action_turn(-SECTIONS.index(self.section))
            return True
        return super().clear()

    def focus_first(self) -> None:
        (self.query_one("#usage") if self.section != SECTIONS[0] else self.table).focus()

    def row_text(self) -> str:
        alert, spent = self.alert, self.spent
        if self.raised.has_focus:
            return f"{alert.id} {alert.title}" if alert else ""
        return spent.session.id if spent else ""
