"""Writing notes: each verb, what it leaves in the file, the log and the index."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from halo_engine.errors import NotAllowed, NotFound, Usage
from halo_engine.events import store
from halo_engine.memory import claims, commands, config, keeping, queries
from halo_engine.memory import index as indices
from halo_engine.memory.commands import Draft, Edit
from halo_engine.memory.notes import Document
from halo_engine.memory.projection import memory
from halo_engine.memory.queries import NoteFilter
from halo_engine.workspace import Workspace

ROOT = Path(__file__).parents[2]


def file_of(workspace, note_id):
    return (config.folder(workspace) / queries.note(workspace, note_id).path).read_text(encoding="utf-8")


def test_a_note_is_a_file(workspace):
    made = commands.new(workspace, Draft("Ben: plain text", "No HTML.", "preference", ("ben", "mail")))
    text = file_of(workspace, "note-1")
    assert made.note.id == "note-1"
    assert text.startswith('---\nid: note-1\ntitle: "Ben: plain text"\ntype: preference\ntags: [ben, mail]\ncreated: ')
    assert text.endswith("---\n\nNo HTML.\n")
    assert [event.type for event in made.events] == ["note.item.created"]


def test_the_same_claim_is_the_same_note(workspace):
    first = commands.new(workspace, Draft("Ben  prefers PLAIN text", "Mail."))
    again = commands.new(workspace, Draft("ben prefers plain text", "mail. "))
    assert (again.note.id, again.events) == (first.note.id, [])
    assert "already" in again.said


def test_a_body_that_says_the_title_again_says_nothing(workspace):
    first = commands.new(workspace, Draft("Ben's phone is blue", "Ben's phone is blue\n"))
    assert commands.new(workspace, Draft("Ben's phone is blue")).note.id == first.note.id


def test_nearly_the_same_claim_is_shown(workspace):
    commands.new(workspace, Draft("Ben prefers plain text emails over HTML"))
    near = Draft("Ben prefers plain text email over HTML")
    with pytest.raises(NotAllowed, match="note-1"):
        commands.new(workspace, near)
    assert commands.new(workspace, near, force=True).note.id == "note-2"
    assert (
        commands.new(workspace, Draft("Ben prefers plain text emails, not HTML", supersedes=("1", "2"))).note.id
        == "note-3"
    )


@pytest.mark.parametrize("draft", [Draft(), Draft("x", type="wish")])
def test_what_is_no_note_is_refused(workspace, draft):
    with pytest.raises(Usage):
        commands.new(workspace, draft)
    assert workspace.log.head() == 0


def test_a_body_without_a_title_gives_it(workspace):
    assert commands.new(workspace, Draft(body="- The cake is ordered. By Mum.")).note.title == "The cake is ordered"


@pytest.mark.parametrize(
    ("body", "count"),
    [
        ("Ben prefers short emails. Grandma's birthday is on 6 February.", 2),
        ("We arrived on Monday. The hotel is the Astoria. Anna pays for the flights.", 3),
        ("Anna pays for the flights. She does so every year. The hotel is the Astoria.", 2),
        ("Anna pays for the flights. She does so every year.", 0),
        ("The server runs Debian. Every server of ours does.", 0),
        ("Plain text. No attachments where a link will do.", 0),
        ("Ask Dr. Weber on Monday about the results.", 0),
        ("```\nOne thing is here. Another one stands there.\n```", 0),
    ],
)
def test_sentences_that_stand_on_their_own_are_several_claims(body, count):
    assert len(claims.parts(body)) == count


def test_a_split_loses_nothing(workspace):
    body = "Of the trip.\n\n- Ben runs `drive`\n- Anna pays\n  for all\n\n```\nkeep me\n```"
    first, *each = commands.split(workspace, Draft("Trip", body))
    assert first.note.body == "Of the trip.\n\n```\nkeep me\n```"
    assert [made.note.body for made in each] == ["Ben runs `drive`", "Anna pays for all"]
    first, *each = commands.split(workspace, Draft("Mail", "Ben likes short emails. Anna reads her post at noon."))
    assert (first.note.body, [made.note.body for made in each]) == (
        "",
        ["Ben likes short emails.", "Anna reads her post at noon."],
    )


def test_a_note_that_is_there_can_be_split(workspace):
    """As `new` offers, once it has written the note."""
    draft = Draft("Trip", "Ben likes short emails. Anna reads her post at noon.")
    commands.new(workspace, draft)
    made = commands.split(workspace, draft)
    assert [each.note.id for each in made] == ["note-1", "note-2", "note-3"]
    assert queries.note(workspace, "note-1").body == ""
    assert [each.id for each in queries.card(workspace, "note-1").backlinks] == ["note-2", "note-3"]


def test_a_list_is_several_claims(workspace):
    made = commands.split(workspace, Draft("About Ben", "- likes plain text mail\n- gets up at six\n"))
    assert [each.note.title for each in made] == ["About Ben", "likes plain text mail", "gets up at six"]
    assert [each.id for each in queries.card(workspace, "About Ben").backlinks] == ["note-2", "note-3"]


def test_an_edit_changes_what_is_named_and_nothing_else(workspace):
    commands.new(workspace, Draft("Old", "Body", tags=("a",)))
    place = config.folder(workspace) / "notes/note-1.md"
    place.write_bytes(place.read_bytes().replace(b"type: fact", b"type: fact # sure\nmine: {x: [1, 2]}"))
    commands.edit(workspace, "1", Edit(title="New", add_tags=("b",), drop_tags=("a",)))
    text = place.read_text(encoding="utf-8")
    assert "title: New\ntype: fact # sure\nmine: {x: [1, 2]}\ntags: [b]\n" in text
    assert commands.edit(workspace, "1", Edit(title="New")).events == []


def test_undo_brings_back_the_file(workspace):
    commands.new(workspace, Draft("One", "Body"))
    before = file_of(workspace, "1")
    commands.edit(workspace, "1", Edit(title="Two"))
    commands.edit(workspace, "1", Edit(body="Three"))
    commands.undo(workspace, "1")
    commands.undo(workspace, "1")
    assert file_of(workspace, "1") == before
    with pytest.raises(NotAllowed):
        commands.undo(workspace, "1")


def test_undo_does_not_overwrite_an_editor(workspace, write):
    commands.new(workspace, Draft("One"))
    commands.edit(workspace, "1", Edit(title="Two"))
    write("notes/note-1.md", "---\nid: note-1\ntitle: By hand\n---\n")
    queries.note(workspace, "1")
    commands.undo(workspace, "1")
    assert queries.note(workspace, "1").title == "Two"


def test_links_and_backlinks(workspace):
    for title in ("One", "Two"):
        commands.new(workspace, Draft(title))
    modified = queries.note(workspace, "one").modified
    assert commands.link(workspace, "one", "Two").events
    assert commands.link(workspace, "1", "2").events == []
    assert [each.id for each in queries.card(workspace, "2").backlinks] == ["note-1"]
    assert "note-1" not in file_of(workspace, "2").replace("id: note-1", "")
    assert queries.note(workspace, "one").modified == modified
    commands.unlink(workspace, "1", "2")
    assert queries.card(workspace, "2").backlinks == []
    assert commands.unlink(workspace, "1", "2").events == []
    with pytest.raises(NotFound):
        commands.link(workspace, "1", "nothing")
    with pytest.raises(Usage):
        commands.link(workspace, "1", "1")


def test_a_link_to_a_note_that_does_not_exist_yet_finds_it(workspace):
    commands.new(workspace, Draft("One", "See [[The plan]]."))
    with indices.reading(workspace) as index:
        assert queries.missing(index) == [("The plan", ["note-1"])]
    commands.new(workspace, Draft("The Plan"))
    assert [each.id for each in queries.card(workspace, "2").backlinks] == ["note-1"]


def test_what_is_superseded_does_not_show(workspace):
    commands.new(workspace, Draft("The train leaves at seven"))
    commands.new(workspace, Draft("The bus takes an hour"))
    commands.supersede(workspace, "1", "2")
    assert [row.id for row in queries.page(workspace, NoteFilter())[0]] == ["note-2"]
    assert queries.card(workspace, "1").superseded_by == ["note-2"]
    with pytest.raises(NotAllowed):
        commands.supersede(workspace, "2", "1")


def test_merging_keeps_what_both_say(workspace):
    commands.new(workspace, Draft("One", "First.", tags=("a",)))
    commands.new(workspace, Draft("Two", "Second.", tags=("b",)))
    commands.new(workspace, Draft("Three", "[[Two]]"))
    commands.merge(workspace, "1", "2")
    card = queries.card(workspace, "1")
    assert (card.note.body, card.note.tags, card.note.aliases) == ("First.\n\nSecond.", ("a", "b"), ("Two",))
    assert queries.note(workspace, "note-2").path == "archive/notes/note-2.md"
    assert [each.id for each in queries.card(workspace, "3").links] == ["note-2"]
    assert commands.merge(workspace, "1", "2").events == []


def test_a_dry_run_changes_nothing(workspace):
    commands.new(workspace, Draft("One"))
    dry = Workspace(workspace.root, dry_run=True)
    before = sorted((path, path.read_bytes()) for path in config.folder(workspace).rglob("*") if path.is_file())
    commands.new(dry, Draft("Two"))
    commands.edit(dry, "1", Edit(title="Else"))
    assert [event.type for event in dry.log.planned] == ["note.item.created", "note.item.changed"]
    assert before == sorted((path, path.read_bytes()) for path in config.folder(workspace).rglob("*") if path.is_file())
    dry.log.close()


def test_twenty_at_once_are_twenty(workspace):
    program = "import sys; from halo_engine.memory.cli import main; main()"
    running = [
        subprocess.Popen([sys.executable, "-c", program, "new", "--title", f"Claim {word}"], cwd=ROOT)
        for word in "abcdefghijklmnopqrst"
    ]
    assert [each.wait() for each in running] == [0] * 20
    rows, _ = queries.page(workspace, NoteFilter(), 0)
    assert sorted(row.id for row in rows) == sorted(f"note-{number}" for number in range(1, 21))
    assert keeping.verify(workspace).ok
    assert keeping.verify(workspace).portable == "current"


def test_the_records_come_out_of_the_log_again(workspace):
    commands.new(workspace, Draft("One"))
    commands.edit(workspace, "1", Edit(title="Two"))
    commands.get(workspace, "1")
    before = queries.records(workspace)
    store.rebuild(workspace, memory)
    assert queries.records(workspace) == before


def test_a_number_is_never_given_twice(workspace):
    commands.new(workspace, Draft("One"))
    (config.folder(workspace) / "notes/note-1.md").unlink()
    keeping.rebuild(workspace)
    assert commands.new(workspace, Draft("Two")).note.id == "note-2"


def test_a_note_with_something_wrong_is_not_touched(workspace, write):
    write("notes/note-1.md", "---\nid: note-1\ntitle: [\n---\n")
    with pytest.raises(NotAllowed, match="not valid YAML"):
        commands.edit(workspace, "1", Edit(title="x"))


def test_a_body_round_trips(workspace):
    body = "---\ntitle: no\n---\n```\n[[x]]\n```\r\n\r\n  end  \n\n"
    commands.new(workspace, Draft("Odd --- title: [x] # y", body))
    row = queries.note(workspace, "1")
    assert (row.title, row.body) == ("Odd --- title: [x] # y", body)
    assert Document.read(file_of(workspace, "1").encode())
