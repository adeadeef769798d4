"""What a headless command loads: starting is the cost of every command, and the engine knows no workstation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENTRY_POINTS = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts) for file in (ROOT / "halo_engine").rglob("cli.py")
)
DEAR = {"anthropic", "docker", "httpx", "httpx2", "lxml", "nats", "psutil", "rich", "watchfiles"}
NOT_OURS = {"halo_tui", "pydantic", "sqlalchemy", "sqlmodel", "textual", "typer"}
LINES = [
    "--help",
    "status --json",
    "tasks add Water --json",
    "tasks list --json",
    "events list --json",
    "events verify",
]
LOADED = "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
RUN = f"""
import sys
from halo_engine.cli import main
try:
    main()
finally:
    {LOADED}
"""


def loaded(code: str, *arguments: str, where: Path) -> set[str]:
    """The packages that a fresh interpreter has loaded after `code`, in a workspace of its own."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("module", ENTRY_POINTS)
def test_importing_a_command_line_loads_nothing_dear(module: str, tmp_path: Path) -> None:
    packages = loaded(f"import sys, {module}; {LOADED}", where=tmp_path)
    assert "halo_engine" in packages
    assert not packages & (DEAR | NOT_OURS)


def test_a_search_loads_only_what_it_needs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_WORKSPACE", str(tmp_path / "halo"))
    monkeypatch.setenv("TZ", "UTC")
    log = tmp_path / "app.log"
    log.write_text('{"level": "error", "time": 1790000000000, "msg": "x"}\n')
    packages = loaded(RUN, "logs", "search", str(log), "--raw", "--since", "2026-01-01", where=tmp_path)
    assert not packages & (
        DEAR | NOT_OURS | {"csv", "json", "random", "signal", "sqlite3", "tempfile", "yaml", "zoneinfo"}
    )


@pytest.mark.parametrize("line", LINES)
def test_a_command_loads_nothing_dear(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_WORKSPACE", str(tmp_path / "halo"))
    assert not loaded(RUN, *line.split(), where=tmp_path) & (DEAR | NOT_OURS)
