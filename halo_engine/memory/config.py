"""`memctl.yaml`: where notes are, and how they are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta, Struct

from halo_engine.workspace import Workspace

FILE = "memctl.yaml"
TYPES = ("decision", "fact", "reference", "project", "person", "event", "preference")


class MemorySettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`memctl.yaml`."""

    folder: str = "memory"
    """The folder of notes, relative to the workspace or absolute: an Obsidian vault will do. New notes go to `notes/`
    in it, archived ones to `archive/`."""
    types: tuple[str, ...] = TYPES
    """The types that `new` takes. Notes of other types are kept and found as they are."""
    index_limit: Annotated[int, Meta(ge=0)] = 1_000
    """Up to so many notes `index.json` is written with every change; beyond, by `memctl index` alone."""
    scan_limit: Annotated[int, Meta(ge=0)] = 10_000
    """Up to so many notes every command that searches looks at each file for changes made by hand; beyond, see
    `rescan`."""
    rescan: Annotated[int, Meta(ge=0)] = 300
    """Seconds after which a command that searches looks at each file again, however many there are."""
    semantic: bool = False
    """Search finds what is alike in meaning too; takes the extra `semantic`."""
    half_life: dict[str, Annotated[float, Meta(gt=0)]] = {}
    """Type -> days after which an unused note counts half; default: 30, events 14, decisions, people and preferences
    180."""
    floor: dict[str, Annotated[float, Meta(ge=0, le=1)]] = {}
    """Type -> the score below which its notes never fall; default: people 0.5, decisions 0.25."""
    prune_below: Annotated[float, Meta(ge=0, le=1)] = 0.15
    """The score below which `prune` archives a note."""
    prune_spares: tuple[str, ...] = ("linked",)
    """What `prune` never archives besides pinned notes: `linked` is every note
    that one links which has not decayed itself; a type is all notes of it."""


def memory_settings(workspace: Workspace) -> MemorySettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    return workspace.config(MemorySettings, FILE)


def folder(workspace: Workspace) -> Path:
    """The folder of notes."""
    return workspace.root / Path(memory_settings(workspace).folder).expanduser()
