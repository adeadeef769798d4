"""What a headless command loads: starting is the cost of every command, and the engine knows no workstation."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

ENTRY_POINTS = ("halo_engine.cli", "halo_engine.tasks.cli")
DEAR = {"anthropic", "docker", "httpx", "httpx2", "lxml", "nats", "psutil", "rich", "watchfiles"}
NOT_OURS = {"halo_tui", "pydantic", "sqlalchemy", "sqlmodel", "textual", "typer"}
SHOW = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"


def python(code: str, where: Path) -> str:
    """What `code` prints, in a fresh interpreter with a workspace of its own."""
    done = subprocess.run([sys.executable, "-c", code], cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", ENTRY_POINTS)
def test_importing_an_entry_point_loads_nothing_dear(module: str, tmp_path: Path) -> None:
    assert not (DEAR | NOT_OURS).intersection(python(f"import {module}; {SHOW}", tmp_path).split())


@pytest.mark.parametrize("module", ENTRY_POINTS)
@pytest.mark.parametrize("line", ["--help"])
def test_asking_for_help_loads_nothing_dear(module: str, line: str, tmp_path: Path) -> None:
    code = f"""
import contextlib, io, {module} as entry, sys
sys.argv = ["halo", *{line.split()!r}]
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    entry.main()
{SHOW}
"""
    assert not (DEAR | NOT_OURS).intersection(python(code, tmp_path).split())
