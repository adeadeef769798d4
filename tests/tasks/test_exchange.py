"""Moving house: out of one workspace and into another, twice, in parts, and with a file full of faults."""

from __future__ import annotations

import json
import sys
from io import BytesIO, TextIOWrapper

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import BadData, Conflict, Usage
from halo_engine.events.model import New
from halo_engine.events.sqlite_log import SqliteLog
from halo_engine.tasks import commands, queries
from halo_engine.tasks.events import RunFinished, RunStarted
from halo_engine.tasks.exchange import files as exchange
from halo_engine.tasks.exchange import importing
from halo_engine.tasks.exchange.entries import tag_from, title_from
from halo_engine.tasks.planning import plans
from halo_engine.tasks.states import Kind, State
from halo_engine.workspace import Workspace
from tests.tasks.test_plans import GOOD

TIME = "2026-11-20T14:02:11.000000Z"


@pytest.fixture
def other(tmp_path):
    made = Workspace(tmp_path / "other")
    made.create()
    return made


@pytest.fixture
def lived_in(workspace):
    """A workspace with an item of each kind in many states, with notes, a plan and runs."""
    paint = commands.add(workspace, "Buy paint ☂", tags=("shop", "red"), priority=3, due=TIME, key="mine").item
    commands.note(workspace, paint.id, "the blue one")
    wall = commands.add(workspace, "Paint the wall", depends_on=(paint.id,), context="North\nside").item
    commands.block(workspace, commands.start(workspace, wall.id).item.id, "no paint")
    job = commands.add(workspace, "Back up", kind=Kind.JOB, command="true", window="02:00-05:00", retries=0).item
    ran(workspace, job.id, 1, State.FAILED)
    commands.retry(workspace, job.id)
    ran(workspace, job.id, 2, State.DONE)
    agent = commands.add(workspace, "Think", kind=Kind.AGENT_JOB, timeout=90.5).item
    commands.plan(workspace, agent.id, GOOD)
    commands.approve(workspace, agent.id)
    commands.cancel(workspace, commands.add(workspace, "Never mind").item.id, "too late")
    commands.defer(workspace, commands.add(workspace, "Later").item.id, "2030-01-01T00:00:00.000000Z")
    return workspace


def ran(workspace, item_id, attempt, to):
    run, folder = f"{item_id}.{attempt}", f"run/{item_id}.{attempt}"
    started = RunStarted(run, attempt, State.OPEN, "here:1:2", TIME, folder)
    outcome = "succeeded" if to is State.DONE else "failed"
    finished = RunFinished(run, attempt, outcome, to, TIME, 1.5, folder, 0, 1000, 5, "hello")
    workspace.log.append(
        [
            New(queries.stream(item_id), "task.run.started", started),
            New(queries.stream(item_id), "task.run.finished", finished),
        ]
    )


def exported(workspace, **how):
    return list(exchange.export_lines(workspace, **how))


def taken_in(workspace, lines):
    text = lines if isinstance(lines, str) else "\n".join(lines)
    return importing.import_items(workspace, exchange.read_lines(text), "halo")


PLAN = {"item": 1, "xml": GOOD, "hash": plans.digest(GOOD), "written": TIME, "written_by": "me"}


def line(number=1, **changes):
    """A line of an export; `changes` of its item, or of the line where it has such a part."""
    item = {"number": number, "id": f"T-{number:03}", "title": "Do it", "kind": "task", "state": "open", "version": 1}
    whole = {"halo": 1, "key": f"key-{number}", "item": item, "needs": []}
    for name, value in changes.items():
        (whole if name in {"halo", "key", "needs", "plan", "runs"} else item)[name] = value
    return json.dumps(whole)


def run(**changes):
    known = {
        "id": "T-001.1",
        "item": 1,
        "attempt": 1,
        "outcome": "failed",
        "started": TIME,
        "runner": "",
        "folder": "r",
    }
    return known | changes


def faults(workspace, *lines):
    head = workspace.log.head()
    with pytest.raises(BadData) as refused:
        taken_in(workspace, lines)
    assert workspace.log.head() == head
    return [each.strip() for each in refused.value.message.splitlines()[1:]]


