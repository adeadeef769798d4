"""An instance has one home: a copy of it stands still, says why, and runs when the operator says that it takes over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from halo_engine import ids
from halo_engine.errors import Unavailable
from halo_engine.fleet import manifest
from halo_engine.fleet.conversing import talking
from halo_engine.fleet.files import trees
from halo_engine.fleet.instance import Layout, layout
from halo_engine.fleet.presence import home
from halo_engine.fleet.presence.occupying import occupant
from halo_engine.fleet.supervisors.supervisor import supervisor_of
from halo_engine.instance.store import Store
from halo_engine.workspace import Workspace
from tests.fleet.conftest import MAIN, REPOSITORY

CHAT = "console:operator"
TAKE_OVER = "halctl reset dad --take-over"


class Place:
    """A workspace on a machine of that name, and its `halctl`, each command in a process of its own."""

    def __init__(self, root: Path, machine: str) -> None:
        self.workspace = Workspace(root)
        self.machine = machine

    @property
    def dad(self) -> Layout:
        return layout(self.workspace, manifest.entry(self.workspace, "dad"))

    def halctl(self, *words: str, **faults: str) -> subprocess.CompletedProcess[str]:
        env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "HALO_WORKSPACE": str(self.workspace.root), **faults}
        env["HALO_MACHINE"] = self.machine
        command = [sys.executable, "-c", MAIN, "fleet", *words]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=90, check=False)

    def instance(self) -> subprocess.CompletedProcess[str]:
        """Its runtime, started by hand; one that would run is stopped."""
        env = {**os.environ, "PYTHONPATH": str(REPOSITORY), "HALO_MACHINE": self.machine}
        command = [sys.executable, "-c", MAIN, "instance", "run", "dad", "--once"]
        command += ["--workspace", str(self.workspace.root)]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False)

    def tell(self, text: str):
        return talking.send(self.dad, talking.Said(id=ids.new_id(), text=text, chat=CHAT), wait=20)

    def told(self) -> list[str]:
        with Store(self.dad.database, reading=True) as store:
            return [message.text for message, _ in store.said(CHAT, 100)]


@pytest.fixture
def first(fleet) -> Place:
    """Where dad was made, and runs."""
    place = Place(fleet.root, "attic")
    done = place.halctl("create", "--name", "dad")
    assert done.returncode == 0, done.stderr
    return place


@pytest.fixture
def copied(first, tmp_path):
    """The whole workspace as a copy on a machine, as rsync would make it while dad runs."""
    made: list[Place] = []

    def copy(machine: str, name: str = "copy") -> Place:
        place = Place(tmp_path / name, machine)
        shutil.copytree(first.workspace.root, place.workspace.root, symlinks=True, ignore=_sockets)
        made.append(place)
        return place

    yield copy
    for place in made:
        if place.workspace.root.exists():
            place.halctl("freeze", "dad")
            trees.erase(place.workspace.root / "fleet")


def _sockets(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name.endswith(".sock")]


def runs(place: Place) -> bool:
    return occupant(place.dad) is not None


def test_a_copy_on_another_machine_stands_still_until_it_takes_over(first, copied):
    assert first.tell("before").state == "answered"
    other = copied("cellar")
    started = other.instance()
    assert (started.returncode, TAKE_OVER in started.stderr) == (4, True)
    for words, code in (
        (("list",), 0),
        (("list", "--json"), 0),
        (("status",), 1),
        (("status", "dad"), 1),
        (("smoke", "dad"), 1),
        (("health", "--json"), 1),
        (("send", "dad", "hello"), 5),
        (("freeze", "dad", "--dry-run"), 0),
        (("push", "dad"), 4),
        (("reset", "dad"), 4),
    ):
        done = other.halctl(*words)
        said = " ".join((done.stdout + done.stderr).split())
        assert done.returncode == code, (words, said)
        if "--dry-run" not in words:
            assert TAKE_OVER in said, words
            assert "attic" not in said, "what names a machine is kept as a hash"
    assert not runs(other)
    assert (runs(first), first.tell("still here").state) == (True, "answered")
    assert "would record" in other.halctl("reset", "dad", "--take-over", "--dry-run").stdout
    assert other.halctl("reset", "dad").returncode == 4
    first.halctl("freeze", "dad")
    done = other.halctl("reset", "dad", "--take-over")
    assert done.returncode == 0, done.stderr
    assert other.tell("here now").state == "answered"
    assert other.told() == ["before", "here now"]
    assert "take-over" in other.halctl("history", "dad").stdout
    assert other.halctl("status", "dad").returncode == other.halctl("health").returncode == 0
    assert "runs" in other.halctl("reset", "dad", "--take-over").stderr
    assert other.halctl("history", "dad").stdout.count("take-over") == 1


def test_commands_on_a_copy_touch_no_process_of_the_first(first, copied):
    """What was copied tells of processes that live, where both are on one machine."""
    other = copied("attic")
    before = occupant(first.dad)
    assert "copy of" in other.halctl("list").stderr
    for words in (("freeze", "dad"), ("reset", "dad"), ("fold", "dad"), ("fry", "dad", "--confirm")):
        other.halctl(*words)
        assert occupant(first.dad) == before, words
    assert first.tell("still here").state == "answered"


def test_two_on_one_machine_never_run_both_by_a_take_over(first, copied):
    other = copied("attic")
    done = other.halctl("reset", "dad", "--take-over")
    assert (done.returncode, "and runs: process" in done.stderr) == (4, True)
    first.halctl("freeze", "dad")
    assert other.halctl("reset", "dad", "--take-over").returncode == 0
    assert other.tell("here").state == "answered"


def test_the_supervisors_file_of_a_copy_is_its_own_once_it_takes_over(first, copied):
    other = copied("cellar")
    unit = other.dad.root / "halo-dad.service"
    before = unit.read_bytes()
    assert other.halctl("reset", "dad").returncode == 4
    assert unit.read_bytes() == before
    first.halctl("freeze", "dad")
    assert other.halctl("reset", "dad", "--take-over").returncode == 0
    assert str(other.dad.root) in unit.read_text()
    assert str(first.dad.root) not in unit.read_text()
    assert other.halctl("verify", "dad").returncode == 0


def test_a_workspace_that_was_moved_is_at_home_where_it_is(first):
    first.halctl("freeze", "dad")
    moved = Place(first.workspace.root.with_name("moved"), "attic")
    first.workspace.root.rename(moved.workspace.root)
    try:
        assert moved.halctl("reset", "dad").returncode == 0
        assert moved.tell("here").state == "answered"
        said = home.home(moved.dad)
        assert said
        assert said.root == str(moved.dad.root)
    finally:
        moved.halctl("freeze", "dad")
        moved.workspace.root.rename(first.workspace.root)


def test_a_backup_from_elsewhere_is_brought_back_and_stands_still(first, copied):
    first.tell("before")
    assert first.halctl("backup", "dad").returncode == 0
    other = copied("cellar")
    trees.erase(other.dad.root)
    done = other.halctl("restore", "dad")
    assert (done.returncode, TAKE_OVER in done.stdout) == (0, True)
    assert not runs(other)
    done = other.halctl("restore", "dad")
    assert (done.returncode, TAKE_OVER in done.stdout, runs(other)) == (0, True, False)
    assert "active, held" in other.halctl("list").stdout
    done = other.halctl("restore", "dad", "--take-over")
    assert (done.returncode, "answered" in done.stdout) == (0, True)
    assert other.told() == ["before"]
    done = other.halctl("restore", "dad")
    assert (TAKE_OVER in done.stdout, runs(other)) == (True, False), "an old backup is of elsewhere all the same"
    assert other.halctl("reset", "dad", "--take-over").returncode == 0


def test_a_backup_that_was_made_here_is_brought_back_as_ever(first):
    first.tell("before")
    assert first.halctl("backup", "dad").returncode == 0
    done = first.halctl("restore", "dad")
    assert (done.returncode, "answered" in done.stdout, "take-over" in done.stdout) == (0, True, False)
    assert first.halctl("restore", "dad", "--take-over").returncode == 0
    assert "take-over" not in first.halctl("history", "dad").stdout


def test_one_that_was_folded_elsewhere_comes_back_and_stands_still(first, copied):
    first.tell("before")
    assert first.halctl("fold", "dad").returncode == 0
    other = copied("cellar")
    done = other.halctl("unfold", "dad")
    assert (done.returncode, TAKE_OVER in done.stderr) == (0, True)
    assert "frozen, held" in other.halctl("list").stdout
    assert other.halctl("reset", "dad").returncode == 4
    assert other.halctl("reset", "dad", "--take-over").returncode == 0
    assert other.told() == ["before"]


@pytest.mark.parametrize("fault", ["restore.begun", "restore.swapped", "restore.answered", "swap.in"])
def test_a_restore_that_takes_over_may_be_killed_anywhere(first, copied, fault):
    first.tell("before")
    first.halctl("backup", "dad")
    other = copied("cellar")
    assert other.halctl("restore", "dad", "--take-over", HALO_KILL_AT=fault).returncode == -9
    assert other.halctl("restore", "dad", "--take-over").returncode == 0
    assert other.told() == ["before"]


@pytest.mark.parametrize("fault", ["started", "reset.started", "reset.written"])
def test_a_reset_that_takes_over_may_be_killed_anywhere(first, copied, fault):
    first.halctl("freeze", "dad")
    other = copied("cellar")
    assert other.halctl("reset", "dad", "--take-over", HALO_KILL_AT=fault).returncode == -9
    assert other.halctl("reset", "dad", "--take-over").returncode == 0
    assert other.tell("here").state == "answered"


def test_a_machine_without_an_id_has_a_name(monkeypatch, tmp_path):
    """As in a container."""

    def named(**files: str) -> str:
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        monkeypatch.setattr(home, "IDS", tuple(tmp_path / name for name in files) or (tmp_path / "none",))
        home._of_its_own.cache_clear()
        return home.machine()

    monkeypatch.delenv("HALO_MACHINE", raising=False)
    try:
        alone = named()
        assert alone == named(empty="\n") == named(first="uninitialized\n")
        assert named(id="0123456789abcdef0123456789abcdef\n") not in {alone, named(id="fedcba98")}
        assert "0123456789abcdef" not in named(id="0123456789abcdef0123456789abcdef\n"), "it is never shown as it is"
        monkeypatch.setenv("HALO_MACHINE", "attic")
        assert named(id="another") == named() != alone
    finally:
        home._of_its_own.cache_clear()


def _pipe(place: Path) -> None:
    place.unlink()
    os.mkfifo(place)


def _odd(text: str) -> Callable[[Path], None]:
    return lambda place: (place.write_text(text), None)[1]


@pytest.mark.parametrize(
    "damage",
    [_pipe, _odd("{"), _odd(""), _odd('{"machine": "x", "root": "\\u0000"}'), _odd('{"machine": 1, "root": []}')],
)
def test_whatever_stands_where_the_home_is_said_nobody_waits_or_crashes(first, damage):
    damage(first.dad.home)
    for words in (("list",), ("status", "dad"), ("health",)):
        done = first.halctl(*words)
        assert "Traceback" not in done.stderr
        assert done.returncode in {0, 1}


def test_one_folder_under_two_names_is_one_home(first, tmp_path, monkeypatch):
    """As in a bind mount, where no link is to be resolved."""
    monkeypatch.setenv("HALO_MACHINE", "attic")
    monkeypatch.setattr(home.os.path, "realpath", str)
    said = home.home(first.dad)
    assert said
    other = Layout(tmp_path / "mounted")
    shutil.copytree(first.dad.root, other.root, ignore=_sockets)
    assert "copy of" in home.elsewhere(said, other)
    other.root.rename(tmp_path / "aside")
    (tmp_path / "mounted").symlink_to(first.dad.root)
    assert home.elsewhere(said, other) == ""


def test_without_any_backup_it_says_how_to_go_on(first):
    first.halctl("freeze", "dad")
    first.dad.database.write_bytes(b"no database" * 1000)
    assert "halctl restore dad" in first.halctl("reset", "dad").stderr
    done = first.halctl("restore", "dad")
    assert (done.returncode, str(first.dad.vitals) in done.stderr) == (3, True)
    for each in (*first.dad.database.parent.iterdir(), first.dad.vitals):
        each.unlink()
    assert first.halctl("reset", "dad").returncode == 0
    assert first.tell("anew").state == "answered"


def test_who_talks_to_a_copy_hears_why(first, copied, monkeypatch):
    other = copied("cellar")
    monkeypatch.setenv("HALO_MACHINE", "cellar")
    with pytest.raises(Unavailable, match="at home on another machine") as error:
        other.tell("hello")
    assert TAKE_OVER in error.value.hint


def test_another_runtime_has_a_home_too(fleet, halctl, wanted, tmp_path, monkeypatch):
    """One that is not ours does not look itself: whoever starts it does."""
    monkeypatch.setenv("HALO_MACHINE", "attic")
    assert halctl("create", "--name", "dad", "--prime", wanted.prime).code == 0
    assert halctl("freeze", "dad").code == 0
    monkeypatch.setenv("HALO_MACHINE", "cellar")
    told = halctl("reset", "dad")
    assert (told.code, TAKE_OVER in told.err) == (4, True)
    dad = manifest.entry(fleet, "dad")
    assert supervisor_of(dad).status(fleet, dad).state == "stopped"
    assert halctl("reset", "dad", "--take-over").code == 0
