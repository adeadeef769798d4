"""Reading what git remembers. Nothing is kept here: the repository is the history."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from halo_engine import clock
from halo_engine.clock import Timestamp
from halo_engine.errors import Unavailable
from halo_engine.workspace import Workspace

PATIENCE = 20.0
"""Seconds that git may take for one repository."""
FIELDS = "%H%x1f%ct%x1f%an%x1f%s"


class Commit(msgspec.Struct, frozen=True):
    """One commit on any branch, merges left out."""

    repository: str
    """Name of its folder."""
    hash: str
    time: Timestamp
    """When it was committed."""
    author: str
    subject: str


def repositories(workspace: Workspace) -> list[Path]:
    """The folders that the settings name; relative ones count from the workspace."""
    return [workspace.root / Path(each).expanduser() for each in workspace.settings.repositories]


def commits(workspace: Workspace, since: Timestamp, until: Timestamp) -> list[Commit]:
    """The commits from `since` up to `until`, without it; the oldest first.

    Raises Unavailable when git, or a repository, cannot be read.
    """
    found = [each for folder in repositories(workspace) for each in _log(folder, since)]
    return sorted((each for each in found if since <= each.time < until), key=lambda each: (each.time, each.hash))


def _log(folder: Path, since: Timestamp) -> list[Commit]:
    command = ["git", "-C", str(folder), "log", "--branches", "--no-merges", f"--since={since}", f"--format={FIELDS}"]
    try:
        done = subprocess.run(command, capture_output=True, check=True, timeout=PATIENCE)
    except subprocess.CalledProcessError as error:
        why = error.stderr.decode(errors="replace").strip().splitlines()
        raise Unavailable(f"{folder}: {why[-1] if why else 'git failed'}", "see `repositories` in halo.yaml") from error
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{folder}: git took over {PATIENCE:g} s") from error
    except FileNotFoundError as error:
        raise Unavailable("git is not installed", "install it, or leave `repositories` out of halo.yaml") from error
    return [_commit(folder.name, line) for line in done.stdout.decode(errors="replace").split("\n") if line]


def _commit(repository: str, line: str) -> Commit:
    name, seconds, author, subject = line.split("\x1f", 3)
    return Commit(repository, name, clock.stamp(datetime.fromtimestamp(int(seconds), UTC)), author, subject)
