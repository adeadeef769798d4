"""The workspace: where it is found, how it is made, what is said when that cannot be done."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from halo_engine.errors import NotFound, Unavailable
from halo_engine.workspace import FIRST, Settings, Workspace, replace

ROOT = Path(__file__).parents[2]


@pytest.fixture
def away(tmp_path, monkeypatch):
    """A folder with no workspace above it."""
    place = tmp_path / "away" / "from" / "it"
    place.mkdir(parents=True)
    monkeypatch.chdir(place)
    return place


def test_the_one_that_is_given_comes_first(away, tmp_path, monkeypatch):
    monkeypatch.setenv("HALO_WORKSPACE", str(tmp_path / "other"))
    assert Workspace.find(tmp_path / "given").root == tmp_path / "given"
    assert not (tmp_path / "other").exists()


def test_then_the_environment(away, tmp_path, monkeypatch):
    Workspace(tmp_path / "away").create()
    monkeypatch.setenv("HALO_WORKSPACE", str(tmp_path / "named"))
    assert Workspace.find().root == tmp_path / "named"


def test_then_the_nearest_above(away, tmp_path):
    Workspace(tmp_path / "away").create()
    assert Workspace.find().root == tmp_path / "away"
    Workspace(tmp_path / "away" / "from").create()
    assert Workspace.find().root == tmp_path / "away" / "from"


def test_else_the_users_own(away, own_home):
    found = Workspace.find()
    assert found.root.is_relative_to(own_home)
    assert found.exists()


def test_names_are_made_absolute(away, own_home, monkeypatch):
    assert Workspace.find(Path("here")).root == away / "here"
    monkeypatch.setenv("HALO_WORKSPACE", "~/mine")
    assert Workspace.find().root == own_home / "mine"


def test_it_is_made_once(tmp_path):
    place = Workspace(tmp_path / "new")
    assert place.create()
    assert (place.root / "halo.yaml").read_text() == FIRST
    assert (place.root / ".gitignore").read_text().split() == ["store/", "logs/", "run/", "fleet/", "memory/index.json"]
    (place.root / "halo.yaml").write_text("timezone: Europe/Riga\n")
    assert not place.create()
    assert place.settings == Settings(timezone="Europe/Riga")


def test_what_it_says_of_itself_when_it_is_new_is_what_holds(tmp_path):
    """Every line of the first file, without its `#`, is the default."""
    place = Workspace(tmp_path)
    text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in FIRST.splitlines()[2:])
    (tmp_path / "halo.yaml").write_text(text.replace("timezone: Europe/Riga", "timezone:"))
    assert place.settings == Settings()


def test_a_file_that_is_there_is_kept(tmp_path):
    (tmp_path / ".gitignore").write_text("mine\n")
    Workspace(tmp_path).create()
    assert (tmp_path / ".gitignore").read_text() == "mine\n"


def test_many_make_it_at_once(tmp_path):
    code = "import sys; from pathlib import Path; from halo_engine.workspace import Workspace; "
    code += "print(Workspace.find(Path(sys.argv[1])).settings.bus.url)"
    command = [sys.executable, "-c", code, str(tmp_path / "new")]
    with ThreadPoolExecutor(6) as pool:
        runs = pool.map(
            lambda _: subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False), range(6)
        )
    assert [(done.returncode, done.stdout, done.stderr) for done in runs] == [(0, "sqlite\n", "")] * 6
    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == [".gitignore", "halo.yaml"]


def test_no_folder_to_make_it_in(tmp_path, halo):
    missing = tmp_path / "not" / "there"
    with pytest.raises(NotFound, match=str(missing.parent)):
        Workspace.find(missing)
    said = halo("status", "--workspace", str(missing), "--json")
    assert (said.code, said.error["kind"]) == (3, "not_found")
    assert not missing.parent.exists()


@pytest.mark.parametrize("below", ["", "/deeper"])
def test_a_file_where_it_should_be(tmp_path, halo, below, monkeypatch):
    (tmp_path / "file").write_text("mine")
    monkeypatch.setenv("HALO_WORKSPACE", f"{tmp_path}/file{below}")
    for words in (["status"], ["tasks", "add", "x"], ["events", "list"]):
        said = halo(*words, "--json")
        assert said.code in {3, 5}
        assert str(tmp_path / "file") in said.error["message"]
    assert (tmp_path / "file").read_text() == "mine"


def test_an_empty_name_is_no_name(away, own_home, monkeypatch):
    monkeypatch.setenv("HALO_WORKSPACE", "")
    assert Workspace.find().root.is_relative_to(own_home)


def test_names_with_strange_characters(tmp_path, halo):
    place = tmp_path / "ä b'\"$?#%41&;"
    assert halo("tasks", "add", "x", "--workspace", str(place)).code == 0
    assert halo("tasks", "list", "--workspace", str(place), "--json").data[0]["title"] == "x"
    assert halo("events", "verify", "--workspace", str(place)).code == 0


def test_a_dry_run_makes_nothing(tmp_path, halo):
    for words in (["tasks", "add", "x"], ["tasks", "run"], ["init"]):
        assert halo(*words, "--dry-run", "--workspace", str(tmp_path / "new")).code == 0
    assert not (tmp_path / "new").exists()


def test_the_past_has_a_moment(workspace):
    assert workspace.at(3).moment == 3
    assert workspace.at(None).moment is None


def test_a_file_is_replaced_whole(tmp_path):
    path = tmp_path / "file"
    replace(path, "one\r\n")
    assert path.read_bytes() == b"one\r\n"
    replace(path, "two ä")
    assert path.read_text(encoding="utf-8") == "two ä"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_replaced_stays(tmp_path, monkeypatch):
    path = tmp_path / "file"
    replace(path, "one")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        replace(path, "two")
    assert path.read_text() == "one"
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_made_is_said(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Unavailable, match="cannot be written: No space left on device"):
        Workspace(tmp_path / "new").create()
