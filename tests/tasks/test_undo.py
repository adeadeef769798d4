"""Taking back: the item is as it was before, as often as there is something to take back."""

from __future__ import annotations

import pytest

from halo_engine.errors import NotAllowed, NotFound, Usage
from halo_engine.events.model import New
from halo_engine.tasks import commands, queries
from halo_engine.tasks.events import TaskUndone
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.undo import not_undone, undo
from tests.tasks import walking
from tests.tasks.test_states import same
from tests.tasks.walking import PLAN, reach

LATER = "2099-01-01T00:00:00.000000Z"


def snapshot(workspace, item="1"):
    return queries.item(workspace, item), queries.plan(workspace, item)


def test_all_the_way_back(workspace):
    """Everything a person can do to an item, taken back one by one, also over other takings back."""
    item = walking.make(workspace, Kind.AGENT_JOB).id
    walking.make(workspace, Kind.TASK)
    trail = []
    for step in (
        lambda: commands.edit(workspace, item, title="another", tags=("a",), due=LATER, depends_on=("T-002",)),
        lambda: commands.note(workspace, item, "seen"),
        lambda: commands.defer(workspace, item, LATER),
        lambda: commands.reopen(workspace, item),
        lambda: commands.plan(workspace, item),
        lambda: commands.note(workspace, item, "again"),
        lambda: commands.reopen(workspace, item),
        lambda: commands.edit(workspace, item, due=None, context="more"),
        lambda: commands.cancel(workspace, item, "no more"),
    ):
        trail.append(snapshot(workspace))
        step()
    for then in reversed(trail):
        undo(workspace, item)
        same(snapshot(workspace), then)
    assert undo(workspace, item).item.state is State.CANCELLED
    with pytest.raises(NotAllowed, match="everything that happened to T-001 has been taken back"):
        undo(workspace, item)
    assert walking.tables(workspace) == walking.rebuilt(workspace)


def test_forth_and_back_again(workspace):
    item = walking.make(workspace, Kind.TASK).id
    commands.start(workspace, item)
    undo(workspace, item)
    commands.defer(workspace, item)
    commands.note(workspace, item, "x")
    undo(workspace, item)
    undo(workspace, item)
    assert queries.item(workspace, item).state is State.OPEN
    assert [event.type.rpartition(".")[2] for event in queries.history(workspace, item)] == [
        *("added", "started", "undone", "deferred", "noted", "undone", "undone"),
    ]


def test_a_plan_comes_back_with_its_text(workspace):
    item = walking.make(workspace, Kind.AGENT_JOB).id
    commands.plan(workspace, item, PLAN.format(goal="one"))
    before = snapshot(workspace)
    commands.plan(workspace, item, PLAN.format(goal="two"))
    undo(workspace, item)
    same(snapshot(workspace), before)
    assert commands.approve(workspace, item).item.approved_hash == before[1].hash


def test_the_first_plan_goes_altogether(workspace, nightctl):
    item = walking.make(workspace, Kind.AGENT_JOB).id
    before = snapshot(workspace)
    commands.plan(workspace, item, PLAN.format(goal="one"))  # planned, written, handed in: one command
    undo(workspace, item)
    same(snapshot(workspace), before)
    commands.plan(workspace, item)
    with pytest.raises(NotAllowed, match="no plan yet"):
        commands.review(workspace, item)
    assert '"plan":{' not in nightctl("export").out
    commands.plan(workspace, item, PLAN.format(goal="one"))
    assert queries.plan(workspace, item).xml == PLAN.format(goal="one")
    assert walking.tables(workspace) == walking.rebuilt(workspace)


def test_within_a_job_each_change_is_taken_back_for_itself(workspace, monkeypatch):
    item = walking.make(workspace, Kind.TASK).id
    before = snapshot(workspace)
    monkeypatch.setenv("HALO_CORRELATION_ID", queries.history(workspace, item)[0].id)
    commands.start(workspace, item)
    started = snapshot(workspace)
    commands.note(workspace, item, "of the same job")
    undo(workspace, item)
    same(snapshot(workspace), started)
    undo(workspace, item)
    same(snapshot(workspace), before)


def test_what_was_undone_event_by_event_stays_so(workspace):
    """Logs of earlier versions name the last event, and took back that one only."""
    item = walking.make(workspace, Kind.AGENT_JOB).id
    commands.plan(workspace, item, PLAN.format(goal="one"))
    history = queries.history(workspace, item)
    workspace.log.append([New(f"task/{item}", "task.item.undone", TaskUndone(history[-1].id, {"state": "planning"}))])
    assert [event.id for event in not_undone(queries.history(workspace, item))] == [each.id for each in history[:-1]]


def test_an_approval_that_is_taken_back_approves_no_more(workspace):
    item = reach(workspace, Kind.AGENT_JOB, "in_progress").id
    assert undo(workspace, item).item.approved_hash is None


@pytest.mark.parametrize("state", ["running", "failed", "done"])
def test_what_a_run_did_stays(workspace, state):
    item = walking.make(workspace, Kind.JOB).id
    claim = walking.run_starts(workspace, item)
    if state != "running":
        walking.run_ends(workspace, claim, "succeeded" if state == "done" else "failed")
    assert queries.item(workspace, item).state == state
    with pytest.raises(NotAllowed, match="what a run did cannot be taken back") as caught:
        undo(workspace, item)
    assert caught.value.hint == f"nightctl history {item}"


def test_what_came_after_a_run_can_be_taken_back(workspace):
    item = reach(workspace, Kind.JOB, "failed").id
    before = snapshot(workspace)
    commands.retry(workspace, item)
    undo(workspace, item)
    same(snapshot(workspace), before)


def test_a_run_that_ends_after_its_item_was_cancelled_and_brought_back(workspace):
    item = walking.make(workspace, Kind.JOB).id
    claim = walking.run_starts(workspace, item)
    commands.cancel(workspace, item)
    assert undo(workspace, item).item.state is State.RUNNING
    assert walking.run_ends(workspace, claim, "cancelled").state is State.FAILED
    assert walking.tables(workspace) == walking.rebuilt(workspace)


def test_taking_back_makes_no_ring(workspace):
    """What it waited for once waits for it now."""
    for _ in range(2):
        walking.make(workspace, Kind.TASK)
    commands.edit(workspace, "1", depends_on=("T-002",))
    commands.edit(workspace, "1", depends_on=())
    commands.edit(workspace, "2", depends_on=("T-001",))
    with pytest.raises(Usage, match="would wait for itself"):
        undo(workspace, "1")


def test_the_one_that_was_touched_last(workspace, monkeypatch):
    """By its place in the log, whatever the clocks said."""
    with pytest.raises(NotFound, match="no item yet"):
        undo(workspace)
    for _ in range(3):
        walking.make(workspace, Kind.TASK)
    monkeypatch.setenv("HALO_NOW", "2020-01-01T00:00:00+00:00")
    commands.start(workspace, "2")
    assert undo(workspace).item.id == "T-002"
    assert queries.item(workspace, "@last").id == "T-002"


def test_on_the_command_line(workspace, nightctl):
    nightctl("add", "milk")
    nightctl("start", "1")
    assert nightctl("undo").out == "T-001  ○ open  milk\n"
    assert nightctl("undo").out == "T-001  ✗ cancelled  milk\n"
    assert nightctl("undo").code == 4
