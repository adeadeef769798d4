"""Languages that are not written as English is: every word of a note is found, whatever its script."""

from __future__ import annotations

import sqlite3
import unicodedata
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import NotAllowed
from halo_engine.memory import commands, keeping, sync
from halo_engine.memory import index as indices
from halo_engine.memory.commands import Draft, Edit
from halo_engine.memory.finding import search
from halo_engine.memory.finding.search import Search
from halo_engine.memory.scripts import divided, folded, indexed, parts, sequence

CLAIMS = (
    ("会议记录", "我们决定在北京大学附近租一间办公室。"),
    ("東京の住所", "母は東京都に住んでいて、毎朝パンを食べます。黒い猫を飼っている"),
    ("여행 계획", "우리는 봄에 서울에서 부산까지 기차를 탄다."),
    ("วันเกิดของคุณยาย", "คุณยายชอบกินข้าวเหนียวมะม่วงที่บ้านริมทะเลสาบ"),
    ("दादी का जन्मदिन", "दादी को हिन्दी की किताबें पसंद हैं।"),
    ("الكتاب", "اشترى أحمد كِتَابًا جديدًا من المكتبة."),
    ("Die Straße", "Müllers Fuß tut weh; sie wohnen in der Größestraße."),
    ("Новый дом", "Чайник стоит на кухне."),
    ("手机", "我的iPhone手机在桌上"),
)


@pytest.fixture
def notes(workspace):
    for title, body in CLAIMS:
        commands.new(workspace, Draft(title, body), force=True)
    return workspace


def ids(workspace, text):
    """Of the notes that have some of the words themselves."""
    return [hit.note.id for hit in search.search(workspace, Search(text))[0] if "coverage" in hit.reasons]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("北京大学", "note-1"),
        ("办公室", "note-1"),
        ("我们的办公室在哪里?", "note-1"),
        ('"北京大学附近"', "note-1"),
        ("东京", None),
        ("東京", "note-2"),
        ("猫", "note-2"),
        ("ﾊﾟﾝ", "note-2"),
        ("body:黒い猫", "note-2"),
        ('"飼っている"', "note-2"),
        ("서울", "note-3"),
        (unicodedata.normalize("NFD", "부산"), "note-3"),
        ("기차 시간", "note-3"),
        ("มะม่วง", "note-4"),
        ("คุณยายชอบอะไร", "note-4"),
        ("हिन्दी", "note-5"),
        ("किता*", "note-5"),
        ("كتابا", "note-6"),
        ("احمد", "note-6"),
        ("strasse", "note-7"),
        ("FUSS", "note-7"),
        ("grösse*", "note-7"),
        ("чайник", "note-8"),
        ("iphone", "note-9"),
        ("手机", "note-9"),
        ('"iphone手机"', "note-9"),
        ("ｉＰｈｏｎｅ", "note-9"),
    ],
)
def test_a_word_inside_a_sentence_is_found(notes, text, first):
    assert ids(notes, text)[:1] == ([first] if first else [])


def test_a_phrase_is_found_only_where_it_stands(notes):
    assert ids(notes, '"北京附近"') == []
    assert sorted(ids(notes, '"京"')) == ["note-1", "note-2"]


def test_the_note_with_the_whole_word_comes_before_those_with_a_part(workspace):
    for body in ("京都には寺が多い", "東京都は広い", "東京は広い"):
        commands.new(workspace, Draft(body, "x"), force=True)
    assert ids(workspace, "東京都")[0] == "note-2"


def test_what_was_changed_is_not_found_any_more(notes):
    commands.edit(notes, "note-1", Edit(body="我们搬到上海去了。"))
    assert ids(notes, "北京大学") == []
    assert ids(notes, "上海") == ["note-1"]
    notes.root.joinpath("memory/notes/note-2.md").unlink()
    sync.sync(notes)
    assert ids(notes, "東京") == []


def test_an_index_of_an_older_format_is_made_anew(notes):
    with closing(sqlite3.connect(notes.store / indices.FILE)) as connection:
        connection.execute("DROP TABLE text")
        connection.execute("CREATE VIRTUAL TABLE text USING fts5 (title, body, labels)")
        connection.execute("PRAGMA user_version = 2")
    assert ids(notes, "北京大学") == ["note-1"]
    assert keeping.verify(notes).ok


def test_nearly_the_same_claim_is_found(notes):
    draft = Draft("会议记录", "我们决定在北京大学附近租一间办公室了。")
    assert commands.new(notes, draft, force=True).note.id == "note-10"
    with pytest.raises(NotAllowed, match="note-1"):
        commands.new(notes, Draft("会议记录", "我们决定在北京大学附近租办公室。"))


def test_every_letter_of_a_text_is_found(workspace):
    letters = [chr(code) for code in range(0xA1, 0xD7FC, 97) if unicodedata.category(chr(code))[0] in "LN"]
    commands.new(workspace, Draft("letters", " ".join(f"q{letter}x" for letter in letters)), force=True)
    assert [letter for letter in letters if not ids(workspace, f"q{letter}x")] == []


@given(st.text())
def test_a_text_without_such_scripts_is_left_alone(text):
    assert indexed(text.encode("ascii", "ignore").decode()) == text.encode("ascii", "ignore").decode()
    for each in (*parts(text), *sequence(text)):
        assert each.text
    assert folded(folded(text)) == folded(text)
    divided(text)
