"""What can be done about sessions and their alerts: each action shows its command line and calls what that calls."""

from __future__ import annotations

from functools import partial
from typing import Any

from halo_engine.agents.queries import Spent
from halo_engine.agents.spin.checking import KIND
from halo_engine.alerts import commands
from halo_engine.alerts.commands import Changed
from halo_engine.alerts.store import Alert
from halo_tui import agent_reading
from halo_tui.actions import BY_ID
from halo_tui.actions.action import command_line
from halo_tui.screens.page import Page


class AlertActions(Page):
    """Mixed into a screen that has a selected session and a selected alert."""

    spent: Any
    """The selected session (`Spent`); None when there is none."""
    alert: Any
    """The alert that an action is about (`Alert`); None when there is none."""

    def _line(self, action: str, alert: Alert, **values: str) -> str:
        """The command line: agents' own for the alerts that agents raises."""
        line = command_line(BY_ID[action], alert=alert.id, **values)
        return line if alert.kind == KIND else line.replace("agentctl", "halo-engine alerts", 1)

    def action_ack(self) -> None:
        alert: Alert | None = self.alert
        if self.refused("agents.ack", about="" if alert else "there is no alert about this") or alert is None:
            return
        workspace, name = self.station.workspace, alert.id

        def answered(note: str | None) -> None:
            if note is not None:
                line = self._line("agents.ack", alert, note=note.strip())
                self.station.perform(line, partial(commands.acknowledge, workspace, name, note.strip()), self._did)

        self.station.ask(f"acknowledge {name}  note:", answered, hint="what you make of it; empty: nothing")

    def action_mute(self) -> None:
        alert: Alert | None = self.alert
        if self.refused("agents.mute", about="" if alert else "there is no alert about this") or alert is None:
            return
        workspace, name = self.station.workspace, alert.id

        def answered(until: str | None) -> None:
            if until is not None:
                line = self._line("agents.mute", alert, until=until.strip())
                self.station.perform(line, partial(agent_reading.mute, workspace, name, until.strip()), self._did)

        self.station.ask(f"mute {name}  until:", answered, hint="2h, friday, 2026-12-24; empty: for good")

    def _did(self, changed: Changed) -> None:
        if changed.note:
            self.station.remark(changed.note)
        self.refresh_view()

    def action_check(self) -> None:
        if not self.refused("agents.check"):
            work = partial(agent_reading.check, self.station.workspace)
            self.station.perform("agentctl spin-check", work, self._checked)

    def _checked(self, flagged: int) -> None:
        self.station.remark(f"{flagged} go nowhere" if flagged else "all is well")
        self.refresh_view()

    def action_ingest(self) -> None:
        if not self.refused("agents.ingest"):
            work = partial(agent_reading.ingest, self.station.workspace)
            self.station.perform("agentctl ingest", work, self._ingested)

    def _ingested(self, summary: str) -> None:
        self.station.remark(summary)
        self.refresh_view()

    def action_transcript(self) -> None:
        spent: Spent | None = self.spent
        if spent is None:
            self.station.complain("no session is selected")
            return
        self.station.echo(command_line(BY_ID["agents.transcript"], session=spent.session.id))
        self.station.outside(partial(agent_reading.page_through, self.station.workspace, spent))
