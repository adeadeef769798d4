"""A clock that is set, and a machine that slept: nothing of the fleet is late, early, lost or done twice for that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from halo_engine import process_tree
from halo_engine.fleet import manifest, queries, retiring
from halo_engine.fleet.backups import keeping, restoring
from halo_engine.fleet.instance import layout
from halo_engine.fleet.provisioning import saga
from halo_engine.fleet.provisioning.plan import Wanted
from halo_engine.fleet.supervisors.launching import HOME
from halo_engine.fleet.supervisors.process import BOOT
from tests.fleet.supervising import until
from tests.instance.test_clocks import LIBRARY, Clock

YEAR_ON, HOUR_BACK = "2027-11-21T12:00:00+00:00", "2026-11-21T11:00:00+00:00"
NOW = "2026-11-21T12:00:00+00:00"


@pytest.fixture
def dad(fleet):
    saga.create(fleet, Wanted("dad"))
    made = layout(fleet, manifest.entry(fleet, "dad"))
    (made.notes / "note.md").write_text("first")
    return made


def test_the_latest_backup_is_the_one_that_was_made_last(fleet, dad, monkeypatch):
    """Also after backups of a year from now, which are not kept in its place."""
    settings = fleet.root / "halctl.yaml"
    settings.write_text(settings.read_text() + "backups: 2\n")
    for now, text in ((YEAR_ON, "one"), (YEAR_ON, "two"), (HOUR_BACK, "three"), (NOW, "four")):
        monkeypatch.setenv("HALO_NOW", now)
        (dad.notes / "note.md").write_text(text)
        keeping.backup(fleet, "dad")
    monkeypatch.delenv("HALO_NOW")
    assert [each.id for each in keeping.backups(fleet, "dad")] == ["20261121T120000Z", "20261121T110000Z"]
    assert sorted(each.name for each in (fleet.root / "fleet/.backups/dad").glob("*Z*")) == [
        "20261121T110000Z.json",
        "20261121T110000Z.tar.zst",
        "20261121T120000Z.json",
        "20261121T120000Z.tar.zst",
    ]
    (dad.notes / "note.md").write_text("spoilt")
    restoring.restore(fleet, "dad")
    assert (dad.notes / "note.md").read_text() == "four"


def test_backups_of_one_second_are_two(fleet, dad, monkeypatch):
    monkeypatch.setenv("HALO_NOW", NOW)
    made = [keeping.backup(fleet, "dad") for _ in range(3)]
    assert len({each.file for each in made}) == 3
    assert [each.id for each in keeping.backups(fleet, "dad")] == [each.id for each in reversed(made)]
    assert all(Path(each.file).exists() for each in made)


def test_the_age_of_what_was_seen_is_not_by_a_clock_that_was_set(fleet, dad, halctl, monkeypatch):
    for now in (YEAR_ON, HOUR_BACK, "2020-01-01T00:00:00+00:00"):
        monkeypatch.setenv("HALO_NOW", now)
        found = halctl("status", "dad", "--json")
        ages = {probe["name"]: probe["age"] for probe in found.data["probes"]}
        assert (found.code, 0 <= ages["heartbeat"] < 600) == (0, True), now
        assert halctl("health").code == 0
        assert halctl("smoke", "dad", "--json").code == 0


def test_what_slept_with_its_machine_is_not_late(fleet, dad, halctl, monkeypatch):
    """After eight hours, looked at before its next sign of life. `CLOCK_BOOTTIME` has gone on, monotonic time not."""
    read = time.clock_gettime

    def slept(clock: int) -> float:
        return read(clock) + (8 * 3600 if clock == getattr(time, "CLOCK_BOOTTIME", -1) else 0)

    monkeypatch.setattr(time, "clock_gettime", slept)
    assert queries.table(fleet)[0].running
    assert halctl("health").code == 0
    assert halctl("status", "dad").code == 0


def test_one_that_hangs_is_seen_whatever_the_clock_says(fleet, dad, monkeypatch):
    monkeypatch.setattr(process_tree, "uptime", lambda: time.monotonic() + 60)
    for now in (YEAR_ON, HOUR_BACK):
        monkeypatch.setenv("HALO_NOW", now)
        assert queries.table(fleet)[0].running is False


def test_folded_and_back_while_the_clock_is_set(fleet, dad, monkeypatch):
    for now in (YEAR_ON, HOUR_BACK, NOW, NOW):
        monkeypatch.setenv("HALO_NOW", now)
        (dad.notes / "note.md").write_text(now)
        retiring.fold(fleet, "dad")
        assert not dad.root.exists()
        retiring.unfold(fleet, "dad")
        assert (dad.notes / "note.md").read_text() == now


def test_versions_are_numbers_and_no_times(fleet, halctl, wanted, prime, monkeypatch):
    saga.create(fleet, wanted)
    for number, now in enumerate((YEAR_ON, HOUR_BACK, NOW), 2):
        monkeypatch.setenv("HALO_NOW", now)
        (prime / "src" / "index.js").write_text(f"// {number}\n")
        assert halctl("push", "dad").code == 0
        assert queries.table(fleet)[0].version == number
    assert halctl("rollback", "dad").code == 0
    assert queries.table(fleet)[0].version == 3
    assert (fleet.root / "fleet/dad/src/index.js").read_text() == "// 3\n"


@pytest.mark.skipif(LIBRARY is None, reason="needs libfaketime (apt install faketime)")
@pytest.mark.parametrize("jump", ["+365d", "-1d", "@2026-10-25 00:59:59"])
def test_the_pause_before_the_next_start_is_as_long_as_it_is(tmp_path, jump):
    """The watcher's: by the clock, one that is set back by a day would last a day, and a year would be a steady run."""
    clock = Clock(tmp_path / "faketime")
    state, log = tmp_path / "dad.state.json", tmp_path / "console.log"
    spec = {
        "argv": [sys.executable, "-c", "print('begun')"],
        "cwd": str(tmp_path),
        "env": {},
        "marker": {},
        "place": "",
        "log": str(log),
        "log_size": 10_000,
        "pause": 0.4,
        "longest_pause": 0.4,
        "ends": 6,
        "final": [],
    }
    (tmp_path / "dad.launch.json").write_text(json.dumps(spec))
    command = [sys.executable, "-I", "-c", BOOT, str(HOME), str(tmp_path / "dad.launch.json"), str(state)]
    with subprocess.Popen(command, env={**os.environ, **clock.environment}) as watcher:
        until(lambda: log.exists() and "begun" in log.read_text())
        clock.set(jump)
        assert watcher.wait(timeout=60) == 0
    said = json.loads(state.read_text())
    assert (said["state"], said["restarts"], log.read_text().count("begun")) == ("failed", 5, 6)
    assert said["since"][:10] != said["begun"][:10] or jump.startswith("@"), "the clock was set"


def test_an_instance_that_was_begun_in_the_future_is_made_today(fleet, killed, halctl, monkeypatch):
    """`create` that was killed a year from now, and goes on."""
    monkeypatch.setenv("HALO_NOW", YEAR_ON)
    assert killed("create.lock", "create", "--name", "dad").returncode == -9
    monkeypatch.setenv("HALO_NOW", HOUR_BACK)
    assert halctl("create", "--name", "dad").code == 0
    monkeypatch.delenv("HALO_NOW")
    assert halctl("list", "--json").data[0]["running"] is True
    assert halctl("smoke", "dad").code == 0
