"""The read side: filters, order, readiness, references."""

from __future__ import annotations

import pytest

from halo_engine.errors import NotFound, Usage
from halo_engine.events.model import New
from halo_engine.tasks import commands, operations, queries
from halo_engine.tasks.events import TaskAdded
from halo_engine.tasks.queries import Filter
from halo_engine.tasks.states import Kind, State
from tests.tasks import walking
from tests.tasks.walking import SPECIFIED, reach

PAST, FUTURE = "2020-01-01T00:00:00.000000Z", "2099-01-01T00:00:00.000000Z"


def add(workspace, title="milk", **fields):
    return commands.add(workspace, title, **fields).item.id


def ids(workspace, **wanted):
    found, more = queries.page(workspace, Filter(**wanted), 0)
    assert more == 0
    assert [item.number for item in found] == list(queries.order(workspace, Filter(**wanted)))
    return [item.id for item in found]


@pytest.fixture
def every(workspace):
    """An item in every state."""
    return {state: reach(workspace, Kind.JOB, state).id for state in SPECIFIED[Kind.JOB]}


def test_by_state(workspace, every):
    for state, item in every.items():
        assert ids(workspace, states=frozenset({State(state)})) == [item]
    assert set(ids(workspace)) == set(every.values()) - {every["done"], every["cancelled"]}
    assert set(ids(workspace, every=True)) == set(every.values())
    assert queries.counts(workspace) == dict.fromkeys(State, 1)


@pytest.mark.parametrize("given", ["plan-review", "plan_review", "PLAN_REVIEW,done", "done,plan-review"])
def test_states_as_people_write_them(workspace, nightctl, every, given):
    found = nightctl("list", "--status", given, "--json").data
    assert {item["state"] for item in found} == ({"plan_review", "done"} if "done" in given else {"plan_review"})


def test_all_states(nightctl, every):
    for words in (["--status", "all"], ["--all"]):
        assert len(nightctl("list", *words, "--json").data) == 13


def test_by_kind_and_tag(workspace):
    task, job = add(workspace, tags=("a", "b")), add(workspace, kind=Kind.JOB, command="x", tags=("b", "ab"))
    assert ids(workspace, kinds=frozenset({Kind.JOB})) == [job]
    assert ids(workspace, kinds=frozenset(Kind)) == [task, job]
    assert ids(workspace, tags=frozenset({"b"})) == [task, job]
    assert ids(workspace, tags=frozenset({"a"})) == [task]
    assert ids(workspace, tags=frozenset({"a", "b"})) == [task]
    assert ids(workspace, tags=frozenset({"A"})) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("milk", [1]),
        ("MILK", [1]),
        ("ilk buy", [1]),
        ("milk bread", []),
        ("%", [2]),
        ("_", [3]),
        ("\\", [4]),
        ("'", [5]),
        ("T-003", [3]),
        ("garden", [2]),
        ("errand", [1]),
        ("", [1, 2, 3, 4, 5, 6]),
        ("  ", [1, 2, 3, 4, 5, 6]),
        ("grün", [6]),
        ("\U0001f95b", [6]),
    ],
)
def test_by_text(workspace, text, found):
    add(workspace, "Buy Milk", tags=("errand",))
    add(workspace, "100% done", context="in the garden")
    add(workspace, "snake_case")
    add(workspace, "back\\slash")
    add(workspace, "O'Brien\" --")
    add(workspace, "grün \U0001f95b")
    assert ids(workspace, text=text) == [f"T-{n:03d}" for n in found]


def test_by_date(workspace):
    soon, late, never = add(workspace, due=PAST), add(workspace, due=FUTURE), add(workspace)
    assert ids(workspace, due_until="2026-01-01T00:00:00.000000Z") == [soon]
    assert ids(workspace, due_until=FUTURE) == [soon, late]
    assert ids(workspace, sort="due") == [soon, late, never]
    assert queries.overdue(workspace) == 1
    commands.cancel(workspace, soon)
    assert queries.overdue(workspace) == 0


def test_order(workspace):
    for priority, title in ((1, "b"), (3, "C"), (0, "a"), (3, "d")):
        add(workspace, title, priority=priority)
    commands.note(workspace, "3", "seen")
    orders = {
        "priority": [2, 4, 1, 3],
        "created": [1, 2, 3, 4],
        "changed": [3, 4, 2, 1],
        "title": [3, 1, 2, 4],
        "due": [2, 4, 1, 3],
        "state": [2, 4, 1, 3],
    }
    assert orders.keys() == queries.SORTS.keys()
    for sort, numbers in orders.items():
        assert list(queries.order(workspace, Filter(sort=sort))) == numbers, sort


def test_pages(workspace):
    for _ in range(5):
        add(workspace)
    assert [queries.page(workspace, Filter(), limit)[1] for limit in (0, 1, 4, 5, 6)] == [0, 4, 1, 0, 0]
    assert [len(queries.page(workspace, Filter(), limit)[0]) for limit in (0, 1, 4, 5, 6)] == [5, 1, 4, 5, 5]


# ready


