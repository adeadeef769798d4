"""The conditions of a rule, each as a check of a message."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from re import Pattern
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from halo_engine.mail.messages import Mail

Check: TypeAlias = "Callable[[Mail], str]"
"""What of a message meets a condition, in words; empty where nothing does."""


def of_domain(wanted: frozenset[str]) -> Check:
    return lambda mail: f"domain {mail.domain}" if _within(mail.domain, wanted) else ""


def sent_from(wanted: Pattern[str]) -> Check:
    return lambda mail: f"from {mail.address}" if wanted.match(mail.address) else ""


def sent_to(wanted: Pattern[str]) -> Check:
    return lambda mail: _first("to", wanted, mail.recipients)


def of_list(wanted: Pattern[str]) -> Check:
    return lambda mail: _first("list", wanted, [list_id(mail.headers.get("list-id", ""))])


def with_attachment(wanted: Pattern[str]) -> Check:
    return lambda mail: _first("attachment", wanted, mail.attachments)


def in_subject(wanted: Pattern[str]) -> Check:
    def check(mail: Mail) -> str:
        words = wanted.search(mail.headers.get("subject", ""))
        return f"the subject says {words[0]!r}" if words else ""

    return check


def with_header(name: str, wanted: Pattern[str]) -> Check:
    def check(mail: Mail) -> str:
        value = mail.headers.get(name)
        return f"{name} {value[:60]}" if value is not None and wanted.match(value) else ""

    return check


def _within(domain: str, wanted: frozenset[str]) -> bool:
    """Whether a domain, or one above it, is among them."""
    while domain:
        if domain in wanted:
            return True
        domain = domain.partition(".")[2]
    return False


def _first(what: str, wanted: Pattern[str], values: Sequence[str]) -> str:
    found = next((value for value in values if value and wanted.match(value)), "")
    return f"{what} {found}" if found else ""


def list_id(value: str) -> str:
    """`Halo <halo.lists.example.com>` -> `halo.lists.example.com`."""
    inner = value.rpartition("<")[2].partition(">")[0] if "<" in value else value
    return inner.strip().lower()
