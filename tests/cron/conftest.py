"""A crontab program that keeps its table in a file, and clocks to hold."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from halo_engine.cron import commands, jobs
from halo_engine.cron.jobs import Job
from halo_engine.workspace import Workspace

CRONTAB = """#!/bin/sh
# Debian's crontab, as far as Halo calls it.
table={table}
case "$1" in
-l) [ -e "$table" ] || {{ echo "no crontab for $(id -un)" >&2; exit 1; }}; cat "$table" ;;
-) cat > "$table.new"
   if [ -s "$table.new" ] && [ "$(tail -c 1 "$table.new" | od -An -c | tr -d ' ')" != '\\n' ]; then
       echo "new crontab file is missing newline before EOF, can't install." >&2; exit 1
   fi
   mv "$table.new" "$table" ;;
esac
"""


@pytest.fixture
def cronctl(halo: Callable[..., Any]) -> Callable[..., Any]:
    """`cronctl("list")` runs `halo-engine cron list` in this process."""
    return lambda *words: halo("cron", *words)


def on(workspace: Workspace) -> dict[str, Job]:
    """The jobs that run by the clock."""
    return jobs.enabled(workspace)[0]


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder at the front of the PATH with a `cronctl` that runs this tree."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "cronctl"
    root = Path(__file__).parents[2]
    call = "from halo_engine.cron.cli import main; main()"
    program.write_text(f'#!/bin/sh\nPYTHONPATH={root} exec {sys.executable} -c "{call}" "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:{Path('/usr/bin')}:/bin")
    monkeypatch.setattr("halo_engine.cron.crontab.program", lambda: str(program))
    return folder


@pytest.fixture
def table(programs: Path) -> Path:
    """The file that stands for the user's crontab."""
    place = programs / "table"
    program = programs / "crontab"
    program.write_text(CRONTAB.format(table=place))
    program.chmod(0o755)
    return place


def defined(workspace: Workspace, name: str = "water", **settings: Any) -> None:
    """A job, defined now."""
    commands.add(workspace, name, {"schedule": "0 7 * * *", "command": "true", **settings})


def moment(text: str) -> datetime:
    """`2026-03-29T07:00` in UTC."""
    return datetime.fromisoformat(text + "+00:00")
