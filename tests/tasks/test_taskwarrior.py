"""Taskwarrior's export in and out: a file that the real program wrote, and the program itself where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import BadData
from halo_engine.tasks import commands, queries
from halo_engine.tasks.exchange import files as exchange
from halo_engine.tasks.exchange import taskwarrior
from halo_engine.tasks.exchange.taskwarrior_export import uuid_of
from halo_engine.tasks.states import State

EXPORT = Path(__file__).parent / "data" / "taskwarrior-2.6.2.json"
"""Written by Taskwarrior 2.6.2: dependencies, tags, dates, annotations, recurrence, attributes of the user's own."""
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
UUID = "ab7a7f49-f55d-407e-9e1c-e1570c97ac18"
OTHER = "b3c41722-b28e-4bd8-9ad1-ee9428927900"


@pytest.fixture(autouse=True)
def held(monkeypatch):
    """The time stands still at `NOW`."""
    monkeypatch.setenv("HALO_NOW", NOW.isoformat())


def task(**attributes):
    return {"uuid": UUID, "description": "Do it", "status": "pending", "entry": "20261120T140211Z"} | attributes


def read(*tasks):
    return taskwarrior.read(json.dumps(tasks), NOW)


def faults(text):
    with pytest.raises(BadData) as refused:
        taskwarrior.read(text if isinstance(text, str) else json.dumps(text), NOW)
    first, *listed = refused.value.message.splitlines()
    assert "nothing was imported" in first
    return [line.strip() for line in listed]


def written(workspace):
    return json.loads("\n".join(exchange.export_lines(workspace, "taskwarrior")))


def test_a_real_export():
    by_title = {entry.item.title: entry for entry in reversed(taskwarrior.read(EXPORT.read_text(), NOW))}
    report = by_title["Write the report"].item
    assert report.state is State.OPEN
    assert report.priority == 3
    assert report.tags == ("urgent", "writing", "project:Home.Garden")
    assert report.due == "2026-12-24T00:00:00.000000Z"
    assert report.key == "taskwarrior:ab7a7f49-f55d-407e-9e1c-e1570c97ac18"
    assert [text for _, text in report.notes] == [
        "first note: with https://example.org/x?y=1",
        "second ☂",
        'taskwarrior: {"estimate": "PT3H", "reviewer": "Ana Ņ", "seen": "20261101T100000Z", "size": 5}',
    ]
    send = by_title['Send it – ☂ "quoted" / slash']
    assert (send.item.state, send.item.defer_until) == (State.DEFERRED, "2027-01-15T00:00:00.000000Z")
    assert send.needs == [report.key]
    assert len(by_title["Depends on two"].needs) == 2
    states = {title: entry.item.state for title, entry in by_title.items()}
    assert states["Started"] is State.IN_PROGRESS
    assert states["Old one"] is State.DONE
    assert states["Del me"] is State.CANCELLED
    assert states["Scheduled"] is State.DEFERRED
    assert by_title["Old one"].item.finished == "2026-11-21T00:16:48.000000Z"
    assert by_title["multi line"].item.context == "multi\nline"


def test_a_real_export_comes_back_as_it_was(workspace):
    exchange.import_file(workspace, EXPORT)
    before = {each["uuid"]: each for each in json.loads(EXPORT.read_text())}
    for each in written(workspace):
        was = {name: value for name, value in before.pop(each["uuid"]).items() if name not in {"id", "urgency"}}
        if each["status"] == "waiting":
            each["status"] = "pending"
        assert each == was
    assert not before


def test_importing_twice_changes_nothing_the_second_time(workspace):
    assert exchange.import_file(workspace, EXPORT).added == 10
    head = workspace.log.head()
    again = exchange.import_file(workspace, EXPORT)
    assert (again.added, again.unchanged) == (0, 10)
    assert workspace.log.head() == head
    assert queries.item(workspace, "6").depends_on == ("T-009", "T-001")


@pytest.mark.parametrize(
    ("attributes", "state", "until"),
    [
        ({}, State.OPEN, None),
        ({"start": "20261120T150000Z"}, State.IN_PROGRESS, None),
        ({"wait": "20261122T000000Z"}, State.DEFERRED, "2026-11-22T00:00:00.000000Z"),
        ({"wait": "20261101T000000Z"}, State.OPEN, None),
        ({"status": "waiting", "wait": "20261101T000000Z"}, State.DEFERRED, "2026-11-01T00:00:00.000000Z"),
        ({"status": "waiting", "wait": "99991230T000000Z"}, State.DEFERRED, None),
        ({"status": "waiting"}, State.DEFERRED, None),
        ({"scheduled": "20261122T000000Z"}, State.DEFERRED, "2026-11-22T00:00:00.000000Z"),
        ({"scheduled": "20261101T000000Z"}, State.OPEN, None),
        ({"status": "recurring", "recur": "weekly", "mask": "-"}, State.DEFERRED, None),
        ({"status": "completed", "end": "20261120T160000Z", "start": "20261120T150000Z"}, State.DONE, None),
        ({"status": "deleted", "end": "20261120T160000Z"}, State.CANCELLED, None),
    ],
)
def test_states(workspace, tmp_path, attributes, state, until):
    original = task(**attributes)
    [entry] = read(original)
    assert (entry.item.state, entry.item.defer_until) == (state, until)
    file = tmp_path / "export.json"
    file.write_text(json.dumps([original]))
    exchange.import_file(workspace, file)
    [back] = written(workspace)
    assert [entry.item.with_(notes=())] == [each.item.with_(notes=()) for each in read(back)]
    if state is State.DEFERRED and original["status"] == "pending" and "wait" in original:
        original["status"] = "waiting"
    assert original.items() <= back.items()


