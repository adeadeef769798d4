"""Neighbours in time: they share a score where they are about the same thing, and only there."""

from __future__ import annotations

import itertools
import random

import pytest

from halo_engine.memory.finding import beside, search
from halo_engine.memory.finding.search import Search
from halo_engine.memory.sync import looked

PLACES = ("lighthouse", "vineyard", "smithy", "library", "harbour", "orchard", "quarry", "bakery", "mill", "abbey")
DOINGS = ("paint", "survey", "restore", "insure", "photograph", "measure", "visit", "lease", "heat", "roof")


def facts() -> list[str]:
    """A hundred facts; ten about each place, one after the other."""
    return [f"They {doing} the {place} again" for place, doing in itertools.product(PLACES, DOINGS)]


@pytest.fixture
def diary(write):
    def made(texts):
        for number, text in enumerate(texts, 1):
            write(f"notes/{number}.md", f"---\nid: D1:{number}\ntitle: ''\n---\n\n{text}.\n")

    return made


def test_notes_in_a_row_about_one_thing_are_neighbours(workspace, diary):
    diary(facts())
    with looked(workspace) as index:
        assert beside.cohesion(index, index.count) == 1
    found, _ = search.search(workspace, Search("who paints the abbey?", limit=4))
    assert found[0].note.body.startswith("They paint the abbey")
    assert any(reason.startswith("beside D1:") for hit in found for reason in hit.reasons)


def test_notes_in_no_order_are_not(workspace, diary):
    mixed = facts()
    random.Random(3).shuffle(mixed)
    diary(mixed)
    with looked(workspace) as index:
        assert beside.cohesion(index, index.count) == 0
    found, _ = search.search(workspace, Search("who paints the abbey?", limit=50))
    assert found
    assert not any(reason.startswith("beside") for hit in found for reason in hit.reasons)


def test_it_is_measured_again_when_the_memory_has_grown(workspace, diary):
    diary(facts())
    with looked(workspace) as index:
        assert beside.cohesion(index, index.count) == 1
    mixed = facts() * 2
    random.Random(3).shuffle(mixed)
    diary(mixed)
    with looked(workspace) as index:
        assert beside.cohesion(index, index.count) < 1


def test_what_is_rare_and_has_a_name_does_not_count_twice(workspace, write):
    """A name that stands in one note of many is found for its rarity; it does not outweigh all else."""
    for number in range(60):
        write(f"notes/{number}.md", f"Somebody told a story about weather number {number}, and it was long.\n")
    write("notes/a.md", "Xanthippe once came by.\n")
    write("notes/b.md", "The ferry ticket of last summer was expensive, said Xanthippe.\n")
    write("notes/c.md", "The ferry ticket of last summer was expensive.\n")
    found, _ = search.search(workspace, Search("how expensive was Xanthippe's ferry ticket last summer"))
    assert [hit.note.id for hit in found[:2]] == ["notes/b", "notes/c"]
