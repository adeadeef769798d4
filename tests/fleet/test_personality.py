"""A few numbers become a CLAUDE.md in which every one of them can be read."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.errors import BadConfig, HaloError, NotAllowed, NotFound, Usage
from halo_engine.fleet.personality import profile as profiles
from halo_engine.fleet.personality import writing
from halo_engine.fleet.personality.composing import composer
from halo_engine.fleet.personality.profile import Profile
from halo_engine.fleet.personality.schema import LEVELS
from halo_engine.workspace import Workspace

COMPOSER = composer(Workspace(Path("/nowhere")))
SHIPPED = ["clerk", "coach", "dad", "default", "mum"]


@pytest.fixture
def own(workspace):
    place = workspace.root / "personalities"
    place.mkdir()
    return place


def words(text):
    return set(text.lower().replace(".", " ").replace(",", " ").split())


def test_five_ship_and_each_composes(workspace):
    composing = composer(workspace)
    assert profiles.names(workspace) == SHIPPED
    texts = {
        name: composing.compose(profiles.profile(workspace, name, composing.schema), instance="x") for name in SHIPPED
    }
    assert len(set(texts.values())) == 5
    assert "retired 737 pilot" in texts["dad"]
    assert "The Captain" in texts["dad"]


def test_no_dimension_is_dropped_at_any_level(workspace):
    composing = composer(workspace)
    base = profiles.profile(workspace, "default", composing.schema)
    for name in composing.schema.dimensions:
        seen = set()
        for level in LEVELS:
            changed = writing.with_levels(composing, base, {name: level})
            text = composing.compose(changed, instance="x")
            assert composing.schema.text(name, level) in text
            seen.add(text)
        assert len(seen) == len(LEVELS), f"two levels of {name} come out the same"


def test_the_texts_of_levels_really_differ(workspace):
    """Neighbours share less than half of their words: no copies with a number in them."""
    schema = composer(workspace).schema
    for name in schema.dimensions:
        for low, high in zip(LEVELS, list(LEVELS)[1:], strict=False):
            one, other = words(schema.text(name, low)), words(schema.text(name, high))
            assert len(one & other) / len(one | other) < 0.5, (name, low, high)
            assert len(one) > 8, (name, low)


def test_the_same_in_the_same_out_and_every_section_once(workspace):
    composing = composer(workspace)
    dad = profiles.profile(workspace, "dad", composing.schema)
    one = composing.compose(dad, instance="dad", services=("gh",), timezone="Europe/Riga")
    assert one == composer(workspace).compose(dad, instance="dad", services=("gh",), timezone="Europe/Riga")
    assert one.count("## How you speak") == one.count("## How you help") == 1
    assert "- gh" in one
    assert "Europe/Riga" in one
    shuffled = msgspec.structs.replace(dad, dimensions=dict(reversed(dad.dimensions.items())))
    assert composing.compose(shuffled, instance="dad", services=("gh",), timezone="Europe/Riga") == one


def test_a_context_is_text_and_never_a_template(workspace):
    composing = composer(workspace)
    evil = Profile("x", "X {{ 7 * 7 }}", {}, "{{ ''.__class__ }} {% for a in b %}")
    text = composing.compose(evil, instance="x")
    assert "{{ ''.__class__ }} {% for a in b %}" in text
    assert "X {{ 7 * 7 }}" in text


@given(st.text(max_size=300), st.dictionaries(st.sampled_from(["brevity", "warmth", "caution"]), st.integers(1, 10)))
def test_any_context_is_in_the_text(context, dimensions):
    text = COMPOSER.compose(Profile("x", "X", dimensions, context), instance="x")
    assert context.strip() in text


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{ nobody }}", "nobody"),
        ("{% for x in %}", "base.md.j2:1"),
        ("{{ display_name }}", "leaves out the dimension brevity"),
        ("{{ ''.__class__.__mro__ }}", "unsafe"),
        ("{{ 1 // 0 }}", "base.md.j2"),
        ("{{ sections.append(1) }}", "base.md.j2"),
        ("{% for i in range(99999999) %}{% endfor %}", "Range too big"),
    ],
)
def test_a_template_that_does_not_work_is_refused(workspace, own, template, said):
    (own / "base.md.j2").write_text(template)
    composing = composer(workspace)
    with pytest.raises(BadConfig, match=r"base\.md\.j2") as wrong:
        composing.compose(profiles.profile(workspace, "dad", composing.schema), instance="x")
    assert said in wrong.value.message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name: aunt\ndisplay_name: A\ndimensions:\n  brevity: 11\n", ":4: dimensions.brevity"),
        ("name: aunt\ndisplay_name: A\ndimensions:\n  brevity: true\n", ":4: dimensions.brevity"),
        ("name: aunt\ndisplay_name: A\ndimensions:\n  humour: 5\n", ":4: dimensions.humour: no such dimension"),
        ("name: aunt\ndimensions: {}\n", "display_name"),
        ("name: uncle\ndisplay_name: A\n", "`uncle` in the file of `aunt`"),
        ("name: aunt\ndisplay_name: A\nmood: good\n", ":3: mood: no such setting"),
    ],
)
def test_a_profile_that_is_wrong_names_line_and_key(workspace, own, halo, text, said):
    (own / "aunt.yaml").write_text(text)
    shown = halo("fleet", "personality", "show", "aunt")
    assert shown.code == 6
    assert said in shown.err
    if "no such dimension" in said:
        assert "opinion_strength" in shown.err, "it says what is allowed"


def test_the_operators_own_goes_before_the_shipped_one(workspace, own):
    (own / "dad.yaml").write_text("name: dad\ndisplay_name: Papa\n")
    assert profiles.profile(workspace, "dad", composer(workspace).schema).display_name == "Papa"


def test_a_dimension_of_ones_own(workspace, own):
    (own / "schema.yaml").write_text("dimensions:\n  patience: {section: How you help, low: brisk, high: patient}\n")
    with pytest.raises(BadConfig, match="patience has no texts"):
        composer(workspace)
    (own / "blocks").mkdir()
    texts = {str(level): f"Patience of sort {level}." for level in LEVELS}
    (own / "blocks" / "patience.yaml").write_bytes(msgspec.json.encode(texts))
    composing = composer(workspace)
    assert "Patience of sort 5." in composing.compose(Profile("x", "X"), instance="x")
    (own / "blocks" / "patience.yaml").write_bytes(msgspec.json.encode(texts | {"7": "Patience of sort 3."}))
    with pytest.raises(BadConfig, match="7: the same text as of level 3"):
        composer(workspace)
    (own / "blocks" / "patience.yaml").write_bytes(msgspec.json.encode(texts | {"7": " "}))
    with pytest.raises(BadConfig, match="7: the text is empty"):
        composer(workspace)


def test_new_and_edit_keep_comments_and_a_changelog(workspace):
    made = writing.new(workspace, "aunt", base="dad", levels={"humor": 9}, reason="she laughs")
    path = workspace.root / "personalities" / "aunt.yaml"
    assert (made.path, made.profile.name, made.profile.display_name) == (str(path), "aunt", "Aunt")
    assert made.profile.dimensions["brevity"] == 7
    assert "# he likes the short version first" in path.read_text()
    with pytest.raises(NotAllowed):
        writing.new(workspace, "aunt", levels={})
    before = path.read_text()
    assert writing.edit(workspace, "aunt", levels={"humor": 9}).changed == ""
    assert path.read_text() == before
    done = writing.edit(workspace, "aunt", levels={"warmth": 10}, context="She paints.\nA lot.", reason="asked")
    assert done.changed == "warmth 6 -> 10, context"
    assert "+Make every exchange" in done.diff
    assert done.profile.context == "She paints.\nA lot.\n"
    assert [(line.changed, line.reason) for line in done.profile.changelog][-1] == ("warmth 6 -> 10, context", "asked")
    assert "# he likes the short version first" in path.read_text()
    types = [event.type for event in workspace.log.stream("personality/aunt")]
    assert types == ["personality.profile.written"] * 2


def test_editing_a_shipped_one_makes_it_yours(workspace, halo):
    assert halo("fleet", "personality", "edit", "dad", "--set", "brevity=9").code == 0
    rows = {row["name"]: row for row in halo("fleet", "personality", "list", "--json").data}
    assert (rows["dad"]["shipped"], rows["dad"]["overrides"], rows["dad"]["dimensions"]["brevity"]) == (False, True, 9)
    assert rows["mum"]["shipped"]


def test_what_cannot_be(workspace, halo):
    for levels in ({"humour": 5}, {"humor": 0}, {"humor": 11}):
        with pytest.raises(Usage):
            writing.edit(workspace, "dad", levels=levels)
    for name in ("../dad", "Dad", "schema", ""):
        with pytest.raises((Usage, NotFound)):
            writing.new(workspace, name, levels={})
    assert halo("fleet", "personality", "show", "nobody").code == 3
    assert halo("fleet", "personality", "edit", "dad").code == 2
    assert halo("fleet", "personality", "preview", "dad", "--set", "brevity=x").code == 2
    assert not (workspace.root / "personalities").exists()


def test_preview_and_diff_say_what_would_be(workspace, halo):
    plain, terse = (halo("fleet", "personality", "preview", "dad", *more).out for more in ((), ("--set", "brevity=10")))
    assert "fewest words" not in plain
    assert "fewest words" in terse
    said = halo("fleet", "personality", "diff", "dad", "mum", "--json").data
    assert said["levels"]["warmth"] == [6, 9]
    assert "+# Rosie" in said["diff"]
    assert halo("fleet", "personality", "diff", "dad", "dad").out == "they are the same\n"


@given(st.text(max_size=200))
def test_any_text_is_a_profile_or_is_refused(text):
    said = "aunt.yaml"
    try:
        profiles.parsed(text, "aunt.yaml", "aunt", COMPOSER.schema)
    except HaloError as error:
        said = error.message
    assert "aunt.yaml" in said
