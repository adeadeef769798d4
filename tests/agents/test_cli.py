"""`agentctl`, as a person and a program see it."""

from __future__ import annotations

import csv
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from halo_engine.agents import arguments, views
from halo_engine.agents.sources import SOURCES
from halo_engine.workspace import Workspace
from tests.agents.conftest import Transcripts, prompt, reply

ONE = 1130
Run = Callable[..., Any]


@pytest.fixture
def two(transcripts: Transcripts, monkeypatch: pytest.MonkeyPatch) -> Transcripts:
    monkeypatch.setenv("HALO_NOW", "2026-11-21T00:00:00Z")
    transcripts.write("s1", prompt("s1"), reply("s1"))
    transcripts.write("s2", prompt("s2"), reply("s2", "m2", "r2", model="odd-1"))
    return transcripts


def test_sessions_need_no_ingest(agentctl: Run, two: Transcripts) -> None:
    said = agentctl("sessions", "--json", "--limit", "1")
    assert said.json["more"] == 1
    assert said.data[0]["tokens"] == ONE
    assert "s1" in agentctl("sessions", "--since", "7d").out
    assert agentctl("sessions", "--since", "1h", "--json").data == []
    assert agentctl("sessions", "--since", "soon").code == 2
    assert agentctl("sessions", "--since", "2026-11-20", "--until", "2026-11-19").code == 2


def test_usage(agentctl: Run, two: Transcripts) -> None:
    said = agentctl("usage", "--period", "7d", "--by", "model")
    assert "odd-1" in said.out
    assert "no price for odd-1" in said.err
    data = agentctl("usage", "--json").data
    assert (data["total"]["tokens"], data["total"]["unpriced"], data["unknown"]) == (2 * ONE, ONE, ["odd-1"])
    assert "▁" in agentctl("usage").out or "█" in agentctl("usage").out


def test_a_person_sees_the_time_on_their_own_clock(agentctl: Run, two: Transcripts, workspace: Workspace) -> None:
    (workspace.root / "halo.yaml").write_text("timezone: Asia/Kolkata\n")
    began = agentctl("sessions", "--json").data[0]["first"]
    local = datetime.fromisoformat(began).astimezone(ZoneInfo("Asia/Kolkata"))
    said = agentctl("session", "s1").out
    assert f"{local:%Y-%m-%d %H:%M:%S} IST" in said
    assert "TIME (IST)" in said
    assert "FROM (IST)" in agentctl("usage", "--blocks").out


def test_blocks(agentctl: Run, two: Transcripts) -> None:
    [block] = agentctl("usage", "--blocks", "--json").data
    assert block["replies"] == 2
    assert "2026-11-20 10:00" in agentctl("usage", "--blocks").out


@pytest.mark.parametrize("words", [("sessions",), ("usage", "--by", "day"), ("usage", "--blocks")])
def test_csv(agentctl: Run, two: Transcripts, words: tuple[str, ...]) -> None:
    rows = list(csv.DictReader(agentctl(*words, "--csv").out.splitlines()))
    assert sum(int(row["tokens"]) for row in rows) == 2 * ONE


def test_csv_has_each_field_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    arguments.table([{"project": "a\x7f\u2028b", "tokens": 1}])
    assert capsys.readouterr().out == "project,tokens\na\x7f\u2028b,1\n"


def test_a_session(agentctl: Run, two: Transcripts) -> None:
    said = agentctl("session", "s1", "--json")
    assert [entry["kind"] for entry in said.data["timeline"]] == ["prompt", "said"]
    assert "Fix it" in agentctl("session", "s1").out
    assert agentctl("session", "s1", "--limit", "1", "--json").json["more"] == 1
    assert agentctl("session", "nothing").code == 3


def test_sources_need_no_ingest(agentctl: Run, two: Transcripts) -> None:
    [claude] = [each for each in agentctl("sources", "--json").data if each["name"] == "claude_code"]
    assert (claude["files"], claude["lines"]) == (2, 4)


def test_ingest_says_what_it_read(agentctl: Run, two: Transcripts) -> None:
    assert agentctl("ingest", "--dry-run", "--json").json["dry_run"]
    assert agentctl("ingest").out.startswith("2 of 2 files, 4 lines")
    assert agentctl("ingest", "--json").data["read"] == 0


def test_sources(agentctl: Run, two: Transcripts) -> None:
    two.write("s1", '{"type":"wonder"}')
    agentctl("ingest")
    said = agentctl("sources")
    assert "wonder (1)" in said.err
    data = agentctl("sources", "--json").data
    assert [each["name"] for each in data] == list(SOURCES)
    assert data[0]["lines"] == 5


