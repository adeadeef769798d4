"""`mailctl`: triage of mail over IMAP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, get_args

import click
import msgspec

from halo_engine import clock, times
from halo_engine.clock import Timestamp
from halo_engine.commandline import Answer, App
from halo_engine.console import counted
from halo_engine.errors import HaloError, Usage
from halo_engine.mail import accounts, answering, queries, reading, undo, views
from halo_engine.mail import rules as rulebook
from halo_engine.mail.accounts import Place
from halo_engine.mail.store import Message, State
from halo_engine.mail.triage import all_of
from halo_engine.workspace import Workspace

app = App(
    "mailctl",
    help="Mail: what matters is surfaced; rules do the rest, and can be taken back.",
    sections={"Read": "inbox search read", "Sort": "triage queue accept refuse undo summary rules"},
    words={"triage": "sort filter archive delete rm run", "queue": "waiting pending", "summary": "digest stats"},
)
rules = App("rules", help="What is done with which mail, in order: the first that matches decides.")
app.add_command(rules)
ACCOUNT = click.option("--account", "-a", default="", metavar="NAME", help="Default: the first.")
ACCOUNTS = click.option("--account", "-a", default="", metavar="NAME|all", help="Default: the first.")
FOLDER = click.option("--folder", default="", help="Default: the one that is triaged.")
LIMIT = click.option(
    "--limit", type=click.IntRange(0), default=50, show_default=True, help="How many at the most; 0 for all."
)


def moment(workspace: Workspace, text: str) -> Timestamp:
    """`7d`, `friday`, `2026-11-20`: an instant of the past; empty for nothing.

    Raises Usage for text that is no time.
    """
    zone = times.zone(workspace.settings.timezone or "")
    return clock.stamp(times.moment(text, clock.now(), zone, past=True)) if text else ""


@app.verb(view=views.listed)
@ACCOUNTS
@FOLDER
@click.option("--unread", is_flag=True, help="Only what was not read.")
@LIMIT
def inbox(workspace: Workspace, account: str, folder: str, unread: bool, limit: int) -> Answer:
    """The latest mail; nothing is marked as read."""
    criteria = "UNSEEN UNDELETED" if unread else "UNDELETED"
    return _found(workspace, account, limit, lambda place: reading.found(place, folder, criteria, limit))


@app.verb(view=views.listed)
@click.argument("words", nargs=-1)
@ACCOUNTS
@FOLDER
@click.option("--from", "sender", default="", help="In the sender's name or address.")
@click.option("--to", default="", help="In To.")
@click.option("--subject", default="")
@click.option("--since", default="", help="7d, friday, 2026-11-20.")
@click.option("--unread", is_flag=True)
@LIMIT
def search(workspace: Workspace, words: tuple[str, ...], account: str, folder: str, limit: int, **given: Any) -> Answer:
    """The mail in which the server finds all the words."""
    given["since"] = moment(workspace, given["since"])
    criteria = reading.criteria(words, **given)
    return _found(workspace, account, limit, lambda place: reading.found(place, folder, criteria, limit, "UTF-8"))


def _found(
    workspace: Workspace, account: str, limit: int, look: Callable[[Place], tuple[list[reading.Listed], int]]
) -> Answer:
    found, wrong = accounts.over(accounts.chosen(workspace, account), look)
    return _told(Answer(*reading.merged(found, limit)), wrong)


def _told(answer: Answer, wrong: Sequence[HaloError]) -> Answer:
    """The answer of some accounts, with what was wrong with others."""
    if not wrong:
        return answer
    notes = [answer.note, *(error.message for error in wrong)]
    return msgspec.structs.replace(answer, note="\n".join(filter(None, notes)), exit_code=wrong[0].exit_code)


@app.verb(view=views.letter)
@click.argument("message", metavar="UID|ID")
@ACCOUNT
@FOLDER
@click.option("--source", is_flag=True, help="HTML as it is, not as text.")
def read(workspace: Workspace, message: str, account: str, folder: str, source: bool) -> Answer:
    """A message as text, by its UID, or by the id that triage gave it."""
    return Answer(reading.read(workspace, message, account, folder, source=source))


@app.verb(view=views.triage, changes=True)
@ACCOUNTS
@click.option("--execute", is_flag=True, help="Do it; without, it is only said.")
@click.option("--newest", type=click.IntRange(1), default=None, help="Look at so many of the new ones; default: all.")
@LIMIT
def triage(workspace: Workspace, account: str, execute: bool, newest: int | None, limit: int) -> Answer:
    """Sort what is new by the rules; nothing is ever deleted."""
    done, wrong = all_of(workspace, account, execute=execute, newest=newest or 0, shown=limit)
    looked = sum(each.looked for each in done)
    note = "" if execute or not looked else "nothing was done; `mailctl accept` or --execute does it"
    would = "" if execute and looked else f"would look at {counted(looked, 'message')}"
    more = looked - sum(len(each.messages) for each in done)
    data = done if account == accounts.ALL else done[0]
    return _told(Answer(data, more, note=note, would=would, shown=done), wrong)


@app.verb(view=views.queue)
@click.option("--account", "-a", default="", metavar="NAME", help="Default: all.")
@click.option("--state", type=click.Choice(get_args(State)), default="waiting", show_default=True)
@LIMIT
def queue(workspace: Workspace, account: str, state: State, limit: int) -> Answer:
    """What `triage` proposes; it waits for your word."""
    return Answer(*queries.queue(workspace, account, (state,), limit))


@app.verb(view=views.accepted, changes=True)
@click.argument("messages", nargs=-1, metavar="[ID...]")
@click.option("--all", "every", is_flag=True, help="All that waits.")
def accept(workspace: Workspace, messages: tuple[str, ...], every: bool) -> Answer:
    """Do what is proposed; `undo` takes it back."""
    done, wrong = answering.accept(workspace, _meant(workspace, messages, WAITING, every=every))
    return _told(Answer(done, exit_code=1 if done.missed else 0), wrong)


@app.verb(view=views.refused, changes=True)
@click.argument("messages", nargs=-1, metavar="[ID...]")
@click.option("--all", "every", is_flag=True, help="All that waits.")
def refuse(workspace: Workspace, messages: tuple[str, ...], every: bool) -> Answer:
    """Leave a message as it is; it is not proposed again."""
    return Answer(answering.refuse(workspace, _meant(workspace, messages, WAITING, every=every)))


class Group(NamedTuple):
    """Messages that one option means."""

    option: str
    verb: str
    """Shows their ids."""
    rows: Callable[[Workspace], list[Message]]


WAITING = Group("--all", "queue", lambda workspace: queries.queue(workspace)[0])
LAST = Group("--last", "summary", queries.of_run)


def _meant(workspace: Workspace, messages: Sequence[str], group: Group, *, every: bool) -> list[Message]:
    """The messages that are named, each once; with `every` those of the group.

    Raises Usage unless it is one of both, and what `queries.message` does.
    """
    if bool(messages) == every:
        raise Usage(f"say which messages, or {group.option}", f"`mailctl {group.verb}` shows their ids")
    rows = group.rows(workspace) if every else [queries.message(workspace, each) for each in messages]
    return list({row.id: row for row in rows}.values())


@app.verb(view=views.summary)
@click.option("--since", default="", help="7d, friday, 2026-11-20.")
@LIMIT
def summary(workspace: Workspace, since: str, limit: int) -> Answer:
    """What triage did, by rule, and the latest messages with their ids."""
    return Answer(*queries.summary(workspace, moment(workspace, since), limit))


@app.verb("undo", view=views.undone, changes=True)
@click.argument("messages", nargs=-1, metavar="[ID...]")
@click.option("--last", is_flag=True, help="All of the last triage.")
def undo_(workspace: Workspace, messages: tuple[str, ...], last: bool) -> Answer:
    """Take back what triage did; it leaves these messages alone then."""
    done, wrong = undo.undo(workspace, _meant(workspace, messages, LAST, every=last))
    return _told(Answer(done, exit_code=1 if done.missed else 0), wrong)


@rules.verb("list", view=views.rules)
def list_(workspace: Workspace) -> Answer:
    """The rules in order; exits 6 naming what is wrong with one."""
    return Answer(list(rulebook.load(workspace)))


@rules.verb(view=views.tested)
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@ACCOUNT
def test(workspace: Workspace, file: Path, account: str) -> Answer:
    """What the rules say about a message in a file (.eml), or `-`; no server is asked."""
    archive = accounts.one(workspace, account).archive if account else "Archive"
    return Answer(reading.tested(workspace, file, archive))


@rules.verb(view=views.added, changes=True)
@click.argument("name")
@click.option("--action", type=click.Choice(get_args(rulebook.Action)), required=True)
@click.option("--label", help="The keyword of the action label.")
@click.option("--to-folder", "folder", help="Where archive moves it.")
@click.option("--from", "sender", multiple=True, help="*@example.com")
@click.option("--domain", multiple=True, help="example.com")
@click.option("--list", "list_id", multiple=True, help="*.lists.example.com")
@click.option("--subject", multiple=True, help="Words in a row.")
@click.option("--body", multiple=True, help="Words in a row.")
@click.option("--attachment", multiple=True, help="*.ics")
@click.option("--reason", help="Kept with each decision.")
@click.option("--first", is_flag=True, help="Before all others.")
def add(workspace: Workspace, name: str, first: bool, **given: Any) -> Answer:
    """Add a rule to mail/rules.yaml."""
    keys = {"sender": "from", "domain": "domain", "list_id": "list"}
    keys |= {key: key for key in ("subject", "body", "attachment")}
    match = {key: list(given[option]) for option, key in keys.items() if given[option]}
    if not match:
        raise Usage("a rule needs something to match", "mailctl rules add NAME --domain example.com --action archive")
    rule = {"name": name, "match": match, "action": given["action"]}
    rule |= {key: given[key] for key in ("label", "folder", "reason") if given[key]}
    return Answer(rulebook.add(workspace, rule, first=first))


def main() -> None:
    """The console script."""
    app.main()
