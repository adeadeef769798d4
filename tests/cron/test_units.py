"""Timers and CronJobs, as those who read them do: systemd's own checker and calendar, and the schema of Kubernetes."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from kubernetes_validate.utils import all_versions

from halo_engine import clock, times
from halo_engine.cron import units
from halo_engine.cron.calendars import beside, calendar
from halo_engine.cron.expression import Expression, parse
from halo_engine.cron.schedule import fires, jumps
from halo_engine.workspace import Workspace
from tests.cron.conftest import defined, moment, on

Call = Callable[..., Any]
ANALYZE = shutil.which("systemd-analyze") or ""
needs_systemd = pytest.mark.skipif(not ANALYZE, reason="needs systemd-analyze (apt install systemd)")
DAY = 86_400
VERSIONS = [each for each in all_versions() if tuple(map(int, each.split("."))) >= (1, 27)]
"""Those in which a CronJob has a time zone for good."""


@pytest.mark.parametrize(
    ("expression", "events"),
    [
        ("30 2 * * *", ["*-*-* 02:30:00"]),
        ("0 7 1,15 * mon", ["*-*-01,15 07:00:00", "Mon *-*-* 07:00:00"]),
        ("0 7 */10 * mon", ["Mon *-*-01,11,21,31 07:00:00"]),
        ("0 7 * 6 *", ["*-06-* 07:00:00"]),
        ("0 7 1-31 * mon", ["*-*-* 07:00:00"]),
    ],
)
def test_a_schedule_as_calendar_events(expression: str, events: list[str]) -> None:
    assert calendar(parse(expression)) == events


def elapses(events: list[str], start: int, length: int, count: int) -> set[int]:
    """When systemd would start a timer with these events, within so many seconds."""
    call = [ANALYZE, "calendar", f"--base-time=@{start}", f"--iterations={count}", *events]
    said = subprocess.run(call, capture_output=True, text=True, check=True, env={**os.environ, "TZ": "UTC"}).stdout
    told = [line.partition(": ")[2] for line in said.splitlines() if "Next elapse:" in line or "Iter. #" in line]
    found = {int(datetime.strptime(each, "%a %Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).timestamp()) for each in told}
    return {each for each in found if start < each <= start + length}


def until(expression: Expression, zone: tzinfo, start: int, length: int) -> set[int]:
    """When cron would run it, within so many seconds."""
    found: set[int] = set()
    for each in fires(expression, zone, start):
        if each > start + length:
            return found
        found.add(each)
    return found


@needs_systemd
@pytest.mark.parametrize("name", ["Europe/Riga", "Australia/Lord_Howe", "America/Havana", "Antarctica/Troll"])
@pytest.mark.parametrize(
    "text",
    [
        "30 3 * * *",
        "*/10 * * * *",
        "40-54 2,3 * * *",
        "14 2 * * *",
        "*/20 0-3 * * *",
        "5 0,1 * * sun",
        "0 2 4,29 */2 *",
    ],
)
def test_a_timer_calls_at_each_time_of_cron_also_when_the_clocks_change(name: str, text: str) -> None:
    zone, expression, now = times.zone(name), parse(text), moment("2026-01-01T00:00").timestamp()
    own = [f"{each} {name}" for each in calendar(expression)]
    both = [*own, *beside(expression, zone, now)]
    changes = [minute * 60 for minute, _, _ in jumps(zone, now, 365)]
    assert len(changes) == 2 or name == "Antarctica/Troll"
    for change in changes:
        start = change - DAY
        wanted = until(expression, zone, start, 2 * DAY)
        assert wanted <= elapses(both, start, 2 * DAY, 300), (name, text)
        quiet = change + 5 * DAY
        assert until(expression, zone, quiet, DAY) == elapses(own, quiet, DAY, 150), "on other days it needs no more"


@needs_systemd
@pytest.mark.parametrize("name", ["plain", '50% of $HOME\'s "b\\ack"'])
def test_timers_and_services_pass_systemds_own_check(
    tmp_path: Path, programs: Path, halo: Call, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(tmp_path / name)
    workspace.create()
    defined(workspace, "water", timezone="Europe/Riga", catch_up="once", schedule="*/5 3 1,2 * mon")
    folder = tmp_path / "units"
    words = ("generate", "--format", "systemd", "--output", str(folder), "--workspace", str(workspace.root))
    assert halo("cron", *words).code == 0
    timer = (folder / "halo-water.timer").read_text()
    assert "Persistent=true" in timer
    assert timer.count("OnCalendar=") == 3
    assert verified(folder) == ""
    service = (folder / "halo-water.service").read_text()
    words = re.findall(r'"((?:[^"\\]|\\.)*)"', service.partition("ExecStart=")[2])
    assert [re.sub(r"\\(.)", r"\1", each).replace("%%", "%").replace("$$", "$") for each in words][1:] == [
        "run",
        "water",
        "--due",
        "--workspace",
        str(workspace.root),
    ]
    (folder / "halo-water.timer").write_text(timer.replace("Europe/Riga", "Europe/Rige"))
    assert "Rige" in verified(folder), "what is wrong would be seen"


@needs_systemd
def test_a_zone_that_only_the_shell_knows_goes_along(
    workspace: Workspace, programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    defined(workspace)
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    files = units.systemd(workspace, on(workspace))
    assert "OnCalendar=*-*-* 07:00:00 Asia/Kathmandu\n" in files["halo-water.timer"]
    assert 'Environment="TZ=Asia/Kathmandu"' in files["halo-water.service"]
    monkeypatch.delenv("TZ")
    assert "TZ=" not in units.systemd(workspace, on(workspace))["halo-water.service"]


def verified(folder: Path) -> str:
    """What systemd has to say against the units of a folder."""
    call = [ANALYZE, "verify", *sorted(folder.iterdir())]
    done = subprocess.run(call, capture_output=True, text=True, check=False)
    return done.stderr + (f"exit code {done.returncode}" if done.returncode else "")


def manifests(cronctl: Call, *words: str) -> list[dict[str, Any]]:
    said = cronctl("generate", "--format", "kubernetes", *words)
    assert said.code == 0, said
    return list(yaml.safe_load_all(said.out))


@pytest.mark.parametrize("version", VERSIONS)
def test_cron_jobs_are_what_kubernetes_takes(
    workspace: Workspace, programs: Path, cronctl: Call, version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    for overlap in ("skip", "allow", "replace"):
        for catch_up in ("skip", "once"):
            named = f"{overlap}-{catch_up}"
            defined(workspace, named, overlap=overlap, catch_up=catch_up, command="echo '%' \"$x\"\necho: - {}")
    defined(workspace, "zoned", schedule="*/30 7 * * mon-fri", timezone="Europe/Riga")
    made = {each["metadata"]["name"]: each for each in manifests(cronctl, "--image", "host:5000/halo@sha256:0")}
    for each in made.values():
        kubernetes_validate.validate(each, version, strict=True)
    specs = {name.removeprefix("halo-"): each["spec"] for name, each in made.items()}
    assert {name: (spec["concurrencyPolicy"], spec["startingDeadlineSeconds"]) for name, spec in specs.items()} == {
        "skip-skip": ("Forbid", 300),
        "skip-once": ("Forbid", 86_400),
        "allow-skip": ("Allow", 300),
        "allow-once": ("Allow", 86_400),
        "replace-skip": ("Replace", 300),
        "replace-once": ("Replace", 86_400),
        "zoned": ("Forbid", 300),
    }
    assert (specs["zoned"]["schedule"], specs["zoned"]["timeZone"]) == ("0,30 7 * * 1,2,3,4,5", "Europe/Riga")
    assert specs["skip-skip"]["timeZone"] == "Asia/Kathmandu"
    [container] = specs["zoned"]["jobTemplate"]["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["cronctl", "run", "zoned", "--due", "--workspace", "/workspace"]
    assert container["env"] == [{"name": "TZ", "value": "Europe/Riga"}], "there it is read as here"
    assert container["image"] == "host:5000/halo@sha256:0"


def test_what_is_wrong_in_a_manifest_would_be_seen(workspace: Workspace, programs: Path, cronctl: Call) -> None:
    defined(workspace)
    for key, value in (("concurrencyPolicy", 3), ("startingDeadlineSeconds", "300"), ("timezone", "Europe/Riga")):
        [wrong] = manifests(cronctl)
        wrong["spec"][key] = value
        with pytest.raises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


@pytest.mark.parametrize(
    "words", [("--image", ""), ("--image", "a b"), ("--claim", "My Claim"), ("--claim", "a/b"), ("--claim", "x" * 254)]
)
def test_names_that_kubernetes_does_not_take_are_refused(workspace: Workspace, cronctl: Call, words: list[str]) -> None:
    defined(workspace)
    assert cronctl("generate", "--format", "kubernetes", *words).code == 2


def test_a_machine_without_a_name_for_its_zone(
    workspace: Workspace, cronctl: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr(times, "_MACHINE", tmp_path / "none")
    defined(workspace)
    said = cronctl("generate", "--format", "kubernetes")
    assert (said.code, "timezone" in said.err) == (4, True)


def test_what_kubernetes_cannot_say_is_refused(workspace: Workspace, programs: Any, cronctl: Call) -> None:
    defined(workspace, schedule="0 7 */2 * mon")
    assert cronctl("generate", "--format", "kubernetes").code == 4
    assert cronctl("generate", "--format", "systemd").code == 0


def test_kubernetes_takes_no_long_names(cronctl: Callable[..., Any], workspace: Workspace) -> None:
    with clock.held(moment("2026-11-21T06:00")):
        defined(workspace, "n" * 47)
        assert cronctl("generate", "--format", "kubernetes").code == 0
        defined(workspace, "n" * 48)
        refused = cronctl("generate", "--format", "kubernetes")
    assert refused.code == 4
    assert "47 letters" in refused.err
