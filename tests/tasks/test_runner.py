"""The runner: what is due, in which order, how it ends, and what is left when it is killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from halo_engine import clock, process_tree
from halo_engine.errors import BadConfig, Conflict, NotFound, Unavailable
from halo_engine.events.model import Event, New
from halo_engine.runs import holders
from halo_engine.tasks import commands, queries
from halo_engine.tasks.config import NightSettings, night_settings
from halo_engine.tasks.events import RunFinished, RunStarted, TaskMoved
from halo_engine.tasks.night import due, leases, outcomes, runner
from halo_engine.tasks.night.recovery import recover
from halo_engine.tasks.states import State
from halo_engine.workspace import Workspace
from tests.tasks.night import PLAN, QUICK, Night, gone, wait_for


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path / "work")


# what is kept of them


def test_only_the_latest_folders_are_kept(night: Night) -> None:
    night.configure(QUICK + "keep_runs: 2\n")
    ours = night.workspace.root / "logs/runs/mine"
    ours.mkdir(parents=True)
    for _ in range(4):
        night.job("echo hello")
        night.run(now=True, once=True)
    assert sorted(each.name for each in ours.parent.iterdir()) == ["T-003.1", "T-004.1", "mine"]
    assert night.runs("T-001")[0].tail == "hello\n", "the log remembers"


def test_old_folders_go(night: Night) -> None:
    night.configure(QUICK + "keep_days: 30\n")
    night.job("true")
    night.run(now=True)
    folder = night.workspace.root / "logs/runs/T-001.1"
    long_ago = clock.now().timestamp() - 31 * 86_400
    os.utime(folder, (long_ago, long_ago))
    night.job("true")
    night.run(now=True)
    assert [each.name for each in folder.parent.iterdir()] == ["T-002.1"]


def test_output_has_a_limit(night: Night) -> None:
    night.configure(QUICK + "output_limit: 4096\n")
    item = night.job("seq 1 5000")
    night.run(now=True)
    kept = (night.workspace.root / "logs/runs/T-001.1/output.log").read_text()
    assert len(kept) < 4300
    assert "bytes are left out here; 4,096 are kept at most" in kept
    assert night.runs(item)[0].output_bytes == 23_893


# how runs end


def test_a_job_that_succeeds_is_done(night: Night) -> None:
    item = night.job("echo hello")
    report = night.run()
    assert (report.exit_code, night.state(item)) == (0, State.DONE)
    (run,) = night.runs(item)
    assert (run.id, run.outcome, run.exit_code, run.tail, run.output_bytes) == ("T-001.1", "succeeded", 0, "hello\n", 6)
    assert run.peak_memory
    assert run.duration
    assert (night.workspace.root / run.folder / "output.log").read_text() == "hello\n"
    kept = msgspec.json.decode((night.workspace.root / run.folder / "run.json").read_bytes())
    assert (kept["command"], kept["result"]["outcome"]) == ("echo hello", "succeeded")


def test_a_job_that_fails_says_why(night: Night) -> None:
    item = night.job("echo oh no >&2; exit 3")
    assert night.run().exit_code == 1
    (run,) = night.runs(item)
    assert (night.state(item), night.item(item).reason) == (State.FAILED, "exit code 3")
    assert (run.outcome, run.exit_code, run.tail, run.reason) == ("failed", 3, "oh no\n", "exit code 3")


def test_a_signal_is_named(night: Night) -> None:
    item = night.job("kill -SEGV $$")
    night.run()
    assert night.item(item).reason == "exit code 139 (SIGSEGV)"


def test_a_timeout_is_a_failure(night: Night) -> None:
    item = night.job("sleep 600 & sleep 600", timeout=0.3)
    night.run()
    assert night.item(item).reason == "timed out after 0.3s"
    assert night.runs(item)[0].outcome == "timed_out"
    assert not night.strays()


def test_what_cannot_be_started_fails_and_the_runner_goes_on(night: Night) -> None:
    first, large, last = night.job("true"), night.job(": " + "€" * 60_000), night.job("true")
    (night.workspace.root / "logs" / "runs").mkdir(parents=True)
    (night.workspace.root / "logs" / "runs" / f"{first}.1").write_text("in the way")
    night.run()
    assert [night.state(each) for each in (first, large, last)] == [State.FAILED, State.FAILED, State.DONE]
    assert "cannot be written" in night.item(first).reason
    assert "Argument list too long" in night.item(large).reason


def test_a_folder_that_is_full_or_closed_fails_the_run(night: Night) -> None:
    item = night.job("true")
    (night.workspace.root / "logs").write_text("not a folder")
    night.run()
    assert (night.state(item), night.runs(item)[0].outcome) == (State.FAILED, "failed")
    assert "cannot be written: Not a directory" in night.item(item).reason


def test_retries_come_with_a_pause_until_it_succeeds(night: Night) -> None:
    item = night.job("echo x >> tries; test $(wc -l < tries) = 3", retries=5)
    report = night.run()
    assert (report.exit_code, night.state(item)) == (0, State.DONE)
    assert [run.outcome for run in night.runs(item)] == ["failed", "failed", "succeeded"]
    assert [run.attempt for run in night.runs(item)] == [1, 2, 3]
    once = ["run.started", "run.finished", "item.retried"]
    assert night.history(item) == ["item.added", *once, *once, "run.started", "run.finished"]
    assert night.item(item).failures == 0


def test_retries_end(night: Night) -> None:
    item = night.job("false", retries=2)
    assert night.run().exit_code == 1
    assert len(night.runs(item)) == 3
    assert (night.state(item), night.item(item).retry_at) == (State.FAILED, None)


def test_the_retry_waits_for_its_moment(night: Night) -> None:
    night.configure("backoff: 3600\n")
    item = night.job("false", retries=1)
    night.run(once=True)
    row = night.item(item)
    assert row.state is State.RETRY
    assert row.retry_at
    pause = clock.instant(row.retry_at) - clock.now()
    assert timedelta(minutes=29) < pause <= timedelta(minutes=60)
    assert night.run(once=True).started == 0


def test_a_retry_by_hand_is_due_at_once(night: Night) -> None:
    item = night.job("test -e ready")
    night.run()
    (night.workspace.root / "ready").touch()
    commands.retry(night.workspace, item)
    night.run()
    assert night.state(item) is State.DONE


@pytest.mark.parametrize("failures", [0, 1, 5, 10_000])
def test_backoff_doubles_up_to_the_cap(failures: int) -> None:
    settings = NightSettings(backoff=10, backoff_cap=300)
    longest = min(10 * 2**failures, 300)
    pauses = [outcomes.backoff(settings, failures).total_seconds() for _ in range(200)]
    assert all(longest / 2 <= pause <= longest for pause in pauses)
    assert len(set(pauses)) > 100


# what is due


def test_dependencies_first_then_priority_then_number(night: Night) -> None:
    note = "echo $HALO_ITEM >> order"
    low, plain, high = night.job(note, priority=1), night.job(note), night.job(note, priority=3)
    last = night.job(note, priority=3, depends_on=[low, plain])
    after = night.job(note, priority=3, depends_on=[high])
    night.run(workers=1)
    assert (night.workspace.root / "order").read_text().split() == [high, after, low, plain, last]


def test_a_dependency_that_failed_holds_and_one_that_was_cancelled_does_not(night: Night) -> None:
    failing, given_up = night.job("false"), night.job("true")
    commands.cancel(night.workspace, given_up)
    held, free = night.job("true", depends_on=[failing]), night.job("true", depends_on=[given_up])
    report = night.run()
    assert (night.state(held), night.state(free)) == (State.OPEN, State.DONE)
    assert [(each.item, each.why) for each in report.waiting] == [(held, f"waits for {failing} (failed)")]


def test_nothing_starts_outside_its_window(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.configure(QUICK + "window: 02:00-05:00\ntimezone: Europe/Riga\n")
    default, own = night.job("true"), night.job("true", window="12:00-13:00")
    monkeypatch.setenv("HALO_NOW", "2026-06-01T01:59:59+03:00")
    report = night.run(now=False)
    assert report.started == 0
    assert [each.why for each in report.waiting] == [
        "waits for its window 02:00-05:00, which opens 2026-06-01 02:00:00 EEST",
        "waits for its window 12:00-13:00, which opens 2026-06-01 12:00:00 EEST",
    ]
    monkeypatch.setenv("HALO_NOW", "2026-06-01T02:00:00+03:00")
    night.run(now=False)
    assert (night.state(default), night.state(own)) == (State.DONE, State.OPEN)
    monkeypatch.setenv("HALO_NOW", "2026-06-01T09:30:00+00:00")
    night.run(now=False)
    assert night.state(own) is State.DONE


@pytest.mark.parametrize(
    ("retry_at", "at", "same_window"),
    [
        ("2026-06-01T02:30:00", None, False),
        ("2026-06-01T04:59:59", "2026-06-01T04:59:59", True),
        ("2026-06-01T05:00:00", "2026-06-02T02:00:00", False),
        ("2026-06-01T12:00:00", "2026-06-02T02:00:00", False),
    ],
)
def test_a_retry_waits_for_its_pause_and_its_window(
    night: Night, monkeypatch: pytest.MonkeyPatch, retry_at: str, at: str | None, same_window: bool
) -> None:
    item = night.job("false")
    night.run()
    row = night.item(item)
    moved = TaskMoved(State.FAILED, State.RETRY, "", clock.stamp(datetime.fromisoformat(retry_at + "+00:00")))
    night.workspace.log.append([New(f"task/{item}", "task.item.retried", moved, row.version)])
    now = datetime.fromisoformat("2026-06-01T03:00:00+00:00")
    (verdict,) = due.survey(night.workspace, due.Terms(NightSettings(), UTC, now))
    assert verdict.is_due == (at is None)
    assert verdict.at == (datetime.fromisoformat(at + "+00:00") if at else None)
    assert verdict.same_window == same_window
    assert due.next_moment([verdict], this_window=True) == (verdict.at if same_window else None)
    assert due.next_moment([verdict], this_window=False) == verdict.at


def test_the_zone_is_the_workspaces_unless_nightctl_has_one(night: Night) -> None:
    (night.workspace.root / "halo.yaml").write_text("timezone: Asia/Tokyo\n")
    zone = runner.Runner(Workspace(night.workspace.root), runner.Options(), night.lines.append).zone
    assert str(zone) == "Asia/Tokyo"
    night.configure("timezone: Nowhere/At_All\n")
    with pytest.raises(BadConfig, match="Nowhere/At_All"):
        night.run()


def test_items_in_a_persons_hands_run_only_by_name(night: Night) -> None:
    item, other = night.job("true"), night.job("true")
    commands.start(night.workspace, item)
    night.run(other)
    assert (night.state(item), night.state(other)) == (State.IN_PROGRESS, State.DONE)
    assert night.run().started == 0
    assert night.run(item).started == 1
    assert night.state(item) is State.DONE


def test_a_named_item_that_cannot_run_now_is_refused(night: Night) -> None:
    task = commands.add(night.workspace, "Something for a person").item.id
    assert night.run(task).exit_code == 4
    assert night.lines == [f"{task} is a task: a person does it"]
    with pytest.raises(NotFound):
        night.run("T-099")


def test_what_a_runner_has_done_is_not_said_to_wait(night: Night) -> None:
    job = night.job("true")
    report = night.run(job)
    assert [line.partition(" ")[0] for line in night.lines] == [f"{job}.1", f"{job}.1"]
    assert (report.exit_code, report.waiting) == (0, [])


def test_limit_and_once(night: Night) -> None:
    first, second, third = (night.job("true") for _ in range(3))
    after = night.job("true", depends_on=[first])
    assert night.run(limit=1).started == 1
    assert night.run(once=True, workers=1).started == 3
    assert {night.state(each) for each in (first, second, third, after)} == {State.DONE}
    fresh = night.job("true")
    late = night.job("true", depends_on=[fresh])
    night.run(once=True)
    assert (night.state(fresh), night.state(late)) == (State.DONE, State.OPEN)


def test_so_many_at_a_time_and_no_more(night: Night) -> None:
    for _ in range(6):
        night.job("echo + >> busy; sleep 0.15; echo - >> busy")
    night.run(workers=3)
    busy, most = 0, 0
    for mark in (night.workspace.root / "busy").read_text().split():
        busy += 1 if mark == "+" else -1
        most = max(most, busy)
    assert (busy, most) == (0, 3)


def test_dry_run_writes_nothing(night: Night) -> None:
    item, after = night.job("touch ran"), night.job("true", depends_on=["T-001"])
    before = night.workspace.log.head()
    dry = Workspace(night.workspace.root, dry_run=True)
    runner.run(dry, runner.Options(now=True), night.lines.append)
    planned: list[Event] = dry.log.planned  # type: ignore[attr-defined]
    assert [(event.type, event.stream) for event in planned] == [("task.run.started", f"task/{item}")]
    assert night.lines == [f"{after} would not run: waits for {item} (open)"]
    assert night.workspace.log.head() == before
    assert not (night.workspace.root / "ran").exists()


def test_deferred_jobs_open_on_their_date(night: Night) -> None:
    item = night.job("true")
    commands.defer(night.workspace, item, clock.stamp(clock.now() + timedelta(seconds=0.2)))
    assert night.run().started == 0
    wait_for(lambda: night.item(item).defer_until is not None and clock.stamp() > (night.item(item).defer_until or ""))
    night.run()
    assert night.state(item) is State.DONE


# what a command knows


def test_environment_of_a_job(night: Night) -> None:
    item = night.job("env", context="line one\nline two")
    night.run()
    (run,) = night.runs(item)
    (started,) = [event for event in queries.history(night.workspace, item) if event.type == "task.run.started"]
    for line in (
        f"HALO_WORKSPACE={night.workspace.root}",
        f"PWD={night.workspace.root}",
        f"HALO_ITEM={item}",
        "HALO_RUN_ID=T-001.1",
        "HALO_ATTEMPT=1",
        "HALO_ACTOR=job:T-001",
        f"HALO_CORRELATION_ID={started.id}",
        f"HALO_RUN_FOLDER={night.workspace.root}/logs/runs/T-001.1",
    ):
        assert line in run.tail.splitlines()


def test_what_a_job_does_is_caused_by_its_run(night: Night) -> None:
    code = "from halo_engine.tasks.cli import main; main()"
    item = night.job(f"PYTHONPATH={Path(__file__).parents[2]} {sys.executable} -c '{code}' add 'Look at this'")
    night.run()
    assert night.state(item) is State.DONE, night.runs(item)[0].tail
    added = queries.history(night.workspace, "T-002")[0]
    started, finished = queries.history(night.workspace, item)[1:]
    assert (added.actor, added.correlation_id, added.causation_id) == (f"job:{item}", started.id, started.id)
    assert (finished.correlation_id, finished.causation_id) == (started.correlation_id, started.id)


# agent-jobs


def test_agent_job_gets_its_plan_and_its_result_is_reviewed(night: Night) -> None:
    night.configure(QUICK + "agent_command: cat; echo; echo $HALO_TITLE / $HALO_CONTEXT / $HALO_ACTOR / $HALO_REASON\n")
    item = night.agent_job()
    night.run()
    assert night.state(item) is State.REVIEW
    assert night.runs(item)[0].tail == f"{PLAN}\nGreet them / All of them / agent:{item} /\n"
    commands.reject(night.workspace, item, "Warmer, please")
    night.run()
    assert night.runs(item)[1].tail.endswith("Warmer, please\n")


def test_agent_job_may_be_done_without_review(night: Night) -> None:
    night.configure(QUICK + "agent_command: 'true'\nagent_review: false\n")
    item = night.agent_job()
    night.run()
    assert night.state(item) is State.DONE


def test_agent_job_that_fails_has_failed(night: Night) -> None:
    night.configure(QUICK + "agent_command: exit 5\n")
    item = night.agent_job()
    assert night.run().exit_code == 1
    assert (night.state(item), night.item(item).reason) == (State.FAILED, "exit code 5")


def test_agent_job_without_a_command_is_not_due(night: Night) -> None:
    item = night.agent_job()
    assert night.run().started == 0
    assert night.state(item) is State.IN_PROGRESS
    assert night.lines == [f"{item} cannot run: `agent_command` is not set in nightctl.yaml"]


def test_a_plan_that_was_changed_after_its_approval_does_not_run(night: Night) -> None:
    night.configure(QUICK + "agent_command: 'true'\n")
    item, unapproved = night.agent_job(), night.agent_job(approved=False)
    commands.plan(night.workspace, item, PLAN.replace("hello", "goodbye"))
    night.run()
    assert (night.state(item), night.state(unapproved)) == (State.IN_PROGRESS, State.PLAN_REVIEW)
    assert night.lines == [
        f"{item} has another plan than the one that was approved; `nightctl approve {item}` accepts it"
    ]
    commands.approve(night.workspace, item)
    night.run()
    assert night.state(item) is State.REVIEW


# leases


def test_of_two_claims_one_wins(night: Night) -> None:
    item = night.item(night.job("true"))
    settings = night_settings(night.workspace)
    claim = leases.claim(night.workspace, settings, item)
    assert claim.run == f"{item.id}.1"
    with pytest.raises(Conflict):
        leases.claim(night.workspace, settings, item)


def test_a_lease_lives_as_long_as_its_holder() -> None:
    child = subprocess.Popen(["sleep", "600"])
    here = f"{holders.host()}:{child.pid}"
    holder = f"{here}:{process_tree.identity(child.pid)}"
    assert not holders.is_over(holder, clock.stamp())
    assert holders.is_over(f"{here}:another start", clock.stamp(clock.now() + timedelta(days=1)))
    child.kill()
    child.wait()
    assert holders.is_over(holder, clock.stamp(clock.now() + timedelta(days=1)))


def test_a_lease_on_another_machine_lives_until_its_time_has_passed() -> None:
    assert not holders.is_over("elsewhere:1:x", clock.stamp(clock.now() + timedelta(seconds=60)))
    assert holders.is_over("elsewhere:1:x", clock.stamp(clock.now() - timedelta(seconds=1)))


def leased(night: Night, item: str, holder: str, seconds: float) -> None:
    """Somebody else's lease on an item."""
    until = clock.stamp(clock.now() + timedelta(seconds=seconds))
    row = night.item(item)
    started = RunStarted(f"{item}.1", 1, row.state, holder, until, f"logs/runs/{item}.1")
    night.workspace.log.append([New(f"task/{item}", "task.run.started", started, row.version)])


