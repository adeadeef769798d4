"""Meaning: found without a shared word, kept up to date, and missed by nobody who has not installed it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from halo_engine import clock
from halo_engine.memory import commands, sync
from halo_engine.memory import index as indices
from halo_engine.memory.commands import Draft, Edit
from halo_engine.memory.finding import meaning, search
from halo_engine.memory.finding.search import Search
from halo_engine.memory.queries import NoteFilter

CLAIMS = (
    ("The automobile broke down near Lyon", "A garage towed it.", "trip"),
    ("Grandma bakes bread on Fridays", "With rye.", "home"),
    ("The invoice of the plumber is paid", "By card.", "home"),
    ("Our physician is Dr Weber", "Second floor.", "health"),
)


@pytest.fixture
def notes(workspace):
    workspace.root.joinpath("memctl.yaml").write_text("semantic: true\n")
    for title, body, tag in CLAIMS:
        commands.new(workspace, Draft(title, body, tags=(tag,)))
    return workspace


def found(workspace, text, **given):
    return search.search(workspace, Search(text, **given))[0]


@pytest.mark.parametrize(
    ("text", "first"), [("car accident", "note-1"), ("doctor", "note-4"), ("baking bread", "note-2")]
)
def test_a_note_without_the_words_is_found(notes, text, first):
    best = found(notes, text)[0]
    assert best.note.id == first
    assert best.reasons["meaning"] > 0


def test_filters_phrases_and_what_is_hidden_hold(notes):
    assert [hit.note.id for hit in found(notes, "doctor", filter=NoteFilter(tags=("health",)))] == ["note-4"]
    assert [hit.note.id for hit in found(notes, "doctor tag:health")] == ["note-4"]
    assert found(notes, '"car accident"') == []
    commands.edit(notes, "note-1", Edit(expires=clock.stamp()))
    assert "note-1" not in [hit.note.id for hit in found(notes, "car accident")]


def test_an_empty_memory_answers_nothing(workspace):
    workspace.root.joinpath("memctl.yaml").write_text("semantic: true\n")
    assert found(workspace, "doctor") == []


def test_only_what_has_changed_is_read_again(notes, monkeypatch):
    found(notes, "car")
    read: list[str] = []
    every = meaning.vectors
    monkeypatch.setattr(meaning, "vectors", lambda texts: read.extend(texts) or every(texts))
    commands.edit(notes, "note-2", Edit(title="The locomotive leaves at nine"))
    assert found(notes, "train departure")[0].note.id == "note-2"
    assert len(read) == 2, "the note, and the query"
    commands.get(notes, "note-2")
    notes.root.joinpath("memory/notes/note-2.md").unlink()
    sync.sync(notes)
    assert "note-2" not in [hit.note.id for hit in found(notes, "train departure")]
    with indices.reading(notes) as index:
        assert index.one("SELECT count(*) FROM meaning JOIN note USING (row)") == 3


def test_an_index_that_cannot_be_written_is_read_for_this_time(notes):
    place = f"file:{notes.store / indices.FILE}?mode=ro"
    with closing(sqlite3.connect(place, uri=True, isolation_level=None)) as connection:
        assert len(meaning.of(indices.Index(connection)).rows) == len(CLAIMS)


def test_texts_that_say_nothing_are_like_nothing():
    assert not meaning.vectors([""]).any()
    assert meaning.vectors(["\x00 \ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"), "中文"]).shape == (
        2,
        256,
    )


def test_without_the_extra_search_says_so_and_goes_on(notes, monkeypatch, capsys):
    monkeypatch.setattr(meaning, "installed", lambda: False)
    hits = found(notes, "baking bread")
    assert hits[0].note.id == "note-2"
    assert "meaning" not in hits[0].reasons
    assert "halo-workstation[semantic]" in capsys.readouterr().err


def test_nothing_of_it_is_loaded_unless_asked_for(workspace):
    said = "import sys; from halo_engine.memory import commands; from halo_engine.memory.finding import search;"
    said += "from halo_engine.workspace import Workspace; w = Workspace.find(sys.argv[1]);"
    said += "commands.new(w, commands.Draft('One')); search.search(w, search.Search('one'));"
    said += "print({'tokenizers', 'safetensors', 'wordllama', 'numpy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", said, str(workspace.root)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_many_queries_say_it_once(notes, monkeypatch, capsys):
    monkeypatch.setattr(meaning, "installed", lambda: False)
    search.batch(notes, [Search("baking bread"), Search("plumber"), Search("physician")])
    assert capsys.readouterr().err.count("halo-workstation[semantic]") == 1
