"""`halo-engine onboarding`: who has agreed to what, and what they answered."""

from __future__ import annotations

import click

from halo_engine.commandline import Answer, App
from halo_engine.onboarding import commands, queries, views
from halo_engine.workspace import Workspace

app = App(
    "onboarding",
    help="The people who talk to the fleet: what they agreed to, and what they answered.",
    sections={"Look": "list show", "Act": "hear answer withdraw"},
    words={"withdraw": "delete remove forget decline", "hear": "say tell message", "list": "users people"},
)
USER = click.argument("user", metavar="USER")


@app.verb("list", view=views.table)
@click.option("--limit", type=click.IntRange(0), default=50, show_default=True, help="How many at the most; 0 for all.")
def list_(workspace: Workspace, limit: int) -> Answer:
    """Everybody who has written, who changed last first."""
    found, more = queries.users(workspace, limit)
    return Answer(found, more)


@app.verb(view=views.card)
@USER
def show(workspace: Workspace, user: str) -> Answer:
    """Where a person stands, and their answers."""
    return Answer(queries.get(workspace, user))


@app.verb(view=views.heard, changes=True)
@USER
@click.argument("text")
@click.option("--instance", default="", help="The instance that they wrote to.")
def hear(workspace: Workspace, user: str, text: str, instance: str) -> Answer:
    """Let a person have written something; answers what they are told.

    USER is a channel and an id: telegram:812, console:operator.
    """
    return Answer(commands.hear(workspace, user, text, instance=instance))


@app.verb(view=views.card, changes=True)
@USER
@click.argument("key")
@click.argument("response")
@click.option("--conversations", type=click.IntRange(0), default=0, help="How many they have had.")
def answer(workspace: Workspace, user: str, key: str, response: str, conversations: int) -> Answer:
    """Record what a person answered to a question, by its key."""
    return Answer(commands.answer(workspace, user, key, response, conversations=conversations))


@app.verb(view=views.card, changes=True)
@USER
def withdraw(workspace: Workspace, user: str) -> Answer:
    """Take a person out: nothing of theirs is answered or shown any more."""
    return Answer(commands.withdraw(workspace, user))