def test_what_is_ready(workspace, every):
    assert ids(workspace, ready=True) == [every["open"], every["in_progress"], every["retry"]]


def test_what_waits_is_not_ready(workspace):
    first, second, third = add(workspace), add(workspace), add(workspace)
    commands.edit(workspace, second, depends_on=(first,))
    commands.edit(workspace, third, depends_on=(first, second))
    assert ids(workspace, ready=True) == [first]
    commands.start(workspace, first)
    commands.done(workspace, first)
    assert ids(workspace, ready=True) == [second]
    assert [item.id for item in queries.waiting_for(workspace, third)] == [second]
    commands.cancel(workspace, second)
    assert ids(workspace, ready=True) == [third], "what was cancelled holds nothing up for ever"
    assert [item.state for item in queries.dependencies(workspace, third)] == [State.DONE, State.CANCELLED]
    assert queries.waiting_for(workspace, third) == []


def test_a_retry_is_ready_when_its_pause_is_over(workspace, monkeypatch):
    item = walking.make(workspace, Kind.JOB, retries=1).id
    monkeypatch.setenv("HALO_NOW", "2026-11-20T00:00:00+00:00")
    walking.run_ends(workspace, walking.run_starts(workspace, item), "failed")
    assert queries.item(workspace, item).state is State.RETRY
    assert ids(workspace, ready=True) == []
    monkeypatch.setenv("HALO_NOW", "2026-11-20T02:00:00+00:00")
    assert ids(workspace, ready=True) == [item]


def test_ready_and_a_state(workspace, every):
    assert ids(workspace, ready=True, states=frozenset({State.RETRY})) == [every["retry"]]
    assert ids(workspace, ready=True, kinds=frozenset({Kind.TASK})) == []


# one item


def test_references(workspace):
    for _ in range(12):
        add(workspace)
    for reference in ("T-007", "T-7", "t-7", "7", "007", "T7", "t0007", " 7 ", "T-0000000000007"):
        assert queries.item(workspace, reference).id == "T-007"
    assert queries.item(workspace, "12").id == "T-012"


@pytest.mark.parametrize(
    "reference", ["", "T-", "x", "-7", "7.0", "T--7", "1e1", "T-7 T-8", "@first", "task/T-007", "0x7", "7" * 16]
)
def test_what_is_no_reference(workspace, reference):
    add(workspace)
    with pytest.raises(Usage, match="not an item") as caught:
        queries.item(workspace, reference)
    assert "@last" in caught.value.hint


@pytest.mark.parametrize("reference", ["0", "2", "T-999", "999999999999999"])
def test_what_is_not_there(workspace, reference):
    add(workspace)
    with pytest.raises(NotFound, match="no item T-"):
        queries.item(workspace, reference)


def test_numbers_beyond_999(workspace):
    workspace.log.append([New(f"task/{queries.name(1234)}", "task.item.added", TaskAdded("far"), expected=0)])
    assert queries.item(workspace, "1234").id == "T-1234"
    assert add(workspace) == "T-1235"


def test_items_come_in_the_order_asked_for(workspace):
    for _ in range(3):
        add(workspace)
    assert [item.number for item in queries.items(workspace, [3, 1, 99, 2])] == [3, 1, 2]
    assert queries.items(workspace, []) == []


def test_more_items_than_sql_takes_at_once(workspace):
    for _ in range(3):
        add(workspace)
    assert len(queries.items(workspace, range(300_000))) == 3


def test_dependents(workspace):
    first, second = add(workspace), add(workspace)
    third = add(workspace, depends_on=(first,))
    fourth = add(workspace, depends_on=(second, first))
    assert [item.id for item in queries.dependents(workspace, first)] == [third, fourth]
    assert [item.id for item in queries.dependents(workspace, second)] == [fourth]
    assert queries.dependents(workspace, third) == []


def test_history_and_runs(workspace):
    item = reach(workspace, Kind.JOB, "failed").id
    assert [event.version for event in queries.history(workspace, item)] == [1, 2, 3]
    (run,) = queries.runs(workspace, item)
    assert (run.id, run.outcome, run.item) == (f"{item}.1", "failed", 1)
    assert queries.runs(workspace) == [run]
    assert queries.run_folder(workspace, item) == workspace.root / run.folder
    with pytest.raises(NotFound, match="no run 2"):
        queries.run_folder(workspace, item, 2)
    with pytest.raises(NotFound, match="no run yet"):
        queries.run_folder(workspace, add(workspace))


def test_what_is_said_of_long_words(workspace):
    item = add(workspace, title="x" * 100)
    commands.start(workspace, item)
    commands.block(workspace, item, "https://example.org/" + "y" * 100)
    (said,) = [check.evidence for check in operations.status(workspace) if check.name == "blocked"]
    assert said == f"{item} {'x' * 39}… (https://example.org/{'y' * 39}…)"


def test_as_it_was(workspace):
    item = add(workspace)
    commands.start(workspace, item)
    add(workspace)
    states = [[each.state for each in queries.page(workspace.at(n), Filter(every=True), 0)[0]] for n in range(4)]
    assert states == [[], ["open"], ["in_progress"], ["in_progress", "open"]]
