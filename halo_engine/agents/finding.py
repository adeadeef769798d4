"""Which files hold sessions, and what of them is new."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from halo_engine.agents.config import AgentSettings, homes
from halo_engine.agents.ledger import File
from halo_engine.agents.scanning import Job, mark
from halo_engine.agents.sources import SOURCES, source_of
from halo_engine.errors import BadData, NotFound
from halo_engine.workspace import Workspace

ENDINGS = (".jsonl", ".jsonl.zst", ".json", ".db")
PACKED = ".zst"


class Change(msgspec.Struct):
    """A file with something new in it."""

    job: Job
    file: File
    """As it will stand when the job is done, but for what the job finds."""
    afresh: bool
    """It is read from its beginning: what it said before counts no more."""
    moved_from: str = ""


def found(workspace: Workspace, settings: AgentSettings, paths: Sequence[Path] = ()) -> Iterator[tuple[str, Path]]:
    """Source and path of every file that holds sessions: below `paths`, or where the tools keep them.

    Raises NotFound for a path that does not exist, BadData for a file of no tool that is known.
    """
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        elif path.exists():
            yield source_of(path).name, path.absolute()
        else:
            raise NotFound(f"there is no {path}", "agentctl sources says where sessions are looked for")
    if not paths:
        for name, folders in homes(workspace, settings).items():
            for home in folders:
                for path in SOURCES[name].find(home) if home.is_dir() else ():
                    yield name, path.absolute()


def _below(folder: Path) -> Iterator[tuple[str, Path]]:
    for top, _, names in os.walk(folder):
        for name in names:
            if name.endswith(ENDINGS) and not (name.endswith(PACKED) and name.removesuffix(PACKED) in names):
                path = Path(top, name).absolute()
                try:
                    yield source_of(path).name, path
                except BadData:
                    continue


def changes(files: dict[str, File], present: Iterable[tuple[str, Path]]) -> Iterator[Change]:
    """What is new in the files that are there, in the order of their paths."""
    known = {(file.device, file.inode): file for file in files.values()}
    names = {Path(path).name.removesuffix(PACKED): path for path in files}
    for path, name in sorted({str(path): name for name, path in present}.items()):
        try:
            status = Path(path).stat()
        except OSError:
            continue
        old = files.get(path)
        if old and (old.size, old.changed, old.inode) == (status.st_size, status.st_mtime_ns, status.st_ino):
            continue
        moved = ""
        if old is None:
            old = known.get((status.st_dev, status.st_ino))
            if old is not None and not Path(old.path).exists():
                moved = old.path
            else:
                old = None
                moved = _packed_from(path, names)
        yield _change(path, name, status, old, moved)


def _packed_from(path: str, names: dict[str, str]) -> str:
    """The file that another was packed or unpacked from, and that is gone; empty where there is none."""
    name = Path(path).name
    before = names.get(name.removesuffix(PACKED), "")
    return before if before and Path(before).name != name and not Path(before).exists() else ""


def _change(path: str, name: str, status: os.stat_result, old: File | None, moved: str) -> Change:
    file = File(path, name, status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)
    if old is not None and _goes_on(path, status.st_size, old):
        job = Job(name, path, status.st_size, old.offset, old.carry)
        file.lines, file.damaged, file.unknown = old.lines, old.damaged, old.unknown
        return Change(job, file, afresh=False, moved_from=moved)
    return Change(Job(name, path, status.st_size), file, afresh=True, moved_from=moved)


def _goes_on(path: str, size: int, old: File) -> bool:
    """Whether what was read of a file is still what it begins with."""
    if not old.mark or size < old.offset:
        return False
    try:
        return mark(Path(path), old.offset) == old.mark
    except OSError:
        return False
