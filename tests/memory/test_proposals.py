"""Links that a person would have made."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.memory import commands, queries
from halo_engine.memory.commands import Draft
from halo_engine.memory.proposing import cache, finding, judgement, near, proposals, traits, words
from halo_engine.memory.proposing import names as names_module
from halo_engine.memory.proposing.evidence import Evidence, Surroundings
from halo_engine.memory.proposing.names import Called, Text, names
from halo_engine.memory.sync import looked
from halo_engine.workspace import Workspace


def mentioned(body: str, *titles: str) -> dict[str, str]:
    """Which of the notes with these titles a body mentions, each with the name that it uses."""
    texts = [Text("here", "Here", body), *(Text(title, title, "") for title in titles)]
    return {mention.target: mention.name for mention, _ in Called(texts).mentions(texts[0])}


def surroundings(texts: list[Text]) -> Surroundings:
    made = Surroundings(traits.Counted(texts))
    made.know(texts)
    for text in texts:
        list(made.candidates(text))
    return made


@pytest.mark.parametrize(
    ("body", "title", "named"),
    [
        ("I read Linear Algebra today", "Linear Algebra", True),
        ("i read linear algebra today", "Linear Algebra", True),
        ("two vector spaces meet", "Vector space", True),
        ("Linear. Algebraic", "Linear Algebra", False),
        ("see `Linear Algebra`", "Linear Algebra", False),
        ("at https://example.org/Linear-Algebra", "Linear Algebra", False),
        ("it is [[Linear Algebra]]", "Linear Algebra", False),
        ("the kernel of it", "Kernel (algebra)", True),
        ("made for the", "The", False),
        ("我喜欢机器学习和数学", "机器学习", True),
        ("on 2026-11-20 we met", "2026-11-20", True),
        ("", "Linear Algebra", False),
    ],
)
def test_what_counts_as_a_mention(body: str, title: str, named: bool) -> None:
    assert bool(mentioned(body, title)) is named


def test_a_line_of_its_own_and_exact_letters_say_more() -> None:
    texts = [Text("a", "A", "some ann lee there\n- Ann Lee\n"), Text("ann", "Ann Lee", "")]
    [(mention, key)] = Called(texts).mentions(texts[0])
    assert (mention.exact, mention.alone, mention.count, key) == (True, 1.0, 2, ("ann", "lee"))


def test_a_note_is_called_by_title_file_alias_and_what_is_left_of_them() -> None:
    text = Text("x", "Kernel (algebra)", "", "maths/202611201200 kernel-of-a-map.md", aliases=("Null space",))
    assert [name.text for name in names(text) if name.own] == [
        "Kernel (algebra)",
        "202611201200 kernel-of-a-map",
        "Null space",
    ]
    assert {"Kernel", "algebra", "kernel-of-a-map"} <= {name.text.strip() for name in names(text) if not name.own}


@given(st.text(max_size=300), st.text(max_size=40))
def test_any_text_and_any_title_can_be_looked_at(body: str, title: str) -> None:
    texts = [Text("one", title, body), Text("two", body[:40], title)]
    called = Called(texts)
    for text in texts:
        for mention, _ in called.mentions(text):
            assert mention.target != text.id
    surroundings(texts).around(("one", "two"), lambda _: frozenset())
    assert all(count > 0 for count in words.terms(words.roots(body)).values())


def test_notes_of_one_series_that_are_not_next_to_each_other_are_told_apart() -> None:
    logs = [Text(f"log {day}", f"log 2026-11-{day}", "", f"logs/log 2026-11-{day}.md") for day in range(10, 18)]
    talks = [Text(f"talk {each}", f"Talk {each}", "", f"talks/Talk {each}.md") for each in range(3)]
    around = surroundings([*logs, *talks])
    found = {
        pair: around.around(pair, lambda _: frozenset())["alternate"]
        for pair in (("log 10", "log 15"), ("talk 0", "talk 2"), ("log 10", "talk 0"))
    }
    assert found == {("log 10", "log 15"): True, ("talk 0", "talk 2"): False, ("log 10", "talk 0"): False}
    assert judgement.score(Evidence(cosine=0.6, alternate=True)) < judgement.score(Evidence(cosine=0.6)) / 5


def test_a_score_is_a_probability_that_grows_with_the_evidence() -> None:
    weak, strong = judgement.score(Evidence(cosine=0.1)), judgement.score(Evidence(cosine=0.7, tags=1.0, rank=1.0))
    assert 0 < weak < strong < 1


@pytest.fixture
def garden(workspace: Workspace) -> Workspace:
    """Notes about two subjects; one mentions another by name."""
    for title, body in (
        ("Sourdough starter", "Flour and water that ferment; feed it daily with rye flour."),
        ("Baking bread", "Take the Sourdough starter, flour, water and salt; ferment overnight, bake hot."),
        ("Rye flour", "Milled rye; ferments fast in dough."),
        ("Chess openings", "The Sicilian defence answers king's pawn; castle early."),
        ("Endgames", "King and pawn against king; opposition decides in chess."),
    ):
        commands.new(workspace, Draft(title=title, body=body))
    return workspace


def pairs(workspace: Workspace, note: str = "") -> list[tuple[str, str]]:
    return [(each.source, each.target) for each in proposals.page(workspace, note, 0)[0]]


def test_the_note_that_is_mentioned_comes_first_and_says_why(garden: Workspace) -> None:
    found, more = proposals.page(garden, limit=1)
    assert (found[0].source, found[0].target) in {("note-2", "note-1"), ("note-1", "note-3")}
    assert "mentions" in found[0].reason
    assert more == len(proposals.page(garden, limit=0)[0]) - 1
    assert all(one.score >= other.score for one, other in pairwise(found))
    assert all("note-2" in pair for pair in pairs(garden, "note-2"))


def test_what_is_linked_or_decided_is_never_proposed_again(garden: Workspace) -> None:
    assert ("note-2", "note-1") in pairs(garden)
    done = proposals.accept(garden, "note-1", "note-2")
    assert (done.source, done.target) == ("note-2", "note-1")
    assert "note-1" in (garden.root / "memory/notes/note-2.md").read_text()
    proposals.refuse(garden, "note-1", "note-3")
    assert {("note-2", "note-1"), ("note-1", "note-3")}.isdisjoint(pairs(garden))
    (garden.store / "proposals.db").unlink()
    assert {("note-2", "note-1"), ("note-1", "note-3")}.isdisjoint(pairs(garden))
    again = proposals.refuse(garden, "note-3", "note-1")
    assert (again.events, bool(again.note)) == ([], True)


def test_the_next_run_finds_what_a_changed_note_and_a_new_name_bring(garden: Workspace) -> None:
    proposals.page(garden)
    commands.new(garden, Draft(title="Sicilian defence", body="1. e4 c5"))
    assert ("note-4", "note-6") in pairs(garden)
    commands.edit(garden, "note-5", commands.Edit(body="Nothing of the sort. Rye flour."))
    assert ("note-5", "note-3") in pairs(garden)
    commands.edit(garden, "note-6", commands.Edit(title="Najdorf"))
    assert ("note-4", "note-6") not in [
        (each.source, each.target) for each in proposals.page(garden, limit=0)[0] if "Sicilian" in each.reason
    ]


def test_an_incremental_run_finds_the_pairs_of_a_whole_one(garden: Workspace) -> None:
    proposals.page(garden)
    for number in range(8):
        commands.new(
            garden, Draft(title=f"Recipe {number}", body=f"Baking bread with Rye flour, way {number}."), force=True
        )
        step = set(pairs(garden))
    (garden.store / "proposals.db").unlink()
    assert {frozenset(pair) for pair in pairs(garden)} - {frozenset(pair) for pair in step} == set()


def test_a_dry_run_decides_nothing(garden: Workspace) -> None:
    proposals.page(garden)
    dry = Workspace(garden.root, dry_run=True)
    assert proposals.refuse(dry, "note-1", "note-2").events
    assert queries.decisions(garden) == {}


def test_the_command_line(garden: Workspace, memctl) -> None:
    [first] = memctl("enrich", "--limit", "1", "--json").data
    assert set(first) == {"source", "target", "source_title", "target_title", "score", "reason"}
    assert memctl("enrich", "--threshold", "0.999", "--json").data == []
    assert memctl("enrich", "note-2", "--accept", "note-1", "--json").data[0]["accepted"] is True
    assert memctl("enrich", "--accept", "note-1").code == 2
    assert memctl("enrich", "nothing", "--json").code == 3


def test_duplicates_are_found_in_whole_and_nearly(workspace: Workspace) -> None:
    text = "The boiler in the cellar is serviced each October by the firm in Mill Lane, and the invoice goes to Ann."
    commands.new(workspace, Draft(title="Boiler", body=text))
    commands.new(workspace, Draft(title="The boiler again", body=text), force=True)
    commands.new(workspace, Draft(title="Boiler", body=text + " Gladly."), force=True)
    commands.new(workspace, Draft(title="Chess", body="Castle early."))
    with looked(workspace) as index:
        found = near.duplicates(workspace, index)
    assert {frozenset((each.one, each.other)) for each in found} >= {frozenset(("note-1", "note-2"))}
    assert all("note-4" not in (each.one, each.other) for each in found)


@pytest.fixture
def orchard(workspace: Workspace, write) -> Workspace:
    """Thirty notes: in folders, in a row of dates, with names that others mention."""
    for number in range(20):
        write(
            f"trees/Tree {number}.md",
            f"Planted in row {number % 3}; its bark is {'rough' if number % 2 else 'smooth'}.",
        )
    for day in range(10, 18):
        write(f"log/2026-11-{day}.md", f"Watered Tree {day - 9}, and looked at the pear wall for canker.")
    write("trees/Pear wall.md", "Six pears on wires; canker was cut out in March.")
    write("Orchard.md", "Twenty trees and a wall; see the log.")
    proposals.page(workspace)
    return workspace


def scored(workspace: Workspace, *notes: str) -> dict[frozenset[str], float]:
    found, _ = proposals.page(workspace, limit=0)
    return {
        frozenset((each.source, each.target)): each.score
        for each in found
        if not {each.source, each.target}.isdisjoint(notes)
    }


def test_a_run_over_a_few_finds_what_a_whole_one_finds(orchard: Workspace, write, monkeypatch) -> None:
    write(
        "trees/Pear wall.md",
        "---\ntitle: Espaliers\n---\nSix pears on wires; canker was cut out in March, as on Tree 3.",
    )
    write("log/2026-11-18.md", "Cut the espaliers, and burnt what had canker; the pear wall is bare.")
    write("trees.md", "All trees of the Orchard.")
    (orchard.root / "memory/trees/Tree 5.md").unlink()
    monkeypatch.setattr(finding, "Whole", None)
    few = scored(orchard, "trees/Pear wall", "log/2026-11-18", "trees")
    monkeypatch.undo()
    (orchard.store / "proposals.db").unlink()
    whole = scored(orchard, "trees/Pear wall", "log/2026-11-18", "trees")
    assert {pair for pair, score in whole.items() if score > 0.05} <= few.keys()
    assert all(abs(score - whole[pair]) < 0.1 for pair, score in few.items() if pair in whole)
    assert "trees/Tree 5" not in {note for pair in few for note in pair}
    assert {frozenset(("log/2026-11-17", "log/2026-11-18")), frozenset(("trees", "trees/Tree 1"))} <= few.keys()


def test_a_run_over_a_few_reads_no_other_text(orchard: Workspace, write, monkeypatch) -> None:
    read: list[str] = []
    known = words.running
    monkeypatch.setattr(words, "running", lambda body: read.append(body) or known(body))
    monkeypatch.setattr(names_module, "running", lambda body: read.append(body) or known(body))
    write("trees/Tree 4.md", "Felled.")
    proposals.page(orchard)
    assert set(read) == {"Felled."}


def test_what_is_alike_after_many_runs_is_what_would_be_after_one(orchard: Workspace, write) -> None:
    for step in range(5):
        write("Orchard.md", f"Twenty trees and a wall, {step} of them sick; canker on the pears.")
        proposals.page(orchard)
    write("log/2026-11-10.md", "Nothing.")
    write("Orchard.md", "Twenty trees and a wall; see the log.")
    proposals.page(orchard)
    write("log/2026-11-10.md", "Watered Tree 1, and looked at the pear wall for canker.")
    proposals.page(orchard)
    with cache.opened(orchard) as kept:
        after = postings(kept)
    (orchard.store / "proposals.db").unlink()
    proposals.page(orchard)
    with cache.opened(orchard) as kept:
        assert postings(kept) == after


def postings(kept: cache.Cache) -> dict[int, tuple[int, list[int]]]:
    import numpy as np

    rows = kept.all("SELECT term, holders, places FROM posting")
    return {term: (holders, sorted(np.frombuffer(places, np.int32).tolist())) for term, holders, places in rows}
