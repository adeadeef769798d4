"""The Fleet screen: every instance, and the selected one in sections."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult

from halo_engine.console import counted
from halo_engine.fleet.governing.pushing import Pushed
from halo_engine.fleet.queries import InstanceRow
from halo_engine.fleet.recording import Changed
from halo_engine.fleet.states import find
from halo_tui import fleet_reading as reading
from halo_tui.actions import BY_ID
from halo_tui.actions.action import command_line
from halo_tui.feed import Change
from halo_tui.fleet_reading import Listed
from halo_tui.keymap import bindings
from halo_tui.panes.instance_detail import SECTIONS, InstanceDetail
from halo_tui.present import fleet
from halo_tui.present.filters import unmatched
from halo_tui.screens.page import Page, framed
from halo_tui.session import Kept
from halo_tui.widgets.row_table import RowTable

WIDE = 170
"""Columns from which on the instance stands beside the table."""
LOOK = 5.0
"""Seconds between two looks at heartbeats, which no event announces."""


class FleetScreen(Page):
    """`row` is the selected instance."""

    DEFAULT_CSS = """
    FleetScreen { grid-rows: 2fr 3fr; }
    FleetScreen.-wide { grid-size: 2; grid-columns: 1fr 1fr; grid-rows: 1fr; }
    """
    MAIN: ClassVar = "fleet"
    BINDINGS: ClassVar = bindings("fleet")
    HINTS: ClassVar = {
        "instance": ("tabs.previous", "tabs.next", "fleet.smoke", "fleet.push", "app.zoom"),
        "": ("table.open", "fleet.create", "fleet.push", "fleet.smoke", "fleet.freeze", "fleet.reset", "fleet.filter"),
    }
    ARRANGED: ClassVar = {"-wide": lambda columns, _: columns >= WIDE}
    WORDS: ClassVar = "words, each somewhere in name, personality, status or governance"

    def __init__(self) -> None:
        super().__init__(id="fleet")
        self.found = Listed({}, "")
        self.section = SECTIONS[0]

    def compose(self) -> ComposeResult:
        yield framed(RowTable[str](fleet.COLUMNS, id="instances"))
        detail = framed(InstanceDetail(id="instance"))
        detail.section = self.section if self.section in SECTIONS else SECTIONS[0]
        yield detail

    def on_mount(self) -> None:
        super().on_mount()
        self.refresh_view()
        if not self.station.options.still:
            self.set_interval(LOOK, self._look)

    @property
    def table(self) -> RowTable[str]:
        return self.query_one("#instances", RowTable)

    @property
    def detail(self) -> InstanceDetail:
        return self.query_one(InstanceDetail)

    @property
    def row(self) -> InstanceRow | None:
        """The selected instance."""
        return self.found.rows.get(self.table.key) if self.table.key is not None else None

    # Reading

    def _look(self) -> None:
        if self.display and self.station.past is None:
            self.refresh_view()

    def refresh_view(self, change: Change | None = None) -> None:
        self.read("fleet", partial(reading.listed, self.station.view), partial(self._listed, change), self.failed)

    def _listed(self, change: Change | None, found: Listed) -> None:
        words = self.filter.casefold().split()
        rows = {name: row for name, row in found.rows.items() if all(word in _text(row) for word in words)}
        self.found = found._replace(rows=rows)
        none = partial(fleet.nothing, self.station.keys.of("fleet.create"), found.fault)
        self.table.empty = partial(unmatched, "esc") if found.rows else none
        when = self.station.when
        self.table.show(list(rows), lambda names: {name: fleet.row(rows[name], when) for name in names if name in rows})
        if change is not None:
            self.table.glow({stream[6:] for stream in change.streams if stream.startswith("fleet/")} & set(rows))
        self.table.dim(False)
        self.table.border_title = f"Fleet {len(rows)}"
        self.note(reading.counted(rows), f"▲ {found.fault}" if found.fault else "")
        self._settle()

    @on(RowTable.Highlighted)
    def _highlighted(self, message: RowTable.Highlighted) -> None:
        message.stop()
        self._settle()

    def _settle(self) -> None:
        self.later("settle", self.SETTLE, lambda: self.detail.tell(self.row))

    @on(RowTable.Opened)
    def _open(self, message: RowTable.Opened) -> None:
        message.stop()
        self.detail.focus()

    # Actions

    def _line(self, action: str) -> str:
        return command_line(BY_ID[action], name=self.row.name if self.row else "")

    def _refused(self, action: str) -> bool:
        return self.refused(action, about="" if self.row else "no instance is selected")

    def action_live(self, verb: str) -> None:
        """Freeze, reset, fold or unfold the selected instance."""
        action = f"fleet.{verb}"
        if self._refused(action) or self.row is None:
            return
        again = verb == "reset" and self.row.running is False  # one that should run is started
        if find(self.row.status, verb) is None and not again:
            self.station.complain(f"{self.row.name} is {self.row.status}: there is nothing to {BY_ID[action].name} now")
            return
        work = partial(reading.verb(verb), self.station.workspace, self.row.name)
        self.station.perform(self._line(action), work, self._changed)

    def _changed(self, changed: Changed) -> None:
        if changed.note:
            self.station.remark(changed.note)
        self.refresh_view()

    def action_fry(self) -> None:
        from halo_tui.dialogs.confirm import Confirm

        row = self.row
        if self._refused("fleet.fry") or row is None:
            return
        line = self._line("fleet.fry")

        def answered(reason: str | None) -> None:
            if reason is not None:
                self.station.perform(
                    line, partial(reading.verb("fry"), self.station.workspace, row.name), self._changed
                )

        what = f"{row.name}, {counted(row.notes, 'note')}, {counted(row.groups, 'chat')}"
        lost = "Its folder goes, with everything that was said and remembered in it. Its history and its backups stay."
        self.app.push_screen(Confirm(f"Fry {row.name}", what, lost, row.name, line), answered)

    def action_smoke(self) -> None:
        if not self._refused("fleet.smoke") and self.row is not None:
            self.station.echo(self._line("fleet.smoke"))
            self.detail.turn_to("health")
            self.detail.smoke(self.row.name)

    def action_verify(self) -> None:
        from halo_engine.fleet.governing.drifting import verify

        if not self._refused("fleet.verify") and self.row is not None:
            work = partial(verify, self.station.workspace, self.row.name)
            self.station.perform(self._line("fleet.verify"), work, self._verified)

    def _verified(self, found: Any) -> None:
        self.station.remark(f"{found.state}: {found.evidence}")
        self.refresh_view()

    def action_rollback(self) -> None:
        from halo_engine.fleet.governing.pushing import rollback

        if not self._refused("fleet.rollback") and self.row is not None:
            work = partial(rollback, self.station.workspace, self.row.name, None)
            self.station.perform(self._line("fleet.rollback"), work, lambda done: self._pushed([done]))

    def action_push(self) -> None:
        if not self._refused("fleet.push") and self.row is not None:
            self._foresee(self.row.name)

    def action_push_all(self) -> None:
        if not self.refused("fleet.push_all"):
            self._foresee("")

    def _foresee(self, name: str) -> None:
        """Show what a push would change before it is done."""
        workspace = self.station.workspace
        work = partial(reading.difference, workspace, name) if name else partial(reading.differences, workspace)
        self.station.remark("looking what would change…")
        self.read("push", work, partial(self._foreseen, name), lambda error: self.station.complain(error.message))

    def _foreseen(self, name: str, found: Pushed | list[Pushed]) -> None:
        from halo_tui.dialogs.push import Push

        shown = found if isinstance(found, list) else [found]
        line = self._line("fleet.push") if name else BY_ID["fleet.push_all"].command
        self.station.echo(f"{line} --dry-run")
        if not shown:
            self.station.remark("no instance is active: a frozen one is pushed to by its name")
            return

        def answered(go: bool | None) -> None:
            if go:
                self.station.perform(line, partial(reading.push, self.station.workspace, name), self._pushed)
            self.station.show_bottom()

        self.app.push_screen(Push(shown, line), answered)

    def _pushed(self, done: list[Pushed]) -> None:
        self.station.remark(", ".join(f"{each.name} {each.outcome}" for each in done[:4]))
        self.refresh_view()

    def action_create(self) -> None:
        if self.refused("fleet.create"):
            return
        from halo_tui.dialogs.create_instance import CreateInstance

        self.app.push_screen(CreateInstance(self.station.workspace), lambda _: self.refresh_view())

    def filter_command(self, text: str) -> str:
        return "halctl list"

    def clear(self) -> bool:
        if self.detail.has_focus:
            self.table.focus()
            return True
        return super().clear()

    def bring_up(self, key: str) -> None:
        self.table.go_to(key)

    def remember(self) -> Kept:
        return super().remember() | {"section": self.detail.section}

    def recall(self, kept: Kept) -> None:
        super().recall(kept)
        self.section = str(kept.get("section") or SECTIONS[0])

    def row_text(self) -> str:
        return self.row.name if self.row else ""


def _text(row: InstanceRow) -> str:
    """What the filter looks in."""
    return f"{row.name} {row.personality} {row.status} {row.governance} {row.runtime} {row.supervisor}".casefold()
