"""`halo-tui` from a shell: help and faults without Textual, pictures without a terminal."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from halo_engine.workspace import Workspace

START = (
    "import sys; from halo_tui.cli import main\ntry: main()\nfinally: sys.stderr.write(str('textual' in sys.modules))"
)


def run(*words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", START, *words], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--help"], 0, "The workstation"),
        (["--size", "wide"], 2, "not COLUMNSxROWS"),
        (["--size", "20x5"], 2, "60x15 is the least"),
        (["--screen", "nowhere"], 2, "nowhere"),
        (["--bad"], 2, "--bad"),
        ([], 2, "the workstation needs a terminal"),
    ],
)
def test_help_and_faults_do_not_load_textual(few: Workspace, words: list[str], code: int, said: str) -> None:
    done = run(*words)
    assert done.returncode == code
    assert said in done.stdout + done.stderr
    assert done.stderr.endswith("False")


def test_a_theme_that_does_not_exist_is_refused(few: Workspace) -> None:
    done = run("--theme", "mauve")
    assert done.returncode == 2
    assert "halo-light-cb" in done.stderr


@pytest.mark.parametrize("screen", ["tasks", "events"])
def test_a_picture_is_taken_without_a_terminal(few: Workspace, tmp_path: Path, screen: str) -> None:
    file = tmp_path / "picture.svg"
    done = run("--screenshot", str(file), "--screen", screen, "--size", "120x40", "--theme", "halo-light")
    assert (done.returncode, done.stdout) == (0, "")
    svg = file.read_text()
    assert svg.startswith("<svg")
    assert "blocked" in svg.replace("&#160;", " ")
    assert not (few.run / "workstation.json").exists()


def test_a_picture_that_cannot_be_written_says_so(few: Workspace, tmp_path: Path) -> None:
    done = run("--screenshot", str(tmp_path / "no" / "picture.svg"))
    assert done.returncode == 5
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr
