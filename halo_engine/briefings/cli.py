"""`hal-briefing`, also `halo-engine briefing`: the morning's message."""

from __future__ import annotations

import os
from datetime import date
from typing import get_args

import click

from halo_engine import times
from halo_engine.briefings import commands, queries, views
from halo_engine.briefings.config import Channel
from halo_engine.briefings.rendering import FORMATS, Format, rendered
from halo_engine.briefings.store import Briefing
from halo_engine.commandline import Answer, App
from halo_engine.workspace import Workspace

app = App("hal-briefing", help="The day in one message: what needs you, what ran, what it cost.")
FORMAT = click.option(
    "--format", "form", type=click.Choice(FORMATS), default="markdown", show_default=True, help="How it is written."
)
NO_AI = click.option("--no-ai", is_flag=True, help="Ask no language model; plain words instead.")


def day(workspace: Workspace, text: str) -> date:
    """`2026-11-21`, or today for nothing.

    Raises Usage for what is no day.
    """
    return times.day(text) if text else queries.today(workspace)


def shown(workspace: Workspace, row: Briefing, form: Format) -> Answer:
    return Answer(row, shown=rendered(workspace, row, form).rstrip("\n"))


def lines(text: str) -> None:
    """The rendered briefing, as it is."""
    from halo_engine import console

    for each in text.split("\n"):
        console.line(each)


@app.verb(view=lines, changes=True)
@click.option("--date", "when", default="", metavar="DATE", help="Default: today. A past day as it stood that morning.")
@FORMAT
@NO_AI
def generate(workspace: Workspace, when: str, form: Format, no_ai: bool) -> Answer:
    """Write today's briefing, and show it."""
    return shown(workspace, commands.generate(workspace, day(workspace, when), ai=not no_ai), form)


@app.verb(view=views.sent, changes=True)
@click.option("--channel", type=click.Choice(get_args(Channel)), help="Default: what briefing.yaml says.")
@click.option("--again", is_flag=True, help="Also when it was sent today.")
@NO_AI
def send(workspace: Workspace, channel: Channel | None, again: bool, no_ai: bool) -> Answer:
    """Write today's briefing and send it, once a day."""
    due = os.environ.get("HALO_OCCURRENCE", "")  # as a job by the clock
    done = commands.send(workspace, channel, again=again, ai=not no_ai, due=due)
    return Answer(done, note=done.note)


@app.verb(view=lines)
@click.argument("when", metavar="[DATE]", default="")
@FORMAT
def show(workspace: Workspace, when: str, form: Format) -> Answer:
    """A briefing that was written; default: today's."""
    return shown(workspace, queries.briefing(workspace, day(workspace, when)), form)


@app.verb("list", view=views.table)
@click.option("--limit", type=click.IntRange(0), default=14, show_default=True, help="How many at the most; 0 for all.")
def list_(workspace: Workspace, limit: int) -> Answer:
    """The briefings so far, the last first."""
    return Answer(*queries.page(workspace, limit))


def main() -> None:
    """The console script."""
    app.main()
