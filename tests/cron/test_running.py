"""Runs: once for each occurrence, with retries, overlaps, missed times, and what is left when a runner dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from halo_engine import clock
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.states import State
from halo_engine.cron import commands, jobs, leases, queries, running, surroundings
from halo_engine.cron.events import RunStarted
from halo_engine.cron.leases import Wanted
from halo_engine.errors import NotAllowed
from halo_engine.events.model import New
from halo_engine.runs import holders
from halo_engine.runs.results import Result
from halo_engine.workspace import Workspace
from tests.cron.conftest import defined, moment

MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parents[2]


def due_at(workspace: Workspace, when: str, name: str = "water") -> running.Done:
    with clock.held(moment(when)):
        return running.run_due(workspace, name)


def outcomes(workspace: Workspace, name: str = "water") -> list[str]:
    return [run.outcome for run in reversed(queries.history(workspace, name)[0])]


@pytest.fixture
def water(workspace: Workspace) -> Workspace:
    with clock.held(moment("2026-03-01T12:00")):
        defined(workspace)
    return workspace


def test_a_run_by_hand_has_crons_environment(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEAK", "from the shell")
    defined(workspace, command="env; pwd; echo 100%\necho second line", env={"PLACE": "garden"})
    done = running.run(workspace, "water")
    assert done.run
    lines = done.run.tail.splitlines()
    assert {"PLACE=garden", "SHELL=/bin/sh", "HALO_JOB=water", "100%", "second line"} <= set(lines)
    assert not [line for line in lines if line.startswith("LEAK=")]
    assert next(line for line in lines if line.startswith("PATH=")).startswith("PATH=/usr/bin:/bin:")
    assert done.run.trigger == "hand"


def test_variables_of_the_system_stand_beneath_crons(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LANG", "of_whoever_calls")
    (tmp_path / "environment").write_text(
        "# comment\nPATH=/nowhere\nexport PROXY='http://p:1' # why\nLANG=first\nbad line\n"
    )
    (tmp_path / "locale").write_bytes(b'LANG="lv_LV.UTF-8"\n  LC_TIME=C\nODD=\xff\n')
    monkeypatch.setattr(surroundings, "FILES", (tmp_path / "environment", tmp_path / "locale", tmp_path / "none"))
    defined(workspace, command="env")
    done = running.run(workspace, "water")
    assert done.run
    lines = set(done.run.tail.splitlines())
    assert {"LANG=lv_LV.UTF-8", "LC_TIME=C", "PROXY=http://p:1"} <= lines
    assert "PATH=/nowhere" not in lines
    monkeypatch.setattr(surroundings, "FILES", ())
    assert "LANG=" not in str(running.run(workspace, "water"))


def test_an_occurrence_runs_once(water: Workspace) -> None:
    assert due_at(water, "2026-03-02T07:00").run
    assert due_at(water, "2026-03-02T07:00").run is None
    assert due_at(water, "2026-03-02T07:03").run is None
    assert due_at(water, "2026-03-03T07:00").run
    assert outcomes(water) == ["succeeded", "succeeded"]


def test_before_its_time_nothing_runs(water: Workspace) -> None:
    done = due_at(water, "2026-03-02T06:59")
    assert done.run is None
    assert "not due" in done.note


def test_a_clock_that_is_set_back_repeats_nothing(water: Workspace) -> None:
    assert due_at(water, "2026-03-02T07:00").run
    assert due_at(water, "2026-03-02T06:59").run is None
    assert due_at(water, "2026-03-02T07:00").run is None


def test_a_clock_that_was_far_ahead_once_holds_nothing_up(water: Workspace) -> None:
    assert due_at(water, "2036-03-02T07:00").run
    assert due_at(water, "2026-03-02T07:00").run
    assert due_at(water, "2026-03-03T07:00").run


def test_of_two_processes_one_runs_it(workspace: Workspace, tmp_path: Path) -> None:
    defined(workspace, command=f"echo ran >> {tmp_path}/ran; sleep 0.3", schedule="* * * * *")
    call = "from halo_engine.cron.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "HALO_NOW": "2036-03-02T07:00:00+00:00"}
    words = [sys.executable, "-c", call, "run", "water", "--due", "--workspace", str(workspace.root)]
    racing = [subprocess.Popen(words, env=env) for _ in range(4)]
    assert [each.wait() for each in racing] == [0, 0, 0, 0]
    assert (tmp_path / "ran").read_text() == "ran\n"


def test_a_time_that_was_missed_is_let_pass_or_made_up_for_once(workspace: Workspace) -> None:
    with clock.held(moment("2026-03-01T12:00")):
        defined(workspace, "skips")
        defined(workspace, "makes-up", catch_up="once")
    skipped = due_at(workspace, "2026-03-04T12:00", "skips")
    assert skipped.run is None
    assert outcomes(workspace, "skips") == ["missed"]
    assert queries.history(workspace, "skips")[0][0].missed == 3
    with clock.held(moment("2026-03-04T12:00")):
        done = running.run_missed(workspace)
    assert [each.run and each.run.job for each in done] == ["makes-up"]
    assert done[0].run
    assert (done[0].run.trigger, done[0].run.missed, done[0].run.occurrence[:16]) == ("catch-up", 2, "2026-03-04T07:00")
    with clock.held(moment("2026-03-04T12:10")):
        assert running.run_missed(workspace) == []


def test_late_by_less_than_three_hours_is_on_time_for_a_job_at_fixed_times(water: Workspace) -> None:
    done = due_at(water, "2026-03-02T09:59")
    assert done.run
    assert done.run.trigger == "schedule"


def test_nothing_is_missed_before_a_job_was_defined_or_while_it_was_disabled(workspace: Workspace) -> None:
    with clock.held(moment("2026-03-01T12:00")):
        defined(workspace, catch_up="once")
        commands.enable(workspace, "water", False)
    assert due_at(workspace, "2026-03-05T07:00").run is None
    with clock.held(moment("2026-03-05T12:00")):
        commands.enable(workspace, "water")
        assert running.run_missed(workspace) == []


def test_only_a_run_that_is_due_waits_by_chance(water: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    commands.edit(water, "water", {"jitter": 90})
    drawn: list[tuple[float, float]] = []
    monkeypatch.setattr(running.random, "uniform", lambda *bounds: drawn.append(bounds) or 0.0)
    running.run(water, "water")
    assert drawn == []
    assert due_at(water, "2036-03-02T07:00").run
    assert drawn == [(0, 90)]


def test_a_failure_is_tried_again_and_then_an_alert(workspace: Workspace, tmp_path: Path) -> None:
    defined(workspace, command=f"echo try >> {tmp_path}/tries; exit 3", retries=2, retry_delay=0)
    done = running.run(workspace, "water")
    assert done.run
    assert (done.run.outcome, done.run.attempts, done.run.exit_code) == ("failed", 3, 3)
    assert (tmp_path / "tries").read_text().count("try") == 3
    raised = alerts.alert(workspace, "cron:water")
    assert "exit code 3" in raised.title
    running.run(workspace, "water")
    assert "2 times in a row" not in alerts.alert(workspace, "cron:water").title
    assert queries.standing(workspace, "water").failures == 2
    commands.edit(workspace, "water", {"command": "true"})
    running.run(workspace, "water")
    assert alerts.alert(workspace, "cron:water").state is State.RESOLVED
    assert queries.standing(workspace, "water").failures == 0


def test_a_failure_is_told_also_where_old_output_cannot_be_removed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(running, "prune", refuse)
    defined(workspace, command="false")
    with pytest.raises(OSError, match="Read-only"):
        running.run(workspace, "water")
    assert alerts.alert(workspace, "cron:water").state is State.RAISED


def test_who_wants_no_alerts_gets_none(workspace: Workspace) -> None:
    defined(workspace, command="false", notify={"failure": False})
    running.run(workspace, "water")
    assert alerts.by_key(workspace, "cron", "water") is None


def test_a_recovery_may_be_left_to_the_operator(workspace: Workspace) -> None:
    defined(workspace, command="false", notify={"recovery": False})
    running.run(workspace, "water")
    commands.edit(workspace, "water", {"command": "true"})
    running.run(workspace, "water")
    assert alerts.alert(workspace, "cron:water").state is State.RAISED


def test_a_run_that_takes_too_long_is_ended(workspace: Workspace) -> None:
    defined(workspace, command="sleep 600", timeout=1)
    done = running.run(workspace, "water")
    assert done.run
    assert done.run.outcome == "timed_out"


def under_way(workspace: Workspace, holder: str) -> str:
    """A run that somebody has begun."""
    row = queries.standing(workspace, "water")
    until = clock.stamp(clock.now() + timedelta(hours=1))
    lease = RunStarted("water.1", 1, "schedule", "", holder, until, "logs/cron/water.1")
    workspace.log.append([New("cron/water", "cron.run.started", lease, row.version)])
    return lease.run


def test_while_the_last_run_goes_on_an_occurrence_is_skipped(water: Workspace) -> None:
    under_way(water, holders.runner())
    assert due_at(water, "2026-03-02T07:00").run is None
    assert outcomes(water) == ["skipped", "running"]
    assert due_at(water, "2026-03-02T07:01").run is None
    assert outcomes(water) == ["skipped", "running"]
    with pytest.raises(NotAllowed, match=r"water\.1 has been running"):
        running.run(water, "water")


def test_runs_may_overlap(workspace: Workspace) -> None:
    defined(workspace, overlap="allow")
    under_way(workspace, "elsewhere:1:x")
    done = running.run(workspace, "water")
    assert done.run
    assert done.run.outcome == "succeeded"
    assert [each.run for each in queries.standing(workspace, "water").running] == ["water.1"]


def test_a_new_run_may_replace_the_last(workspace: Workspace, tmp_path: Path) -> None:
    defined(workspace, command=f"echo began >> {tmp_path}/began; [ $(wc -l < {tmp_path}/began) -gt 1 ] || sleep 600",
            overlap="replace")  # fmt: skip
    call = "from halo_engine.cron.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    first = subprocess.Popen([sys.executable, "-c", call, "run", "water", "--workspace", str(workspace.root)], env=env)
    while not (tmp_path / "began").exists():
        time.sleep(0.02)
    done = running.run(workspace, "water")
    first.wait()
    assert done.run
    assert done.run.outcome == "succeeded"
    assert outcomes(workspace) == ["cancelled", "succeeded"]
    assert alerts.by_key(workspace, "cron", "water") is None


def test_a_run_whose_runner_was_killed_is_found_ended_and_recorded(workspace: Workspace, tmp_path: Path) -> None:
    defined(workspace, command=f"echo $$ > {tmp_path}/pid; sleep 600")
    call = "from halo_engine.cron.cli import main; main()"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    first = subprocess.Popen([sys.executable, "-c", call, "run", "water", "--workspace", str(workspace.root)], env=env)
    while not (tmp_path / "pid").exists() or not (tmp_path / "pid").read_text().strip():
        time.sleep(0.02)
    first.send_signal(signal.SIGKILL)
    first.wait()
    dry = running.run(Workspace(workspace.root, dry_run=True), "water")
    assert dry.note.startswith("would run: "), "nothing stands in the way of what is dead"
    assert leases.recover(workspace, "water") == ["water.1"]
    assert leases.recover(workspace, "water") == []
    assert outcomes(workspace) == ["lost"]
    assert queries.standing(workspace, "water").running == ()
    commands.edit(workspace, "water", {"command": "true"})
    assert running.run(workspace, "water").run


def test_the_end_of_a_run_that_was_taken_for_lost_is_not_recorded_twice(workspace: Workspace) -> None:
    defined(workspace)
    job = jobs.load(workspace, "water")
    taken = leases.claim(workspace, Wanted("water", job, "hand"))
    assert taken
    assert leases.finish(workspace, taken, Result("lost", "its runner died"), 1)
    assert leases.finish(workspace, taken, Result("succeeded"), 1) is None


def test_an_edit_by_hand_is_recorded_when_it_is_seen(workspace: Workspace) -> None:
    defined(workspace)
    path = jobs.path_of(workspace, "water")
    path.write_text(path.read_text().replace("true", "echo by hand"))
    running.run(workspace, "water")
    saved = [event.data() for event in workspace.log.stream("cron/water") if event.type == "cron.job.saved"]
    assert [each.command for each in saved] == ["true", "echo by hand"]


def test_a_dry_run_starts_nothing(halo: Callable[..., Any], workspace: Workspace, tmp_path: Path) -> None:
    defined(workspace, command=f"touch {tmp_path}/ran")
    said = halo("cron", "run", "water", "--dry-run")
    assert said.code == 0
    assert "would run" in said.out
    assert not (tmp_path / "ran").exists()
    assert queries.history(workspace, "water")[0] == []


def test_a_clock_that_is_set_back_by_a_second_loses_nothing(water: Workspace) -> None:
    assert due_at(water, "2026-03-02T06:59:57").run
    assert due_at(water, "2026-03-02T06:59:58").run is None
    assert due_at(water, "2026-03-02T07:00:01").run is None
    assert outcomes(water) == ["succeeded"]


def test_who_let_a_time_pass_last_is_no_error(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.held(moment("2026-03-01T12:00")):
        defined(workspace)
    stale = queries.standing(workspace, "water")
    assert due_at(workspace, "2026-03-04T12:00").run is None
    monkeypatch.setattr(queries, "standing", lambda *_: stale)
    leases.let_pass(workspace, "water", "2026-03-04T07:00:00.000000Z", 3)
    monkeypatch.undo()
    assert outcomes(workspace) == ["missed"]


def test_the_output_of_its_last_runs_is_kept(workspace: Workspace) -> None:
    defined(workspace, "often", command="echo hello", keep=2)
    defined(workspace, "seldom", command="echo hello", keep=2)
    running.run(workspace, "seldom")
    for _ in range(4):
        running.run(workspace, "often")
    kept = sorted(each.name for each in (workspace.root / "logs/cron").iterdir())
    assert kept == ["often.3", "often.4", "seldom.1"]
    assert len(queries.history(workspace, "often")[0]) == 4