def test_everything_arrives(lived_in, other):
    before = exported(lived_in)
    report = taken_in(other, before)
    assert (report.added, report.unchanged, report.renumbered, report.missing) == (6, 0, 0, 0)
    for was, now in zip(map(json.loads, before), map(json.loads, exported(other)), strict=True):
        assert now["item"].pop("version") == 1
        was["item"].pop("version")
        was["item"]["key"] = was["key"]
        assert now == was
    assert queries.plan(other, "4").xml == GOOD
    assert queries.item(other, "4").approved_hash == plans.digest(GOOD)
    assert [each.outcome for each in queries.runs(other, "3")] == ["succeeded", "failed"]
    assert commands.start(other, commands.reopen(other, "6").item.id).item.state is State.IN_PROGRESS


def test_a_second_time_changes_nothing(lived_in, other):
    lines = exported(lived_in)
    taken_in(other, lines)
    head = other.log.head()
    assert taken_in(other, lines).unchanged == 6
    assert other.log.head() == head


def test_an_export_is_known_where_it_came_from(lived_in):
    head = lived_in.log.head()
    report = taken_in(lived_in, exported(lived_in))
    assert (report.added, report.unchanged) == (0, 6)
    assert lived_in.log.head() == head


def test_an_export_is_known_where_it_was_imported(lived_in, other):
    taken_in(other, exported(lived_in))
    assert taken_in(lived_in, exported(other)).added == 0


def test_ids_that_are_taken_change_and_dependencies_follow(lived_in, other):
    commands.add(other, "First here")
    report = taken_in(other, exported(lived_in))
    assert (report.added, report.renumbered) == (6, 1)
    moved = queries.by_key(other, "mine")
    assert moved.id == "T-007"
    assert queries.item(other, "2").depends_on == ("T-007",)
    assert commands.add(other, "Next").item.id == "T-008"


def test_a_run_under_another_id_does_not_show_the_output_of_another_item(lived_in, other):
    for title in ("one", "two", "three"):
        commands.add(other, title)
    taken_in(other, exported(lived_in))
    moved = next(each for each in map(json.loads, exported(other)) if each["item"]["title"] == "Back up")
    assert moved["item"]["id"] == "T-009"
    assert [(each["id"], each["folder"]) for each in moved["runs"]] == [("T-009.1", ""), ("T-009.2", "")]


def test_only_what_is_not_over(lived_in, other):
    commands.cancel(lived_in, "1")
    assert [json.loads(each)["item"]["id"] for each in exported(lived_in, every=False)] == ["T-002", "T-004", "T-006"]
    report = taken_in(other, exported(lived_in, every=False))
    assert (report.added, report.missing) == (3, 1)
    assert queries.item(other, "2").depends_on == ()
    assert queries.item(other, "2").notes[-1][1] == "depended on mine, which was not imported"
    assert "1 dependencies not found" in report.summary()


def test_a_dependency_that_is_here_already_is_found(workspace):
    here = commands.add(workspace, "Here", key="k").item
    taken_in(workspace, [line(7, needs=["k"])])
    assert queries.item(workspace, "7").depends_on == (here.id,)


def test_an_item_that_ran_elsewhere_has_failed_here(workspace):
    running = {"state": "running", "kind": "job", "command": "true", "runner": "far:1:2", "run": "T-001.1"}
    lost = run(outcome="running")
    taken_in(workspace, [line(1, **running, lease_until=TIME, runs=[lost])])
    item = queries.item(workspace, "1")
    assert (item.state, item.run, item.runner, item.lease_until, item.attempts) == (State.FAILED, None, None, None, 1)
    assert "elsewhere" in item.reason
    assert queries.runs(workspace, "1")[0].outcome == "lost"


