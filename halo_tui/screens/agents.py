"""The Agents screen: sessions or usage, what needs the operator, and the session that was opened."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.events import Resize
from textual.timer import Timer
from textual.widget import Widget

from halo_engine.agents.queries import Report, Spent
from halo_engine.agents.spin.checking import KIND
from halo_engine.alerts.store import Alert
from halo_engine.errors import HaloError
from halo_tui import agent_reading
from halo_tui.agent_reading import Bench, Listed
from halo_tui.feed import Change
from halo_tui.keymap import bindings
from halo_tui.present import agent_filter, alerts, session_story, sessions, usage
from halo_tui.present.ink import Line, plain, wrap
from halo_tui.present.session_story import Story
from halo_tui.present.sessions import Insight
from halo_tui.screens.alert_actions import AlertActions
from halo_tui.session import Session
from halo_tui.widgets.row_table import RowTable
from halo_tui.widgets.text_view import TextView

SETTLE = 0.08
"""Seconds that the cursor rests on a row before the session is read."""
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
    AgentsScreen.-zoomed { grid-size: 1 !important; grid-rows: 1fr !important; }
    AgentsScreen.-zoomed .pane { column-span: 1 !important; }
    AgentsScreen .pane.-hidden { display: none !important; }
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

    def __init__(self) -> None:
        super().__init__(id="agents")
        self.filter = ""
        self.section = SECTIONS[0]
        self.found = Listed({}, {}, {})
        self.story: Story | None = None
        self.bench = Bench()
        self._insights: dict[str, Insight] = {}
        self._settling: Timer | None = None

    def compose(self) -> ComposeResult:
        self.filter = self.station.session.agents_filter
        table: RowTable[str] = RowTable(sessions.COLUMNS, id="sessions")
        used = TextView(id="usage")
        raised: RowTable[int] = RowTable(alerts.COLUMNS, id="alerts")
        raised.border_title, raised.empty = "Alerts", alerts.nothing
        opened = TextView(id="session")
        opened.border_title = "Session"
        for pane in (table, used, raised, opened):
            pane.add_class("pane")
            yield pane

    def on_mount(self) -> None:
        self._arrange(self.app.size.width)
        self._retitle()
        self.refresh_view()

    def on_resize(self, event: Resize) -> None:
        self._arrange(event.size.width)

    def _arrange(self, columns: int) -> None:
        self.set_class(columns >= WIDE, "-wide")

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
    def panes(self) -> list[Widget]:
        return [pane for pane in super().panes if pane.display]

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
        self.read("agents", partial(agent_reading.listed, self.station.view, self.filter), self._listed, self._failed)
        if self.section != SECTIONS[0]:
            work = partial(agent_reading.usage, self.station.view, self.section)
            self.read("usage", work, self._used, self._not_used)
        if change is None and not self.station.options.still and self.station.past is None:
            self.read("known", partial(agent_reading.freshened, self.station.workspace), lambda _: None, self._failed)

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
        for pane in (self.table, self.raised):
            pane.dim(False)
        self._retitle()
        self._look_at_next()
        if self.table.key is not None:
            self._settle()
        else:
            self._show_lines([[], [("no session is selected", "muted")]])

    def _rows(self, keys: Any) -> Any:
        """Called in a worker."""
        return agent_reading.rows(self.found, dict(self._insights), self.station.when, keys)

    def _failed(self, error: HaloError) -> None:
        for pane in (self.table, self.raised):
            pane.dim(True)
        self.show_fault(self.table, error)

    @on(RowTable.Failed)
    def _rows_failed(self, message: RowTable.Failed) -> None:
        self._failed(message.error)

    def _look_at_next(self) -> None:
        """Read the transcript of the next session whose row lacks what it tells."""
        for key, spent in list(self.found.sessions.items())[:LOOKED_AT]:
            known = self._insights.get(key)
            if known is None or known.last != spent.session.last:
                work = partial(agent_reading.insight, self.station.workspace, self.bench, spent)
                self.read("insight", work, partial(self._looked_at, key), self._failed)
                return

    def _looked_at(self, key: str, found: Insight) -> None:
        self._insights[key] = found
        self.table.renew([key])
        self._look_at_next()

    def _used(self, report: Report) -> None:
        pane = self.query_one("#usage", TextView)
        pane.dim(False)
        pane.show(lambda columns, _: [[(" ", "plain"), *line] for line in usage.page(report, max(20, columns - 2))])

    def _not_used(self, error: HaloError) -> None:
        pane = self.query_one("#usage", TextView)
        pane.dim(True)
        pane.show(lambda columns, _: wrap(f"▲ {error.message}", columns, "alert"))

    def _retitle(self) -> None:
        counted = {SECTIONS[0]: f" {len(self.found.sessions):,}"}
        tabs = [
            Content.styled(
                f"{name}{counted.get(name, '')}", "$halo-strong bold" if name == self.section else "$halo-faint"
            )
            for name in SECTIONS
        ]
        title = Content("  ").join(tabs).markup
        for pane in (self.table, self.query_one("#usage")):
            pane.border_title = title
        self.table.border_subtitle = f"/ {self.filter}".replace("[", "\\[") if self.filter else ""
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
        if self._settling is not None:
            self._settling.stop()
        self._settling = self.set_timer(SETTLE, self._read_story)

    def _read_story(self) -> None:
        if self.spent is not None and not self.raised.has_focus:
            work = partial(agent_reading.story, self.station.workspace, self.bench, self.spent)
            self.read("story", work, self._told, self._not_told)

    def _told(self, story: Story) -> None:
        moved = self.story is None or self.story.spent.session.key != story.spent.session.key
        self.story = story
        when = self.station.when
        self.opened.border_title = Content(f"Session {story.spent.session.id}").markup

        def build(columns: int, _: int) -> list[Line]:
            return [[(" ", "plain"), *line] for line in session_story.page(story, when, max(20, columns - 2))]

        self.opened.show(build, top=moved)
        key = story.spent.session.key
        if self._insights.get(key) != story.insight:
            self._insights[key] = story.insight
            self.table.renew([key])

    def _not_told(self, error: HaloError) -> None:
        self.story = None
        self.opened.show(lambda columns, _: wrap(f"▲ {error.message}", columns, "alert"), top=True)

    def _show_lines(self, lines: list[Line]) -> None:
        self.story = None
        self.opened.show(lambda *_: lines, top=True)

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
        self.opened.show(
            lambda columns, _: [[(" ", "plain"), *line] for line in alerts.page(alert, max(20, columns - 2))], top=True
        )

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

    def action_filter(self) -> None:
        before = self.filter

        def typed(text: str) -> None:
            self.filter = text.strip()
            self.refresh_view()

        def done(text: str | None) -> None:
            typed(before if text is None else text)
            if text:
                self.station.echo(agent_filter.command(text))

        self.station.ask("/", done, changed=typed, value=self.filter, hint=agent_filter.WORDS)

    def clear(self) -> bool:
        if self.opened.has_focus or self.raised.has_focus:
            (self.query_one("#usage") if self.section != SECTIONS[0] else self.table).focus()
            return True
        if self.section != SECTIONS[0]:
            self.action_turn(-SECTIONS.index(self.section))
            return True
        if not self.filter:
            return False
        self.filter = ""
        self.refresh_view()
        return True

    def focus_first(self) -> None:
        (self.query_one("#usage") if self.section != SECTIONS[0] else self.table).focus()

    def remember(self, session: Session) -> None:
        session.agents_filter = self.filter

    def selected(self) -> str:
        focused = self.station.focused
        if isinstance(focused, TextView):
            return "\n".join(plain(line).strip() for line in focused.lines)
        alert, spent = self.alert, self.spent
        if self.raised.has_focus:
            return f"{alert.id} {alert.title}" if alert else ""
        return spent.session.id if spent else ""
