"""The verbs of `halctl` that look at instances, talk to them and back them up: `mount(app)` adds them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import click

from halo_engine import ids
from halo_engine.commandline import Answer, App, as_json
from halo_engine.errors import Failed, NotFound
from halo_engine.fleet.instance import Instance, layout
from halo_engine.workspace import Workspace

if TYPE_CHECKING:
    from halo_engine.fleet.backups.keeping import Backup
    from halo_engine.fleet.backups.restoring import Restored
    from halo_engine.fleet.health import Ailment
    from halo_engine.fleet.smoke.running import Result
    from halo_engine.fleet.talking import Accepted, Told

GLYPHS = {"ok": "●", "note": "◆", "wrong": "▲", "skipped": "○"}
STYLES = {"ok": "green", "note": "", "wrong": "bold red", "skipped": "dim"}
NAME = click.argument("name", metavar="NAME")


def mount(app: App) -> None:
    """Declare `talk`, `send`, `smoke`, `health`, `enforce`, `backup`, `backups` and `restore`."""
    for name, function, options in (
        ("talk", talk, {"makes": False}),
        ("send", send, {"view": show_reply, "makes": False}),
        ("smoke", smoke, {"view": show_results}),
        ("health", health, {"view": show_ailments}),
        ("enforce", enforce, {"view": show_enforced, "changes": True}),
        ("backup", backup, {"view": show_backup, "changes": True}),
        ("backups", backups, {"view": show_backups}),
        ("restore", restore, {"view": show_restored, "changes": True}),
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
@click.option("--chat", default="", help="Another chat than the operator's own.")
def talk(workspace: Workspace, name: str, chat: str) -> None:
    """Talk to an instance, line by line, until the input ends."""
    from halo_engine.fleet.conversation import Conversation

    place = layout(workspace, found(workspace, name))
    Conversation(place, chat_of(workspace, chat), as_json=as_json()).run()


@NAME
@click.argument("text")
@click.option("--wait", is_flag=True, help="Wait for the reply, and answer with it.")
@click.option("--timeout", type=click.FloatRange(0.1, 86_400), default=120, show_default=True, help="Seconds to wait.")
@click.option("--chat", default="", help="Another chat than the operator's own.")
@click.option("--id", "message_id", default="", help="The same id again is the same message.")
def send(workspace: Workspace, name: str, text: str, **given: Any) -> Answer:
    """Send an instance a message.

    With --wait it exits 1 when the reply is not the model's, but says why there is none.
    """
    from halo_engine.fleet import talking

    message = talking.Said(id=given["message_id"] or ids.new_id(), text=text, chat=chat_of(workspace, given["chat"]))
    wait = given["timeout"] if given["wait"] else 0
    reply = talking.send(layout(workspace, found(workspace, name)), message, wait=wait)
    unanswered = isinstance(reply, talking.Told) and reply.kind != "answer"
    return Answer(reply, exit_code=1 if unanswered else 0)


def show_reply(reply: Told | Accepted) -> None:
    """The words of a reply; of a message that only was accepted, its id."""
    from halo_engine import console

    words = getattr(reply, "text", "")
    console.line(words or f"accepted as {reply.id}; the reply comes in `halctl talk`")


@NAME
def smoke(workspace: Workspace, name: str) -> Answer:
    """Check an instance fifteen ways; exits 1 when something is wrong."""
    from halo_engine.fleet.smoke.running import smoke as checks

    results = []
    for result in checks(workspace, name):
        if not as_json():
            _progress(result)
        results.append(result)
    return Answer(results, exit_code=1 if any(each.state == "wrong" for each in results) else 0)


def _progress(result: Result) -> None:
    """A check as it ends, for who watches."""
    import sys

    from halo_engine import console

    if sys.stderr.isatty() and not sys.stdout.isatty():
        console.note(f"{GLYPHS[result.state]} {result.name}: {result.evidence}")


def show_results(results: list[Result]) -> None:
    """One line a check, what to do below it where it is wrong, and the sum."""
    from rich.text import Text

    from halo_engine import console, times

    rows: list[tuple[Any, ...]] = []
    for each in results:
        glyph = Text(f"{GLYPHS[each.state]} {each.name}", style=STYLES[each.state])
        rows.append((glyph, times.span(each.seconds), each.evidence))
        if each.hint:
            rows.append(("", "", f"-> {each.hint}"))
    console.table(("CHECK", "TOOK", "EVIDENCE"), rows)
    counts = {state: sum(each.state == state for each in results) for state in GLYPHS}
    console.note(", ".join(f"{count} {state}" for state, count in counts.items() if count))


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
            show_ailments(ailments)
            console.flush()
        time.sleep(every)


def enforce(workspace: Workspace) -> Answer:
    """Freeze the instances that an alert asks to have frozen.

    `policy` in alerts.yaml decides which kinds of alerts do; the alert is acknowledged.
    """
    from halo_engine.fleet.health import enforce as freeze

    done = freeze(workspace)
    return Answer(done, would="\n".join(done))


def show_enforced(done: list[str]) -> None:
    from halo_engine import console

    for said in done:
        console.line(said)
    if not done:
        console.line("no alert asks for anything")


def show_ailments(ailments: list[Ailment]) -> None:
    """One line for each thing that is wrong."""
    from halo_engine import clock, console, times

    if not ailments:
        console.line("the fleet is well")
        return
    now = clock.now()
    console.table(
        ("INSTANCE", "WHAT", "SINCE", "ALERT", "EVIDENCE"),
        [
            (
                each.instance,
                f"▲ {each.check}",
                times.ago(clock.instant(each.since), now) if each.since else "now",
                each.alert,
                f"{each.evidence}  -> {each.hint}",
            )
            for each in ailments
        ],
    )


@click.argument("names", nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="Every instance that is not folded.")
@click.option("--with-credentials", "credentials", is_flag=True, help="Also files that are credentials.")
def backup(workspace: Workspace, names: tuple[str, ...], everyone: bool, credentials: bool) -> Answer:
    """Back instances up, also while they run."""
    from halo_engine.errors import HaloError, Usage
    from halo_engine.fleet import manifest
    from halo_engine.fleet.backups import keeping
    from halo_engine.fleet.instance import Status

    if everyone == bool(names):
        raise Usage("back up instances by NAME, or --all of them")
    if everyone:
        listed = manifest.read(workspace).instances
        names = tuple(each.name for each in listed if each.status is not Status.FOLDED)
    made, faults = [], []
    for name in names:
        try:
            made.append(keeping.backup(workspace, name, credentials=credentials))
        except HaloError as error:
            if len(names) == 1:
                raise
            faults.append(f"{name}: {error.message}")
    if faults and not made:
        raise Failed("; ".join(faults), "halctl health")
    would = "\n".join(f"{each.instance} would be backed up to {each.file}" for each in made)
    return Answer(made, note="\n".join(faults), exit_code=1 if faults else 0, would=would)


def show_backup(made: list[Backup]) -> None:
    """What each backup is, and what it is not."""
    from halo_engine import console

    for each in made:
        left = f"; left out: {', '.join(each.left_out[:5])}" if each.left_out else ""
        console.line(f"{each.instance} {each.id}: {each.files:,} files, {each.size:,} bytes, read back{left}")
        console.line(f"  {each.file}")


@NAME
def backups(workspace: Workspace, name: str) -> Answer:
    """The backups of an instance, the latest first."""
    from halo_engine.fleet.backups import keeping

    made = keeping.backups(workspace, name)
    if not made:
        found(workspace, name)
    return Answer(made)


def show_backups(made: list[Backup]) -> None:
    from halo_engine import clock, console, times

    if not made:
        console.line("no backups")
        return
    now = clock.now()
    console.table(
        ("ID", "AGE", "FILES", "BYTES", "GOVERNANCE", "CREDENTIALS", "FILE"),
        [
            (
                each.id,
                times.ago(clock.instant(each.time), now),
                f"{each.files:,}",
                f"{each.size:,}",
                f"v{each.governance}",
                "with" if each.credentials else "without",
                each.file,
            )
            for each in made
        ],
        right=(2, 3),
    )


@NAME
@click.option("--from", "reference", default="", help="A backup's id, or its beginning; default: the latest.")
def restore(workspace: Workspace, name: str, reference: str) -> Answer:
    """Bring a backup of an instance's data back; what was there is kept."""
    from halo_engine.fleet.backups import restoring

    done = restoring.restore(workspace, name, reference)
    return Answer(done, would=done.note)


def show_restored(done: Restored) -> None:
    from halo_engine import console

    console.line(done.note)
    if done.replaced:
        console.note(f"what was there before: {done.replaced}")
