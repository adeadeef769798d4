"""`halctl`: the fleet, from the command line."""

from __future__ import annotations

from typing import Any

import click

from halo_engine.commandline import Answer, App
from halo_engine.errors import Usage
from halo_engine.fleet import cli_verbs, lifecycle, mounting, queries, retiring, views
from halo_engine.fleet.instance import Status, Supervision
from halo_engine.fleet.personality import verbs
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.recording import Changed
from halo_engine.workspace import Workspace

app = App(
    "halctl",
    help="The fleet: provision, govern, verify and retire assistants.",
    sections={
        "Look": "list status health smoke history",
        "Make and talk": "create personality talk send",
        "Life": "freeze reset fold unfold fry backup backups restore",
        "Govern": "push rollback versions verify enforce",
    },
    words={
        "status": "show info describe inspect get ps",
        "list": "ls ps instances",
        "health": "doctor diagnose check watch",
        "smoke": "test check diagnose probe",
        "history": "log logs events audit",
        "create": "new add make provision spawn init setup install",
        "talk": "chat console",
        "send": "message tell ask say",
        "freeze": "stop pause halt suspend sleep down off shutdown disable kill restart",
        "reset": "start resume unfreeze thaw wake up on run restart enable unpause activate boot",
        "fold": "archive shelve retire",
        "unfold": "unarchive",
        "fry": "delete remove rm destroy erase kill uninstall purge forget",
        "backup": "snapshot save dump export",
        "restore": "recover load import",
        "push": "update upgrade deploy apply sync",
        "rollback": "undo revert downgrade",
        "verify": "drift lock govern",
        "personality": "persona profile character edit",
    },
)
app.add_command(verbs.app)
STATUSES = ("all", *(status.value for status in Status))