def test_an_import_that_was_cut_short_goes_on(workspace, monkeypatch):
    monkeypatch.setattr(importing, "BATCH", 10)
    lines = [line(n, needs=[f"key-{n + 1}"] if n < 95 else []) for n in range(1, 96)]
    append = SqliteLog.append
    calls = []

    def dies(self, new):
        calls.append(new)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return append(self, new)

    monkeypatch.setattr(SqliteLog, "append", dies)
    with pytest.raises(KeyboardInterrupt):
        taken_in(workspace, lines)
    known = {item.id for item in queries.items(workspace, range(1, 96))}
    assert len(known) == 30
    assert all(set(item.depends_on) <= known for item in queries.items(workspace, range(1, 96)))
    assert taken_in(workspace, lines).added == 65
    assert [item.depends_on for item in queries.items(workspace, range(1, 96))] == [
        *((f"T-{n + 1:03}",) for n in range(1, 95)),
        (),
    ]


def test_somebody_else_adds_items_meanwhile(workspace, other, monkeypatch):
    """Whoever comes second takes other numbers; what was appended before stays, and nobody's dependencies go astray."""
    monkeypatch.setattr(importing, "BATCH", 5)
    append = SqliteLog.append
    calls = []

    def busy(self, new):
        calls.append(new)
        if len(calls) in {2, 4, 6}:
            number = queries.last_number(workspace) + 1
            added = msgspec.structs.replace(calls[0][0], stream=queries.stream(queries.name(number)))
            append(self, [added])
        return append(self, new)

    monkeypatch.setattr(SqliteLog, "append", busy)
    lines = [line(n, title=f"item {n}", needs=[f"key-{n - 1}"] if n > 1 else []) for n in range(1, 21)]
    assert taken_in(workspace, lines).added == 20
    for number in range(2, 21):
        item = queries.by_key(workspace, f"key-{number}")
        assert item.title == f"item {number}"
        assert item.depends_on == (queries.by_key(workspace, f"key-{number - 1}").id,)


def test_a_log_that_always_conflicts_is_given_up(workspace, monkeypatch):
    def never(self, new):
        raise Conflict("no")

    monkeypatch.setattr(SqliteLog, "append", never)
    with pytest.raises(Conflict):
        taken_in(workspace, [line()])


@pytest.mark.parametrize(
    ("broken", "fault"),
    [
        ("{", "line 2: Input data was truncated"),
        ("[]", "line 2: Expected `object`"),
        ("{}", "line 2: Object missing required field"),
        ("[" * 100_000, "line 2: "),
        (line(2, halo=2), "line 2: it is of format 2"),
        (line(2, state="asleep"), "line 2: Invalid enum value 'asleep' - at `item.state`"),
        (line(2, priority="high"), "line 2: Expected `int`, got `str` - at `item.priority`"),
        (line(2, priority=4), "line 2: its priority must be 0 to 3, not 4"),
        (line(2, key=""), "line 2: its key must have"),
        (line(2, key="x" * 501), "line 2: its key must have"),
        (line(2, key="key-1"), "line 2: its key stands in line 1 already"),
        (line(2, id="T-3"), "line 2: its id must read like T-042"),
        (line(2, id="../T-002"), "line 2: its id must read like T-042"),
        (line(0), "line 2: its id must read like T-042"),
        (line(2, title=" "), "line 2: the title is empty"),
        (line(2, title="x" * 501), "line 2: the title has 501 characters"),
        (line(2, title="\ud800"), "line 2: "),
        (line(2, context="x" * 100_001), "line 2: the context has 100,001 characters"),
        (line(2, notes=[[TIME, "x" * 100_001]]), "line 2: the note has 100,001 characters"),
        (line(2, tags=["a b"]), "line 2: not a tag: 'a b'"),
        (line(2, kind="job"), "line 2: a job needs a command"),
        (line(2, timeout=-1), "line 2: a timeout is more than 0 seconds"),
        (line(2, kind="job", command="x", window="soon"), "line 2: "),
        (line(2, due="tomorrow"), "line 2: due is no time such as"),
        (line(2, finished="2026-13-20T14:02:11.000000Z"), "line 2: finished is no time such as"),
        (line(2, notes=[["", "x"]]), "line 2: a note's time is no time such as"),
        (line(2, plan=PLAN | {"written": "x"}), "line 2: the plan's time is no time such as"),
        (line(2, runs=[run(started="x")]), "line 2: a run's beginning is no time"),
        (line(2, runs=[run(ended="x")]), "line 2: a run's end is no time"),
        (line(2, runs=[run(), run()]), "line 2: two of its runs have the same attempt"),
        (line(2, runs=[run(folder="../../etc")]), "line 2: a run's folder must be inside the workspace"),
        (line(2, runs=[run(folder="/etc")]), "line 2: a run's folder must be inside the workspace"),
        (line(2, attempts=10**17), "line 2: it holds a number that is too large"),
        (line(2, needs=["key-2"]), "line 2: it depends on itself"),
    ],
)
def test_faults_in_words(workspace, broken, fault):
    [found] = faults(workspace, line(1), broken, "")
    assert found.startswith(fault)


