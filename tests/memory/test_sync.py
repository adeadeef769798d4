"""What people do to the files by hand is seen by the next command."""

from __future__ import annotations

import os
import shutil

import pytest

from halo_engine.errors import NotFound, Unavailable
from halo_engine.memory import commands, config, keeping, queries, sync
from halo_engine.memory.commands import Draft
from halo_engine.memory.finding import search
from halo_engine.memory.finding.search import Search
from halo_engine.memory.queries import NoteFilter


def found(workspace, text):
    return [hit.note.id for hit in search.search(workspace, Search(text))[0]]


def test_a_file_that_is_made_changed_and_deleted_by_hand(workspace, write):
    write("garden.md", "Tomatoes like [[water]]")
    assert found(workspace, "tomatoes") == ["garden"]
    write("garden.md", "Lemons like warmth")
    assert found(workspace, "tomatoes") == []
    assert found(workspace, "lemons") == ["garden"]
    (config.folder(workspace) / "garden.md").unlink()
    assert found(workspace, "lemons") == []
    assert [event.type for event in workspace.log.stream("note/garden")] == [
        "note.item.found",
        "note.item.found",
        "note.item.gone",
    ]


def test_a_change_of_the_same_size_is_seen(workspace, write):
    write("a.md", "one")
    assert found(workspace, "one") == ["a"]
    write("a.md", "two")
    assert found(workspace, "two") == ["a"]


def test_where_there_are_many_a_folder_tells_what_was_made(workspace, write):
    (workspace.root / "memctl.yaml").write_text("scan_limit: 1\nrescan: 1000\n")
    for name in "abc":
        write(f"{name}.md", f"Note {name}")
    assert len(found(workspace, "note")) == 3
    write("d.md", "Note d")
    assert len(found(workspace, "note")) == 4
    draft = config.folder(workspace) / "x"
    draft.write_text("Replaced d")
    draft.replace(config.folder(workspace) / "d.md")
    assert found(workspace, "replaced") == ["d"]


def test_where_there_are_many_a_note_that_is_asked_for_is_still_read_as_it_is(workspace, write):
    (workspace.root / "memctl.yaml").write_text("scan_limit: 1\nrescan: 1000\n")
    for name in "abc":
        write(f"{name}.md", f"Note {name}")
    assert len(found(workspace, "note")) == 3
    path = config.folder(workspace) / "b.md"
    with path.open("r+") as file:
        file.write("Knot")
    assert commands.get(workspace, "b").note.body == "Knot b"


def test_our_own_writing_is_no_change_by_hand(workspace):
    commands.new(workspace, Draft("One"))
    queries.note(workspace, "1")
    commands.new(workspace, Draft("Two"))
    assert not sync.sync(workspace).any


def test_a_renamed_file_is_the_same_note(workspace):
    commands.new(workspace, Draft("One"))
    commands.new(workspace, Draft("Two", links=("1",)))
    root = config.folder(workspace)
    (root / "notes/note-1.md").rename(root / "notes/first.md")
    report = sync.sync(workspace)
    assert (report.new, report.changed, report.gone) == ([], ["note-1"], [])
    assert [each.id for each in queries.card(workspace, "note-1").backlinks] == ["note-2"]


def test_a_copy_does_not_take_the_id(workspace, write):
    commands.new(workspace, Draft("One"))
    text = (config.folder(workspace) / "notes/note-1.md").read_text()
    write("notes/a copy.md", text)
    report = sync.sync(workspace)
    assert report.new == ["notes/a copy"]
    assert "note-1" in report.faults["notes/a copy.md"]
    assert queries.note(workspace, "note-1").path == "notes/note-1.md"
    before = {row.id for row in queries.page(workspace, NoteFilter())[0]}
    keeping.rebuild(workspace)
    assert {row.id for row in queries.page(workspace, NoteFilter())[0]} == before


