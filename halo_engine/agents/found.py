"""What was found where: each source with its folders, and what has been read of it."""

from __future__ import annotations

import msgspec

from halo_engine.agents import ledger
from halo_engine.agents.config import agent_settings, homes
from halo_engine.agents.ledger import File
from halo_engine.agents.sources import SOURCES
from halo_engine.workspace import Workspace


class Found(msgspec.Struct):
    """A source, and what there is of it."""

    name: str
    title: str
    folders: list[str]
    """Where it is looked for."""
    there: list[str]
    """Those that exist."""
    files: int = 0
    """That have been read; likewise the rest."""
    bytes: int = 0
    lines: int = 0
    damaged: int = 0
    unknown: dict[str, int] = {}
    faults: dict[str, str] = {}


def found(workspace: Workspace) -> list[Found]:
    """Every source, whether there is anything of it or not."""
    places = homes(workspace, agent_settings(workspace))
    made = {
        name: Found(name, source.title, [str(each) for each in places[name]], []) for name, source in SOURCES.items()
    }
    for name, folders in places.items():
        made[name].there = [str(each) for each in folders if each.is_dir()]
    with ledger.read(workspace) as book:
        for file in book.files().values():
            _count(made[file.source], file)
    return list(made.values())


def _count(source: Found, file: File) -> None:
    source.files += 1
    source.bytes += file.size
    source.lines += file.lines
    source.damaged += file.damaged
    for kind, times in msgspec.json.decode(file.unknown, type=dict[str, int]).items():
        source.unknown[kind] = source.unknown.get(kind, 0) + times
    if file.fault:
        source.faults[file.path] = file.fault
