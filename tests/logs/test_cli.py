from __future__ import annotations

import csv
import io
import json
import os
import threading

import pytest

from halo_engine import clock
from halo_engine.logs.output import plain
from tests.logs.conftest import DATA

PINO = DATA / "pino.log"
FIELDS = ["time", "level", "instance", "message", "source", "file", "offset", "fields"]


def test_search_for_a_person(logctl):
    said = logctl("search", PINO, "--level", "warn")
    lines = said.out.splitlines()
    assert [line.split()[2] for line in lines] == ["warn", "error", "fatal"]
    assert lines[0] == "2026-11-21 01:02:32.236 warn  dad reply was slow name=worker trace_id=abc-123 ms=9120"


def test_a_person_sees_the_time_on_their_own_clock_and_a_program_utc(logctl, workspace, tmp_path):
    (workspace.root / "halo.yaml").write_text("timezone: Europe/Riga\n")
    assert logctl("search", PINO, "--level", "=warn").out.startswith("2026-11-21 03:02:32.236 warn ")
    assert logctl("tail", PINO, "--level", "=warn").out.startswith("2026-11-21 03:02:32.236 warn ")
    assert logctl("search", PINO, "--level", "=warn", "--json").data[0]["time"] == "2026-11-21T01:02:32.236000Z"
    said = logctl("stats", PINO, "--level", "=warn").out
    assert "FIRST (EET)" in said
    assert "2026-11-21 03:02:32" in said
    logctl("export", PINO, "--level", "=warn", "--format", "text", "--output", tmp_path / "out")
    assert (tmp_path / "out").read_text().startswith("2026-11-21T01:02:32.236Z warn ")


def test_a_person_sees_what_could_not_be_read_and_what_is_in_the_line_once(logctl, written):
    path = written(
        b'{"time":"Nov 21 00:01:30","level":"loud","msg":"odd"}',
        b'{"ts":1795222890,"severity":"info","message":"up","event":"start","agent":"dad"}',
    )
    lines = logctl("search", path).out.splitlines()
    assert lines[0].split(maxsplit=2)[2] == 'app.log odd time="Nov 21 00:01:30" level=loud'
    assert lines[1] == "2026-11-21 01:01:30.000 info  dad up event=start"


def test_search_for_a_program(logctl):
    data = logctl("search", PINO, "--level", "=error", "--json").data
    assert list(data[0]) == FIELDS
    assert (data[0]["time"], data[0]["level"], data[0]["instance"]) == ("2026-11-21T01:02:32.236000Z", "error", "dad")
    assert data[0]["fields"]["err"]["message"] == "chat not found"


def test_an_answer_of_any_size_is_in_the_same_envelope(logctl):
    every, some = logctl("search", PINO, "--limit", "0", "--json"), logctl("search", PINO, "--json")
    assert every.json == some.json
    assert every.json["more"] == 0


def test_a_cut_answer_says_how_many_more(logctl):
    said = logctl("search", PINO, "--limit", "2")
    assert len(said.out.splitlines()) == 3
    assert "4 more; --limit 0 shows all" in said.err
    assert logctl("search", PINO, "--limit", "2", "--json").json["more"] == 4


@pytest.mark.parametrize(
    "words",
    [
        ["--since", "1hour"],
        ["--since", "yesterdy"],
        ["--until", "14:99"],
        ["--since", "2026-11-21", "--until", "2026-11-20"],
        ["--level", "loud"],
        ["--where", "status"],
        ["--where", "a~("],
        ["--regex", "("],
        ["--limit", "-1"],
        ["--raw", "--context", "3"],
    ],
)
def test_what_cannot_be_read_is_an_error_and_no_filter(logctl, words):
    said = logctl("search", PINO, *words)
    assert (said.code, said.out) == (2, "")
    assert said.err.startswith("error: ")


def test_no_file_no_answer(logctl, tmp_path):
    assert logctl("search", tmp_path / "no.log").code == 3
    assert "no records" in logctl("search").err


