"""The folders of two machines, merged by git with conflicts: all are reported, and nothing is lost."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.memory import commands, keeping, sync
from halo_engine.memory.commands import Draft, Edit
from halo_engine.memory.config import folder
from halo_engine.memory.merges import CONFLICT, sides
from halo_engine.memory.notes import note_of
from halo_engine.workspace import Workspace

LONG = "\n".join(f"Line {number} of what was once so." for number in range(20))
HEAD = "---\nid: note-1\ntitle: {}\n---\n\n"


def git(place: Path, *words: str, ok: bool = True) -> str:
    told = ("-c", "user.name=a", "-c", "user.email=a@localhost", "-c", "commit.gpgsign=false")
    done = subprocess.run(["git", *told, *words], cwd=place, capture_output=True, text=True, check=False)
    assert done.returncode == 0 or not ok, done.stderr
    return done.stdout


@pytest.fixture(params=["merge", "diff3"])
def merged(request, workspace: Workspace, tmp_path: Path) -> Workspace:
    """Two machines began with the same four notes; both changed two, one deleted what the other changed, and both made
    a fifth.
    """
    other = Workspace(tmp_path / "other")
    for title, body in (("Tea", "Black."), ("Boat", "Red."), ("Old", LONG), ("Quiet", "Still.")):
        commands.new(workspace, Draft(title, body), force=True)
    git(workspace.root, "init", "-q", "-b", "main")
    commit(workspace, "begin")
    git(tmp_path, "clone", "-q", str(workspace.root), str(other.root))
    for place, drink, kind in ((workspace, "Oolong", "decision"), (other, "Green [[Quiet]]", "reference")):
        commands.edit(place, "1", Edit(body=f"{drink}."))
        commands.edit(place, "2", Edit(type=kind))
        commands.new(place, Draft(f"Fifth {drink[:6]}", f"As {drink} says."), force=True)
    (folder(workspace) / "notes/note-3.md").unlink()
    commands.edit(other, "3", Edit(body=f"{LONG}\nStill so."))
    for place in (workspace, other):
        commit(place, "change")
    git(workspace.root, "config", "merge.conflictStyle", request.param)
    git(workspace.root, "pull", "-q", "--no-rebase", str(other.root), "main", ok=False)
    return workspace


def commit(place: Workspace, why: str) -> None:
    git(place.root, "add", "-A")
    git(place.root, "commit", "-q", "-m", why)


def test_the_notes_alone_are_in_conflict(merged: Workspace) -> None:
    said = {line[3:]: line[:2] for line in git(merged.root, "status", "--short").splitlines()}
    note = "memory/notes/note-{}.md".format
    assert said == {note(1): "UU", note(2): "UU", note(3): "DU", note(5): "AA"}


def test_a_merge_is_reported_by_every_command_and_loses_nothing(merged: Workspace, memctl) -> None:
    texts = {path: path.read_bytes() for path in folder(merged).rglob("*.md")}
    said = memctl("sync", "--json")
    wanted = [f"notes/note-{number}.md" for number in (1, 2, 5)]
    assert (said.code, said.data["conflicts"]) == (1, wanted)
    doctor = memctl("doctor")
    assert (doctor.code, [each in doctor.out for each in wanted]) == (1, [True] * 3)
    assert "Oolong." in memctl("get", "1").out
    assert "Green" in memctl("get", "1").out
    assert CONFLICT in memctl("get", "1").out
    for word, note in (("oolong", "note-1"), ("green", "note-1"), ("decision", ""), ("fifth", "note-5")):
        found = memctl("search", word, "--json").data
        assert not note or found[0]["fault"] == CONFLICT
        assert note in [each["id"] for each in found] or not note
    assert "Still so." in memctl("get", "3").out, "changed by one side, deleted by the other: it is there"
    assert "its file is to be mended" in memctl("search", "green").out
    assert CONFLICT in memctl("search", "green", "--context", "200").out
    assert memctl("edit", "1", "--title", "x").code == 4
    assert memctl("prune", "--execute").code == 0
    assert {path: path.read_bytes() for path in folder(merged).rglob("*.md")} == texts
    assert keeping.verify(merged).ok


def test_a_settled_merge_is_whole(merged: Workspace, memctl) -> None:
    sync.sync(merged)
    for number in (1, 2, 5):
        place = folder(merged) / f"notes/note-{number}.md"
        both = sides(place.read_text())
        assert both is not None
        place.write_text(both[1])
    assert memctl("sync").code == 0
    commit(merged, "settle")
    assert memctl("doctor").code == 0
    assert memctl("get", "1", "--json").data["note"]["body"] == "Green [[Quiet]]."
    assert keeping.verify(merged).portable == "current"


@pytest.mark.parametrize("base", ["", "||||||| base\nwas\n"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_conflict_within_the_body(base: str, newline: str) -> None:
    text = f"{HEAD.format('One')}before\n<<<<<<< HEAD\nleft\n{base}=======\nright\n>>>>>>> other\nafter\n"
    note = note_of(text.replace("\n", newline).encode(), "notes/note-1.md")
    assert (note.fault, note.title) == (CONFLICT, "One")
    assert [word in note.body for word in ("before", "left", "right", "after", "was")] == [True] * 4 + [False]


def test_the_whole_file_is_the_conflict() -> None:
    ours, theirs = (f"{HEAD.format(name)}{name} says, see [[{name} too]].\n" for name in ("Ann", "Bob"))
    note = note_of(f"<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> other\n".encode(), "notes/note-1.md")
    assert (note.id, note.title) == ("note-1", "Ann")
    assert "Bob says" in note.body
    assert {link.key for link in note.links} == {"ann too", "bob too"}


def test_a_conflict_within_a_conflict_is_none_of_two() -> None:
    inner = "<<<<<<<< HEAD:a.md\nleft\n========\nright\n>>>>>>>> other:b.md\n"
    outer = f"<<<<<<< HEAD\n{inner}||||||| base\n=======\nthird\n>>>>>>> other\n"
    note = note_of(outer.encode(), "a.md")
    assert [word in note.body for word in ("left", "right", "third", "base")] == [True] * 3 + [False]
    assert sides(inner) == ("left\n", "right\n")
    assert note_of(inner.encode(), "a.md").fault == CONFLICT


def test_what_is_no_merge_stays_what_it_is() -> None:
    for text in ("a <<<<<<< b", "<<<<<<< one\nwithout an end\n", "=======\n", "    <<<<<<< a\n=======\n>>>>>>> b\n"):
        assert sides(text) is None
        assert note_of(text.encode(), "a.md").fault == ""


@given(st.text(alphabet="<>=|\n\r ab", max_size=200))
def test_any_text_is_read(text: str) -> None:
    note_of(text.encode(), "a.md")


def test_marks_without_an_end_take_no_time() -> None:
    """Each line is looked at once: as a pattern this took hours."""
    assert sides("<<<<<<< a\n||||||| b\n=======\n" * 3_000) is None
    begun = "<<<<<<< a\nours\n=======\ntheirs\n>>>>>>> b\n"
    open_ = "<<<<<<< a\n=======\n" * 3_000
    assert sides(begun + open_) == (f"ours\n{open_}", f"theirs\n{open_}")
