"""The modules that take part in `status`, `doctor`, `demo` and `events rebuild`. A new one is one word here."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterator
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from halo_engine.events.projection import Projection

NAMES = (
    "fleet",
    "onboarding",
    "tasks",
    "alerts",
    "agents",
    "memory",
    "logs",
    "cron",
    "journal",
    "mail",
    "commits",
    "briefings",
)


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


@cache
def facts() -> None:
    """Make the types of all modules' events known, as a reader of the whole log needs them."""
    for name in NAMES:
        home = f"halo_engine.{name}.events"
        if importlib.util.find_spec(home) is not None:
            importlib.import_module(home)


def digests(kind: str) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Each module's name with its function of that name (`briefing`, `report`) in `digest.py`, where it has one."""
    for name in NAMES:
        home = f"halo_engine.{name}.digest"
        if importlib.util.find_spec(home) is not None:
            part = getattr(importlib.import_module(home), kind, None)
            if part is not None:
                yield name, part


def projection(name: str) -> Projection | None:
    """One module's projection, without loading the others; None where no module of that name declares one."""
    part = importlib.import_module(f"halo_engine.{name}.operations") if name in NAMES else None
    return getattr(part, "PROJECTION", None)
