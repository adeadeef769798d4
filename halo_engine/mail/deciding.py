"""What the rules say about a message, and why."""

from __future__ import annotations

from collections.abc import Sequence

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
    for check in match.checks:
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


def structured(rules: Sequence[Rule]) -> bool:
    """Whether any rule asks for more than headers."""
    return any(rule.match.attachment or rule.match.body for rule in rules)
