"""`cronctl`: definitions as files, what is said of them, and what is refused."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from halo_engine import clock
from halo_engine.cron import commands, jobs, queries
from halo_engine.cron import schedule as schedules
from halo_engine.errors import HaloError
from halo_engine.workspace import Workspace
from tests.cron.conftest import defined, moment, on

Call = Callable[..., Any]
COUNT = itertools.count()
FILE = """\
# why this is here
schedule: "0 7 * * *"   # before work
command: |
  echo one
  echo two %
tags: [b, a]
"""


def test_add_writes_a_file_a_person_can_read(workspace: Workspace, cronctl: Call) -> None:
    words = ("add", "water", "--schedule", "@daily", "--command", "echo 1\necho 2", "--env", "A=b", "--jitter", "5m")
    said = cronctl(*words)
    assert said.code == 0
    text = jobs.path_of(workspace, "water").read_text()
    assert 'schedule: "@daily"' in text
    assert "command: |-\n  echo 1\n  echo 2\n" in text
    assert jobs.load(workspace, "water").jitter == 300
    again = cronctl(*words)
    assert "nothing changed" in again.err
    assert cronctl("add", "water", "--schedule", "@hourly", "--command", "true").code == 4
    assert len(workspace.log.stream("cron/water")) == 1


def test_edit_keeps_what_a_person_wrote(workspace: Workspace, cronctl: Call) -> None:
    path = jobs.path_of(workspace, "water")
    path.parent.mkdir(parents=True)
    path.write_text(FILE)
    assert cronctl("edit", "water", "--retries", "2").code == 0
    assert path.read_text() == FILE + "retries: 2\n"
    assert cronctl("disable", "water").code == 0
    assert path.read_text() == FILE + "retries: 2\nenabled: false\n"
    assert "nothing changed" in cronctl("disable", "water").err


def test_a_shipped_job_is_enabled_by_its_name(workspace: Workspace, cronctl: Call) -> None:
    assert "shipped" in cronctl("list").out
    assert cronctl("enable", "daily-briefing").code == 0
    row = queries.one(workspace, "daily-briefing")
    assert (row.job.schedule, row.job.command, row.job.enabled) == ("0 7 * * *", "hal-briefing send", True)
    assert row.next[11:16] == "07:00"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ":1: empty"),
        ("# only a comment\n", ":1: empty"),
        ("schedule: @daily\ncommand: x\n", "not valid YAML"),
        ("schedule: '@daily'\n", "missing required field `command`"),
        ("schedule: '@daily'\ncommand: ''\n", ":2: command"),
        ("command: x\nschedule: '61 * * * *'\n", ":2: schedule: the minute field"),
        ("schedule: '@daily'\ncommand: x\nretry: 3\n", ":3: retry: no such setting"),
        ("schedule: '@daily'\ncommand: x\noverlap: maybe\n", ":3: overlap"),
        ("schedule: '@daily'\ncommand: x\ntimezone: Mars\n", ":3: timezone"),
        ("schedule: '@daily'\ncommand: x\nenv:\n  a b: c\n", ":3: env: 'a b'"),
        ("- a\n- b\n", ":1: "),
        ('schedule: "@daily"\ncommand: "a\\0b"\n', ":2: command"),
    ],
)
def test_a_broken_file_is_named_with_line_and_key(workspace: Workspace, cronctl: Call, text: str, said: str) -> None:
    defined(workspace, "sound")
    (jobs.folder(workspace) / "broken.yaml").write_text(text)
    found = cronctl("validate", "broken")
    assert found.code == 6
    assert said in found.err
    every = cronctl("validate", "--json")
    assert every.code == 6
    assert every.data["ok"] == ["daily-briefing", "sound"]
    listed = cronctl("list")
    assert listed.code == 1
    assert "sound" in listed.out


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["add", "Bad Name", "--schedule", "@daily", "--command", "x"], 2),
        (["add", "x", "--schedule", "99 * * * *", "--command", "x"], 2),
        (["add", "x", "--schedule", "@daily"], 2),
        (["add", "x", "--schedule", "@daily", "--command", "x", "--timeout", "soon"], 2),
        (["add", "x", "--schedule", "@daily", "--command", "x", "--env", "novalue"], 2),
        (["edit", "nothing"], 2),
        (["edit", "nothing", "--retries", "1"], 3),
        (["show", "nothing"], 3),
        (["history", "nothing"], 3),
        (["enable", "nothing"], 3),
        (["run", "nothing"], 3),
        (["run"], 2),
        (["run", "x", "--missed"], 2),
        (["next", "* * *"], 2),
        (["show", "../../etc/passwd"], 2),
    ],
)
def test_what_cannot_be_done_is_said(cronctl: Call, words: list[str], code: int) -> None:
    said = cronctl(*words)
    assert said.code == code, said
    assert said.err.startswith("error: ")


def test_next_of_an_expression_and_of_all(workspace: Workspace, cronctl: Call) -> None:
    defined(workspace, "a", schedule="0 1 * * *")
    defined(workspace, "b", schedule="0 2 * * *")
    with clock.held(moment("2026-03-01T12:00")):
        rows = cronctl("next", "--count", "3", "--json").data
        assert [(row["job"], row["time"][:16]) for row in rows] == [
            ("a", "2026-03-02T01:00"), ("b", "2026-03-02T02:00"), ("a", "2026-03-03T01:00")
        ]  # fmt: skip
        rows = cronctl("next", "30 3 * * *", "--timezone", "Europe/Riga", "--count", "1", "--json").data
        assert rows[0]["time"][:16] == "2026-03-02T01:30"


def test_the_next_times_of_all_are_looked_for_only_as_far_as_they_are_shown(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, schedule in {"a": "* * * * *", "b": "0 1 * * *", "c": "0 1 * * *"}.items():
        defined(workspace, name, schedule=schedule)
    looked: list[int] = []

    def following(*given: Any) -> Iterator[int]:
        for second in schedules.following(*given):
            looked.append(second)
            yield second

    monkeypatch.setattr(queries, "following", following)
    with clock.held(moment("2026-03-01T00:57")):
        rows = queries.upcoming(workspace, on(workspace), 6)
    times = [(row.job, row.time[11:16]) for row in rows]
    assert times == [("a", "00:58"), ("a", "00:59"), ("a", "01:00"), ("b", "01:00"), ("c", "01:00"), ("a", "01:01")]
    assert len(looked) <= len(rows) + 3


def test_history_says_how_many_more_there_are(workspace: Workspace, cronctl: Call) -> None:
    defined(workspace)
    for _ in range(3):
        cronctl("run", "water")
    said = cronctl("history", "water", "--limit", "2", "--json")
    assert [row["run"] for row in said.data] == ["water.3", "water.2"]
    assert said.json["more"] == 1


def test_a_failing_run_exits_1_and_due_is_quiet(workspace: Workspace, cronctl: Call) -> None:
    defined(workspace, command="echo no room >&2; false")
    said = cronctl("run", "water")
    assert said.code == 1
    assert "no room" in said.out
    commands.edit(workspace, "water", {"retries": 1, "retry_delay": 0})
    assert "water.2 failed in 2 attempts: exit code 1" in cronctl("run", "water").out
    commands.edit(workspace, "water", {"retries": 0, "timeout": 0.2, "command": "sleep 60"})
    assert cronctl("run", "water").out.splitlines()[0] == "water.3 timed out after 0.2s"
    with clock.held(moment("2036-03-02T06:30")):
        said = cronctl("run", "water", "--due")
    assert (said.code, said.out, said.err) == (0, "", "")


def test_units_are_written_to_a_folder(workspace: Workspace, programs: Any, cronctl: Call, tmp_path: Any) -> None:
    defined(workspace)
    assert cronctl("generate", "--format", "systemd", "--output", str(tmp_path / "units")).code == 0
    assert sorted(path.name for path in (tmp_path / "units").iterdir()) == ["halo-water.service", "halo-water.timer"]


def test_a_name_on_disk_that_is_none_does_not_hold_up_the_rest(workspace: Workspace) -> None:
    defined(workspace)
    (jobs.folder(workspace) / "Not A Name.yaml").write_text(FILE)
    found, broken = jobs.load_all(workspace)
    assert "water" in found
    assert [each.name for each in broken] == ["Not A Name"]
    with pytest.raises(HaloError):
        jobs.load(workspace, "Not A Name")


def test_what_is_no_readable_file_does_not_hold_up_the_rest(workspace: Workspace, cronctl: Call) -> None:
    defined(workspace)
    (jobs.folder(workspace) / "folder.yaml").mkdir()
    (jobs.folder(workspace) / "nowhere.yaml").symlink_to("/nonexistent/job.yaml")
    said = cronctl("list")
    assert (said.code, "water" in said.out) == (1, True)
    assert "folder.yaml: cannot be read: Is a directory" in said.err
    assert "nowhere" in said.err
    assert cronctl("daemon", "--once").code == 0
    assert cronctl("run", "folder").code == 6


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(some.text(min_size=1, max_size=40) | some.text(alphabet="a #:'\"\n\t|>-%\\{}[]&*!", min_size=1, max_size=20))
def test_any_command_is_read_back_as_it_was_given(workspace: Workspace, command: str) -> None:
    name = f"job-{next(COUNT)}"
    try:
        commands.add(workspace, name, {"schedule": "* * * * *", "command": command})
    except HaloError:
        assert "\0" in command or not command.isprintable()
        assert not jobs.path_of(workspace, name).exists()
    else:
        assert jobs.load(workspace, name).command == command
        assert jobs.load(workspace, name).schedule == "* * * * *"


@pytest.mark.parametrize("text", ["a: [\n", "- a\n", "a: 1\na: 2\n", "just words\n"])
def test_a_file_that_cannot_be_edited_is_left_alone(workspace: Workspace, cronctl: Call, text: str) -> None:
    path = jobs.path_of(workspace, "odd")
    path.parent.mkdir(parents=True)
    path.write_text(text)
    said = cronctl("edit", "odd", "--retries", "2")
    assert said.code == 6, said
    assert path.read_text() == text


def test_a_wrong_schedule_can_be_mended(workspace: Workspace, cronctl: Call) -> None:
    path = jobs.path_of(workspace, "odd")
    path.parent.mkdir(parents=True)
    path.write_text("schedule: '61 * * * *'\ncommand: 'true'\n")
    assert cronctl("edit", "odd", "--schedule", "1 * * * *").code == 0
    assert jobs.load(workspace, "odd").schedule == "1 * * * *"


def test_no_secret_reaches_the_log(workspace: Workspace, cronctl: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HALO_TEST_TOKEN", "hunter2hunter2")
    defined(workspace, command="echo hunter2hunter2 $API_KEY", env={"API_KEY": "sesame-sesame"})
    cronctl("run", "water")
    assert queries.run(workspace, "water.1").tail == "[redacted] [redacted]\n"


def test_times_in_several_zones_name_them(cronctl: Callable[..., Any], workspace: Workspace) -> None:
    with clock.held(moment("2026-11-21T06:00")):
        defined(workspace, "here")
        assert "UTC" not in cronctl("next").out
        defined(workspace, "there", timezone="America/New_York")
        lines = cronctl("next", "--count", "2").out.splitlines()
        assert [line.split()[:4] for line in lines[1:]] == [
            ["Sat", "2026-11-21", "07:00", "UTC"],
            ["Sat", "2026-11-21", "07:00", "EST"],
        ]
        assert "07:00 EST" in cronctl("list").out


def test_an_outcome_that_there_is_not_is_refused(cronctl: Callable[..., Any]) -> None:
    assert cronctl("history", "--outcome", "nonsense").code == 2
    assert cronctl("history", "--outcome", "timed_out").code == 0