def test_all_faults_come_at_once(workspace):
    found = faults(
        workspace, line(1, due="x", priority=9), line(2, needs=["key-3"]), line(3, needs=["key-2"]), line(4, title="")
    )
    assert [each.partition(" is ")[0] for each in found] == [
        "line 1: its priority must be 0 to 3, not 9",
        "line 1: due",
        "line 4: the title",
        "line 2: it depends on line 3, and so on itself",
    ]


def test_the_plan_that_counts_is_the_text(workspace):
    plan = PLAN | {"hash": "made up"}
    taken_in(workspace, [line(1, kind="agent-job", plan=plan, plan_hash="made up", approved_hash="made up")])
    assert queries.item(workspace, "1").plan_hash == plans.digest(GOOD)
    assert queries.plan(workspace, "1").hash == plans.digest(GOOD)
    assert queries.item(workspace, "1").approved_hash == "made up"


def test_from_the_command_line(lived_in, other, nightctl, tmp_path, monkeypatch):
    file = tmp_path / "all.jsonl"
    file.write_text(nightctl("export").out)
    other.create()
    monkeypatch.setenv("HALO_WORKSPACE", str(other.root))
    planned = nightctl("import", str(file), "--dry-run", "--json")
    assert json.loads(planned.out)["data"]["added"] == 6
    assert other.log.head() == 0
    assert nightctl("import", str(file)).out == "6 added, 0 here already\n"
    assert nightctl("import", str(file)).out == "0 added, 6 here already\n"
    monkeypatch.setattr(sys, "stdin", TextIOWrapper(BytesIO(b"\xef\xbb\xbf" + file.read_bytes())))
    assert nightctl("import", "-").out == "0 added, 6 here already\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "not UTF-8"),
        (b"ok\n\xff", ":2: not UTF-8"),
        (b"hello", "neither"),
        (b'{"a": 1}', "neither"),
        (b"[1]", "task 1"),
    ],
)
def test_a_file_that_is_something_else(nightctl, tmp_path, content, words):
    file = tmp_path / "file"
    file.write_bytes(content)
    said = nightctl("import", str(file))
    assert said.code == 7
    assert words in said.err


def test_an_empty_file(nightctl, tmp_path):
    (tmp_path / "none").write_text("\n")
    assert nightctl("import", str(tmp_path / "none")).out == "0 added, 0 here already\n"


def test_an_empty_workspace(workspace):
    assert exported(workspace) == []
    assert json.loads("\n".join(exported(workspace, style="taskwarrior"))) == []
    with pytest.raises(Usage):
        exported(workspace, style="org")


def test_more_items_than_are_held_at_a_time(workspace, other, monkeypatch):
    monkeypatch.setattr(exchange, "CHUNK", 7)
    lines = [line(n, needs=["key-1"] if n > 1 else []) for n in range(1, 51)]
    taken_in(workspace, lines)
    assert taken_in(other, exported(workspace)).added == 50
    assert queries.item(other, "50").depends_on == ("T-001",)


@given(st.text(max_size=600))
def test_any_text_makes_a_title_and_tags(text):
    title, context = title_from(text)
    assert len(title) <= 500
    assert title == " ".join(title.split())
    assert not context or context == text
    tag = tag_from(text)
    assert len(tag) <= 100
    assert not any(mark.isspace() or mark in ',"' for mark in tag)
