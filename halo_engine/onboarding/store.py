"""The rows that onboarding keeps. Nothing but this module's projection writes them."""

from __future__ import annotations

from typing import ClassVar

from msgspec import Struct

from halo_engine.clock import Timestamp
from halo_engine.events.table import Row
from halo_engine.onboarding.states import State


class Answered(Struct, frozen=True):
    """An answer that somebody gave."""

    text: str
    """The question as it was asked."""
    response: str
    time: Timestamp
    conversations: int = 0


class User(Row, frozen=True):
    """A person as they stand. The first field is the key."""

    table: ClassVar = "user"
    indexes: ClassVar = ("state",)

    id: str
    state: State
    version: int
    met: Timestamp
    changed: Timestamp
    instances: tuple[str, ...] = ()
    """Where they have written."""
    terms: int = 0
    """The version that they agreed to; 0 for none."""
    answers: dict[str, Answered] = {}
    strikes: int = 0
    """Answers beside the question, in a row."""
    deferred: bool = False
    """The questions are left until they ask for them."""
    tutorial: int = 0
    """How many hints they have had."""
