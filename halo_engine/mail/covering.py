"""Whether a rule can ever have its turn: what one rule takes from another that stands after it."""

from __future__ import annotations

from collections.abc import Callable

from halo_engine.mail.patterns import Match, compiled, phrases, several

Covers = Callable[[str, str], bool]
"""Whether a pattern takes all that another takes."""


def covers(upper: Match, lower: Match) -> bool:
    """Whether everything that `lower` matches is matched by `upper` too, as far as can be told: True is certain."""
    for name, covering in _COVERING.items():
        wide, narrow = several(getattr(upper, name)), several(getattr(lower, name))
        if wide and not (narrow and all(any(covering(each, other) for each in wide) for other in narrow)):
            return False
    narrow_headers = {name.lower(): value for name, value in lower.header.items()}
    return all(
        name.lower() in narrow_headers and _glob(value, narrow_headers[name.lower()])
        for name, value in upper.header.items()
    )


def contradiction(match: Match) -> str:
    """Why a rule cannot match anything, as far as can be told; empty: it may."""
    for sender in several(match.sender):
        address, _, domain = sender.rpartition("@")
        if not match.domains or not address or any(sign in domain for sign in "*?["):
            return ""
        if any(_domain(each, domain) for each in match.domains):
            return ""
    return f"no sender in {several(match.sender)[0]} is of {min(match.domains)}" if match.sender else ""


def _glob(wide: str, narrow: str) -> bool:
    if wide.lower() == narrow.lower() or set(wide) == {"*"}:
        return True
    return not any(sign in narrow for sign in "*?[") and compiled(wide).match(narrow) is not None


def _words(wide: str, narrow: str) -> bool:
    found = phrases(wide)
    return found is not None and found.search(narrow) is not None


def _domain(wide: str, narrow: str) -> bool:
    return f".{narrow.lower()}".endswith(f".{wide.lower()}")


_COVERING: dict[str, Covers] = {
    "sender": _glob,
    "domain": _domain,
    "to": _glob,
    "list_id": _glob,
    "subject": _words,
    "body": _words,
    "attachment": _glob,
}
