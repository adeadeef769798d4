"""`status` and `doctor`: what the engine's own ground says, and what each module adds."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator

import msgspec

from halo_engine.errors import BadConfig, HaloError
from halo_engine.events import store
from halo_engine.modules import Check, Level, parts, projections
from halo_engine.workspace import Workspace

LITTLE_DISK = 500 * 2**20
"""Bytes free below which the disk is worth a word."""
LEAST_SQLITE = (3, 37, 0)


class Status(msgspec.Struct, frozen=True):
    """Is anything wrong?"""

    wrong: int
    workspace: str
    events: int
    checks: list[Check]


def status(workspace: Workspace) -> Status:
    """The whole workspace at a glance.

    Raises Damaged or BadConfig when it cannot be read at all.
    """
    checks = [check for part in parts() for check in part.status(workspace)]
    wrong = sum(check.state == "wrong" for check in checks)
    return Status(wrong, str(workspace.root), workspace.log.head(), checks)


def doctor(workspace: Workspace) -> list[Check]:
    """Everything that Halo stands on, one check each; never raises for what a check finds."""
    return [*_ground(workspace), *_history(workspace), *_modules(workspace)]


def _ground(workspace: Workspace) -> Iterator[Check]:
    free = shutil.disk_usage(workspace.root).free
    yield Check("python", "ok", f"{sys.version.split()[0]} at {sys.executable}")
    yield _held("sqlite", sqlite3.sqlite_version_info >= LEAST_SQLITE, sqlite3.sqlite_version, "install 3.37 or later")
    yield _held("workspace", os.access(workspace.root, os.W_OK), str(workspace.root), "make it writable")
    yield _held("disk", free > LITTLE_DISK, f"{free / 2**30:.1f} GiB free", "make room")
    try:
        yield Check("halo.yaml", "ok", f"events in {workspace.settings.bus.url}")
    except BadConfig as error:
        yield Check("halo.yaml", "wrong", error.message, error.hint)


def _held(name: str, holds: bool, evidence: str, hint: str) -> Check:
    return Check(name, "ok", evidence) if holds else Check(name, "wrong", evidence, hint)


def _history(workspace: Workspace) -> Iterator[Check]:
    try:
        damage = [str(row[0]) for row in workspace.log.index.rows("PRAGMA quick_check(3)") if row[0] != "ok"]
        evidence = "; ".join(damage) or f"{workspace.log.head():,} events"
        yield Check("event log", "wrong" if damage else "ok", evidence, "halo-engine events verify" if damage else "")
        for name, projection in projections().items():
            found, position = store.state(workspace, projection)
            level: Level = "note" if found in {"old", "damaged", "of another log"} else "ok"
            hint = f"halo-engine events rebuild {name}" if level == "note" else ""
            yield Check(f"store {name}", level, f"{found}, at event {position:,}", hint)
    except HaloError as error:
        yield Check("event log", "wrong", error.message, error.hint)


def _modules(workspace: Workspace) -> Iterator[Check]:
    for part in parts():
        try:
            yield from part.doctor(workspace)
        except HaloError as error:
            yield Check(part.PROJECTION.name, "wrong", error.message, error.hint)
