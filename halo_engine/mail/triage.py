"""Triage: what the rules say about the mail that nobody has seen to yet. It waits for the operator's word;
with `execute` it is done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing, nullcontext, suppress

import msgspec

from halo_engine.clock import Timestamp
from halo_engine.errors import BadConfig, Conflict, HaloError
from halo_engine.events.model import New
from halo_engine.ids import new_id
from halo_engine.mail import accounts, deciding, opinions, queries
from halo_engine.mail import rules as rulebook
from halo_engine.mail.accounts import Place
from halo_engine.mail.acting import GONE, alone, perform
from halo_engine.mail.deciding import Decision, NeedsText
from halo_engine.mail.events import MessageDecided, MessageMissed
from halo_engine.mail.messages import Mail, chunks, fetched, texts
from halo_engine.mail.projection import decided, stream_of
from halo_engine.mail.resuming import resume
from halo_engine.mail.rules import Rule
from halo_engine.mail.session import Session
from halo_engine.mail.store import Message
from halo_engine.workspace import Workspace

OPEN = frozenset({"waiting", "gone"})
"""States of what the rules may be asked about again."""


class Sorted(msgspec.Struct, frozen=True):
    """A message, and what is done with it."""

    id: str
    uid: int
    date: Timestamp
    sender: str
    subject: str
    action: str
    rule: str
    reason: str
    target: str


class Triage(msgspec.Struct):
    """How a triage went."""

    account: str
    folder: str
    executed: bool
    run: str = ""
    before: int = 0
    """Messages that were seen to before, and were left alone."""
    looked: int = 0
    counts: dict[str, int] = {}
    """Action -> messages."""
    resumed: int = 0
    """Messages of a command that was cut off, which were gone on with."""
    missed: int = 0
    """What could not be done; `mailctl summary` says why."""
    malformed: int = 0
    """Messages whose headers are not what they should be."""
    messages: list[Sorted] = []


def all_of(
    workspace: Workspace, account: str, *, execute: bool, newest: int = 0, shown: int = 0
) -> tuple[list[Triage], list[HaloError]]:
    """The triage of an account, of the first, or with `all` of every one, as one run; with it, what went wrong in an
    account, which keeps no other waiting.

    Raises what went wrong when it did with every account: what `triage` does, and NotFound.
    """
    run = new_id()
    return accounts.over(
        accounts.chosen(workspace, account),
        lambda place: triage(workspace, place, execute=execute, newest=newest, shown=shown, run=run),
    )


def triage(
    workspace: Workspace, place: Place, *, execute: bool, newest: int = 0, shown: int = 0, run: str = ""
) -> Triage:
    """Sort what is new in an account's folder: of the `newest` messages, or of all (0). Nothing is done on the server
    unless `execute`: what is to be done waits in the queue; the first `shown` (0: all) come back by name. `run` names
    the triage of several accounts that it is a part of.

    Raises BadConfig, Conflict, NotAllowed, Unavailable; what was done until then is recorded.
    """
    rules = rulebook.load(workspace)
    _refuse_loops(workspace, rules, place)
    done = Triage(place.name, place.folder, execute, (run or new_id()) if execute else "")
    with alone(workspace, place.name) if execute else nullcontext(), closing(Session(place)) as session:
        _Sorting(workspace, session, rules, done, shown).all(newest)
    return done


def _refuse_loops(workspace: Workspace, rules: Sequence[Rule], place: Place) -> None:
    rulebook.refuse_loops(workspace, rules, place.folder)
    if place.archive == place.folder and any(rule.action == "archive" for rule in rules):
        raise BadConfig(f"account {place.name}: archive: it loops: {place.folder} is the folder that is triaged")


class _Sorting:
    """One triage of one folder."""

    def __init__(self, workspace: Workspace, session: Session, rules: Sequence[Rule], done: Triage, shown: int) -> None:
        self._workspace = workspace
        self._session = session
        self._rules = rules
        self._fingerprint = rulebook.fingerprint(rules, session.place.archive)
        self._done = done
        self._shown = shown
        self._met: set[str] = set()
        self._to_do: list[Message] = []
        self._opinions = opinions.Asker(workspace)

    def all(self, newest: int) -> None:
        session, done = self._session, self._done
        acting = done.executed and not self._workspace.dry_run
        session.require(done.folder, readonly=not acting)
        if acting:
            done.resumed, done.missed = resume(self._workspace, session)
            session.require(done.folder, readonly=False)
        known = queries.uids(self._workspace, done.account, done.folder, session.uidvalidity)
        there = session.search("UNDELETED")
        proposed = queries.proposed(self._workspace, done.account, done.folder)
        waiting = self._waiting([row for row in proposed if row.uidvalidity == session.uidvalidity], set(there))
        known |= {row.uid for row in waiting}
        fresh = [uid for uid in there if uid not in known]
        done.before = len(there) - len(fresh) - len(waiting)
        self._count([(row, Decision(row.action, row.rule, row.reason, row.target)) for row in waiting])
        for chunk in chunks(fresh[-newest:]):
            self._sort(fetched(session, chunk, structure=self._structured))
        self._done.missed += len(perform(self._workspace, session, self._to_do, anew=True))
        if not newest:
            former = [row for row in proposed if row.uidvalidity != session.uidvalidity]
            self._withdraw([row for row in former if row.id not in self._met])

    def _withdraw(self, rows: list[Message]) -> None:
        """What waited and is gone is not proposed any more."""
        kind = "mail.message.withdrawn"
        self._append([New(stream_of(row.id), kind, MessageMissed(GONE), row.version) for row in rows])

    def _waiting(self, rows: list[Message], there: set[int]) -> list[Message]:
        """Those that were proposed by the same rules before, and need not be asked for again."""
        self._withdraw([row for row in rows if row.uid not in there])
        if self._done.executed:
            return []
        return [row for row in rows if row.uid in there and row.rules == self._fingerprint]

    @property
    def _structured(self) -> bool:
        return deciding.structured(self._rules) or self._opinions.wanted

    def _sort(self, mails: list[Mail]) -> None:
        seen = queries.known(self._workspace, [mail.id for mail in mails])
        done = {row.id for row in seen.values() if row.state not in OPEN}
        new = [mail for mail in {mail.id: mail for mail in mails}.values() if mail.id not in done | self._met]
        self._met.update(mail.id for mail in new)
        self._done.before += len(mails) - len(new)
        decisions = self._decisions(new)
        self._count(decisions)
        versions = {row.id: row.version for row in seen.values()}
        if self._done.executed:
            self._to_do += self._decided(decisions, versions)
        else:
            self._append([self._new(*each, "mail.message.proposed", versions) for each in decisions])

    def _decisions(self, mails: list[Mail]) -> list[tuple[Mail, Decision]]:
        archive = self._session.place.archive
        found: dict[str, Decision] = {}
        waiting: list[Mail] = []
        for mail in mails:
            try:
                found[mail.id] = deciding.decide(self._rules, mail, archive)
            except NeedsText:
                waiting.append(mail)
        for mail, text in texts(self._session, waiting):
            found[mail.id] = deciding.decide(self._rules, mail, archive, text)
        if self._done.executed and not self._workspace.dry_run:
            found |= self._opinions.of(self._session, [mail for mail in mails if not found[mail.id].rule])
        return [(mail, found[mail.id]) for mail in mails]

    def _count(self, decisions: Sequence[tuple[Mail | Message, Decision]]) -> None:
        done = self._done
        done.looked += len(decisions)
        done.malformed += sum(isinstance(mail, Mail) and mail.malformed for mail, _ in decisions)
        actions = Counter(decision.action for _, decision in decisions)
        done.counts = {name: done.counts.get(name, 0) + actions[name] for name in done.counts.keys() | actions.keys()}
        room = self._shown - len(done.messages) if self._shown else len(decisions)
        for mail, decision in decisions[: max(0, room)]:
            told = msgspec.structs.asdict(decision)
            done.messages.append(Sorted(mail.id, mail.uid, mail.date, mail.sender, mail.subject, **told))

    def _decided(self, decisions: list[tuple[Mail, Decision]], versions: dict[str, int]) -> list[Message]:
        """Record what was decided; the rows of those for which something is to be done on the server."""
        facts = [self._new(*each, "mail.message.decided", versions) for each in decisions]
        rows = [decided(None, event.data(), event) for event in self._workspace.log.append(facts)]
        return [row for row in rows if row.state == "decided"]

    def _append(self, facts: list[New]) -> None:
        """Record what is proposed, or is no more; nothing of it when another command has changed one of the messages in
        the meantime: the next triage looks again.
        """
        with suppress(Conflict):
            self._workspace.log.append(facts)

    def _new(self, mail: Mail, decision: Decision, kind: str, versions: dict[str, int]) -> New:
        fact = MessageDecided(
            run=self._done.run,
            account=self._done.account,
            folder=self._done.folder,
            uidvalidity=self._session.uidvalidity,
            uid=mail.uid,
            message_id=mail.message_id,
            sender=mail.sender,
            subject=mail.subject,
            date=mail.date,
            already=decision.action != "archive" and decision.target.lower() in mail.keywords,
            rules=self._fingerprint,
            **msgspec.structs.asdict(decision),
        )
        return New(stream_of(mail.id), kind, fact, expected=versions.get(mail.id, 0))
