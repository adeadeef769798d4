"""`halo-engine`: the root command. Modules are mounted by name and imported only when they are called."""

from __future__ import annotations

import importlib
from typing import Any

import click

from halo_engine.commandline import App

UNLISTED = {"completion", "instance"}
"""Called by a shell's setup and by supervisors, not by hand: the help of the root fits a screen without them."""


class Later(click.Command):
    """A command that is imported when it is called; its line in the help is known before."""

    def __init__(self, name: str, home: str, summary: str) -> None:
        super().__init__(name, short_help=summary, hidden=name in UNLISTED)
        self._home = home

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> click.Context:
        app: App = importlib.import_module(self._home).app
        real = app.commands.get(info_name or "", app)
        return real.make_context(info_name, args, parent=parent, **extra)


app = App(
    "halo-engine",
    help="Run a fleet of personal AI assistants: by hand, from cron, or as an agent.",
    epilog="`nightctl` is `halo-engine tasks`. All take --json. See also `halo-tui`.",
    sections={
        "The fleet": "fleet alerts tasks memory agents logs cron journal mail briefing reports onboarding events",
        "The workspace": "init status doctor demo config completion instance",
    },
    brief="The workspace",
    words={
        "fleet": "halctl instances create push smoke freeze reset fold fry",
        "tasks": "nightctl task todo item items",
        "memory": "memctl note notes remember",
        "agents": "agentctl sessions usage spin-check",
        "logs": "logctl log",
        "cron": "cronctl jobs schedule",
        "mail": "mailctl email inbox",
        "briefing": "hal-briefing briefings digest",
        "reports": "reportctl report",
        "alerts": "alert alarms",
        "journal": "diary",
        "onboarding": "users people",
        "init": "new create workspace",
        "doctor": "check diagnose health",
        "config": "settings configure",
    },
)
for _name, _home, _summary in (
    ("init", "halo_engine.operate.cli", "Make a workspace."),
    ("status", "halo_engine.operate.cli", "Is anything wrong? In one screen."),
    ("doctor", "halo_engine.operate.cli", "Check everything that Halo stands on."),
    ("demo", "halo_engine.operate.cli", "Fill a sample workspace; --live goes on living."),
    ("config", "halo_engine.operate.cli", "Show and check the settings."),
    ("completion", "halo_engine.operate.cli", "The completion script for bash, zsh or fish."),
    ("events", "halo_engine.events.cli", "The event log: read, check, rebuild, move."),
    ("fleet", "halo_engine.fleet.cli", "Assistants: provision, govern, verify, retire (halctl)."),
    ("tasks", "halo_engine.tasks.cli", "Work items and the overnight runner (nightctl)."),
    ("memory", "halo_engine.memory.cli", "Notes: search, links, decay, a graph (memctl)."),
    ("alerts", "halo_engine.alerts.cli", "What needs you, from any part of Halo."),
    ("agents", "halo_engine.agents.cli", "Sessions of coding agents: what they did and cost (agentctl)."),
    ("instance", "halo_engine.instance.cli", "The runtime of one instance; `halctl` starts it."),
    ("cron", "halo_engine.cron.cli", "Jobs that run by the clock (cronctl)."),
    ("journal", "halo_engine.journal.cli", "Dated entries in your own words."),
    ("mail", "halo_engine.mail.cli", "Mail, sorted by rules; nothing is deleted (mailctl)."),
    ("onboarding", "halo_engine.onboarding.cli", "Who talks to the fleet: what they agreed to and answered."),
    ("logs", "halo_engine.logs.cli", "Structured logs of any size and format (logctl)."),
    ("briefing", "halo_engine.briefings.cli", "The day in one message (hal-briefing)."),
    ("reports", "halo_engine.reports.cli", "Days and weeks in figures (reportctl)."),
):
    app.add_command(Later(_name, _home, _summary))


def main() -> None:
    """The console script."""
    app.main()
