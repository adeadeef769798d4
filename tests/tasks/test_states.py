"""The table of states, against the specification, and walked at random through the real commands."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from halo_engine.errors import NotAllowed
from halo_engine.tasks import commands, queries, states
from halo_engine.tasks.states import Kind, State
from halo_engine.tasks.undo import undo
from halo_engine.workspace import Workspace
from tests.tasks import walking
from tests.tasks.walking import PLAN, SPECIFIED, VERBS, leads, reach, take

MEMORY = Path("/dev/shm")
EVERYWHERE = [(kind, state) for kind, table in SPECIFIED.items() for state in table]


@pytest.mark.parametrize(("kind", "state"), EVERYWHERE)
def test_the_table_is_the_specification(kind, state):
    allowed = states.moves(State(state), kind, by_runner=True)
    assert sorted(move.to or "in_progress" for move in allowed) == sorted(SPECIFIED[kind][state].split())


def test_every_state_is_specified():
    assert set(SPECIFIED[Kind.JOB]) == set(SPECIFIED[Kind.AGENT_JOB]) == set(State) == set(states.TRANSITIONS)
    assert set(State) - set(SPECIFIED[Kind.TASK]) == {State.RUNNING, State.FAILED, State.RETRY}


def test_no_kind_comes_into_a_state_that_it_has_not():
    for kind, table in SPECIFIED.items():
        reached = {move.to for state in table for move in states.moves(State(state), kind, by_runner=True)}
        assert {each for each in reached if each} <= set(table)


@pytest.mark.parametrize(("kind", "state"), EVERYWHERE)
def test_every_verb_everywhere(workspace, nightctl, kind, state):
    """What is allowed leaves one event; what has taken effect, none; the rest is refused, saying what is allowed."""
    item = reach(workspace, kind, state)
    if state == "planning":  # written, and not handed in yet: an agent-job can only be reviewed with a plan
        commands.plan(workspace, item.id, PLAN.format(goal="it"))
        commands.reject(workspace, item.id, "once more")
    for verb in VERBS:
        before = workspace.log.head()
        to = leads(kind, State(state), verb)
        said = say(workspace, nightctl, verb, item)
        new = list(workspace.log.read(before))
        if to:
            assert said.code == 0, said.out
            assert said.data["state"] == to
            assert [(event.stream, event.type) for event in new] == [(f"task/{item.id}", fact(verb, state))]
            assert (new[0].data().origin, new[0].data().to) == (state, to)
            assert undo(workspace, item.id).item.state == state
        elif walking.is_effective(State(state), verb):
            assert (said.code, new) == (0, []), (verb, said)
            assert said.data["state"] == state
        else:
            assert (said.code, new) == (4, []), (verb, said)
            message = said.error["message"]
            assert message.startswith(f"{verb} is not allowed now: {item.id} is {state}; allowed: ")
            for other in VERBS:
                there = leads(kind, State(state), other)
                assert (f"{other} -> {there}" in message) == bool(there), (other, message)


def say(workspace, nightctl, verb, item):
    """A verb on the command line; but `plan` without a text, which there wants a model or an editor."""
    if verb == "plan":
        try:
            return _Said(0, msgspec.to_builtins(commands.plan(workspace, item.id).item))
        except NotAllowed as refused:
            return _Said(refused.exit_code, error={"message": refused.message})
    options = ["--reason", "why"] if verb in {"block", "reject"} else []
    return nightctl(verb, item.id, *options, "--json")


def fact(verb, state):
    """The type of the event that a verb leaves."""
    facts = VERBS[verb][0].split()
    return f"task.item.{facts[0] if len(facts) == 1 or state == 'planning' else facts[1]}"


class _Said(msgspec.Struct):
    code: int
    data: dict[str, Any] = {}
    error: dict[str, Any] = {}
    out: str = ""


class Walk(RuleBasedStateMachine):
    """Items of all kinds, led about at random; a model of where they are and of how they were."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="halo-walk-", dir=MEMORY if MEMORY.is_dir() else None))
        self.workspace = Workspace(self.folder)
        self.workspace.create()
        self.past: dict[str, list[tuple[Any, Any]]] = {}
        """How each item, and its plan, was before each change that can be taken back; None: a run, which cannot."""
        self.claims: dict[str, Any] = {}
        self.head = 0

    def teardown(self) -> None:
        self.workspace.log.close()
        shutil.rmtree(self.folder)

    def one(self, data: st.DataObject) -> Any:
        return queries.item(self.workspace, data.draw(st.sampled_from(sorted(self.past))))

    def snapshot(self, item: str) -> tuple[Any, Any]:
        return queries.item(self.workspace, item), queries.plan(self.workspace, item)

    def appended(self, item: str, *facts: str) -> None:
        """Exactly these facts are new, all of them of this item."""
        new = list(self.workspace.log.read(self.head))
        assert [(event.stream, event.type) for event in new] == [(f"task/{item}", fact) for fact in facts]
        self.head += len(new)

    @initialize()
    def one_of_each(self) -> None:
        for kind in Kind:
            self.add(kind)

    def add(self, kind: Kind) -> None:
        item = walking.make(self.workspace, kind, f"number {len(self.past)}")
        self.past[item.id] = []
        self.appended(item.id, "task.item.added")

    @rule(data=st.data(), verb=st.sampled_from(sorted(VERBS)))
    def person(self, data: st.DataObject, verb: str) -> None:
        item = self.one(data)
        before = self.snapshot(item.id)
        to = leads(item.kind, item.state, verb)
        if to and verb == "review" and item.kind is Kind.AGENT_JOB and item.state is State.PLANNING and not before[1]:
            with pytest.raises(NotAllowed, match="has no plan yet"):
                take(self.workspace, item.id, verb)
        elif to:
            changed = take(self.workspace, item.id, verb)
            assert changed.item.state == to
            assert changed.item == queries.item(self.workspace, item.id)
            self.past[item.id].append(before)
            return self.appended(item.id, fact(verb, item.state))
        elif walking.is_effective(item.state, verb):
            if verb == "approve" and item.state is State.IN_PROGRESS:
                return None  # may accept a changed plan: test_commands has that
            assert take(self.workspace, item.id, verb).events == []
        else:
            with pytest.raises(NotAllowed, match=f"{item.id} is {item.state}; allowed: "):
                take(self.workspace, item.id, verb)
        return self.appended(item.id)

    @rule(data=st.data(), priority=st.integers(0, 3), tags=st.lists(st.sampled_from(["a", "b", "c"]), unique=True))
    def edit(self, data: st.DataObject, priority: int, tags: list[str]) -> None:
        item = self.one(data)
        if item.state is State.RUNNING:
            return
        before = self.snapshot(item.id)
        changed = commands.edit(self.workspace, item.id, priority=priority, tags=tuple(tags))
        if changed.events:
            self.past[item.id].append(before)
        self.appended(item.id, *(["task.item.edited"] * len(changed.events)))
        assert commands.edit(self.workspace, item.id, priority=priority, tags=tuple(tags)).events == []

    @rule(data=st.data())
    def note(self, data: st.DataObject) -> None:
        item = self.one(data)
        self.past[item.id].append(self.snapshot(item.id))
        commands.note(self.workspace, item.id, "seen")
        self.appended(item.id, "task.item.noted")

    @rule(data=st.data(), goal=st.integers(0, 3))
    def write_plan(self, data: st.DataObject, goal: int) -> None:
        """In planning only: elsewhere handing a plan in is several facts at once."""
        item = self.one(data)
        before = self.snapshot(item.id)
        if item.state is not State.PLAN_REVIEW:
            return
        changed = commands.plan(self.workspace, item.id, PLAN.format(goal=goal))
        if changed.events:
            self.past[item.id].append(before)
        self.appended(item.id, *(["task.item.plan_written"] * len(changed.events)))

    @rule(data=st.data(), goal=st.integers(0, 3))
    def hand_in(self, data: st.DataObject, goal: int) -> None:
        item = self.one(data)
        if item.state not in {State.OPEN, State.PLANNING}:
            return
        self.past[item.id].append(self.snapshot(item.id))
        changed = commands.plan(self.workspace, item.id, PLAN.format(goal=goal))
        assert changed.item.state is State.PLAN_REVIEW
        self.appended(item.id, *[event.type for event in changed.events])

    @rule(data=st.data())
    def runner_takes(self, data: st.DataObject) -> None:
        item = self.one(data)
        if "running" in SPECIFIED[item.kind].get(item.state, "").split():
            self.claims[item.id] = walking.run_starts(self.workspace, item.id)
            self.past[item.id].append((None, None))
            self.appended(item.id, "task.run.started")

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), outcome=st.sampled_from(["succeeded", "failed", "timed_out"]))
    def runner_ends(self, data: st.DataObject, outcome: str) -> None:
        name = data.draw(st.sampled_from(sorted(self.claims)))
        item = queries.item(self.workspace, name)
        after = walking.run_ends(self.workspace, self.claims.pop(name), outcome)
        self.past[name].append((None, None))
        self.appended(name, "task.run.finished")
        good = State.REVIEW if item.kind is Kind.AGENT_JOB else State.DONE
        ended = good if outcome == "succeeded" else State.FAILED
        assert after
        assert after.state is (ended if item.state is State.RUNNING else item.state)
        assert after.run is None

    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        name = self.one(data).id
        if not self.past[name]:
            return None  # its making
        item, plan = self.past[name][-1]
        if item is None:
            with pytest.raises(NotAllowed, match="a run"):
                undo(self.workspace, name)
            return self.appended(name)
        undo(self.workspace, name)
        self.past[name].pop()
        same(self.snapshot(name), (item, plan))
        return self.appended(name, "task.item.undone")

    @rule()
    def a_rebuild_finds_the_same(self) -> None:
        assert walking.rebuilt(self.workspace) == walking.tables(self.workspace)

    @invariant()
    def what_is_over_has_an_end(self) -> None:
        for name in self.past:
            item = queries.item(self.workspace, name)
            assert (item.finished is not None) == (item.state in states.OVER)


def same(now: tuple[Any, Any], then: tuple[Any, Any]) -> None:
    """The item and its plan are as they were, but for who touched them last."""
    last = ("version", "changed", "changed_by")
    assert now[0].with_(**{name: getattr(then[0], name) for name in last}) == then[0]
    assert (now[1] and now[1].xml) == (then[1] and then[1].xml)
    assert (now[1] and now[1].hash) == (then[1] and then[1].hash) == now[0].plan_hash


@pytest.mark.soak
def test_long_walks():
    run_state_machine_as_test(Walk, settings=settings(max_examples=400, stateful_step_count=60, deadline=None))


Walk.TestCase.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
TestWalk = Walk.TestCase
