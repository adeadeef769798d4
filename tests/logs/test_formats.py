"""Real files: what pino, pino-pretty, Python's loggers and Docker's json-file driver wrote."""

from __future__ import annotations

import pytest

from halo_engine.logs import queries
from halo_engine.logs.levels import Level
from halo_engine.logs.query import Query
from halo_engine.logs.reading import Reading
from tests.logs.conftest import DATA

LEVELS = [Level.INFO, Level.WARN, Level.ERROR, Level.INFO, Level.INFO, Level.FATAL]
MESSAGES = ["started", "reply was slow", "send failed", "request completed", "line", "cannot listen"]


def records(source, name):
    return [entry.record for entry in queries.stream([source(DATA / name)], Reading())]


@pytest.mark.parametrize("name", ["pino.log", "pino-pretty.log", "pino-pretty-dated.log", "docker-json.log"])
def test_the_same_run_is_the_same_records_in_each_format(source, name):
    found = records(source, name)[:6]
    assert [record.level for record in found] == LEVELS
    assert [record.message.partition("\n")[0] for record in found] == MESSAGES
    assert [record.instance for record in found] == ["", "dad", "dad", "dad", "dad", ""]
    assert {record.fields["trace_id"] for record in found[1:5]} == {"abc-123"}


def test_times_are_the_same_but_where_the_format_has_no_date(source):
    dated = [[record.time for record in records(source, name)[:6]] for name in ("pino.log", "pino-pretty-dated.log")]
    assert dated[0] == dated[1]
    undated = records(source, "pino-pretty.log")
    assert {record.time for record in undated} == {None}
    assert undated[0].fields["clock"] == "01:02:32.226"


def test_a_record_of_several_lines_is_one(source):
    pretty = records(source, "pino-pretty-dated.log")
    assert len(pretty) == 6
    assert pretty[3].fields["req"] == {"method": "GET", "url": "/v1/items"}
    assert pretty[4].message == 'line\nbreak and "quotes" and ✓ and \ufffd surrogate'
    text = records(source, "python-text.log")
    assert [record.level for record in text] == [Level.INFO, Level.ERROR, Level.WARN]
    assert text[1].message.endswith("KeyError: 'chat'")
    assert text[2].message == "worker: no error found in 3 checks"


def test_what_json_forbids_and_loggers_write(source):
    assert "\ufffd" in records(source, "pino.log")[4].message
    python = records(source, "python-json.log")
    assert python[2].fields["ratio"] == "NaN"
    assert [record.level for record in python] == [Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR, Level.FATAL]
    assert python[0].time % 10**9 == 251_000_000


def test_docker_keeps_the_stream_and_joins_what_it_cut(source):
    found = records(source, "docker-json.log")[6:]
    assert [record.message for record in found] == [
        "Listening on <0.0.0.0:3000> & ready",
        "cannot bind",
        "long",
        "end",
    ]
    assert found[1].level is Level.ERROR
    assert found[1].fields["stream"] == "stderr"
    assert len(found[2].fields["body"]) == 20_000


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("pino.log", "json"),
        ("pino-pretty.log", "pretty"),
        ("pino-pretty-dated.log", "pretty"),
        ("python-json.log", "json"),
        ("python-text.log", "text"),
        ("docker-json.log", "docker"),
    ],
)
def test_formats_are_found_out(source, name, form):
    assert queries.about(source(DATA / name)).format == form


def test_lines_add_up_in_every_format(source):
    for path in DATA.glob("*.log"):
        found = queries.stats([source(path)], Reading())
        assert found.lines == path.read_bytes().count(b"\n")
        assert found.records + sum(found.malformed.values()) + found.continued == found.lines
        assert not found.malformed


def test_a_bare_question_of_level_gives_no_sentence_with_the_word(source):
    found = queries.search([source(DATA / "python-text.log")], Reading(Query(levels=frozenset({Level.ERROR}))))
    assert [entry.record.message.partition("\n")[0] for entry in found.entries] == ["worker: send failed"]


def test_a_field_that_is_null_is_no_field(logctl, written):
    path = written(
        b'{"level":null,"severity":"error","msg":null,"message":"two","time":null,"ts":1795222890,"agent":"dad"}'
    )
    [found] = logctl("search", path, "--level", "error", "--json").data
    assert (found["message"], found["instance"], found["time"]) == ("two", "dad", "2026-11-21T01:01:30.000000Z")
    assert logctl("stats", path, "--json").data["groups"][0]["level"] == "error"