def test_a_run_on_another_machine_is_left_alone_while_its_lease_lasts(night: Night) -> None:
    item = night.job("true")
    leased(night, item, "elsewhere:1:x", 60)
    assert night.run().started == 0
    assert night.state(item) is State.RUNNING


def test_a_lease_that_ran_out_is_recovered_and_the_item_tried_again(night: Night) -> None:
    item = night.job("echo again", retries=1)
    leased(night, item, "elsewhere:1:x", -1)
    report = night.run()
    assert report.recovered == [item]
    assert night.state(item) is State.DONE
    lost, again = night.runs(item)
    assert (lost.outcome, lost.reason) == ("lost", "its runner (elsewhere 1) let its lease run out")
    assert again.outcome == "succeeded"


def test_without_retries_a_lost_run_has_failed(night: Night) -> None:
    item = night.job("true")
    leased(night, item, f"{holders.host()}:4194305:x", 600)
    night.run()
    assert night.state(item) is State.FAILED
    assert night.item(item).reason == f"its runner ({holders.host()} 4194305) died"


def test_of_two_that_recover_one_records_it(night: Night) -> None:
    item = night.job("true", retries=3)
    leased(night, item, "elsewhere:1:x", -1)
    settings = night_settings(night.workspace)
    found: list[list[Any]] = []
    barrier = threading.Barrier(4)

    def recovering() -> None:
        barrier.wait()
        found.append(recover(Workspace(night.workspace.root), settings))

    threads = [threading.Thread(target=recovering) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(each) for each in found) == 1
    assert night.history(item) == ["item.added", "run.started", "run.finished", "item.retried"]


