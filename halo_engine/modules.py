"""The modules that take part in `status`, `doctor`, `demo` and `events rebuild`. A new one is one word here."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Literal

import msgspec

if TYPE_CHECKING:
    from halo_engine.events.projection import Projection

NAMES = ("fleet", "tasks", "alerts", "agents", "logs", "onboarding")


Level = Literal["ok", "note", "wrong"]
"""`note`: worth a look; `wrong`: something must be done."""


class Check(msgspec.Struct, frozen=True):
    """One thing that was looked at."""

    name: str
    state: Level
    evidence: str
    hint: str = ""


def parts() -> list[ModuleType]:
    """Each module's `operations`: `status(workspace)`, `doctor(workspace)`, `demo(workspace, random)`, and
    `PROJECTION` where it keeps a store.
    """
    return [importlib.import_module(f"halo_engine.{name}.operations") for name in NAMES]


def projections() -> dict[str, Projection]:
    """Each module's projection, by name."""
    return {part.PROJECTION.name: part.PROJECTION for part in parts() if hasattr(part, "PROJECTION")}