def test_prices(agentctl: Run, tmp_path: Path) -> None:
    assert "as of 2026-" in agentctl("prices", "--model", "opus").out
    said = agentctl("prices", "--model", "claude-3", "--limit", "3")
    assert len(said.out.splitlines()) == 6, "a model is a line"
    assert "more; --limit 0 shows all" in said.err
    assert len(agentctl("prices", "--limit", "0", "--json").data["models"]) > 300
    table = {"date": "2027-01-01", "source": "me", "models": {"odd-1": {"input": 1, "output": 2}}}
    (tmp_path / "table.json").write_bytes(msgspec.json.encode(table))
    assert "1 prices of 2027-01-01" in agentctl("prices", "--update", str(tmp_path / "table.json")).err
    assert agentctl("prices", "--model", "odd", "--json").data["models"]["odd-1"]["output"] == 2
    (tmp_path / "table.json").write_text("no")
    assert agentctl("prices", "--update", str(tmp_path / "table.json")).code == 7


def test_status_doctor_and_demo(halo: Run, two: Transcripts) -> None:
    halo("agents", "ingest")
    assert "2 sessions in 7 days" in halo("status").out
    assert "sessions of Claude Code" in halo("doctor").out


def test_an_export_to_a_file_and_to_a_collector(agentctl: Run, two: Transcripts, tmp_path: Path) -> None:
    assert agentctl("export", "s1", "--otlp", str(tmp_path / "traces.jsonl")).code == 0
    [line] = (tmp_path / "traces.jsonl").read_text().splitlines()
    spans = msgspec.json.decode(line)["resourceSpans"][0]["scopeSpans"][0]["spans"]
    assert [span["name"] for span in spans] == ["invoke_agent claude_code", "chat claude-sonnet-4-5-20250929"]
    assert len(spans[0]["traceId"]) == 32
    assert spans[1]["parentSpanId"] == spans[0]["spanId"]
    told = {each["key"]: next(iter(each["value"].values())) for each in spans[1]["attributes"]}
    assert told["gen_ai.usage.input_tokens"] == str(ONE - 20)
    assert told["gen_ai.usage.cache_creation.input_tokens"] == "100"
    assert told["gen_ai.provider.name"] == "anthropic"
    assert agentctl("export", "s1", "--otlp", "-").out.strip() == line


class Collector(BaseHTTPRequestHandler):
    """Takes whatever comes."""

    got: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        self.got.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


def test_an_export_over_http(agentctl: Run, two: Transcripts) -> None:
    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        said = agentctl("export", "--otlp", f"http://127.0.0.1:{server.server_port}", "--json")
        server.shutdown()
        thread.join()
    assert said.data["sessions"] == 2
    assert [path for path, _ in Collector.got] == ["/v1/traces", "/v1/traces"]
    assert b"invoke_agent" in Collector.got[0][1]


def test_an_export_to_nobody(agentctl: Run, two: Transcripts, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("halo_engine.agents.otlp.TIMEOUT", 0.2)
    said = agentctl("export", "s1", "--otlp", "http://127.0.0.1:9")
    assert said.code == 5
    assert said.err.startswith("error: http://127.0.0.1:9/v1/traces did not take the spans")


def test_tools_arguments_are_told_only_when_asked_and_without_secrets(
    agentctl: Run, two: Transcripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-very-secret-1234")
    content = [{"type": "tool_use", "id": "t", "name": "Bash", "input": {"command": "echo sk-very-secret-1234"}}]
    message = {"id": "m7", "model": "x", "content": content, "usage": {"input_tokens": 1}}
    entry = {"type": "assistant", "sessionId": "s1", "timestamp": "2026-11-20T10:00:09.000Z", "message": message}
    two.write("s1", msgspec.json.encode(entry).decode())
    assert "gen_ai.tool.call.arguments" not in agentctl("export", "s1", "--otlp", "-").out
    told = agentctl("export", "s1", "--otlp", "-", "--contents").out
    assert "echo [redacted]" in told
    assert "very-secret" not in told


def test_the_sample_has_sessions(halo: Run) -> None:
    assert halo("demo").code == 0
    assert len(halo("agents", "sessions", "--json").data) == 24
    assert halo("agents", "ingest", "--json").data["read"] == 0


def test_flagged_ones_alone(agentctl: Run, two: Transcripts, halo: Run) -> None:
    assert agentctl("sessions", "--flagged", "--json").data == []
    agentctl("ingest")
    halo("alerts", "raise", "spin", "s1", "goes nowhere")
    assert [each["id"] for each in agentctl("sessions", "--flagged", "--json").data] == ["s1"]


@pytest.mark.parametrize(("values", "line"), [([], ""), ([0, 0], "  "), ([1, 4, 8], "▂▅█"), ([0, 5], " █")])
def test_a_sparkline(values: list[float], line: str) -> None:
    assert views.sparkline(values) == line


@pytest.mark.parametrize(("value", "made"), [(16, "█" * 16), (8, "█" * 8), (0, ""), (1, "█"), (0.5, "▌")])
def test_a_bar(value: float, made: str) -> None:
    assert views.bar(value, 16) == made


@pytest.mark.parametrize(("value", "made"), [(950, "950"), (12_345, "12.3k"), (4_500_000, "4.5M"), (250e9, "250G")])
def test_short_numbers(value: float, made: str) -> None:
    assert views.short(value) == made
