"""Keeping the index right: is it equal to the files, making it anew, and writing the portable one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import msgspec

from halo_engine.memory import index as indices
from halo_engine.memory import portable, scanning, sync
from halo_engine.memory.config import folder
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace

SHOWN = 50
"""Paths of each kind that are named."""


class Verified(msgspec.Struct, frozen=True):
    """The index beside the files."""

    match: int
    drift: list[str]
    """Files that say something else than the index."""
    missing: list[str]
    """In the index, and no file."""
    orphan: list[str]
    """Files that are not in the index."""
    portable: str
    """index.json: current, behind or missing."""
    written_by: str
    """What writes index.json: `every change`, or `memctl index`."""

    @property
    def ok(self) -> bool:
        return not (self.drift or self.missing or self.orphan)


class Made(msgspec.Struct, frozen=True):
    """What was written."""

    notes: int
    what: str
    written_by: str = ""
    ok: bool = True


def verify(workspace: Workspace) -> Verified:
    """Read every file, and compare; changes nothing."""
    root = folder(workspace)
    with indices.reading(workspace) as index:
        known = dict(index.all("SELECT path, hash FROM note"))
        seen = dict(scanning.found(root, {}, []))
        drift = [path for path in seen if path in known and _hash(root / path) != known[path]]
        missing, orphan = sorted(known.keys() - seen.keys()), sorted(seen.keys() - known.keys())
        state = portable.state(workspace, index)
        written_by = portable.writer(workspace, index)
    matching = len(seen) - len(drift) - len(orphan)
    return Verified(matching, sorted(drift)[:SHOWN], missing[:SHOWN], orphan[:SHOWN], state, written_by)


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def rebuild(workspace: Workspace) -> Made:
    """Read every file anew; readers see the old index until it is done."""
    with indices.changing(workspace) as index:
        if workspace.dry_run:
            return Made(index.count, "the index would be made anew")
        untold = index.fact("number", 0)
        indices.clear(index.connection)
        index.state("number", untold)
        report = sync.bring_up(workspace, index)
        return Made(report.notes, "index rebuilt", index.fact("portable", ""))


def write(workspace: Workspace) -> Made:
    """Write index.json now."""
    with looked(workspace):
        pass
    with indices.changing(workspace) as index:
        count = index.count if workspace.dry_run else portable.write(workspace, index)
        return Made(count, portable.FILE, index.fact("portable", ""))


ACTIONS: dict[str, Callable[[Workspace], Verified | Made]] = {"write": write, "verify": verify, "rebuild": rebuild}
