"""Which files of the memory folder have changed since they were last read."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from halo_engine.memory.index import Index

SETTLED = 100_000_000
"""Nanoseconds: a file that was written less than this before it was read may be written again without a sign in its
modification time, so it is read again the next time.
"""
LEFT = 3600 * 10**9
"""Nanoseconds after which a draft is nobody's."""
_DRAFT = re.compile(r"\..+\.md\.\d+\.new")
Seen = dict[str, tuple[int, int]]
"""Path relative to the memory folder -> modification time in nanoseconds, size."""


class Difference(msgspec.Struct, frozen=True):
    """What has happened to files."""

    written: list[str]
    """New or changed."""
    gone: list[str]
    folders: dict[str, int]
    """Every folder, with its modification time in nanoseconds."""
    drafts: list[str]
    """What commands left that were killed while they wrote."""


def difference(index: Index, root: Path) -> Difference:
    """Look at every file."""
    folders: dict[str, int] = {}
    drafts: list[str] = []
    seen = dict(found(root, folders, drafts))
    known = {path: (changed, size) for path, changed, size in index.all("SELECT path, changed, size FROM note")}
    written = sorted(path for path, state in seen.items() if known.get(path) != state)
    return Difference(written, sorted(known.keys() - seen.keys()), folders, drafts)


def folders_changed(index: Index, root: Path) -> bool:
    """Whether a file was made, moved, replaced or deleted: what changes the time of its folder. Cheap."""
    known = index.all("SELECT path, changed FROM folder")
    return not known or any(folder_time(root / path) != changed for path, changed in known)


def folder_time(folder: Path) -> int:
    """A folder's modification time in nanoseconds; 0 where there is none."""
    try:
        return folder.stat().st_mtime_ns
    except OSError:
        return 0


def is_stale(path: Path, changed: int, size: int) -> bool:
    """Whether a file is not as it was when the index looked at it last."""
    try:
        state = path.stat()
    except OSError:
        return True
    return (state.st_mtime_ns, state.st_size) != (changed, size)


def found(root: Path, folders: dict[str, int], drafts: list[str]) -> Iterator[tuple[str, tuple[int, int]]]:
    """Every note's file below the memory folder, in `folders` every folder, in `drafts` what was left half written.
    Hidden folders are not looked into.
    """
    waiting = [""]
    while waiting:
        folder = waiting.pop()
        try:
            entries = os.scandir(root / folder)
        except OSError:
            continue
        folders[folder] = folder_time(root / folder)
        with entries:
            for entry in entries:
                name = entry.name
                if name.startswith("."):
                    drafts += [f"{folder}{name}"] if _is_left(entry) else []
                    continue
                if name.lower().endswith(".md"):
                    state = _state(entry)
                    if state:
                        yield f"{folder}{name}", state
                elif entry.is_dir(follow_symlinks=False):
                    waiting.append(f"{folder}{name}/")


def _is_left(entry: os.DirEntry[str]) -> bool:
    """Whether it is a draft of `workspace.replace` that nobody finishes any more."""
    if not _DRAFT.fullmatch(entry.name):
        return False
    state = _state(entry)
    return state is not None and time.time_ns() - state[0] > LEFT


def _state(entry: os.DirEntry[str]) -> tuple[int, int] | None:
    try:
        state = entry.stat()
    except OSError:
        return None
    return (state.st_mtime_ns, state.st_size) if entry.is_file() else None


def read(root: Path, path: str) -> tuple[bytes, int] | None:
    """A file's bytes, and the modification time to remember; None where it cannot be read any more."""
    try:
        with (root / path).open("rb") as file:
            data = file.read()
            changed = os.fstat(file.fileno()).st_mtime_ns
    except OSError:
        return None
    return data, changed if abs(time.time_ns() - changed) > SETTLED else changed - 1
