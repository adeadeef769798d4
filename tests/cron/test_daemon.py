"""The daemon, and a fortnight of it with a change of the clocks, a machine asleep, failures and recoveries."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from halo_engine import clock
from halo_engine.alerts import queries as alerts
from halo_engine.alerts.states import State
from halo_engine.cron import commands, jobs, queries, running
from halo_engine.cron.daemon import Daemon
from halo_engine.cron.schedule import next_times
from halo_engine.errors import HaloError
from halo_engine.workspace import Workspace
from tests.cron.conftest import defined

RIGA = "Europe/Riga"
BEGIN = datetime(2026, 3, 21, 22, 0, tzinfo=UTC)
"""A Sunday of Riga, a week before its clocks go forward."""
ROOT = Path(__file__).parents[2]
WORDS = [sys.executable, "-c", "from halo_engine.cron.cli import main; main()", "daemon"]


class Held(Daemon):
    """A daemon that runs what is due at once, in this process, so that time can be held still."""

    def _start(self, name: str) -> None:
        running.run_due(self._workspace, name)


def pass_time(workspace: Workspace, begin: datetime, end: datetime, step: timedelta) -> None:
    """Look at the clock every so often, a little after the minute."""
    daemon = Held(workspace, lambda _: None)
    now = begin + timedelta(seconds=2)
    while now < end:
        with clock.held(now):
            daemon.look()
        now += step


def times_of(workspace: Workspace, name: str, *outcomes: str) -> list[datetime]:
    rows = reversed(queries.history(workspace, name)[0])
    return [clock.instant(run.occurrence) for run in rows if not outcomes or run.outcome in outcomes]


def test_a_fortnight(workspace: Workspace, tmp_path: Path) -> None:
    with clock.held(BEGIN):
        defined(workspace, "briefing", schedule="0 7 * * *", timezone=RIGA)
        defined(workspace, "early", schedule="30 3 * * *", timezone=RIGA)
        defined(workspace, "report", schedule="0 8 * * mon", timezone=RIGA, catch_up="once")
        defined(workspace, "flaky", schedule="0 */6 * * *", timezone=RIGA, command=f"test ! -e {tmp_path}/broken")
    asleep, awake = BEGIN + timedelta(days=1, hours=3), BEGIN + timedelta(days=2, hours=3)
    broken, mended = BEGIN + timedelta(days=9), BEGIN + timedelta(days=10)
    end = BEGIN + timedelta(days=14)
    step = timedelta(minutes=30)
    pass_time(workspace, BEGIN, asleep, step)
    pass_time(workspace, awake, broken, step)
    (tmp_path / "broken").touch()
    pass_time(workspace, broken, mended, step)
    assert alerts.alert(workspace, "cron:flaky").state is State.RAISED
    (tmp_path / "broken").unlink()
    pass_time(workspace, mended, end, step)

    def expected(name: str) -> list[datetime]:
        job = jobs.load(workspace, name)
        found = next_times(job.schedule, RIGA, BEGIN.timestamp(), 100)
        return [datetime.fromtimestamp(each, UTC) for each in found if each < end.timestamp()]

    slept = [each for each in expected("briefing") if asleep < each < awake]
    assert times_of(workspace, "briefing", "missed") == slept
    assert times_of(workspace, "briefing", "succeeded") == [e for e in expected("briefing") if e not in slept]
    assert len(expected("briefing")) == 14
    local = [f"{each.astimezone(ZoneInfo(RIGA)):%d %H:%M}" for each in times_of(workspace, "early")]
    assert "29 04:00" in local
    assert local.count("28 03:30") == local.count("30 03:30") == 1
    reports = queries.history(workspace, "report")[0]
    assert Counter(run.trigger for run in reports) == {"schedule": 1, "catch-up": 1}
    failed = times_of(workspace, "flaky", "failed")
    assert failed == [each for each in expected("flaky") if broken <= each < mended]
    assert alerts.alert(workspace, "cron:flaky").state is State.RESOLVED
    every = [(run.job, run.occurrence) for run in queries.history(workspace)[0]]
    assert len(every) == len(set(every))


def test_a_broken_file_does_not_hold_up_the_rest(workspace: Workspace) -> None:
    with clock.held(BEGIN):
        defined(workspace, "sound", schedule="* * * * *")
    (jobs.folder(workspace) / "broken.yaml").write_text("schedule: [\n")
    said: list[str] = []
    with clock.held(BEGIN + timedelta(minutes=3, seconds=1)):
        daemon = Held(workspace, said.append)
        daemon.look()
        daemon.look()
    assert len(times_of(workspace, "sound", "succeeded")) == 1
    assert [line for line in said if "broken is left out" in line] == said


def test_a_job_that_is_new_while_it_runs(workspace: Workspace) -> None:
    with clock.held(BEGIN):
        defined(workspace, "late", schedule="* * * * *", enabled=False)
        Held(workspace, lambda _: None).look()
    with clock.held(BEGIN + timedelta(hours=1)):
        commands.enable(workspace, "late")
    with clock.held(BEGIN + timedelta(hours=1, minutes=1)):
        Held(workspace, lambda _: None).look()
    assert len(times_of(workspace, "late")) == 1


def test_once_starts_what_is_due_and_waits_for_it(workspace: Workspace) -> None:
    with clock.held(clock.now() - timedelta(minutes=2)):
        defined(workspace, "due", schedule="* * * * *", command="sleep 0.2; echo done")
    done = subprocess.run([*WORDS, "--once", "--workspace", str(workspace.root)], env=env(), check=True)
    assert done.returncode == 0
    assert [run.outcome for run in queries.history(workspace, "due")[0]] == ["succeeded"]


def test_it_ends_at_a_signal_and_ends_what_runs(workspace: Workspace, tmp_path: Path) -> None:
    with clock.held(clock.now() - timedelta(minutes=2)):
        defined(workspace, "long", schedule="* * * * *", command=f"touch {tmp_path}/began; sleep 600")
    daemon = subprocess.Popen([*WORDS, "--workspace", str(workspace.root)], env=env(), stderr=subprocess.PIPE)
    while not (tmp_path / "began").exists():
        time.sleep(0.02)
    daemon.send_signal(signal.SIGTERM)
    _, said = daemon.communicate()
    assert daemon.returncode == 0
    assert b"stopping (SIGTERM)" in said
    assert [run.outcome for run in queries.history(workspace, "long")[0]] == ["cancelled"]


def test_an_unreadable_zone_is_said(workspace: Workspace) -> None:
    (workspace.root / "halo.yaml").write_text("timezone: Mars/Olympus\n")
    with pytest.raises(HaloError, match="Mars"):
        queries.coming(Workspace(workspace.root), jobs.Job(schedule="@daily", command="true"), 1)


def env() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}
