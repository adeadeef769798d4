"""What briefings and reports say of jobs, right to the number."""

from __future__ import annotations

from datetime import UTC, date, timedelta

from halo_engine import clock
from halo_engine.cron import digest, jobs, running
from halo_engine.digest import Days, Window
from halo_engine.workspace import Workspace
from tests.cron.conftest import defined, moment


def test_times_that_passed_are_no_runs(workspace: Workspace) -> None:
    with clock.held(moment("2026-03-01T00:10")):
        defined(workspace, "hourly", schedule="0 * * * *")
    with clock.held(moment("2026-03-01T06:20")):
        running.run_due(workspace, "hourly")
    with clock.held(moment("2026-03-01T07:00")):
        running.run_due(workspace, "hourly")
        window = Window("2026-02-28T07:00:00.000000Z", "2026-03-01T07:00:01.000000Z", "2026-03-02T00:00:00.000000Z")
        overnight, _ = digest.briefing(workspace, window)
    assert overnight.points[0].text == "1 run: 1 succeeded; 6 times missed"


def test_a_job_whose_file_is_wrong_needs_you(workspace: Workspace) -> None:
    jobs.folder(workspace).mkdir(parents=True)
    (jobs.folder(workspace) / "torn.yaml").write_text("schedule: '0~30 * * * *'\ncommand: ls\n")
    window = Window("2026-03-01T07:00:00.000000Z", "2026-03-02T07:00:00.000000Z", "2026-03-03T00:00:00.000000Z")
    with clock.held(moment("2026-03-02T07:00")):
        _, schedule = digest.briefing(workspace, window)
    assert [point.state for point in schedule.points] == ["wrong"]
    assert schedule.points[0].text.startswith("torn cannot run: torn.yaml:1: schedule: the minute field '0~30'")


def test_the_briefing_and_the_report(workspace: Workspace) -> None:
    with clock.held(moment("2026-03-01T12:00")):
        defined(workspace, "good", schedule="0 6 * * *", description="as it should")
        defined(workspace, "bad", schedule="0 5 * * *", command="exit 3")
        defined(workspace, "often", schedule="*/30 * * * *")
    for hour, name in (("05", "bad"), ("06", "good")):
        with clock.held(moment(f"2026-03-02T{hour}:00")):
            running.run_due(workspace, name)
    now = moment("2026-03-02T07:00")
    window = Window(clock.stamp(now - timedelta(days=1)), clock.stamp(now), clock.stamp(moment("2026-03-03T00:00")))
    with clock.held(now):
        overnight, schedule = digest.briefing(workspace, window)
        assert [point.text for point in overnight.points] == [
            "2 runs: 1 failed, 1 succeeded",
            "bad.1 failed (exit code 3)",
        ]
        assert [point.text for point in schedule.points] == ["07:30 often, 33 times today"]
        measures = {each.name: each.values for each in digest.report(workspace, Days(date(2026, 3, 1), 2, UTC))}
    assert measures == {"cron.runs": (0, 2), "cron.failed": (0, 1), "cron.missed": (0, 0)}
