"""What a person sees of mail on the command line. Loads rich when called."""

from __future__ import annotations

from halo_engine import console
from halo_engine.console import cut
from halo_engine.mail.answering import Answered
from halo_engine.mail.deciding import Decision
from halo_engine.mail.patterns import several
from halo_engine.mail.queries import Summary
from halo_engine.mail.reading import Letter, Listed
from halo_engine.mail.rules import Rule
from halo_engine.mail.store import Message
from halo_engine.mail.triage import Sorted, Triage
from halo_engine.mail.undo import Undone


def _size(count: int) -> str:
    return (
        f"{count / 2**20:.1f} MiB" if count >= 2**20 else f"{count / 1024:.0f} KiB" if count >= 1024 else f"{count} B"
    )


def _did(action: str, target: str) -> str:
    return f"{action} {target}".rstrip()


def _sorted(row: Sorted | Message, why: str) -> tuple[str, ...]:
    return _did(row.action, row.target), row.rule, cut(why, 40), cut(row.sender, 30), row.subject


def listed(rows: list[Listed]) -> None:
    """One line a message."""
    if not rows:
        console.note("no mail")
        return
    mixed = len({row.account for row in rows}) > 1
    console.table(
        (*(("ACCOUNT",) if mixed else ()), "UID", "", console.heading(), "SIZE", "FROM", "SUBJECT"),
        [
            (
                *((row.account,) if mixed else ()),
                row.uid,
                "●" if row.unread else "",
                console.local(row.date)[:16],
                _size(row.size),
                cut(row.sender, 40),
                row.subject,
            )
            for row in rows
        ],
        right=(1, 4) if mixed else (0, 3),
        cut=True,
        whole=range(5) if mixed else range(4),
    )


def letter(found: Letter) -> None:
    console.line(f"From: {found.sender}")
    console.line(f"To: {found.to}")
    console.line(f"Date: {console.moment(found.date)}")
    console.line(f"Subject: {found.subject}")
    for each in found.attachments:
        console.line(f"Attachment: {each.name} ({each.kind}, {_size(each.size)})")
    if found.malformed:
        console.line("Malformed: its headers are not what they should be")
    console.line()
    console.line(found.text or "(no text)")
    if found.cut:
        console.note("there is more; this is the beginning")


def triage(accounts: list[Triage]) -> None:
    """What is done with each message, and the sum of it."""
    for done in accounts:
        _triage(done)


def _triage(done: Triage) -> None:
    if done.messages:
        console.table(
            ("ID", "ACTION", "RULE", "REASON", "FROM", "SUBJECT"),
            [(row.id[:8], *_sorted(row, row.reason)) for row in done.messages],
            cut=True,
            whole=(0,),
        )
    counted = ", ".join(f"{count:,} {action}" for action, count in sorted(done.counts.items())) or "nothing new"
    console.line(f"{done.account} {done.folder}: {counted}; {done.before:,} seen to before")
    for count, words in (
        (done.resumed, "gone on with, of a command that was cut off"),
        (done.missed, "could not be done: mailctl summary"),
        (done.malformed, "malformed"),
    ):
        if count:
            console.line(f"{count:,} {words}")


def queue(rows: list[Message]) -> None:
    """Messages with what is proposed, or what became of it."""
    if not rows:
        console.line("nothing here; `mailctl triage` looks for new mail")
        return
    console.table(
        ("ID", "STATE", "ACTION", "RULE", "REASON", "FROM", "SUBJECT"),
        [(row.id[:8], row.state, *_sorted(row, row.why or row.reason)) for row in rows],
        cut=True,
        whole=(0, 1),
    )


def accepted(done: Answered) -> None:
    _came_of(done, f"{len(done.answered):,} done", "answered before", "could not be done")


def refused(done: Answered) -> None:
    _came_of(done, f"{len(done.answered):,} left as they are", "answered before", "could not be done")


def undone(done: Undone) -> None:
    left = "left as they are: nothing was done, or it was taken back before"
    _came_of(done, f"{len(done.undone):,} taken back", left, "not found any more")


def _came_of(done: Answered | Undone, said: str, left: str, missed: str) -> None:
    console.line(said)
    if done.left:
        console.line(f"{done.left:,} {left}")
    if done.missed:
        console.line(f"{len(done.missed):,} {missed}: {_ids(done.missed)}")
    if done.unfinished:
        said = f"{len(done.unfinished):,} of an account that could not be seen to"
        console.line(f"{said}: {_ids(done.unfinished)}; repeat later")


def _ids(messages: list[str]) -> str:
    return ", ".join(each[:8] for each in messages[:10]) + ", ..." * (len(messages) > 10)


def summary(found: Summary) -> None:
    if not found.messages:
        console.line("triage has done nothing yet; `mailctl queue` shows what waits")
        return
    console.table(
        ("RULE", "ACTION", "MESSAGES", "UNDONE", console.heading("LAST")),
        [
            (row.rule or "-", row.action, f"{row.messages:,}", row.undone, console.local(row.last))
            for row in found.counts
        ],
        right=(2, 3),
    )
    console.line()
    console.table(
        ("ID", "STATE", "ACTION", "FROM", "SUBJECT"),
        [
            (row.id[:8], row.state, _did(row.action, row.target), cut(row.sender, 40), row.why or row.subject)
            for row in found.latest
        ],
        cut=True,
        whole=(0, 1),
    )


def rules(listed: list[Rule]) -> None:
    if not listed:
        console.line("no rules: everything is surfaced")
        return
    console.table(
        ("", "RULE", "ACTION", "MATCH"),
        [
            (place, rule.name, _did(rule.action, rule.label or rule.folder or ""), match(rule))
            for place, rule in enumerate(listed, 1)
        ],
        right=(0,),
    )


def match(rule: Rule) -> str:
    wanted = rule.match
    named = {
        "from": wanted.sender,
        "domain": wanted.domain,
        "to": wanted.to,
        "list": wanted.list_id,
        "subject": wanted.subject,
        "body": wanted.body,
        "attachment": wanted.attachment,
    }
    parts = [f"{name} {' | '.join(several(given))}" for name, given in named.items() if given]
    parts += [f"{name}: {value}" for name, value in wanted.header.items()]
    return ", ".join(parts) or "everything"


def tested(found: Decision) -> None:
    rule = f"rule {found.rule}: " if found.rule else ""
    console.line(f"{rule}{_did(found.action, found.target)} ({found.reason})")


def added(rule: Rule) -> None:
    console.line(f"rule {rule.name}: {_did(rule.action, rule.label or rule.folder or '')} when {match(rule)}")
