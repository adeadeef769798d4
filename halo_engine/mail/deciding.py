"""What the rules say about a message, and why."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import TypeAlias

import msgspec

from halo_engine.mail.messages import Mail
from halo_engine.mail.patterns import Match
from halo_engine.mail.rules import Rule

Check: TypeAlias = Callable[[Mail], str]
"""What of a message meets a condition, in words; empty where nothing does."""
Pattern: TypeAlias = re.Pattern[str] | None
UNMATCHED = "no rule matches"


class Decision(msgspec.Struct, frozen=True):
    """What is to be done with a message."""

    action: str
    rule: str = ""
    reason: str = ""
    target: str = ""
    """The keyword, or the folder."""


class NeedsText(Exception):
    """Everything else of a rule holds: the text of the message decides."""


def decide(rules: Sequence[Rule], mail: Mail, archive: str, text: str | None = None) -> Decision:
    """The first rule that matches decides; what none matches is surfaced. None as text: it has not been read.

    Raises NeedsText.
    """
    for rule in rules:
        why = matched(rule.match, mail, text)
        if why is not None:
            target = {"label": rule.label or "", "archive": rule.folder or archive}.get(rule.action, "")
            reason = f"{rule.reason} ({why})" if rule.reason else why
            return Decision(rule.action, rule.name, reason[:300], target)
    return Decision("surface", reason=UNMATCHED)


def matched(match: Match, mail: Mail, text: str | None = None) -> str | None:
    """What of the message a rule matches, in words; None: it does not.

    Raises NeedsText.
    """
    found: list[str] = []
    for check in _checks(match):
        holds = check(mail)
        if not holds:
            return None
        found.append(holds)
    if match.texts is not None:
        if text is None:
            raise NeedsText
        words = match.texts.search(text)
        if words is None:
            return None
        found.append(f"the text says {words[0]!r}")
    return ", ".join(found) or "any message"


def _checks(match: Match) -> list[Check]:
    """One for each condition that is given, the cheapest first; made once a rule."""
    made: list[Check] | None = vars(match).get("checks")
    if made is None:
        made = vars(match)["checks"] = [
            check
            for check, given in (
                (_of_domain(match.domains), match.domains),
                (_from(match.senders), match.senders),
                (_listed(match.lists), match.lists),
                (_subject(match.subjects), match.subjects),
                (_globbed(match.recipients, attrgetter("recipients"), "to"), match.recipients),
                *((_header(name, wanted), True) for name, wanted in match.headers),
                (_globbed(match.names, attrgetter("attachments"), "attachment"), match.names),
            )
            if given
        ]
    return made


def _of_domain(wanted: frozenset[str]) -> Check:
    return lambda mail: f"domain {mail.domain}" if _within(mail.domain, wanted) else ""


def _from(wanted: Pattern) -> Check:
    return lambda mail: f"from {mail.address}" if wanted and wanted.match(mail.address) else ""


def _subject(wanted: Pattern) -> Check:
    def check(mail: Mail) -> str:
        words = wanted.search(mail.headers.get("subject", "")) if wanted else None
        return f"the subject says {words[0]!r}" if words else ""

    return check


def _header(name: str, wanted: re.Pattern[str]) -> Check:
    def check(mail: Mail) -> str:
        value = mail.headers.get(name)
        return f"{name} {value[:60]}" if value is not None and wanted.match(value) else ""

    return check


def _listed(wanted: Pattern) -> Check:
    return lambda mail: _glob(wanted, [list_id(mail.headers.get("list-id", ""))], "list")


def _globbed(wanted: Pattern, values: Callable[[Mail], Sequence[str]], what: str) -> Check:
    return lambda mail: _glob(wanted, values(mail), what)


def _within(domain: str, wanted: frozenset[str]) -> bool:
    """Whether a domain, or one above it, is among them."""
    while domain:
        if domain in wanted:
            return True
        domain = domain.partition(".")[2]
    return False


def _glob(wanted: Pattern, values: Sequence[str], what: str) -> str:
    found = next((value for value in values if value and wanted and wanted.match(value)), "")
    return f"{what} {found}" if found else ""


def list_id(value: str) -> str:
    """`Halo <halo.lists.example.com>` -> `halo.lists.example.com`."""
    inner = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inner.strip().lower()


def structured(rules: Sequence[Rule]) -> bool:
    """Whether any rule asks for more than headers."""
    return any(rule.match.attachment or rule.match.body for rule in rules)