def test_conditions(logctl):
    def found(*words):
        return [each["message"] for each in logctl("search", PINO, "--json", *words).data]

    assert found("--where", "ms>=9000") == ["reply was slow"]
    assert found("--where", "req.method=GET", "--where", "res.statusCode=200") == ["request completed"]
    assert found("--where", "req.url~^/v1") == ["request completed"]
    assert len(found("--where", "code!=EADDRINUSE")) == 5
    assert found("--text", "QUOTES") == ['line\nbreak and "quotes" and ✓ and \ufffd surrogate']
    assert found("--regex", "^send .*d$") == ["send failed"]
    assert found("--instance", "dad", "--level", "=warn") == ["reply was slow"]


def test_raw_lines_are_byte_for_byte(logctl, written, monkeypatch):
    path = written(b'{"level":50,"msg":"\\u00e4"}', b'{"level":30}', b' {"level": 60}\r')
    taken = io.BytesIO()
    monkeypatch.setattr("halo_engine.logs.views.binary", lambda: taken)
    logctl("search", path, "--raw", "--level", "error")
    assert taken.getvalue() == b'{"level":50,"msg":"\\u00e4"}\n {"level": 60}\r\n'


def test_context_is_of_the_same_instance(logctl, written):
    lines = [
        b'{"level":%d,"instance":"%s","time":%d,"msg":"%d"}'
        % (50 if n == 6 else 30, b"ab"[n % 2 : n % 2 + 1], 1795222890 + n, n)
        for n in range(12)
    ]
    path = written(*lines)
    data = logctl("search", path, "--level", "error", "--context", "2", "--json").data
    assert [(each["message"], each.get("context", False)) for each in data] == [
        ("2", True),
        ("4", True),
        ("6", False),
        ("8", True),
        ("10", True),
    ]


def test_tail_and_trace(logctl, workspace):
    assert logctl("tail", PINO, "-n", "1", "--json").data[0]["message"] == "cannot listen"
    said = logctl("trace", "abc-123", PINO, DATA / "python-json.log", "--json")
    assert {each["instance"] for each in said.data} == {"dad", "mum"}
    assert len(said.data) == 5


def test_errors_are_grouped_by_template(logctl, written):
    lines = [
        b'{"level":"error","time":%d,"instance":"i%d","msg":"chat %d: 10.0.0.%d refused"}' % (1795222890 + n, n, n, n)
        for n in range(5)
    ]
    path = written(*lines, b'{"level":"fatal","time":1795222899,"msg":"gone"}', b'{"level":"info","msg":"fine"}')
    data = logctl("errors", path, "--json").data
    assert [(each["template"], each["count"]) for each in data] == [("chat <n>: <ip> refused", 5), ("gone", 1)]
    assert (data[0]["first"][:19], data[0]["last"][:19]) == ("2026-11-21T01:01:30", "2026-11-21T01:01:34")
    assert data[0]["instances"] == ["i0", "i1", "i2", "i3", "i4"]
    assert logctl("errors", path, "--limit", "1", "--json").json["more"] == 1


def test_stats_and_malformed(logctl, written):
    path = written(
        b'{"level":30,"msg":"a"}', b"", b'{"level":30', b"words", b'{"a":"\0"}', b'{"a":"\xff"}', b'{"a":1,}'
    )
    data = logctl("stats", path, "--json").data
    assert (data["lines"], data["records"], data["malformed"]) == (7, 1, 6)
    assert data["malformed_by"] == {"blank": 1, "cut": 1, "text": 1, "nul": 1, "utf8": 1, "json": 1}
    shown = logctl("malformed", path, "--json").data
    assert [each["kind"] for each in shown] == ["blank", "cut", "text", "nul", "utf8", "json"]
    assert "7 lines: 1 records, 6 malformed" in logctl("stats", path).out


def test_export_in_each_format(logctl, tmp_path):
    array = json.loads(logctl("export", PINO, "--format", "json").out)
    lines = [json.loads(line) for line in logctl("export", PINO).out.splitlines()]
    rows = list(csv.DictReader(io.StringIO(logctl("export", PINO, "--format", "csv").out)))
    assert array == lines == logctl("export", PINO, "--json").data
    assert [row["message"] for row in rows] == [each["message"] for each in array]
    assert json.loads(rows[3]["fields"]) == array[3]["fields"]
    assert len(logctl("export", PINO, "--format", "text").out.splitlines()) == 7
    said = logctl("export", PINO, "--output", tmp_path / "out.ndjson")
    assert said.out == f"6 lines written to {tmp_path / 'out.ndjson'}\n"
    assert len((tmp_path / "out.ndjson").read_text().splitlines()) == 6
    assert json.loads(logctl("export", DATA / "empty", "--format", "json").out or "[]") == []


