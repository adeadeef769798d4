"""The wheel, as a user gets it: built without network, installed into an empty environment, run from another folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[2]
MACHINE = re.compile(rb"/(?:home|root|tmp|opt|Users)/\w+/[\w/.-]+|" + re.escape(str(ROOT).encode()))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("dist")
    run([sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)], out)
    return next(out.glob("halo_workstation-*.whl"))


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the installed programs. The environment sees our dependencies, and of Halo the wheel alone."""
    place = tmp_path_factory.mktemp("installed")
    venv.create(place, with_pip=False)
    site = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    install = [sys.executable, "-m", "pip", "--python", str(place / "bin" / "python"), "install"]
    run([*install, "--quiet", "--no-deps", "--no-index", str(wheel)], place)
    # A plain path entry: the .pth files of the folder that it names, and so our editable install, are not read.
    (site / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return place / "bin"


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    folder = tmp_path / "another folder"
    folder.mkdir()
    return folder


def run(command: list[str], where: Path) -> str:
    """Run with a clean environment: PATH, HOME, and a workspace that does not exist yet."""
    environment = {"PATH": os.environ["PATH"], "HOME": str(where), "HALO_WORKSPACE": str(where / "halo")}
    done = subprocess.run(command, cwd=where, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_the_wheel_is_complete_and_nothing_else(wheel: Path) -> None:
    names = ZipFile(wheel).namelist()
    tops = {name.partition("/")[0] for name in names}
    assert tops == {"halo_engine", "halo_tui", f"{wheel.name.rsplit('-', 3)[0]}.dist-info"}
    for folder, home in (("templates", "halo_engine"), ("themes", "halo_tui")):
        shipped = {file.relative_to(ROOT).as_posix() for file in (ROOT / folder).rglob("*") if file.is_file()}
        assert shipped
        assert {f"{home}/{name}" for name in shipped} <= set(names)


def test_no_path_of_the_building_machine_is_inside(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        found = {name: MACHINE.findall(archive.read(name)) for name in archive.namelist()}
    assert not {name: paths for name, paths in found.items() if paths}


def test_the_wheel_and_not_the_checkout_is_what_runs(programs: Path, elsewhere: Path) -> None:
    where = run(
        [str(programs / "python"), "-c", "import halo_engine, halo_tui; print(halo_engine.__file__)"], elsewhere
    )
    assert Path(where.strip()).is_relative_to(programs.parent)


def test_status_from_another_folder(programs: Path, elsewhere: Path) -> None:
    assert run([str(programs / "halo-engine"), "status"], elsewhere)
    assert (elsewhere / "halo" / "halo.yaml").is_file()


def test_a_night_and_its_list(programs: Path, elsewhere: Path) -> None:
    run([str(programs / "nightctl"), "add", "Water the plants"], elsewhere)
    assert "Water the plants" in run([str(programs / "nightctl"), "list"], elsewhere)


def test_the_workstation_draws_itself(programs: Path, elsewhere: Path) -> None:
    picture = elsewhere / "tasks.svg"
    run([str(programs / "nightctl"), "add", "Water the plants"], elsewhere)
    run([str(programs / "halo-tui"), "--screenshot", str(picture), "--screen", "tasks", "--size", "80x24"], elsewhere)
    assert "Water" in picture.read_text()
