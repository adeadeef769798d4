"""The verbs of `halctl` that look at instances, talk to them and back them up: `mount(app)` adds them."""

from __future__ import annotations

import time
from typing import Any

import click

from halo_engine import ids
from halo_engine.commandline import Answer, App, as_json
from halo_engine.errors import NotFound, Usage
from halo_engine.fleet import telling
from halo_engine.fleet.instance import Instance, layout
from halo_engine.workspace import Workspace

NAME = click.argument("name", metavar="NAME")


def mount(app: App) -> None:
    """Declare `talk`, `send`, `smoke`, `health`, `enforce`, `backup`, `backups` and `restore`."""
    for name, function, options in (
        ("talk", talk, {"makes": False}),
        ("send", send, {"view": telling.reply, "makes": False}),
        ("smoke", smoke, {"view": telling.results}),
        ("health", health, {"view": telling.ailments}),
        ("enforce", enforce, {"view": telling.enforced, "changes": True}),
        ("backup", backup, {"view": telling.backup, "changes": True}),
        ("backups", backups, {"view": telling.backups}),
        ("restore", restore, {"view": telling.restored, "changes": True}),
    ):
        app.verb(name, **options)(function)


def found(workspace: Workspace, name: str) -> Instance:
    """Raises NotFound."""
    from halo_engine.fleet import manifest

    instance = manifest.read(workspace).find(name)
    if instance is None:
        raise NotFound(f"no instance {name[:80]}", "`halctl list` shows what there is")
    return instance


def chat_of(workspace: Workspace, chat: str) -> str:
    """The chat that is meant; the operator's by default."""
    from halo_engine.fleet.config import fleet_settings

    return chat or fleet_settings(workspace).operator_chat


@NAME
@click.option("--chat", default="", help="Another than the operator's own: console:ann.")
def talk(workspace: Workspace, name: str, chat: str) -> None:
    """Talk to an instance, line by line, until the input ends."""
    from halo_engine.fleet.conversing.conversation import Conversation

    place = layout(workspace, found(workspace, name))
    Conversation(place, chat_of(workspace, chat), as_json=as_json()).run()


@NAME
@click.argument("text")
@click.option("--wait", is_flag=True, help="Wait for the reply, and answer with it.")
@click.option("--timeout", type=click.FloatRange(0.1, 86_400), default=120, show_default=True, help="Seconds to wait.")
@click.option("--chat", default="", help="Another than the operator's own: console:ann.")
@click.option("--id", "message_id", default="", help="The same id again is the same message.")
def send(workspace: Workspace, name: str, text: str, **given: Any) -> Answer:
    """Send an instance a message.

    With --wait it exits 1 when the reply says why the model gave none.
    """
    from halo_engine.fleet.conversing import talking

    message = talking.Said(id=given["message_id"] or ids.new_id(), text=text, chat=chat_of(workspace, given["chat"]))
    wait = given["timeout"] if given["wait"] else 0
    reply = talking.send(layout(workspace, found(workspace, name)), message, wait=wait)
    unanswered = isinstance(reply, talking.Told) and reply.kind == "notice"
    return Answer(reply, exit_code=1 if unanswered else 0)


@NAME
def smoke(workspace: Workspace, name: str) -> Answer:
    """Check an instance fifteen ways; exits 1 when something is wrong."""
    from halo_engine.fleet.smoke.running import smoke as checks

    results = []
    for result in checks(workspace, name):
        if not as_json():
            telling.progress(result)
        results.append(result)
    return Answer(results, exit_code=1 if any(each.state == "wrong" for each in results) else 0)


@click.option("--watch", is_flag=True, help="Look again and again, until it is interrupted.")
@click.option("--every", type=click.FloatRange(0.1, 3600), default=30, show_default=True, help="Seconds between looks.")
def health(workspace: Workspace, watch: bool, every: float) -> Answer:
    """What is wrong now, in the whole fleet, and since when.

    What is found becomes an alert, and is settled when it is over; exits 1 when something is wrong.
    """
    from halo_engine import console
    from halo_engine.fleet import health as looking

    while True:
        ailments = looking.health(workspace)
        if not watch:
            return Answer(ailments, exit_code=1 if ailments else 0)
        if as_json():
            console.record({"ailments": ailments})
        else:
            telling.ailments(ailments)
            console.flush()
        time.sleep(every)


def enforce(workspace: Workspace) -> Answer:
    """Freeze the instances that an alert asks to have frozen.

    `policy` in alerts.yaml decides which kinds of alerts do; the alert is acknowledged. Exits 1 when one could not be
    frozen, and says which.
    """
    from halo_engine.fleet.health import enforce as freeze

    done, faults = freeze(workspace)
    said = [*done, *faults]
    return Answer(said, exit_code=1 if faults else 0, would="\n".join(said))


@click.argument("names", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Every instance that is not folded.")
@click.option("--with-credentials", "credentials", is_flag=True, help="Also files that are credentials.")
def backup(workspace: Workspace, names: tuple[str, ...], everyone: bool, credentials: bool) -> Answer:
    """Back instances up, also while they run."""
    from halo_engine.fleet.backups import keeping

    if everyone == bool(names):
        raise Usage("back up instances by NAME, or --all of them")
    made, faults = keeping.backup_all(workspace, names, credentials=credentials)
    would = "\n".join(f"{each.instance} would be backed up to {each.file}" for each in made)
    return Answer(made, note="\n".join(faults), exit_code=1 if faults else 0, would=would)


@NAME
def backups(workspace: Workspace, name: str) -> Answer:
    """The backups of an instance, the latest first."""
    from halo_engine.fleet.backups import keeping

    made = keeping.backups(workspace, name)
    if not made:
        found(workspace, name)
    return Answer(made)


@NAME
@click.option("--from", "reference", default="", help="A backup's id, or its beginning; default: the latest.")
@click.option("--take-over", is_flag=True, help="Also one made elsewhere: its home is here from now on.")
def restore(workspace: Workspace, name: str, reference: str, take_over: bool) -> Answer:
    """Bring a backup of an instance's data back; what was there is kept.

    One that was made elsewhere, on another machine or in another folder, is not started until it takes over.
    """
    from halo_engine.fleet.backups import restoring

    done = restoring.restore(workspace, name, reference, take_over=take_over)
    return Answer(done, would=done.note)