@pytest.mark.parametrize("form", ["json", "ndjson", "csv"])
def test_a_program_gets_what_was_written(logctl, written, tmp_path, form):
    path = written('{"level":"info","msg":"a\\r\x7f\x85\u2028b","time":1795222890}'.encode())
    said = logctl("export", path, "--format", form).out
    assert "\x7f\x85\u2028b" in said
    logctl("export", path, "--format", form, "--output", tmp_path / "out")
    with (tmp_path / "out").open(newline="") as file:
        assert file.read() == said
    every = logctl("search", path, "--limit", "0", "--json")
    assert every.data[0]["message"] == logctl("search", path, "--json").data[0]["message"] == "a\r\x7f\x85\u2028b"


def test_a_period_is_counted_back_from_now(logctl):
    with clock.held(clock.instant("2026-11-22T01:02:32.230000Z")):
        assert len(logctl("export", PINO, "--period", "24h").out.splitlines()) == 5
    assert logctl("export", PINO, "--period", "24h", "--since", "1h").code == 2


def test_undated_records_are_in_no_window_and_that_is_said(logctl):
    said = logctl("search", DATA / "pino-pretty.log", "--since", "2020-01-01")
    assert said.out == ""
    assert "6 records that answer have no date" in said.err


def test_sources_and_their_formats(logctl, workspace):
    workspace.logs.mkdir()
    (workspace.logs / "app.log").write_bytes(PINO.read_bytes())
    data = logctl("sources", "--json").data
    assert [(each["name"], each["format"], len(each["files"])) for each in data] == [("app.log", "json", 1)]


def test_status_doctor_and_demo(halo, workspace):
    assert halo("demo").code == 0
    checks = {each["name"]: each for each in halo("doctor", "--json").data}
    assert checks["log dad.log"]["state"] == "ok"
    assert any(each["name"] == "logs" for each in halo("status", "--json").data["checks"])
    assert halo("logs", "stats", "--json").data["records"] > 1000


def test_control_characters_do_not_reach_the_terminal():
    assert plain("a\x1b[2Jb\x07\x9b") == "a\\x1b[2Jb\\x07\\x9b"
    assert plain("one\ntwo") == "one\n    two"
    assert plain("✓ ü") == "✓ ü"


def test_a_line_of_fifty_megabytes(logctl, written):
    path = written(
        b'{"level":50,"msg":"before"}',
        b'{"level":50,"msg":"' + b"x" * 50_000_000 + b'"}',
        b'{"level":50,"msg":"after"}',
    )
    assert logctl("stats", path, "--json").data["records"] == 3
    said = logctl("search", path, "--level", "error")
    assert len(said.out) < 5000
    assert "(50,000,000 characters)" in said.out
    assert [each["message"] for each in logctl("tail", path, "-n", "1", "--json").data] == ["after"]


LINES = [b'{"level":30,"msg":"line %d"}' % number for number in range(50)]


@pytest.mark.parametrize("way", ["stdin", "pipe"])
def test_a_pipe_is_read_once_and_looked_at_as_often_as_it_takes(logctl, tmp_path, monkeypatch, way):
    if way == "stdin":
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\n".join(LINES))))
        path = "-"
    else:
        path = tmp_path / "pipe"
        os.mkfifo(path)
        threading.Thread(target=path.write_bytes, args=(b"\n".join(LINES),)).start()
    found = logctl("search", path, "--text", "line 7", "--context", 1, "--json").data
    assert [each["message"] for each in found] == ["line 6", "line 7", "line 8"]
    [about] = logctl("sources", path, "--json").data
    assert about["format"] == "json"
    assert about["bytes"] == (len(b"\n".join(LINES)) if way == "stdin" else 0)


def test_stdin_cannot_be_followed(logctl):
    said = logctl("tail", "-f", "-")
    assert (said.code, said.out) == (2, "")
