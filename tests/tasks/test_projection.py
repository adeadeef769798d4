"""Facts in, rows out: pure, whole, the same in one go or bit by bit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.events.model import Event, declared
from halo_engine.events.projection import Fold
from halo_engine.events.table import table_of
from halo_engine.events.transfer import from_lines
from halo_engine.tasks import events as facts
from halo_engine.tasks.projection import number_of, tasks
from halo_engine.tasks.states import TRANSITIONS, Kind, State
from halo_engine.tasks.store import Item, Plan, Run
from tests.golden.make import STORY


@pytest.fixture(scope="module")
def story():
    return list(from_lines(STORY.read_text(encoding="utf-8").splitlines()))


def folded(events, load=lambda *_: None):
    fold = Fold(tasks, load)
    fold.apply(events)
    return {kind: list(rows) for kind, rows in fold.changes()}


def test_every_fact_of_an_item_has_a_handler():
    ours = {name for name, (payload, _) in declared().items() if payload.__module__ == facts.__name__}
    assert set(tasks.handlers) == ours - {"task.key.taken"}
    moved = {f"task.item.{move.fact}" for moves in TRANSITIONS.values() for move in moves if not move.by_runner}
    assert moved <= ours


def test_a_fold_that_is_interrupted_goes_on(story):
    """Wherever a batch ends, the rows are the same."""
    whole = folded(story)
    for place in range(len(story) + 1):
        stored = {
            (type(row), row.__struct_fields__[0], getattr(row, row.__struct_fields__[0])): row
            for kind in folded(story[:place]).values()
            for row in kind
        }

        def load(kind, key, stored=stored):
            return stored.get((kind, kind.__struct_fields__[0], key))

        late = folded(story[place:], load)
        merged = {
            (kind, getattr(row, kind.__struct_fields__[0])): row
            for kind, rows in folded(story[:place]).items()
            for row in rows
        }
        merged |= {(kind, getattr(row, kind.__struct_fields__[0])): row for kind, rows in late.items() for row in rows}
        assert merged == {
            (kind, getattr(row, kind.__struct_fields__[0])): row for kind, rows in whole.items() for row in rows
        }


def test_streams_do_not_mind_each_other(story):
    """Only the order within a stream counts."""
    by_stream = sorted(story, key=lambda event: (event.stream, event.version))
    key = {Item: "number", Run: "id", Plan: "item"}
    for kind, rows in folded(story).items():
        again = folded(by_stream)[kind]
        assert sorted(rows, key=lambda row: getattr(row, key[kind])) == sorted(
            again, key=lambda row: getattr(row, key[kind])
        )


def test_foreign_and_unknown_events_are_passed_over(story):
    strange = [Event(99, "x", "task/T-001", 50, "task.item.levitated", 1, "", "", "", None, b"{}")]
    assert folded([*story, *strange]) == folded(story)


@pytest.mark.parametrize(("stream", "number"), [("task/T-042", 42), ("task/T-1234", 1234), ("task/T-001", 1)])
def test_the_number_of_a_stream(stream, number):
    assert number_of(stream) == number


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
items = st.builds(
    Item,
    number=st.integers(1, 2**53),
    id=texts,
    title=texts,
    kind=st.sampled_from(Kind),
    state=st.sampled_from(State),
    version=st.integers(1, 1000),
    priority=st.integers(0, 3),
    tags=st.lists(texts).map(tuple),
    due=st.none() | texts,
    command=st.none() | texts,
    depends_on=st.lists(texts).map(tuple),
    timeout=st.none() | st.floats(allow_nan=False),
    retries=st.none() | st.integers(0, 100),
    previous=st.none() | st.sampled_from(State),
    by_hand=st.booleans(),
    notes=st.lists(st.tuples(texts, texts)).map(tuple),
)


@given(items)
def test_a_row_comes_back_from_its_table(item):
    import sqlite3

    table = table_of(Item)
    connection = sqlite3.connect(":memory:")
    connection.execute(table.create)
    connection.execute(table.upsert, table.values(item))
    assert table.from_values(connection.execute(table.select).fetchone()) == item
    connection.close()