def test_a_cancelled_run_of_a_dead_runner_is_closed(night: Night) -> None:
    item = night.job("true")
    leased(night, item, "elsewhere:1:x", -1)
    commands.cancel(night.workspace, item, "not wanted")
    night.run()
    assert (night.state(item), night.item(item).reason) == (State.CANCELLED, "not wanted")
    assert night.runs(item)[0].outcome == "cancelled"
    assert night.item(item).run is None


def test_a_run_that_another_took_for_lost_records_nothing(night: Night) -> None:
    item = night.job("true")
    settings = night_settings(night.workspace)
    claim = leases.claim(night.workspace, settings, night.item(item))
    assert outcomes.finish(night.workspace, settings, claim, outcomes.Result("lost"))
    head = night.workspace.log.head()
    assert outcomes.finish(night.workspace, settings, claim, outcomes.Result("succeeded")) is None
    assert night.workspace.log.head() == head


# stopping


def running(night: Night, item: str) -> Callable[[], bool]:
    return lambda: night.state(item) is State.RUNNING and (night.workspace.root / "up").exists()


def test_cancelling_a_running_item_ends_it(night: Night) -> None:
    item = night.job("sleep 600 & touch up; sleep 600")
    process = night.start("--now")
    wait_for(running(night, item))
    commands.cancel(night.workspace, item, "not needed")
    code, said = gone(process)
    assert code == 0, said
    (run,) = night.runs(item)
    assert (night.state(item), run.outcome, run.reason) == (State.CANCELLED, "cancelled", "cancelled while it ran")
    assert not night.strays()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_runner_that_is_told_to_stop_leaves_nothing(night: Night, number: signal.Signals) -> None:
    item, other = night.job("(setsid sleep 600 &); touch up; sleep 600", retries=1), night.job("true")
    night.configure("backoff: 3600\nkill_grace: 1\nworkers: 1\n")
    process = night.start("--now")
    wait_for(running(night, item))
    code, said = gone(process, number)
    assert code == 1, said
    assert f"stopping ({number.name})" in said
    assert night.state(item) is State.RETRY
    assert (night.runs(item)[0].outcome, night.runs(item)[0].reason) == ("lost", "the runner was stopped")
    assert night.state(other) is State.OPEN
    assert not night.strays()


