"""The import contracts hold, and would notice: each offence here is one that they exist for."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OFFENCES = {
    "a lower floor reaches up": ("halo_engine/events/log.py", "import halo_engine.tasks.states"),
    "the ground floor reaches up, inside a function": ("halo_engine/ids.py", "def f():\n    import halo_engine.events"),
    "the engine draws": ("halo_engine/console.py", "import textual.app"),
    "the engine knows the workstation": ("halo_engine/tasks/queries.py", "import halo_tui"),
    "a command line is called from the side": ("halo_tui/actions.py", "import halo_engine.tasks.cli"),
    "a library that was decided against": ("halo_engine/tasks/config.py", "import pydantic"),
    "a new room without a floor": ("halo_engine/attic.py", ""),
}


def lint_imports(root: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    command = [program, "--no-logo", "--no-cache", "--config", root / "pyproject.toml"]
    return subprocess.run(command, cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, check=False)


def test_every_import_goes_down() -> None:
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("offence", OFFENCES)
def test_an_offence_is_noticed(offence: str, tmp_path: Path) -> None:
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for package in ("halo_engine", "halo_tui"):
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    place, line = OFFENCES[offence]
    with (tmp_path / place).open("a") as file:
        file.write(f"\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "BROKEN" in done.stdout