def test_both_sides_of_a_merge_are_reported_and_kept(workspace, memctl):
    commands.new(workspace, Draft("One", "body"))
    place = config.folder(workspace) / "notes/note-1.md"
    text = place.read_text().replace("body", "<<<<<<< HEAD\nleft\n=======\nright\n>>>>>>> other")
    place.write_text(text)
    said = memctl("sync", "--json")
    assert (said.code, said.data["conflicts"]) == (1, ["notes/note-1.md"])
    assert memctl("edit", "1", "--title", "x").code == 4
    assert place.read_text() == text
    place.write_text(text.replace("<<<<<<< HEAD\n", "").replace("=======\nright\n>>>>>>> other\n", ""))
    assert memctl("sync").code == 0


def test_a_folder_that_is_not_there_is_not_taken_for_empty(workspace):
    commands.new(workspace, Draft("One"))
    shutil.move(config.folder(workspace), workspace.root / "away")
    with pytest.raises(Unavailable, match="is not there"):
        queries.note(workspace, "1")
    shutil.move(workspace.root / "away", config.folder(workspace))
    assert queries.note(workspace, "1").title == "One"


def test_verify_says_drift_missing_and_orphan(workspace, write):
    for name in "abc":
        write(f"{name}.md", name)
    sync.sync(workspace)
    write("a.md", "else")
    (config.folder(workspace) / "b.md").unlink()
    write("d.md", "new")
    report = keeping.verify(workspace)
    assert (report.match, report.drift, report.missing, report.orphan) == (1, ["a.md"], ["b.md"], ["d.md"])
    keeping.rebuild(workspace)
    assert keeping.verify(workspace).ok


def test_rebuilding_makes_the_same_index(workspace, write):
    write("x/one.md", "---\ntitle: One\naliases: [Uno]\ntags: [a]\n---\n[[two]] [[missing]] #b")
    write("x/two.md", "[back](one.md) [[Uno]]")
    commands.new(workspace, Draft("Three", "[[One]]"))
    before = [(card.note.id, card.links, card.backlinks) for card in cards(workspace)]
    keeping.rebuild(workspace)
    assert [(card.note.id, card.links, card.backlinks) for card in cards(workspace)] == before


def cards(workspace):
    return [queries.card(workspace, row.id) for row in queries.page(workspace, NoteFilter(), 0, sort="id")[0]]


def test_a_lost_or_broken_index_comes_back(workspace):
    commands.new(workspace, Draft("One"))
    (workspace.store / "notes.db").write_bytes(b"not a database at all" * 100)
    assert queries.note(workspace, "1").title == "One"
    (workspace.store / "notes.db").unlink()
    assert commands.new(workspace, Draft("Two")).note.id == "note-2"
    assert keeping.verify(workspace).ok or not sync.sync(workspace).conflicts


def test_names_that_several_have_are_no_reference(workspace, write):
    write("a/plan.md", "one")
    write("b/plan.md", "two")
    assert queries.note(workspace, "a/plan").body == "one"
    with pytest.raises(NotFound, match="2 notes"):
        queries.note(workspace, "plan")


def test_hidden_folders_are_left_alone(workspace, write):
    write(".obsidian/x.md", "no")
    write("a.md", "yes")
    assert [row.id for row in queries.page(workspace, NoteFilter())[0]] == ["a"]


def test_an_old_draft_is_swept(workspace, write):
    write("notes/.note-1.md.99.new", "half")
    place = config.folder(workspace) / "notes/.note-1.md.99.new"
    sync.sync(workspace)
    assert place.exists()
    os.utime(place, (1, 1))
    sync.sync(workspace)
    assert not place.exists()


def test_a_vault_elsewhere(workspace, tmp_path):
    vault = tmp_path / "vault"
    vault.mkdir()
    (vault / "Idea.md").write_text("A [[Thought]]")
    (workspace.root / "memctl.yaml").write_text(f"folder: {vault}\n")
    assert [row.id for row in queries.page(workspace, NoteFilter())[0]] == ["Idea"]
    assert (vault / "Idea.md").read_text() == "A [[Thought]]"
