"""A note's file: read and written byte for byte."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import BadData
from halo_engine.memory import frontmatter, wikilinks
from halo_engine.memory.merges import CONFLICT
from halo_engine.memory.notes import Document, note_of
from halo_engine.memory.wikilinks import Kind

PIECES = st.sampled_from(
    [
        *(
            "---",
            "...",
            "```",
            "~~~",
            "\n",
            "\r\n",
            "\r",
            "\ufeff",
            "title:",
            "- ",
            "# ",
            "[[a|b]]",
            "'",
            '"',
            "\\",
            ": ",
            " #",
        ),
        *(
            "null",
            "yes",
            "42",
            "2026-11-20",
            "{",
            "[",
            "&a",
            "*a",
            "!t",
            "|",
            ">",
            "%",
            "@",
            "`",
            "\u2028",
            "\x85",
            "\t",
        ),
        *("é", "日本", "🙂", "\x7f", "\x00", "e\u0301"),
    ]
)
TEXT = st.one_of(st.text(max_size=40), st.lists(PIECES, max_size=8).map("".join)).filter(
    lambda text: not any(0xD800 <= ord(each) <= 0xDFFF for each in text)
)
WORDS = st.lists(TEXT.filter(bool), min_size=1, max_size=4)
KEYS = st.sampled_from(["title", "tags", "aliases", "source", "mine"])


@given(title=TEXT, body=TEXT, tags=WORDS)
def test_what_is_written_is_read(title, body, tags):
    made = Document.made([("id", "note-1"), ("title", title), ("aliases", tags)], body)
    note = note_of(made.data, "notes/note-1.md")
    assert (note.id, note.title, note.body, note.aliases, note.fault) == ("note-1", title, body, tuple(tags), "")
    assert Document.read(made.data).data == made.data
    assert yaml.safe_load(made.yaml)["title"] == title


@given(
    data=st.one_of(st.binary(max_size=200), st.lists(PIECES, max_size=30).map(lambda parts: "".join(parts).encode()))
)
def test_any_file_survives_being_read(data):
    assert Document.read(data).data == data
    note_of(data, "a/b.md")


@given(
    block=st.lists(PIECES | st.text(max_size=10), max_size=20).map("".join),
    key=KEYS,
    value=st.one_of(TEXT, WORDS, st.none()),
    body=TEXT,
)
def test_a_changed_key_touches_nothing_else(block, key, value, body):
    try:
        document = Document.read(f"---\n{block}\n---\n{body}".encode())
        before = document.fields()
        after = document.set(key, value)
    except (BadData, UnicodeEncodeError):
        return
    wanted = {name: each for name, each in before.items() if name != key}
    assert Document.read(after.data).fields() == (wanted if value is None else wanted | {key: value})
    assert after.body == document.body


@given(
    text=st.lists(PIECES | st.sampled_from(["a: b\n", "c: [d, e]\n", "f:\n- g\n  - h\n", "  i\n"]), max_size=12).map(
        "".join
    )
)
def test_the_quick_reader_says_what_the_parser_says(text):
    try:
        quick = frontmatter._plainly(text)
    except frontmatter.NotPlain:
        return
    assert quick == (yaml.load(text, Loader=yaml.BaseLoader) or {})


def test_a_key_is_changed_where_it_stands():
    before = "---\n# mine\ntitle: old # why\ntags:\n  - a\n  - b\nother: {x: 1}\n---\nbody\n"
    document = Document.read(before.encode()).set("tags", ["c"]).set("title", "new: one").set("source", "ben")
    assert document.text == (
        '---\n# mine\ntitle: "new: one" # why\ntags:\n  - c\nother: {x: 1}\nsource: ben\n---\nbody\n'
    )


def test_crlf_and_a_byte_order_mark_stay():
    data = b"\xef\xbb\xbf---\r\ntitle: a\r\n---\r\n\r\nbody\r\nmore\r\n"
    document = Document.read(data)
    assert document.body == "body\r\nmore"
    assert document.set("type", "fact").data == data.replace(b"title: a\r\n", b"title: a\r\ntype: fact\r\n")


def test_frontmatter_that_is_no_yaml_is_a_fault_and_not_a_loss():
    note = note_of(b"---\nid: note-3\ntitle: [unclosed\n---\nbody", "notes/note-3.md")
    assert note.id == "note-3"
    assert "not valid YAML" in note.fault
    assert note.body == "body"


def test_both_sides_of_a_merge_are_seen():
    text = "---\nid: note-3\n<<<<<<< HEAD\ntitle: ours\n=======\ntitle: theirs\n>>>>>>> other\n---\nbody\n"
    note = note_of(text.encode(), "notes/note-3.md")
    assert (note.id, note.title, note.fault) == ("note-3", "ours", CONFLICT)


def test_a_note_without_frontmatter():
    note = note_of(b"# Garden plans\n\nTomatoes #home/garden", "ideas/garden.md")
    assert (note.id, note.title, note.hashtags) == ("ideas/garden", "Garden plans", ("home/garden",))


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ("[[Note One]] and [[note-2|that]] and [[Three#part]]", ["note one", "note-2", "three"]),
        ("![[Embedded]] | [[a\\|b]] |", ["embedded", "a"]),
        ("[x](other.md) [y](../up/z%20z.md#h) [w](https://a.b/c.md) [v](pic.png)", ["notes/other", "up/z z"]),
        ("[x](<with space.md>) [y](a_(b).md)", ["notes/with space", "notes/a_(b)"]),
        ("```\n[[no]]\n```\n`[[nor]]` [[yes]]", ["yes"]),
        ("~~~~\n[[no]]\n~~~\n[[no]]\n~~~~\n[[yes]]", ["yes"]),
        ("```\n[[no end]]", []),
        ("see [Ref] there\n\n[ref]: target.md", ["notes/target"]),
        ("[ref]: target.md", []),
        ("[[#heading]] [[]]", []),
    ],
)
def test_links_are_those_that_a_person_sees(body, keys):
    assert [link.key for link in wikilinks.in_body(body, "notes/here.md")] == keys


def test_links_of_the_frontmatter():
    note = note_of(b'---\nlinks: [note-2, "[[note-3]]"]\nup: "[[Map|m]]"\nsupersedes: note-1\n---\n', "a.md")
    assert [(link.key, link.kind) for link in note.links] == [
        ("note-2", Kind.FIELD),
        ("note-3", Kind.FIELD),
        ("map", Kind.FIELD),
        ("note-1", Kind.SUPERSEDES),
    ]


@given(st.text(alphabet="[]()|#^!`~<>\\ab.md\n\r\t %/:", max_size=80))
def test_any_text_has_some_links_or_none(body):
    wikilinks.in_body(body, "a/b.md")
    wikilinks.hashtags(body)
