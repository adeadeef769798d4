"""Notes out and in again: nothing lost."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import BadData
from halo_engine.memory import commands, config, queries
from halo_engine.memory.commands import Draft
from halo_engine.memory.exchange import exporting, importing, records
from halo_engine.memory.indexing import row_of
from halo_engine.memory.notes import note_of
from halo_engine.memory.queries import NoteFilter
from halo_engine.workspace import Workspace

FILES = {
    "Idea.md": "\ufeff---\r\ntitle: An idea\r\nmine: {a: [1, 2]} # kept\r\n---\r\nWith [[Thought|a thought]]\r\n",
    "deep/er/Thought.md": "# No frontmatter\n\n[back](../../Idea.md)",
    "broken.md": "---\ntitle: [\n---\n",
    "archive/old.md": "---\nid: old-1\n---\nold",
}


@pytest.fixture
def full(workspace, write):
    for path, text in FILES.items():
        write(path, text)
    place = config.folder(workspace) / "latin.md"
    place.write_bytes("---\ntitle: caf\xe9\n---\nx".encode("latin-1"))
    place.with_name("bytes.md").write_bytes(b"bad \xff\xfe text")
    commands.new(workspace, Draft("One", "Body\r\n", "person", ("a", "b, c"), ("Ben",), links=("An idea",)))
    commands.new(workspace, Draft("Two: --- x", "", supersedes=("1",), expires="2030-01-01", source="Mum"))
    return workspace


def contents(workspace):
    root = config.folder(workspace)
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*.md")}


@pytest.fixture
def other(tmp_path):
    place = Workspace(tmp_path / "other")
    place.create()
    yield place
    if "log" in vars(place):
        place.log.close()


@pytest.mark.parametrize("form", ["jsonl", "markdown", "obsidian"])
def test_what_goes_out_comes_in_again(full, other, memctl, tmp_path, form):
    place = tmp_path / "out"
    assert memctl("export", str(place), "--format", form).code == 0
    report = importing.import_(other, place)
    assert contents(other) == contents(full)
    assert report.new == len(contents(full))
    again = importing.import_(other, place)
    assert (again.new, again.same, again.kept) == (0, report.new, 0)


def test_json_lines_of_others(workspace, memctl, tmp_path):
    lines = tmp_path / "notes.jsonl"
    first = {"id": "conv:1/D1:3", "title": "", "body": "Hi [x]", "tags": ["s1"], "type": "turn", "mood": "good"}
    second = {"id": 7, "text": "Second", "tags": "a, b", "links": ["conv:1/D1:3", {"to": "missing"}]}
    said = [first | {"created": "1:56 pm on 8 May, 2023"}, second | {"created": "2023-05-09"}, {"body": "No id at all"}]
    lines.write_bytes(b"\n".join(map(msgspec.json.encode, said)))
    said = memctl("import", str(lines), "--json")
    assert (said.code, said.data["new"]) == (0, 3)
    first = queries.card(workspace, "conv:1/D1:3")
    assert (first.note.body, first.note.type, first.note.tags) == ("Hi [x]", "turn", ("s1",))
    assert first.note.created == "2023-05-08T13:56:00.000000Z"
    assert [each.id for each in first.backlinks] == ["7"]
    assert "mood: good" in (config.folder(workspace) / first.note.path).read_text()
    assert queries.note(workspace, "7").tags == ("a", "b")
    assert memctl("import", str(lines), "--json").data["same"] == 3
    assert memctl("search", "second", "--json").data[0]["id"] == "7"


def test_what_is_there_stays(workspace, memctl, tmp_path):
    commands.new(workspace, Draft("One", "mine"))
    lines = tmp_path / "n.jsonl"
    lines.write_text('{"id": "note-1", "title": "One", "body": "theirs"}\n')
    report = memctl("import", str(lines), "--json").data
    assert (report["kept"], report["different"]) == (1, ["note-1"])
    assert queries.note(workspace, "1").body == "mine"
    memctl("import", str(lines), "--replace")
    assert queries.note(workspace, "1").body == "theirs"


def test_attachments_come_along(workspace, tmp_path):
    vault = tmp_path / "vault"
    (vault / "img").mkdir(parents=True)
    (vault / ".obsidian").mkdir()
    (vault / ".obsidian/app.json").write_text("{}")
    (vault / "img/a.png").write_bytes(b"\x89PNG")
    (vault / "N.md").write_text("![[a.png]]")
    assert importing.import_(workspace, vault).attachments == 1
    assert (config.folder(workspace) / "img/a.png").read_bytes() == b"\x89PNG"
    assert not (config.folder(workspace) / ".obsidian").exists()


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[1]",
        '"x"',
        '{"id": "a", "path": "../x.md"}',
        '{"id": "a", "path": "/etc/x.md"}',
        '{"id": "a", "body": "\\ud800"}',
    ],
)
def test_lines_that_are_no_notes_take_nothing_in(workspace, tmp_path, line):
    place = tmp_path / "n.jsonl"
    place.write_text('{"id": "fine", "body": "x"}\n' + line + "\n")
    with pytest.raises(BadData):
        importing.import_(workspace, place)
    assert queries.page(workspace, NoteFilter())[0] == []


@given(st.text(min_size=1, max_size=300).filter(lambda text: text.isprintable()))
def test_any_id_has_a_file(note_id):
    path = records.path_of(note_id)
    name = path.removeprefix("notes/")
    assert "/" not in name
    assert not name.startswith(".")
    assert len(name.encode()) < 255
    assert path != records.path_of(note_id + "x")


@given(
    st.dictionaries(
        st.sampled_from(["id", "title", "body", "tags", "links", "created", "type", "extra", "pinned"]),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
            max_leaves=5,
        ),
    ),
)
def test_any_object_is_a_note_or_said_to_be_none(said):
    with suppress(BadData, UnicodeEncodeError):
        records.read(msgspec.json.encode(said), 1)


ANY = st.binary(max_size=80)


@given(ANY | st.text(max_size=80).map(str.encode) | ANY.map(b"---\nk: ".__add__))
def test_any_file_goes_out_and_comes_in_again(data):
    row = row_of(note_of(data, "deep/a.md"), 1, 0)
    line = msgspec.json.encode(records.record(row, data))
    assert records.read(line, 1).data == data


def vault(place: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    return place


def test_two_files_with_one_id_both_come_in(workspace, tmp_path):
    place = vault(tmp_path / "vault", {"a.md": "---\nid: note-1\n---\none", "b/note-1.md": "---\nid: note-1\n---\ntwo"})
    assert importing.import_(workspace, place).new == 2
    assert {each.id: each.body for each in queries.page(workspace, NoteFilter())[0]} == {"a": "one", "note-1": "two"}
    for replace in (False, True):
        again = importing.import_(workspace, place, replace=replace)
        assert (again.new, again.same, again.replaced, again.kept) == (0, 2, 0, 0)


def test_links_out_of_a_vault_are_not_followed(workspace, tmp_path):
    place = vault(tmp_path / "vault", {"a.md": "one", "pictures/b.png": "two"})
    vault(tmp_path, {"secret.md": "key", "secret.png": "key"})
    (place / "out.md").symlink_to(tmp_path / "secret.md")
    (place / "pictures/out.png").symlink_to(tmp_path / "secret.png")
    (place / "inside.md").symlink_to(place / "a.md")
    report = importing.import_(workspace, place)
    assert (report.new, report.attachments, sorted(report.faults)) == (2, 1, ["out.md", "pictures/out.png"])
    assert not (config.folder(workspace) / "out.md").exists()


def test_a_file_with_its_ending_in_capitals_comes_in_again(workspace, other, tmp_path):
    importing.import_(workspace, vault(tmp_path / "vault", {"UP.MD": "loud"}))
    lines = list(exporting.lines(workspace, NoteFilter()))
    (tmp_path / "all.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert importing.import_(other, tmp_path / "all.jsonl").new == 1
    assert (config.folder(other) / "UP.MD").read_text() == "loud"