def test_a_runner_that_is_killed_leaves_an_item_that_the_next_understands(night: Night) -> None:
    item = night.job(
        "echo $HALO_ATTEMPT; test $HALO_ATTEMPT = 2 || { (setsid sleep 600 &); touch up; sleep 600; }", retries=1
    )
    process = night.start("--now")
    wait_for(running(night, item))
    gone(process, signal.SIGKILL)
    report = night.run()
    assert report.recovered == [item]
    assert [(run.outcome, run.tail[:2]) for run in night.runs(item)] == [("lost", "1\n"), ("succeeded", "2\n")]
    assert "died" in night.runs(item)[0].reason
    assert not night.strays()


def test_watching_takes_what_comes(night: Night) -> None:
    process = night.start("--now", "--watch")
    first = night.job("true")
    wait_for(lambda: night.state(first) is State.DONE)
    second = night.job("test -e ready", retries=0)
    wait_for(lambda: night.state(second) is State.FAILED)
    (night.workspace.root / "ready").touch()
    commands.retry(night.workspace, second)
    wait_for(lambda: night.state(second) is State.DONE)
    third = night.job("true")
    wait_for(lambda: night.state(third) is State.DONE)
    code, said = gone(process, signal.SIGTERM)
    assert code == 0, said


def test_two_runners_never_run_an_item_twice(night: Night) -> None:
    items = [night.job("echo $HALO_ITEM >> ran") for _ in range(12)]
    both = [night.start("--now"), night.start("--now")]
    assert [gone(process)[0] for process in both] == [0, 0]
    assert sorted((night.workspace.root / "ran").read_text().split()) == items


