"""The kinds of sessions, in the lots in which they were written.

The first lot is older than the rules. Each of the others was written apart from them and judged once before anything
was changed; those first looks are told in docs/agents.md.
"""

from __future__ import annotations

import importlib.util
from typing import NamedTuple

from benchmarks.spin.transcript import Kind

NAMES = (
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
)
STUCK, WORKING = ("stuck", "stuck_in_words"), ("working", "working_with_people")
"""The files that a lot may have."""


class Lot(NamedTuple):
    """Kinds by name."""

    stuck: dict[str, Kind]
    working: dict[str, Kind]


def lot(name: str) -> Lot:
    """One of `NAMES`."""
    return Lot(_kinds(name, STUCK), _kinds(name, WORKING))


def _kinds(name: str, files: tuple[str, ...]) -> dict[str, Kind]:
    found: dict[str, Kind] = {}
    for file in files:
        place = f"benchmarks.spin.lots.{name}.{file}"
        if importlib.util.find_spec(place):
            found |= {each.__name__: each for each in importlib.import_module(place).KINDS}
    return found