def complete_name(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[Any]:
    """The instances whose names begin so."""
    from click.shell_completion import CompletionItem

    from halo_engine.fleet import manifest

    workspace = Workspace.find(ctx.params.get("workspace"), make=False)
    listed = manifest.read(workspace).instances if workspace.exists() else []
    return [CompletionItem(each.name, help=each.status) for each in listed if each.name.startswith(incomplete)]


NAME = click.argument("name", shell_complete=complete_name)


def did(changed: Changed) -> Answer:
    return Answer(changed.instance, note=changed.note, would=changed.would)


@app.verb(view=views.line, changes=True)
@click.option("--name", required=True, help="Lower case letters, digits and -.")
@click.option("--personality", default="default", show_default=True, help="`halctl personality list` shows them.")
@click.option("--prime", default="", help="The tree to copy; default: the one that ships.")
@click.option("--supervisor", type=click.Choice([each.value for each in Supervision]), help="Default: process.")
@click.option(
    "--token-env", "telegram_bot_token_env", default="", metavar="NAME", help="The variable of its bot token."
)
@click.option("--service", "services", multiple=True, help="What it may use; repeat it.")
@click.option("--timezone", default="", help="Of its people; default: yours.")
@click.option("--budget", type=click.FloatRange(0), help="US dollars a day.")
@click.option("--mount", "mounts", multiple=True, metavar="FOLDER[:NAME[:rw]]", help="What it may see; repeat it.")
def create(workspace: Workspace, supervisor: str | None, mounts: tuple[str, ...], **given: Any) -> Answer:
    """Make an instance that answers, or leave no trace.

    Cut short, the same command goes on where it was.
    """
    under = Supervision(supervisor) if supervisor else None
    wanted = Wanted(supervisor=under, mounts=tuple(map(mounting.asked, mounts)), **given)
    return did(saga.create(workspace, wanted, views.progress))


@app.verb("list", view=views.table)
@click.option("--status", type=click.Choice(STATUSES), help="Default: all that are not over.")
@click.option("--limit", type=click.IntRange(0), default=500, show_default=True, help="How many; 0 for all.")
def list_(workspace: Workspace, status: str | None, limit: int) -> Answer:
    """The whole fleet in one table."""
    from halo_engine.fleet.syncing import synced

    synced(workspace)
    wanted = frozenset(Status) if status == "all" else frozenset({Status(status)}) if status else frozenset()
    rows = queries.table(workspace, wanted)
    shown = rows[:limit] if limit else rows
    return Answer(shown, more=len(rows) - len(shown))


@app.verb(view=views.looked_at)
@click.argument("name", default="", shell_complete=complete_name)
@click.option("--limit", type=click.IntRange(0), default=500, show_default=True, help="How many; 0 for all.")
def status(workspace: Workspace, name: str, limit: int) -> Answer:
    """One instance, or each, looked at now; exits 1 if anything is wrong."""
    from halo_engine.fleet.syncing import synced

    synced(workspace)
    if name:
        one = queries.status(workspace, name)
        return Answer(one, exit_code=1 if one.wrong else 0)
    found = queries.statuses(workspace)
    shown = found[:limit] if limit else found
    return Answer(shown, more=len(found) - len(shown), exit_code=1 if any(each.wrong for each in found) else 0)


@app.verb(view=views.history)
@NAME
def history(workspace: Workspace, name: str) -> Answer:
    """Everything that happened to an instance, and who did it."""
    events = queries.history(workspace, name)
    return Answer([event.readable() for event in events], shown=events)


@app.verb(view=views.line, changes=True)
@NAME
def freeze(workspace: Workspace, name: str) -> Answer:
    """Stop an instance; its data is kept."""
    return did(lifecycle.freeze(workspace, name))


@app.verb(view=views.line, changes=True)
@NAME
@click.option("--take-over", is_flag=True, help="Also a copy: its home is here from now on.")
def reset(workspace: Workspace, name: str, take_over: bool) -> Answer:
    """Make a frozen instance active again; it must answer.

    A copy of one whose home is elsewhere, on another machine or in another folder, stands still until it takes over.
    """
    return did(lifecycle.reset(workspace, name, take_over=take_over))


@app.verb(view=views.line, changes=True)
@NAME
def fold(workspace: Workspace, name: str) -> Answer:
    """Archive an instance: checked, then out of the way."""
    return did(retiring.fold(workspace, name))


@app.verb(view=views.line, changes=True)
@NAME
def unfold(workspace: Workspace, name: str) -> Answer:
    """Bring a folded instance back, byte for byte."""
    return did(retiring.unfold(workspace, name))


@app.verb(view=views.line, changes=True)
@NAME
@click.option("--confirm", is_flag=True, help="Yes, delete it.")
@click.option("--with-backups", "backups", is_flag=True, help="Its backups too; else they stay, and it says where.")
def fry(workspace: Workspace, name: str, confirm: bool, backups: bool) -> Answer:
    """Delete an instance for good; its history stays."""
    return did(retiring.fry(workspace, name, confirm=confirm, backups=backups))


@app.verb(view=views.pushed, changes=True)
@click.argument("name", default="", shell_complete=complete_name)
@click.option("--all", "everyone", is_flag=True, help="Every active instance, one after the other.")
@click.option("--canary", default="", metavar="NAME", help="With --all: this one first.")
@click.option("--accept-drift", is_flag=True, help="Replace what was changed by hand.")
def push(workspace: Workspace, name: str, everyone: bool, canary: str, accept_drift: bool) -> Answer:
    """Bring governance up to date; taken back when it does not answer."""
    from halo_engine.fleet.governing import pushing

    if everyone == bool(name):
        raise Usage("push one instance by NAME, or --all of them")
    if name:
        one = pushing.push(workspace, name, accept_drift=accept_drift)
        return Answer([one], would=_would([one]))
    tell = views.progress
    found = list(pushing.push_all(workspace, canary=canary, accept_drift=accept_drift, tell=tell))
    stuck = any(each.outcome in {"failed", "skipped"} for each in found)
    return Answer(found, exit_code=1 if stuck else 0, would=_would(found))


def _would(found: list[Any]) -> str:
    """What a dry run shows: every file of every instance, and the difference."""
    words = []
    for each in found:
        words += [f"{each.name}: {each.outcome}{f': {each.note}' if each.note else ''}"]
        words += [f"  {kind} {path}" for path, kind in each.paths.items()]
        words += [each.diff] if each.diff else []
    return "\n".join(words)


@app.verb(view=views.pushed, changes=True)
@NAME
@click.option("--to", type=click.IntRange(1), help="A version; default: the one before.")
def rollback(workspace: Workspace, name: str, to: int | None) -> Answer:
    """Bring an earlier governance back, byte for byte."""
    from halo_engine.fleet.governing import pushing

    done = pushing.rollback(workspace, name, to)
    return Answer([done], would=_would([done]))


@app.verb(view=views.versions)
@NAME
def versions(workspace: Workspace, name: str) -> Answer:
    """Every governance that an instance had, and which are kept."""
    from halo_engine.fleet.governing import pushing

    return Answer(pushing.versions(workspace, name))


@app.verb(view=views.verified)
@click.argument("names", nargs=-1, shell_complete=complete_name)
def verify(workspace: Workspace, names: tuple[str, ...]) -> Answer:
    """Is every governed file as it was locked, and locked?

    NAMES: some; default: all. Tries to write each; drift becomes an alert, and exit code 1.
    """
    from halo_engine.fleet.governing import drifting
    from halo_engine.fleet.syncing import synced

    synced(workspace)
    found = [drifting.verify(workspace, name) for name in names] if names else drifting.verify_all(workspace)
    return Answer(found, exit_code=1 if any(each.state in {"drifted", "open"} for each in found) else 0)


cli_verbs.mount(app)


def main() -> None:
    """The console script."""
    app.main()
