"""Search: what is found, in which order, and that anything typed is a query."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_engine import clock
from halo_engine.errors import NotFound
from halo_engine.memory import commands, context, queries
from halo_engine.memory.commands import Draft
from halo_engine.memory.finding import dates, search
from halo_engine.memory.finding.asking import expression, understand
from halo_engine.memory.finding.dates import Day
from halo_engine.memory.finding.search import Search
from halo_engine.memory.queries import NoteFilter
from halo_engine.memory.sync import looked

CLAIMS = (
    ("Caroline went to a support group", "It was on Tuesday, and it helped."),
    ("Melanie painted a lake at sunrise", "It hangs in the hall."),
    ("Caroline bought a piano", "Second hand."),
    ("The naïve café opens at eight", "Zoë works there."),
    ("Support tickets are answered within a day", "By whoever is awake."),
)


@pytest.fixture
def notes(workspace):
    for place, (title, body) in enumerate(CLAIMS):
        with clock.held(clock.now() - timedelta(days=100 - 9 * place)):
            commands.new(workspace, Draft(title, body, tags=(f"t{place % 2}",)), force=True)
    return workspace


def ids(workspace, text, **given):
    return [hit.note.id for hit in search.search(workspace, Search(text, **given))[0]]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("When did Caroline go to the support group?", "note-1"),
        ("who paints", "note-2"),
        ("buying pianos", "note-3"),
        ("what did caroline buy?", "note-3"),
        ("cafe naive", "note-4"),
        ("ZOE", "note-4"),
        ('"support tickets"', "note-5"),
        ("paint*", "note-2"),
        ("title:support awake", "note-5"),
    ],
)
def test_the_right_note_comes_first(notes, text, first):
    assert ids(notes, text)[0] == first


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("support tag:t1", []),
        ("support tag:t0", ["note-1", "note-5"]),
        ("support type:fact tag:t0", ["note-1", "note-5"]),
        ("support type:person", []),
        ("title:tuesday", []),
        ("body:tuesday", ["note-1"]),
        ('"group support"', []),
        ("xylophone", []),
    ],
)
def test_fields_and_phrases_leave_out_the_rest(notes, text, wanted):
    assert sorted(ids(notes, text)) == wanted


def test_filters(notes):
    assert ids(notes, "support", filter=NoteFilter(tags=("t0",))) == ids(notes, "support tag:t0")
    since = clock.stamp(clock.now() - timedelta(days=75))
    assert "note-1" not in ids(notes, "support", filter=NoteFilter(since=since))
    commands.link(notes, "4", "2")
    assert ids(notes, "", filter=NoteFilter(linked_to="2")) == ["note-4"]
    assert ids(notes, "linked:2 opens") == ["note-4"]


def test_a_linked_note_is_raised(notes):
    assert "note-4" not in ids(notes, "Melanie painted a lake")
    commands.link(notes, "2", "4")
    hits, _ = search.search(notes, Search("Melanie painted a lake"))
    beside = next(hit for hit in hits if hit.note.id == "note-4")
    assert "beside note-2" in beside.reasons


def test_what_does_not_hold_is_hidden_and_shown_on_request(notes):
    commands.edit(notes, "2", commands.Edit(expires="2020-01-01"))
    commands.supersede(notes, "1", "5")
    assert ids(notes, "lake") == []
    assert ids(notes, "tuesday") == ["note-5"], "what stands in its place"
    hits, _ = search.search(notes, Search("lake tuesday", NoteFilter(every=True)))
    assert {hit.note.id: hit.state for hit in hits} == {
        "note-1": "superseded",
        "note-2": "expired",
        "note-5": "current",
    }


def test_the_notes_are_counted_once_a_search(notes):
    said: list[str] = []
    with looked(notes) as index:
        search.found(notes, index, Search("lake"))  # how far neighbours belong together is measured here
        index.connection.set_trace_callback(said.append)
        search.found(notes, index, Search("when did Caroline go to the support group of Melanie on tuesday"))
    assert sum("count(*)" in each for each in said) == 1


def test_no_words_are_the_latest(notes):
    assert ids(notes, "", limit=2) == ["note-5", "note-4"]
    assert search.search(notes, Search("", limit=2))[1] == 3


PARTS = st.sampled_from(
    ['"', "*", ":", "tag:", "since:", "title:", "linked:", "(", ")", "-", "AND", "OR", "NOT", "NEAR("]
)
WORDS = st.sampled_from(
    ["support", "group", "^", "{", "}", "'", "+", "日本", "é", "\x00", "a", "the", "7d", "note-1", "🙂"]
)
QUERY = st.lists(PARTS | WORDS | st.text(max_size=5), max_size=8).flatmap(
    lambda parts: st.sampled_from(["", " "]).map(lambda gap: gap.join(parts))
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(text=QUERY)
def test_anything_is_a_query(notes, text):
    text = text.encode("utf-8", "replace").decode()
    with suppress(NotFound) if "linked:" in text.lower() else nullcontext():
        search.search(notes, Search(text))


@given(st.text(max_size=60))
def test_any_text_is_understood(text):
    expression(understand(text))
    dates.spoken_of(text)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("on 7 May 2023", [Day(2023, 5, 7)]),
        ("on May 7th, 2023", [Day(2023, 5, 7)]),
        ("in May 2022", [Day(2022, 5)]),
        ("in may it rains", []),
        ("in August", [Day(0, 8)]),
        ("2023-05-07", [Day(2023, 5, 7)]),
        ("in 2022", [Day(2022)]),
        ("what may happen", []),
        ("June and July 2021", [Day(2021, 6), Day(2021, 7)]),
    ],
)
def test_days_of_a_query(text, days):
    assert dates.spoken_of(text) == days


def test_a_note_of_the_day_is_nearer():
    at = "2023-05-08T10:00:00.000000Z"
    closeness = [dates.closeness([each], at) for each in (Day(2023, 5, 7), Day(2023, 5), Day(2023), Day(2022, 5))]
    assert closeness == sorted(closeness, reverse=True)
    assert closeness[-1] == 0
    assert dates.closeness([Day(2023, 2, 31)], at) == 0


def test_batch_takes_what_people_have(notes, memctl, tmp_path):
    batch = tmp_path / "q"
    batch.write_text('{"id": "a", "query": "piano"}\n{"question": "lake?"}\nsupport group\n"quoted"\n')
    lines = memctl("search", "--batch", str(batch), "--json").out.splitlines()
    answers = [msgspec.json.decode(line) for line in lines]
    assert [answer["id"] for answer in answers] == ["a", 2, 3, 4]
    assert [answer["results"][0]["id"] for answer in answers[:3]] == ["note-3", "note-2", "note-1"]
    assert set(answers[0]["results"][0]) == {"id", "title", "score"}
    batch.write_text('[{"qid": 7, "q": "piano"}, "lake"]')
    lines = memctl("search", "--batch", str(batch)).out.splitlines()
    assert [msgspec.json.decode(line)["id"] for line in lines] == [7, 2]


def test_context_fits(notes, memctl):
    found = memctl("search", "Caroline support group", "--context", "60", "--json").data
    assert found["tokens"] <= 60
    assert found["notes"][0]["id"] == "note-1"
    assert "It was on Tuesday" in found["notes"][0]["text"]
    tiny = memctl("search", "Caroline support group", "--context", "8", "--json").data
    assert (len(tiny["notes"]), tiny["tokens"] <= 8) == (1, True)


@pytest.mark.parametrize("body", ["word " * 4_000, "日本語の文章" * 2_000, "ab日" * 3_000, ""])
@pytest.mark.parametrize("room", [3, 40, 1_000])
def test_context_fits_whatever_is_written(workspace, body, room):
    commands.new(workspace, Draft("A claim of length", body), force=True)
    commands.new(workspace, Draft("Another claim of length", body), force=True)
    found, _ = context.context(workspace, Search("claim length"), room)
    assert found.tokens <= room
    assert context.tokens_in(found.text) <= room
    assert found.notes or room < 40


def test_explain_says_why(notes, memctl):
    assert "piano" in memctl("search", "piano", "--explain").out
    assert "coverage" in memctl("search", "piano", "--explain", "--json").data[0]["reasons"]


def test_of_notes_with_the_same_score_the_one_that_is_used_comes_first(workspace, memctl):
    moments = (clock.now() - timedelta(days=days) for days in (90, 60, 30))
    for name, moment in zip(("one", "two", "three"), moments, strict=True):
        with clock.held(moment):
            commands.new(workspace, Draft(f"The kettle leaks {name}", "A drop a minute."), force=True)
    assert ids(workspace, "kettle")[0] == "note-3", "the latest"
    commands.get(workspace, "2")
    commands.get(workspace, "1")
    with clock.held(clock.now() + timedelta(hours=2)):
        commands.get(workspace, "1")
        assert ids(workspace, "kettle") == ["note-1", "note-2", "note-3"]
        assert ids(workspace, "kettle three")[0] == "note-3", "a better score stands above any use"
        explained = memctl("search", "kettle", "--explain")
        assert "others score the same, decay 0." in explained.out
        first = memctl("search", "kettle", "--explain", "--json").data[0]
        assert (first["id"], first["decay"] > 0.5) == ("note-1", True)


def test_a_use_counts_once_an_hour_and_less_down_the_list(notes, memctl):
    memctl("search", "support")
    memctl("search", "support")
    records = queries.records(notes)
    assert records["note-1"].uses + records["note-5"].uses == 2
    assert sorted(round(each.strength, 2) for each in records.values() if each.uses)[-2:] == [0.5, 1.0]
