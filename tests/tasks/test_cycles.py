"""Cycles of things that wait for each other."""

from __future__ import annotations

from graphlib import CycleError, TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from halo_engine.tasks.cycles import cycles


def test_each_ring_comes_once_from_its_first_member_on():
    waits = {"a": ["b"], "b": ["c"], "c": ["b", "z"], "d": ["a"], "e": ["f"], "f": ["e"], "g": ["g"]}
    assert list(cycles(waits)) == [("b", "c"), ("e", "f")]


def test_a_ring_as_long_as_the_list():
    [ring] = cycles({n: [(n + 1) % 100_000] for n in range(100_000)})
    assert ring == tuple(range(100_000))


@given(st.dictionaries(st.integers(1, 9), st.lists(st.integers(1, 9), max_size=4), max_size=9))
def test_rings_are_found_exactly_where_no_order_exists(waits):
    waits = {number: [other for other in others if other != number] for number, others in waits.items()}
    found = list(cycles(waits))
    for ring in found:
        assert len(set(ring)) == len(ring) >= 2
        assert all(other in waits[number] for number, other in zip(ring, (*ring[1:], ring[0]), strict=True))
    try:
        TopologicalSorter(waits).prepare()
    except CycleError:
        assert found
    else:
        assert not found
