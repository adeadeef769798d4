"""What a person sees of onboarding on the command line. Loads rich when called."""

from __future__ import annotations

from halo_engine import clock, console, times
from halo_engine.onboarding.commands import Heard
from halo_engine.onboarding.states import TRANSITIONS
from halo_engine.onboarding.store import User


def table(rows: list[User]) -> None:
    """One line a person."""
    if not rows:
        console.note("nobody has written yet")
        return
    now = clock.now()
    console.table(
        ("USER", "STATE", "TERMS", "ANSWERS", "MET", "CHANGED", "INSTANCES"),
        [
            (
                row.id,
                row.state.value,
                row.terms or "-",
                f"{len(row.answers)}{' (left)' if row.deferred else ''}",
                times.ago(clock.instant(row.met), now),
                times.ago(clock.instant(row.changed), now),
                ", ".join(row.instances),
            )
            for row in rows
        ],
        right=(2,),
    )


def card(row: User) -> None:
    """Everything about one person."""
    console.table(
        (row.id, row.state.value),
        [
            ("agreed to terms", row.terms or "none"),
            ("can go to", ", ".join(sorted(TRANSITIONS[row.state]))),
            ("writes to", ", ".join(row.instances)),
            *((f"{key}", f"{each.response}   ({each.text.strip()})") for key, each in row.answers.items()),
        ],
    )


def heard(found: Heard) -> None:
    """What a person is told."""
    for text in found.say:
        console.line(text.rstrip())
        console.line()
    if found.passes:
        console.line("(goes to the assistant)")
