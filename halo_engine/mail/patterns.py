"""What a rule looks for. Patterns are globs and plain words, never expressions that could run away."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import translate
from functools import cached_property, partial
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from halo_engine.mail import conditions
from halo_engine.mail.conditions import Check

Pattern = Annotated[str, Meta(min_length=1, max_length=200)]
Several = tuple[Pattern, ...] | Pattern
WORD = re.compile(r"[A-Za-z0-9-]+")
DOMAIN = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*", re.IGNORECASE)


class Match(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, dict=True):
    """All that is given must hold; of several patterns under one key, one is enough. Case never matters."""

    sender: Several = field(name="from", default=())
    """A glob over the sender's address: `*@example.com`."""
    domain: Several = ()
    """The sender's domain, or one above it: `example.com` also means `mail.example.com`."""
    to: Several = ()
    """A glob over an address in To or Cc."""
    list_id: Several = field(name="list", default=())
    """A glob over the identifier in List-Id."""
    subject: Several = ()
    """Words in a row."""
    body: Several = ()
    """Words in a row, in the text of the message: its first 256 KiB."""
    attachment: Several = ()
    """A glob over the name of an attachment."""
    header: dict[str, Pattern] = {}
    """Name of a header -> a glob over its value; `*`: it is there."""

    def __post_init__(self) -> None:
        for name in ("sender", "domain", "to", "list_id", "subject", "body", "attachment"):
            if any(not each.strip() for each in several(getattr(self, name))):
                raise ValueError(f"an empty pattern for {name}")
        for each in several(self.domain):
            if not DOMAIN.fullmatch(each):
                raise ValueError(f"domain: {each!r} is no domain, such as example.com")
        for each in self.header:
            if not WORD.fullmatch(each):
                raise ValueError(f"header: {each!r} is no name of a header, such as X-Spam-Flag")
        for each in (*several(self.subject), *several(self.body)):
            if not re.search(r"\w", each):
                raise ValueError(f"{each!r} has no word in it")
        bad = next((each for each in self._globs() if each.count("[") != each.count("]")), None)
        if bad is not None:
            raise ValueError(f"{bad!r} has a [ without its ]")

    def _globs(self) -> tuple[str, ...]:
        named = (self.sender, self.to, self.list_id, self.attachment)
        return (*(each for pattern in named for each in several(pattern)), *self.header.values())

    @cached_property
    def checks(self) -> list[Check]:
        """One for each condition that is given but for the text, the cheapest first."""
        made: tuple[tuple[Callable[[Any], Check], object], ...] = (
            (conditions.of_domain, self.domains),
            (conditions.sent_from, globs(self.sender)),
            (conditions.of_list, globs(self.list_id)),
            (conditions.in_subject, phrases(self.subject)),
            (conditions.sent_to, globs(self.to)),
            *((partial(conditions.with_header, name.lower()), compiled(each)) for name, each in self.header.items()),
            (conditions.with_attachment, globs(self.attachment)),
        )
        return [make(wanted) for make, wanted in made if wanted]

    @cached_property
    def texts(self) -> re.Pattern[str] | None:
        return phrases(self.body)

    @cached_property
    def domains(self) -> frozenset[str]:
        return frozenset(each.lower() for each in several(self.domain))


def several(given: Several) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else given


def compiled(glob: str) -> re.Pattern[str]:
    return re.compile(translate(glob), re.IGNORECASE)


def globs(given: Several) -> re.Pattern[str] | None:
    """One expression for all the globs; None for none."""
    found = [f"(?:{_anonymous(each, place)})" for place, each in enumerate(several(given))]
    return re.compile("|".join(found), re.IGNORECASE) if found else None


def _anonymous(glob: str, place: int) -> str:
    """A glob's expression, its groups named so that several fit into one."""
    return re.sub(r"\bg(\d+)\b(?=[>)])", rf"p{place}_\1", translate(glob))


def phrases(given: Several) -> re.Pattern[str] | None:
    """One expression for all the words in a row; None for none."""
    found = [r"\s+".join(map(re.escape, each.split())) for each in several(given)]
    return re.compile(rf"(?<!\w)(?:{'|'.join(found)})(?!\w)", re.IGNORECASE) if found else None
