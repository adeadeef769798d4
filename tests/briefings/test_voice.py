"""A briefing's words: by the model where there is a key, always above the facts, and plain where it cannot be had."""

from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer

import msgspec
import pytest

from halo_engine import clock
from halo_engine.briefings import commands
from halo_engine.briefings.rendering import lines, rendered
from halo_engine.briefings.voice import listed
from halo_engine.tasks import commands as tasks
from halo_engine.workspace import Workspace

MORNING = datetime(2026, 11, 21, 7, 0, tzinfo=UTC)
DAY = MORNING.date()
SAID = "Good morning. T-001 <waits> for you.\n\nNothing else does."


class Model(BaseHTTPRequestHandler):
    """Answers as the vendor's API does, or not at all."""

    asked: list[dict]
    status = 200

    def do_POST(self):
        type(self).asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
        content = [{"type": "text", "text": SAID}]
        body = {"id": "m", "type": "message", "role": "assistant", "content": content, "stop_reason": "end_turn"}
        said = msgspec.json.encode(body | {"model": "m", "usage": {"input_tokens": 1, "output_tokens": 1}})
        self.send_response(self.status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


@pytest.fixture
def model(workspace, monkeypatch):
    handler = type("Asked", (Model,), {"asked": []})
    server = HTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-test")
    llm = f"{{base_url: 'http://127.0.0.1:{server.server_port}', model: m-1}}"
    (workspace.root / "halo.yaml").write_text(f"llm: {llm}\n")
    with clock.held(MORNING):
        tasks.start(workspace, tasks.add(workspace, "Renew the domain").item.id)
        yield handler
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(workspace, model):
    return Workspace(workspace.root)


def test_the_model_says_it_and_the_facts_stand_beneath(place, model):
    row = commands.generate(place, DAY)
    assert (row.prose, row.model) == (SAID, "m-1")
    assert "T-001 Renew the domain: in progress" in model.asked[0]["messages"][0]["content"]
    assert "You are HAL" in model.asked[0]["system"]
    for form in ("markdown", "html", "text"):
        text = rendered(place, row, form)
        assert text.index("Nothing else does.") < text.index("T-001 Renew the domain: in progress")
        assert "words by m-1" in text
        assert {"html": "&lt;waits&gt;", "markdown": r"\<waits>", "text": " <waits>"}[form] in text
    assert "T-001 Renew the domain: in progress" in "\n".join(each.text for each in lines(row))


def test_the_same_facts_are_not_paid_for_twice(place, model):
    assert commands.generate(place, DAY) == commands.generate(place, DAY)
    assert len(model.asked) == 1
    tasks.add(place, "Something new")
    commands.generate(place, DAY)
    assert len(model.asked) == 2


def test_plain_words_on_request_also_after_the_models(place, model):
    commands.generate(place, DAY)
    row = commands.generate(place, DAY, ai=False)
    assert (row.prose, row.model) == ("Good morning. Nothing needs you. The rest is below.", "")
    assert len(model.asked) == 1


def test_a_model_that_fails_leaves_the_plain_words(place, model, capsys):
    model.status = 400
    row = commands.generate(place, DAY)
    assert row.prose.startswith("Good morning. Nothing needs you.")
    assert row.model == ""
    assert "in plain words" in capsys.readouterr().err


def test_a_dry_run_asks_nobody(place, model, halo):
    assert halo("briefing", "generate", "--dry-run").code == 0
    assert model.asked == []


@pytest.mark.parametrize(("words", "said"), [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")])
def test_lists_in_words(words, said):
    assert listed(words) == said