@pytest.mark.parametrize(
    "attributes",
    [
        {"tags": ["two words", "a,b", 'q"q', "ok"], "project": "Two Words"},
        {"tags": ["dup", "dup"]},
        {"priority": "X"},
        {"description": "  spaced   out \n twice  "},
        {"description": "long " * 300},
        {"project": "A", "tags": ["A", "project:B"]},
        {"recur": "weekly", "parent": OTHER, "imask": 3, "until": "20271201T000000Z"},
        {"uda": {"nested": [1, 2.5, None]}, "ключ": "значение", "start": "20261120T150000Z"},
    ],
)
def test_nothing_is_lost_on_the_way_through(workspace, tmp_path, attributes):
    original = task(**attributes)
    file = tmp_path / "export.json"
    file.write_text(json.dumps([original]))
    exchange.import_file(workspace, file)
    [back] = written(workspace)
    back["tags"] = sorted(set(back.get("tags", [])))
    assert back.pop("modified") == original["entry"]
    assert back == {"tags": []} | original | {"tags": sorted(set(original.get("tags", [])))}


def test_a_name_too_long_is_kept_whole_in_the_context():
    [entry] = read(task(description="long " * 300))
    assert len(entry.item.title) == 500
    assert entry.item.title.endswith("…")
    assert entry.item.context == "long " * 300


def test_older_ways_of_writing():
    lines = [json.dumps(task(tags="a,b", depends=f"{OTHER}")) + ",", "", json.dumps(task(uuid=OTHER))]
    first, second = taskwarrior.read("\n".join(lines), NOW)
    assert first.item.tags == ("a", "b")
    assert first.needs == [second.key]
    assert (first.where, second.where) == ("line 1", "line 3")


@pytest.mark.parametrize("text", ["", "[]", "\n \n", "[\n]\n"])
def test_an_empty_export(text):
    assert taskwarrior.read(text, NOW) == []


@pytest.mark.parametrize(
    ("attributes", "fault"),
    [
        ({"description": ""}, 'description must be a text, not ""'),
        ({"description": None}, "description must be a text, not null"),
        ({"uuid": None}, "uuid must be a UUID, not null"),
        ({"uuid": "42"}, 'uuid must be a UUID, not "42"'),
        ({"status": "someday"}, "status must be one of pending, waiting, recurring, completed, deleted"),
        ({"status": []}, "status must be one of"),
        ({"due": "tomorrow"}, "due must be a date such as 20261120T140211Z"),
        ({"due": "20261399T140211Z"}, "due must be a date"),
        ({"entry": 5}, "entry must be a date"),
        ({"project": 5}, "project must be a text"),
        ({"priority": ["H"]}, "priority must be a text"),
        ({"tags": [1]}, "tags must be a list of words"),
        ({"tags": 1}, "tags must be a list of words"),
        ({"depends": ["x"]}, "depends must be a list of UUIDs"),
        ({"annotations": [{"description": "x"}]}, "annotations must be a list of entry and description"),
        ({"annotations": 7}, "annotations must be"),
        ({"description": "\ud800"}, "it holds a character that is no Unicode"),
    ],
)
def test_faults_in_words(attributes, fault):
    [found] = faults([task(uuid=OTHER), task(**attributes)])
    assert found.startswith(f"task 2: {fault}")


def test_all_faults_come_at_once():
    lines = [
        json.dumps(task(due="x", tags=5)),
        "{broken",
        "[1]",
        json.dumps(task(uuid=OTHER)),
        json.dumps(task(uuid=OTHER)),
    ]
    assert [line.partition(",")[0] for line in faults("\n".join(lines))] == [
        "line 1: due must be a date such as 20261120T140211Z",
        "line 1: tags must be a list of words",
        "line 2",
        "line 3: a task is a JSON object",
        "line 5: its uuid stands in line 4 already",
    ]


@pytest.mark.parametrize("nothing", ["", " ", "\x1b", "\x00 \x9b"])
def test_a_description_in_which_nothing_shows_is_refused(nothing):
    with pytest.raises(BadData, match="description must be a text"):
        read(task(description=nothing))


