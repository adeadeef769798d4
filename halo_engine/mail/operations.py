"""What mail brings to `status`, `doctor` and `demo`."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from random import Random

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.console import counted
from halo_engine.errors import HaloError
from halo_engine.events.model import New
from halo_engine.events.store import opened
from halo_engine.ids import new_id
from halo_engine.mail import accounts, queries, rules
from halo_engine.mail.events import MessageDecided, MessageHandled
from halo_engine.mail.projection import mail, stream_of
from halo_engine.modules import Check
from halo_engine.workspace import Workspace

PROJECTION = mail
ACCOUNT = "sample"
SAMPLE = (
    ("Mum <mum@example.com>", "The assistant did not answer this morning", "surface", "", "no rule matches", ""),
    ("Dad <dad@example.com>", "Can it read me the news at eight?", "surface", "", "no rule matches", ""),
    ("Hosting <billing@host.example>", "Invoice 2026-1180", "label", "bills", "the subject says 'Invoice'", "bills"),
    ("Forge <noreply@forge.example>", "Build 412 passed", "archive", "builds", "domain forge.example", "Archive"),
    ("Forge <noreply@forge.example>", "Build 413 passed", "archive", "builds", "domain forge.example", "Archive"),
    (
        "Weekly <news@letters.example>",
        "Ten things about prompts",
        "archive",
        "news",
        "list *.letters.example",
        "Archive",
    ),
)
WAITING = (
    ("Forge <noreply@forge.example>", "Build 414 failed: 2 of 318 tests", "archive", "builds", "domain forge.example"),
    ("Power <service@power.example>", "Your invoice for November", "label", "bills", "the subject says 'invoice'"),
    ("Weekly <news@letters.example>", "What the fleet cost us", "archive", "news", "list *.letters.example"),
)
"""What the sample's rules propose."""


def status(workspace: Workspace) -> list[Check]:
    """What a triage that was cut off has left, and what could not be done."""
    left, waiting = queries.cut_off(workspace), queries.waiting(workspace)
    found: list[Check] = []
    if left:
        said = f"{counted(left, 'message')} of a command that was cut off"
        found.append(Check("mail", "note", said, "mailctl triage --execute"))
    if waiting:
        said = f"{counted(waiting, 'message')} waiting for your word"
        found.append(Check("mail", "ok", said, "mailctl queue"))
    return found


def doctor(workspace: Workspace) -> list[Check]:
    """Whether accounts and rules can be read; no server is asked."""
    try:
        places, listed = accounts.every(workspace), rules.load(workspace)
        for place in places.values():
            rules.refuse_loops(workspace, listed, place.folder)
    except HaloError as error:
        return [Check("mail", "wrong", error.message[:200], error.hint or "mailctl rules list")]
    if not places:
        return []
    bare = [place.name for place in places.values() if place.tls == "none" and not place.host.startswith("127.")]
    checks = [Check("mail", "ok", f"{counted(len(places), 'account')}, {counted(len(listed), 'rule')}")]
    if bare:
        checks.append(Check("mail", "note", f"{', '.join(bare)}: the password travels unencrypted", "tls: tls"))
    return checks


def demo(workspace: Workspace, _: Random) -> None:
    """Six messages of the last day, seen to without a server, and three that wait for a word."""
    with opened(workspace, mail):
        pass  # a store that is there is caught up without a word
    now = clock.now()
    run = new_id()
    for uid in range(1, len(SAMPLE) + 1):
        with clock.held(now - timedelta(hours=3 * (len(SAMPLE) - uid) + 2)):
            _message(workspace, run, uid, clock.stamp())
    workspace.log.append([_proposed(place, now) for place in range(len(WAITING))])


def _proposed(place: int, now: datetime) -> New:
    sender, subject, action, rule, reason = WAITING[place]
    uid = len(SAMPLE) + place + 1
    name, date = f"<{uid}@sample.example>", clock.stamp(now - timedelta(minutes=25 * place + 8))
    target = "Archive" if action == "archive" else rule
    fact = MessageDecided("", ACCOUNT, "INBOX", 1, uid, name, sender, subject, date, action, rule, reason, target)
    stream = stream_of(hashlib.sha256(name.encode()).hexdigest()[:16])
    return New(stream, "mail.message.proposed", fact, expected=0)


def _message(workspace: Workspace, run: str, uid: int, date: Timestamp) -> None:
    sender, subject, action, rule, reason, target = SAMPLE[uid - 1]
    name = f"<{uid}@sample.example>"
    fact = MessageDecided(run, ACCOUNT, "INBOX", 1, uid, name, sender, subject, date, action, rule, reason, target)
    stream = stream_of(hashlib.sha256(name.encode()).hexdigest()[:16])
    events = [New(stream, "mail.message.decided", fact, expected=0)]
    if target:
        folder = target if action == "archive" else "INBOX"
        events.append(New(stream, "mail.message.handled", MessageHandled(folder, 1, uid), expected=1))
    workspace.log.append(events)
