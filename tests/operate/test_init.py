"""`halo-engine init` makes the workspace it is asked for, and no other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from halo_engine.workspace import MARK, Workspace


def test_init_makes_the_folder_that_it_is_given_and_no_other(
    halo: Callable, workspace: object, own_home: Path, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.delenv("HALO_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    made = halo("init", str(tmp_path / "fleet"), "--json")
    assert (made.code, made.data["made"], (tmp_path / "fleet" / MARK).exists()) == (0, True, True)
    assert not list(own_home.iterdir())


def test_init_says_when_it_was_there(halo: Callable, workspace: Workspace) -> None:
    again = halo("init", str(workspace.root))
    assert (again.code, again.err) == (0, "it was there already; nothing changed\n")


def test_completion_makes_no_workspace(halo: Callable, own_home: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.delenv("HALO_WORKSPACE")
    monkeypatch.chdir(tmp_path)
    assert halo("completion", "zsh").code == 0
    assert not list(own_home.iterdir())