@pytest.mark.parametrize(
    "text", ['[{"uuid": ]', "[" * 200_000, "[" + "9" * 5000 + "]", "[1, 2", "[null]", "null", "[{}"]
)
def test_broken_json(text):
    assert faults(text)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5), st.data())
def test_any_attribute_of_any_type_is_read_or_refused(value, data):
    name = data.draw(st.sampled_from(sorted({*taskwarrior.CHECKS, "uda", "recur", "mask"})))
    try:
        [entry] = read(task(**{name: value}))
    except BadData:
        return
    assert entry.item.title


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        taskwarrior.read(text, NOW)
    except BadData as refused:
        assert refused.message  # noqa: PT017


def test_an_item_of_ours_has_the_same_uuid_every_time():
    first = uuid_of("T-001", None, "2026-11-20T00:00:00.000000Z")
    assert first == uuid_of("T-001", "mine", "2026-11-20T00:00:00.000000Z")
    assert first != uuid_of("T-002", None, "2026-11-20T00:00:00.000000Z")
    assert uuid_of("T-001", f"taskwarrior:{UUID}", "") == UUID


PROGRAM = shutil.which("task")


@pytest.fixture
def run(tmp_path):
    """Run the real program with a list of its own."""
    settings = tmp_path / "taskrc"
    settings.write_text(
        f"data.location={tmp_path}/task\nconfirmation=off\nverbose=nothing\nnews.version=9.9.9\n"
        "uda.estimate.type=duration\nuda.size.type=numeric\nuda.reviewer.type=string\n"
    )

    def program(*words, stdin=""):
        done = subprocess.run(
            [PROGRAM, *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            env={"HOME": str(tmp_path), "TASKRC": str(settings), "PATH": os.environ["PATH"], "TZ": "UTC"},
        )
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    return program


requires_program = pytest.mark.skipif(PROGRAM is None, reason="needs the program `task` (apt install taskwarrior)")


@requires_program
def test_the_real_program_writes_what_we_read_and_reads_what_we_write(run, workspace, tmp_path):
    run("add", "Write – ☂", "project:Home.Garden", "+writing", "priority:H", "due:2026-12-24", "size:5", "estimate:3h")
    run("add", 'Send "it"', "depends:1", "wait:2027-01-15", "reviewer:Ana Ņ")
    run("add", "Repeat", "recur:weekly", "due:2026-12-01")
    run("add", "Started", "depends:1,2")
    run("4", "start")
    run("1", "annotate", "see https://example.org/x?y=1")
    run("1", "annotate", "and ключ")
    run("add", "Finished")
    run("5", "done")
    before = run("export")
    (tmp_path / "before.json").write_text(before)
    exchange.import_file(workspace, tmp_path / "before.json")
    run(
        "rc.data.location=" + str(tmp_path / "other"),
        "import",
        "-",
        stdin="\n".join(exchange.export_lines(workspace, "taskwarrior")),
    )
    after = run("rc.data.location=" + str(tmp_path / "other"), "export")
    assert _plain(after) == _plain(before)


def _plain(export):
    """What must survive; numbers in the list and urgency are worked out by the program."""
    tasks = [{n: v for n, v in each.items() if n not in {"id", "urgency", "modified"}} for each in json.loads(export)]
    for each in tasks:
        each["tags"], each["depends"] = sorted(each.get("tags", [])), sorted(each.get("depends", []))
    return sorted(tasks, key=lambda each: each["uuid"])


@requires_program
def test_the_real_program_takes_items_in_every_state(run, workspace):
    one = commands.add(workspace, "one", tags=("a", "project:B"), priority=2).item
    commands.add(workspace, "two – ☂ \\ \"q\" 'x'\tTab", depends_on=(one.id,), context="More\nabout it")
    commands.note(workspace, "1", "twice")
    commands.note(workspace, "1", "in the same second")
    commands.start(workspace, "1")
    commands.block(workspace, "1", "waiting for paint")
    commands.defer(workspace, "2")
    commands.cancel(workspace, commands.add(workspace, "three").item.id)
    commands.done(workspace, commands.start(workspace, commands.add(workspace, "four").item.id).item.id)
    run("import", "-", stdin="\n".join(exchange.export_lines(workspace, "taskwarrior")))
    found = {each["description"].split()[0]: each for each in json.loads(run("export"))}
    assert {name: each["status"] for name, each in found.items()} == {
        "one": "pending",
        "two": "pending",
        "three": "deleted",
        "four": "completed",
    }
    assert found["one"]["start"]
    assert [each["description"] for each in found["one"]["annotations"]] == ["twice", "in the same second"]
    assert found["two"]["wait"] == "99991230T000000Z"
    assert found["two"]["depends"] == [found["one"]["uuid"]]
