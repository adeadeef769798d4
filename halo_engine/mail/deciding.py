"""What the rules say about a message, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from halo_engine.mail.messages import Mail
from halo_engine.mail.patterns import Match
from halo_engine.mail.rules import Rule

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
    for holds in _reasons(match, mail):
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


def _reasons(match: Match, mail: Mail) -> Iterator[str]:
    """For each condition that is given: what meets it; empty where nothing does."""
    headers = mail.headers
    if match.senders or match.domains:
        sender = mail.address
        if match.senders:
            yield f"from {sender}" if match.senders.match(sender) else ""
        if match.domains:
            domain = sender.rpartition("@")[2]
            yield f"domain {domain}" if _within(domain, match.domains) else ""
    if match.lists:
        yield _glob(match.lists, [list_id(headers.get("list-id", ""))], "list")
    if match.subjects:
        words = match.subjects.search(headers.get("subject", ""))
        yield f"the subject says {words[0]!r}" if words else ""
    if match.recipients:
        yield _glob(match.recipients, mail.recipients, "to")
    for name, wanted in match.headers:
        yield f"{name} {headers[name][:60]}" if name in headers and wanted.match(headers[name]) else ""
    if match.names:
        yield _glob(match.names, mail.attachments, "attachment")


def _within(domain: str, wanted: frozenset[str]) -> bool:
    """Whether a domain, or one above it, is among them."""
    while domain:
        if domain in wanted:
            return True
        domain = domain.partition(".")[2]
    return False


def _glob(wanted: re.Pattern[str], values: Sequence[str], what: str) -> str:
    found = next((value for value in values if value and wanted.match(value)), "")
    return f"{what} {found}" if found else ""


def list_id(value: str) -> str:
    """`Halo <halo.lists.example.com>` -> `halo.lists.example.com`."""
    inner = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inner.strip().lower()


def structured(rules: Sequence[Rule]) -> bool:
    """Whether any rule asks for more than headers."""
    return any(rule.match.attachment or rule.match.body for rule in rules)
