"""How notes decay, and what goes into the archive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine import clock
from halo_engine.memory import commands, decay, pruning, queries
from halo_engine.memory.commands import Draft, Edit
from halo_engine.memory.finding.search import Search
from halo_engine.memory.projection import decayed
from halo_engine.workspace import Workspace

BEGUN = datetime(2026, 1, 1, 12, tzinfo=UTC)


def after(days: float):
    return clock.held(BEGUN + timedelta(days=days))


def note(workspace: Workspace, title: str, **given: object) -> str:
    with after(0):
        return commands.new(workspace, Draft(title=title, body=f"About {title}.", **given), force=True).note.id


def score(workspace: Workspace, reference: str, days: float) -> float:
    with after(days):
        return decay.score(workspace, queries.note(workspace, reference))


@given(st.floats(0.001, 50), st.floats(0, 3000), st.floats(1, 400))
def test_a_strength_halves_each_half_life_and_never_grows(strength: float, days: float, life: float) -> None:
    start, middle, end = (clock.stamp(BEGUN + timedelta(days=each)) for each in (0, days, days + life))
    assert decayed(strength, start, end, life) == pytest.approx(decayed(strength, start, middle, life) / 2, rel=1e-6)
    assert decayed(strength, start, middle, life) <= strength


def test_a_fact_halves_in_a_month_and_a_decision_in_half_a_year(workspace: Workspace) -> None:
    fact, choice = note(workspace, "The tap drips"), note(workspace, "We use SQLite", type="decision")
    assert score(workspace, fact, 0) == pytest.approx(0.5)
    assert score(workspace, fact, 30) == pytest.approx(1 - 2**-0.5)
    assert score(workspace, choice, 180) == pytest.approx(1 - 2**-0.5)
    assert score(workspace, fact, 300) < 0.01
    assert score(workspace, choice, 3000) == pytest.approx(0.25)


def test_half_lives_and_floors_are_settings(workspace: Workspace) -> None:
    (workspace.root / "memctl.yaml").write_text("half_life: {fact: 10}\nfloor: {fact: 0.2}\n")
    fact = note(workspace, "The tap drips")
    assert score(workspace, fact, 10) == pytest.approx(1 - 2**-0.5)
    assert score(workspace, fact, 1000) == pytest.approx(0.2)


def test_use_refreshes_and_links_and_edits_in_bulk_do_not(workspace: Workspace) -> None:
    used, linked, other = (note(workspace, title) for title in ("Used", "Linked", "Other"))
    with after(60):
        commands.get(workspace, used)
        commands.link(workspace, linked, other)
        commands.link(workspace, other, linked)
    assert score(workspace, used, 60) > 0.5
    assert score(workspace, linked, 60) == score(workspace, other, 60) == pytest.approx(1 - 2**-0.25)
    with after(60):
        for path in (workspace.root / "memory/notes").glob("*.md"):
            path.write_text(path.read_text() + "a line that a script adds\n")
        for number in range(30):
            (workspace.root / f"memory/notes/more-{number}.md").write_text("more")
        assert decay.score(workspace, queries.note(workspace, linked)) == pytest.approx(1 - 2**-0.25)
        commands.edit(workspace, linked, Edit(body="Another text."))
        assert decay.score(workspace, queries.note(workspace, linked)) == pytest.approx(0.5)


def test_a_note_far_down_a_list_is_not_used_by_it(workspace: Workspace) -> None:
    notes = [note(workspace, f"Tea number {number}") for number in range(6)]
    with after(10):
        commands.search(workspace, Search("tea number", limit=6))
    records = queries.records(workspace, notes)
    assert sorted((record.strength for record in records.values()), reverse=True)[:4] == [1, 0.5, 0.333, 0]


def test_many_uses_in_an_hour_are_one(workspace: Workspace) -> None:
    fact = note(workspace, "The tap drips")
    for minutes in range(0, 50, 5):
        with after(minutes / 1440):
            commands.get(workspace, fact)
    assert queries.records(workspace, [fact])[fact].uses == 1


def test_pinned_notes_stay_and_expired_ones_are_over(workspace: Workspace) -> None:
    pinned, over = note(workspace, "Pinned"), note(workspace, "Over", expires="2026-01-05")
    commands.edit(workspace, pinned, Edit(pinned=True))
    assert (score(workspace, pinned, 900), score(workspace, over, 20)) == (1.0, 0.0)


def test_the_series_of_a_note_falls_and_rises_with_a_use(workspace: Workspace) -> None:
    fact = note(workspace, "The tap drips")
    with after(50):
        commands.get(workspace, fact)
    with after(100):
        points = decay.series(workspace, queries.note(workspace, fact), 101)
    scores = [point.score for point in points]
    assert len(points) == 101
    assert scores[0] == pytest.approx(0.5)
    assert scores[49] < 0.3 < scores[50]
    assert scores[-1] == pytest.approx(score(workspace, fact, 100), abs=0.001)


def test_prune_shows_scores_and_reasons_and_archives_only_when_told(workspace: Workspace, memctl) -> None:
    old, person = note(workspace, "The tap drips"), note(workspace, "Ann is a plumber", type="person")
    with after(200):
        found = memctl("prune", "--json")
        assert [(each["id"], each["score"] < 0.15, bool(each["reason"])) for each in found.data["notes"]] == [
            (old, True, True)
        ]
        for words in (("prune",), ("prune", "--dry-run"), ("prune", "--execute", "--dry-run")):
            assert memctl(*words).code == 0
            assert not queries.note(workspace, old).archived
        assert memctl("prune", "--execute", "--json").data["archived"] == 1
        assert memctl("prune", "--execute", "--json").data["archived"] == 0
    assert queries.note(workspace, old).archived
    assert not queries.note(workspace, person).archived
    assert (workspace.root / f"memory/archive/notes/{old}.md").exists()
    assert [event.type for event in queries.history(workspace, old)][-1] == "note.item.archived"


def test_links_to_an_archived_note_lead_to_it_and_it_comes_back(workspace: Workspace, memctl) -> None:
    old = note(workspace, "The tap drips")
    with after(190):
        new = commands.new(workspace, Draft(title="Plumbing", body=f"See [[{old}]]."), force=True).note.id
        assert pruning.candidates(workspace) == [], "a living note links it"
    with after(400):
        pruning.prune(workspace, execute=True)
        assert [each.id for each in queries.card(workspace, new).links] == [old]
        assert memctl("restore", old).code == 0
        assert memctl("restore", old).code == 0
        assert not queries.note(workspace, old).archived
        assert old not in [each.id for each in pruning.candidates(workspace)], "coming back is a use"
    assert memctl("restore", "nothing").code == 3


def test_a_reason_says_how_often_a_note_was_used(workspace: Workspace) -> None:
    never, once = note(workspace, "The tap drips"), note(workspace, "The door squeaks")
    with after(3):
        commands.get(workspace, once)
    with after(400):
        reasons = {each.id: each.reason for each in pruning.candidates(workspace)}
    assert "written 2026-01-01, never used, half-life 30 days" in reasons[never]
    assert "used 1 times, last 2026-01-04" in reasons[once]


def test_an_expired_note_that_comes_back_is_said_to_go_again(workspace: Workspace, memctl) -> None:
    old = note(workspace, "The tap drips", expires="2026-01-10")
    other = note(workspace, "The pipe leaks", links=(old,))
    with after(20):
        assert memctl("prune", "--execute").code == 0
        assert "note-1 The tap drips (archived)" in memctl("get", other).out
        assert "it expired on 2026-01-10: prune archives it again" in memctl("restore", old).err
        assert [each.id for each in pruning.candidates(workspace)] == [old]
        assert memctl("edit", old, "--expires", "").code == 0
        assert pruning.candidates(workspace) == []
