"""Events out and in again: nothing is lost, nothing doubled, and nothing taken in that would not be understood."""

from __future__ import annotations

import msgspec
import pytest

from halo_engine.workspace import Workspace
from tests.golden.make import STORY
from tests.tasks import story, walking


@pytest.fixture
def told(workspace):
    story.tell(workspace)
    return workspace


@pytest.fixture
def fresh(tmp_path):
    place = Workspace(tmp_path / "fresh")
    place.create()
    yield place
    place.log.close()


def lines():
    return [msgspec.json.decode(line) for line in STORY.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def take(halo, tmp_path):
    """Imports what a program, or a person, made of events."""

    def call(events, *options):
        file = tmp_path / "events.jsonl"
        text = events if isinstance(events, bytes) else b"".join(msgspec.json.encode(each) + b"\n" for each in events)
        file.write_bytes(text)
        return halo("events", "import", str(file), "--json", *options)

    return call


def test_there_and_back(told, fresh, halo, tmp_path):
    file = tmp_path / "all.jsonl"
    assert halo("events", "export", str(file)).err == f"{told.log.head()} events written to {file}\n"
    assert halo("events", "import", str(file), "--workspace", str(fresh.root)).code == 0
    assert halo("events", "export", "--workspace", str(fresh.root)).out == file.read_text(encoding="utf-8")
    assert walking.tables(fresh) == walking.tables(told)
    assert halo("events", "verify", "--workspace", str(fresh.root)).code == 0


def test_a_second_import_changes_nothing(workspace, take):
    first = take(lines())
    assert first.data == {"added": len(lines()), "there": 0}
    before = workspace.log.path.read_bytes()
    assert take(lines()).data == {"added": 0, "there": len(lines())}
    assert workspace.log.path.read_bytes() == before


def test_an_import_goes_on_from_where_it_was(workspace, take):
    take(lines()[:10])
    assert take(lines()).data == {"added": len(lines()) - 10, "there": 10}


def test_a_part_of_the_log(told, halo):
    whole = halo("events", "export").out.splitlines()
    assert halo("events", "export", "--after", "12").out.splitlines() == whole[12:]


def test_a_dry_run(workspace, take):
    said = take(lines(), "--dry-run")
    assert (said.code, said.data, said.json["dry_run"]) == (0, {"added": len(lines()), "there": 0}, True)
    assert workspace.log.head() == 0


def test_a_stream_that_went_another_way(told, take):
    before = told.log.head()
    said = take(lines())
    assert (said.code, said.error["kind"]) == (4, "conflict")
    assert told.log.head() == before


def changed(number, **fields):
    events = lines()
    events[number] |= fields
    return events


BAD = {
    "no JSON": (b"Lorem ipsum\n", "line 1: not an event"),
    "cut": (STORY.read_bytes()[:-40], f"line {len(lines())}: not an event"),
    "no UTF-8": (b"\xff\xfe\n", "line 1: not UTF-8"),
    "no object": (b"[1, 2]\n", "line 1: not an event"),
    "a lone surrogate": (b'{"id": "\\ud800"}\n', "line 1: not an event"),
    "a field too few": ([{"id": "x"}], "line 1: not an event: Object missing required field"),
    "a time that is none": (changed(1, time="yesterday"), "line 2: not an event"),
    "a version that is none": (changed(1, version=0), "line 2: not an event"),
    "a stream without a module": (changed(1, stream="T-001"), "line 2: not an event"),
    "a payload that does not fit": (changed(0, payload={"titel": "x"}), "does not fit its schema"),
    "a payload that is no object": (changed(0, payload=7), "does not fit its schema"),
    "a stream without a beginning": (lines()[2:3], "cannot be understood"),
    "an item without a number": (changed(0, stream="task/milk"), "cannot be understood"),
    "a field that items have not": (changed(2, payload={"changes": {"colour": "red"}}), "cannot be understood"),
    "a state that is none": (changed(4, payload={"origin": "open", "to": "asleep"}), "does not fit its schema"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_not_taken_in(workspace, take, nightctl, what):
    """It would end every later command."""
    events, message = BAD[what]
    said = take(events)
    assert (said.code, said.error["kind"]) == (7, "bad_data"), said
    assert message in said.error["message"]
    assert workspace.log.head() == 0
    assert nightctl("add", "still well").code == 0


def test_what_this_halo_does_not_know_is_kept(workspace, take, halo, nightctl):
    events = [*lines(), lines()[0] | {"id": "later", "stream": "weather/riga", "type": "weather.seen", "payload": {}}]
    assert take(events).code == 0
    assert nightctl("list", "--all").code == 0
    assert halo("events", "list", "--module", "weather", "--json").data[0]["type"] == "weather.seen"
    assert halo("events", "rebuild").code == 0
    assert halo("events", "verify").code == 0