# the log


def test_a_log_that_cannot_be_written_stops_the_runner(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    night.job("true")

    def full(new: Any) -> list[Event]:
        raise Unavailable("the disk is full")

    monkeypatch.setattr(night.workspace.log, "append", full)
    with pytest.raises(Unavailable, match="disk is full"):
        night.run()


def test_the_end_of_a_run_is_recorded_as_soon_as_there_is_room(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    item = night.job("echo ended")
    append = night.workspace.log.append
    refused: list[Any] = []

    def full_twice(new: Any) -> list[Event]:
        if isinstance(new[0].payload, RunFinished) and len(refused) < 2:
            refused.append(new)
            raise Unavailable("the disk is full")
        return append(new)

    monkeypatch.setattr(night.workspace.log, "append", full_twice)
    monkeypatch.setattr(runner, "PATIENCE", (0.01, 0.01, 0.01))
    night.run()
    assert len(refused) == 2
    assert night.state(item) is State.DONE


# settings


def test_a_bad_setting_names_file_line_and_key(night: Night) -> None:
    night.configure("workers: 2\nwindow: 2-5\nwrokers: 3\nretries: -1\n")
    with pytest.raises(BadConfig) as error:
        night_settings(night.workspace)
    for part in (
        "nightctl.yaml:2: window: ",
        "nightctl.yaml:3: wrokers: no such setting",
        "nightctl.yaml:4: retries: ",
    ):
        assert part in error.value.message


def test_settings_of_an_item_win(night: Night) -> None:
    settings = NightSettings(window="01:00-02:00", timeout=5, retries=4)
    plain = night.item(night.job("true"))
    own = night.item(night.job("true", window="03:00-04:00", timeout=7.5, retries=0))
    assert (str(settings.window_of(plain)), settings.timeout_of(plain), settings.retries_of(plain)) == (
        "01:00-02:00",
        5,
        4,
    )
    assert (str(settings.window_of(own)), settings.timeout_of(own), settings.retries_of(own)) == ("03:00-04:00", 7.5, 0)


def test_a_runner_that_was_started_with_nohup_stays(night: Night) -> None:
    item = night.job("touch up; sleep 1")
    ignoring = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        process = night.start("--now")
    finally:
        signal.signal(signal.SIGHUP, ignoring)
    wait_for(running(night, item))
    os.kill(process.pid, signal.SIGHUP)
    code, said = gone(process)
    assert (code, night.state(item)) == (0, State.DONE), said
