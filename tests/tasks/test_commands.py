"""The write side: what each verb asks, refuses, records, and leaves alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_engine.errors import BadData, Conflict, NotAllowed, NotFound, Usage
from halo_engine.tasks import commands, queries
from halo_engine.tasks.checks import TITLE_LIMIT
from halo_engine.tasks.editing import editing
from halo_engine.tasks.events import TaskNoted
from halo_engine.tasks.states import Kind, State
from halo_engine.workspace import Workspace
from tests.tasks import walking
from tests.tasks.walking import PLAN, reach

ROOT = Path(__file__).parents[2]
PAST, FUTURE = "2020-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"


def add(workspace, title="milk", **fields):
    return commands.add(workspace, title, **fields).item


def unchanged(workspace, error, function, *arguments, **options):
    """The call is refused, and nothing was recorded."""
    head = workspace.log.head()
    with pytest.raises(error) as caught:
        function(workspace, *arguments, **options)
    assert workspace.log.head() == head
    return caught.value


# adding


def test_numbers_count_up(workspace):
    assert [add(workspace).id for _ in range(3)] == ["T-001", "T-002", "T-003"]


def test_everything_that_can_be_said(workspace):
    add(workspace)
    given_ = {
        "kind": Kind.JOB,
        "priority": 3,
        "tags": ("home", "ä"),
        "due": FUTURE,
        "context": "two\nlines",
        "command": "true",
        "depends_on": ("T-001",),
        "window": "22:00-05:00",
        "timeout": 1.5,
        "retries": 2,
    }
    item = add(workspace, "Buy milk", **given_)
    assert {name: getattr(item, name) for name in given_} == given_
    assert (item.state, item.version, item.created_by) == (State.OPEN, 1, "operator")
    assert item.created == item.changed == item.entered
    assert queries.item(workspace, "2") == item


def test_a_key_is_used_once(workspace):
    first = commands.add(workspace, "milk", key="mail/17 ä")
    again = commands.add(workspace, "other words", key="mail/17 ä")
    assert again.item == first.item
    assert (again.events, again.note) == ([], "T-001 has that key already")
    assert workspace.log.head() == 2


ADD = "import sys; from pathlib import Path; from halo_engine.tasks import commands; "
ADD += "from halo_engine.workspace import Workspace; w = Workspace(Path(sys.argv[1])); "
ADD += "print(*[commands.add(w, 'x', key=f'k{n}').item.id for n in range(10)])"


def test_processes_that_add_the_same_keys_at_once(workspace):
    """Each key makes one item, and everyone hears of the same."""
    command = [sys.executable, "-c", ADD, str(workspace.root)]
    running = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    said = {each.communicate(timeout=60)[0] for each in running}
    assert len(said) == 1
    assert sorted(said.pop().split()) == sorted(item.id for item in queries.page(workspace, queries.Filter(), 0)[0])
    assert len(walking.tables(workspace)["item"]) == 10


def test_deferred_from_the_beginning(workspace):
    assert add(workspace, defer_until=FUTURE).state is State.DEFERRED
    assert add(workspace, defer_until=PAST).state is State.OPEN


def test_a_plan_that_comes_with_it(workspace):
    changed = commands.add(workspace, "fix it", kind=Kind.AGENT_JOB, plan=PLAN.format(goal="it"))
    assert changed.item.state is State.PLAN_REVIEW
    assert [event.type for event in changed.events][-1] == "task.item.submitted"
    unchanged(workspace, BadData, commands.add, "fix it", kind=Kind.AGENT_JOB, plan="<plan/>")


@pytest.mark.parametrize(
    "fields",
    [
        {"command": "true"},
        {"kind": Kind.AGENT_JOB, "command": "true"},
        {"kind": Kind.JOB},
        {"kind": Kind.JOB, "command": " \n"},
        {"kind": Kind.JOB, "command": "a\0b"},
        {"window": "25:00-26:00"},
        {"window": "soon"},
        {"timeout": 0.0},
        {"timeout": -1.0},
        {"timeout": float("nan")},
        {"timeout": float("inf")},
        {"retries": -1},
        {"tags": ("",)},
        {"tags": ("a b",)},
        {"tags": ("a,b",)},
        {"tags": ("x" * 101,)},
        {"tags": ("a\0",)},
        {"key": "x" * 501},
        {"key": "a\nb"},
        {"priority": 4},
        {"priority": -1},
    ],
    ids=str,
)
def test_what_cannot_be_said(workspace, fields):
    unchanged(workspace, Usage, commands.add, "milk", **fields)


# titles


@pytest.mark.parametrize(
    "title",
    [
        "\U0001f95b",
        "e\u0301",
        "שלום",
        "\u202eright to left",
        "日本語",
        "a\u200db",
        "<b>&amp;",
        "'; DROP TABLE item; --",
        "%_\\",
    ],
)
def test_titles_of_all_kinds(workspace, title):
    assert add(workspace, title).title == title
    assert queries.item(workspace, "1").title == title


def test_a_title_is_one_line(workspace):
    assert add(workspace, "  two\n\tlines \r\n and\u2028more ").title == "two lines and more"
    assert add(workspace, "x" * TITLE_LIMIT).title == "x" * TITLE_LIMIT


@pytest.mark.parametrize("title", ["", " \n\t", "\u2003"])
def test_an_empty_title(workspace, title):
    unchanged(workspace, Usage, commands.add, title)


@pytest.mark.parametrize("title", ["a\0b", "a\x1b[31mb", "a\x07", "a\x7fb", "a\x9bb"])
def test_a_title_that_steers_the_terminal(workspace, title):
    assert "control character" in unchanged(workspace, Usage, commands.add, title).message


@pytest.mark.parametrize("title", ["\ud800", "a\udcff", "\udfff\ud800"])
def test_a_title_that_is_no_unicode(workspace, title):
    assert unchanged(workspace, BadData, commands.add, title).message.startswith("the title is not valid Unicode")


HUGE = "x" * 10_000_000


def test_10_mb(workspace):
    """A clear word and nothing stored, whatever it is that is too long."""
    add(workspace)
    assert "10,000,000 characters; 500 are the most" in unchanged(workspace, Usage, commands.add, HUGE).message
    for field in ("context", "window", "key"):
        unchanged(workspace, Usage, commands.add, "x", **{field: HUGE})
    unchanged(workspace, Usage, commands.add, "x", kind=Kind.JOB, command=HUGE)
    unchanged(workspace, Usage, commands.add, "x", tags=(HUGE,))
    unchanged(workspace, (Usage, BadData), commands.add, "x", plan=HUGE)
    unchanged(workspace, (Usage, NotFound), commands.add, "x", depends_on=(HUGE,))
    unchanged(workspace, Usage, commands.edit, "1", title=HUGE)
    unchanged(workspace, Usage, commands.note, "1", HUGE)
    unchanged(workspace, Usage, commands.cancel, "1", HUGE)
    unchanged(workspace, Usage, queries.item, HUGE)
    commands.start(workspace, "1")
    unchanged(workspace, Usage, commands.block, "1", HUGE)
    for message in (unchanged(workspace, Usage, queries.item, HUGE), unchanged(workspace, Usage, commands.add, HUGE)):
        assert len(message.message) < 300
    unchanged(workspace, Usage, commands.add, "x", tags=tuple(f"t{n}" for n in range(100_000)))


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=30))
def test_any_title_is_kept_or_refused(workspace, title):
    try:
        item = add(workspace, title)
    except (Usage, BadData):
        return
    assert queries.item(workspace, item.id).title == " ".join(title.split())


# dependencies


def test_dependencies_must_be_there(workspace):
    add(workspace)
    assert "T-009" in unchanged(workspace, NotFound, commands.add, "x", depends_on=("T-009",)).message
    unchanged(workspace, NotFound, commands.edit, "1", depends_on=("T-009",))


def test_nothing_waits_for_itself(workspace):
    for _ in range(4):
        add(workspace)
    commands.edit(workspace, "2", depends_on=("T-001",))
    commands.edit(workspace, "3", depends_on=("T-002",))
    commands.edit(workspace, "4", depends_on=("T-003", "T-001"))
    assert "T-001" in unchanged(workspace, Usage, commands.edit, "1", depends_on=("T-001",)).message
    error = unchanged(workspace, Usage, commands.edit, "1", depends_on=("T-004",))
    assert "T-001 would wait for itself" in error.message


def test_a_long_chain(workspace):
    """Looking for cycles costs as much as there is to look at, once."""
    previous = ()
    for number in range(60):
        previous = (add(workspace, f"item {number}", depends_on=previous[-2:]).id, *previous)[:2]
    unchanged(workspace, Usage, commands.edit, "1", depends_on=("T-060",))
    assert commands.edit(workspace, "60", depends_on=("T-001",)).events


# editing


def test_an_edit_that_changes_nothing(workspace):
    add(workspace, "Buy milk", tags=("a", "b"), priority=2)
    for same in (
        {"title": "Buy milk"},
        {"title": " Buy  milk\n"},
        {"tags": ("a", "b")},
        {"tags": ["a", "b"]},
        {"priority": 2},
    ):
        changed = commands.edit(workspace, "1", **same)
        assert (changed.events, changed.note) == ([], "T-001 is so already; nothing changed"), same


def test_an_edit_records_what_differs(workspace):
    add(workspace, tags=("a",), priority=2)
    (event,) = commands.edit(workspace, "1", priority=3, title="milk", tags=["b"]).events
    assert event.data().changes == {"priority": 3, "tags": ["b"]}


@pytest.mark.parametrize(
    "field", ["state", "number", "id", "version", "run", "created", "plan_hash", "notes", "colour"]
)
def test_what_cannot_be_edited(workspace, field):
    add(workspace)
    unchanged(workspace, Usage, commands.edit, "1", **{field: "x"})


def test_an_edit_is_looked_over_like_an_add(workspace):
    add(workspace, kind=Kind.JOB, command="true")
    for changes in ({"command": None}, {"kind": Kind.TASK}, {"window": "soon"}, {"title": " "}, {"timeout": -1.0}):
        unchanged(workspace, Usage, commands.edit, "1", **changes)
    assert commands.edit(workspace, "1", kind=Kind.TASK, command=None).item.kind is Kind.TASK


def test_a_kind_that_does_not_have_this_state(workspace):
    """A failed job is no task: tasks are never failed, and nothing would lead on from there."""
    item = reach(workspace, Kind.JOB, "failed")
    unchanged(workspace, (NotAllowed, Usage), commands.edit, item.id, kind=Kind.TASK, command=None)
    item = reach(workspace, Kind.JOB, "in_progress")
    assert commands.edit(workspace, item.id, kind=Kind.TASK, command=None).item.kind is Kind.TASK


def test_nothing_is_edited_while_it_runs(workspace):
    item = reach(workspace, Kind.JOB, "running")
    error = unchanged(workspace, NotAllowed, commands.edit, item.id, priority=1)
    assert "is running" in error.message


# planning


def test_a_plan_that_was_changed_is_approved_again(workspace):
    item = reach(workspace, Kind.AGENT_JOB, "in_progress")
    commands.plan(workspace, item.id, PLAN.format(goal="another"))
    now = queries.item(workspace, item.id)
    assert now.plan_hash != now.approved_hash
    changed = commands.approve(workspace, item.id)
    assert [event.type for event in changed.events] == ["task.item.approved"]
    assert changed.item.plan_hash == changed.item.approved_hash
    assert commands.approve(workspace, item.id).events == []


def test_the_same_plan_again(workspace):
    item = walking.make(workspace, Kind.AGENT_JOB)
    commands.plan(workspace, item.id, PLAN.format(goal="it"))
    again = commands.plan(workspace, item.id, PLAN.format(goal="it"))
    assert (again.events, again.item.state) == ([], State.PLAN_REVIEW)


def test_a_bad_plan_leaves_the_item_as_it_was(workspace):
    item = walking.make(workspace, Kind.AGENT_JOB)
    unchanged(workspace, BadData, commands.plan, item.id, "<plan><goal/></plan>")
    assert queries.item(workspace, item.id).state is State.OPEN


def test_an_agent_job_is_not_reviewed_without_a_plan(workspace):
    item = walking.make(workspace, Kind.AGENT_JOB)
    commands.plan(workspace, item.id)
    error = unchanged(workspace, NotAllowed, commands.review, item.id)
    assert error.hint == f"nightctl plan {item.id} --from FILE"


# moving


@pytest.mark.parametrize("reason", ["", "  ", "\n"])
def test_a_reason_is_needed(workspace, reason):
    item = reach(workspace, Kind.TASK, "in_progress")
    unchanged(workspace, Usage, commands.block, item.id, reason)
    item = reach(workspace, Kind.TASK, "review")
    unchanged(workspace, Usage, commands.reject, item.id, reason)


def test_a_reason_is_kept_until_the_next_move(workspace):
    item = reach(workspace, Kind.TASK, "in_progress")
    assert commands.block(workspace, item.id, " no money ").item.reason == "no money"
    assert commands.unblock(workspace, item.id).item.reason == ""


def test_by_hand(workspace):
    """What a person has started, the runner leaves alone, also over a block."""
    item = walking.make(workspace, Kind.JOB)
    assert commands.start(workspace, item.id).item.by_hand
    assert commands.block(workspace, item.id, "x").item.by_hand
    assert commands.unblock(workspace, item.id).item.by_hand
    assert not commands.defer(workspace, item.id).item.by_hand


def test_a_deferred_item_opens_on_its_date(workspace, monkeypatch):
    monkeypatch.setenv("HALO_NOW", "2026-11-20T00:00:00+00:00")
    for until in (None, "2026-11-21T00:00:00.000000Z", "2026-11-22T00:00:00.000000Z"):
        commands.defer(workspace, add(workspace).id, until)
    assert commands.wake(workspace) == []
    monkeypatch.setenv("HALO_NOW", "2026-11-21T00:00:00+00:00")
    (woken,) = commands.wake(workspace)
    assert (woken.id, woken.state, woken.defer_until, woken.reason) == ("T-002", State.OPEN, None, "its date has come")
    assert commands.wake(workspace) == []
    monkeypatch.setenv("HALO_NOW", "2030-01-01T00:00:00+00:00")
    assert [item.id for item in commands.wake(workspace)] == ["T-003"]


def test_deferring_to_another_date(workspace):
    item = add(workspace)
    commands.defer(workspace, item.id, FUTURE)
    assert commands.defer(workspace, item.id, FUTURE).events == []
    unchanged(workspace, NotAllowed, commands.defer, item.id, "2098-01-01T00:00:00.000000Z")


def test_nothing_is_changed_in_the_past(workspace):
    add(workspace)
    add(workspace)
    past = workspace.at(1)
    for change in (lambda: commands.start(past, "1"), lambda: commands.add(past, "x")):
        with pytest.raises(NotAllowed, match="the past"):
            change()
    with pytest.raises(NotFound):
        queries.item(past, "2")


def test_somebody_was_faster(workspace):
    item = add(workspace)

    def slowly():
        with editing(workspace, item.id) as mine:
            commands.note(workspace, item.id, "theirs")
            mine.record("task.item.noted", TaskNoted("mine"))

    with pytest.raises(Conflict) as caught:
        slowly()
    assert caught.value.exit_code == 4
    assert [text for _, text in queries.item(workspace, item.id).notes] == ["theirs"]


def test_a_refusal_in_the_middle_records_nothing(workspace):
    item = add(workspace)

    def half():
        with editing(workspace, item.id) as mine:
            mine.record("task.item.noted", TaskNoted("mine"))
            mine.move("unblock")

    with pytest.raises(NotAllowed):
        half()
    assert workspace.log.head() == 1


def test_a_dry_run_says_how_it_would_be(workspace):
    add(workspace)
    dry = Workspace(workspace.root, dry_run=True)
    assert commands.start(dry, "1").item.state is State.IN_PROGRESS
    assert commands.add(dry, "another").item.id == "T-002"
    assert queries.item(workspace, "1").state is State.OPEN
    assert workspace.log.head() == 1


def test_who_and_why_reach_the_envelope(workspace, nightctl, monkeypatch):
    monkeypatch.setenv("HALO_ACTOR", "job:T-007")
    monkeypatch.setenv("HALO_CORRELATION_ID", "c-1")
    monkeypatch.setenv("HALO_HOST", "lab")
    nightctl("add", "milk")
    (event,) = workspace.log.read()
    assert (event.source, event.correlation_id, event.causation_id) == ("job:T-007@lab", "c-1", "c-1")
    assert queries.item(workspace, "1").created_by == "job:T-007"
    said = nightctl("history", "1", "--json").data[0]
    assert (said["source"], said["correlation_id"]) == ("job:T-007@lab", "c-1")


def test_events_of_one_command_share_what_caused_them(workspace):
    changed = commands.add(workspace, "x", kind=Kind.AGENT_JOB, plan=PLAN.format(goal="it"), key="k")
    events = list(workspace.log.read())
    assert len(events) == len(changed.events) + 1
    assert {event.correlation_id for event in events} == {events[0].id}
