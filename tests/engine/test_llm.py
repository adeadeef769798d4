"""The door to a language model, against a server on this machine that speaks (or misspeaks) the Messages API."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import msgspec
import pytest

from halo_engine import llm
from halo_engine.errors import BadConfig, HaloError, NotAllowed, Unavailable
from halo_engine.workspace import LlmSettings
from tests.instance.conftest import opening, piece, says, stream

KEY = "sk-ant-api03-0123456789abcdef"
Reply = Callable[[BaseHTTPRequestHandler], None]
cut_stream = stream(opening(), piece("one"))


def answer(status, body, kind="application/json", **headers) -> Reply:
    def reply(request):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request.send_response(status)
        request.send_header("content-type", kind)
        request.send_header("content-length", str(len(raw)))
        for name, value in headers.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(raw)

    return reply


def said(*texts, stop="end_turn"):
    content = [{"type": "text", "text": text} for text in texts]
    usage = {"input_tokens": 1, "output_tokens": 1}
    return {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": content} | {
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": usage,
    }


def failed(kind, message):
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


class Server(ThreadingHTTPServer):
    """Gives `replies` one after another, the last for ever; keeps what it was asked in `asked`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = []
        self.asked: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append({"path": self.path} | json.loads(body))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        place = min(len(self.server.asked), len(self.server.replies)) - 1
        self.server.replies[place](self)

    def log_message(self, *args):
        pass


@pytest.fixture
def server():
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.over.set()
        made.shutdown()
        thread.join()


@pytest.fixture
def settings(server, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    return LlmSettings(base_url=f"http://127.0.0.1:{server.server_port}", model="m-1", timeout=20)


def refusal(settings) -> HaloError:
    with pytest.raises(HaloError) as refused:
        llm.ask(settings, "system", "prompt", 100)
    assert KEY not in refused.value.message + refused.value.hint
    assert refused.value.hint
    return refused.value


def test_an_answer(server, settings):
    server.replies = [answer(200, said("one ", "two"))]
    assert llm.ask(settings, "be brief", "count", 77) == "one two"
    [asked] = server.asked
    assert (asked["path"], asked["model"], asked["max_tokens"], asked["system"]) == (
        "/v1/messages",
        "m-1",
        77,
        "be brief",
    )
    assert asked["messages"] == [{"role": "user", "content": "count"}]
    assert KEY in server.headers[0].get("authorization", "") + server.headers[0].get("x-api-key", "")


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (400, NotAllowed, "refuses the request"),
        (401, NotAllowed, "refuses the key"),
        (402, NotAllowed, "wants to be paid"),
        (403, NotAllowed, "refuses the key"),
        (404, NotAllowed, "no model m-1"),
        (413, NotAllowed, "too large"),
    ],
)
def test_a_refusal_is_not_repeated(server, settings, status, kind, words):
    server.replies = [answer(status, failed("some_error", f"because of {KEY}"))]
    refused = refusal(settings)
    assert isinstance(refused, kind)
    assert words in refused.message
    assert "because of [redacted]" in refused.message
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "words"), [(429, "too many requests"), (500, "out of order"), (529, "out of order")]
)
def test_a_passing_fault_is_tried_three_times(server, settings, status, words):
    server.replies = [answer(status, failed("busy", "busy"), retry_after_ms="1")]
    refused = refusal(settings)
    assert isinstance(refused, Unavailable)
    assert words in refused.message
    assert len(server.asked) == 3


def test_a_fault_that_passes_is_not_seen(server, settings):
    server.replies = [answer(529, failed("overloaded_error", "busy"), retry_after_ms="1"), answer(200, said("here"))]
    assert llm.ask(settings, "", "hello", 10) == "here"


def test_how_long_to_wait_is_said(server, settings):
    server.replies = [answer(429, failed("rate_limit_error", "month"), retry_after="3600", x_should_retry="false")]
    assert refusal(settings).hint == "try again in 3600 s"


@pytest.mark.parametrize(
    "reply",
    [
        answer(200, b"<html>router login</html>", "text/html"),
        answer(200, b"{broken", "application/json"),
        answer(200, b"\xff\xfe\x00", "application/json"),
        answer(200, {"content": "text"}),
        answer(200, {"hello": "world"}),
        answer(200, []),
        answer(200, {"content": [{"type": "text", "text": 5}], "stop_reason": "end_turn"}),
        answer(200, {"content": [{"type": "text", "text": None}], "stop_reason": "end_turn"}),
        answer(200, {"content": ["text", 5], "stop_reason": "end_turn"}),
    ],
)
def test_garbage(server, settings, reply):
    server.replies = [reply]
    refused = refusal(settings)
    assert isinstance(refused, Unavailable)
    assert "no language model" in refused.message


def test_an_error_page(server, settings):
    server.replies = [answer(502, b"<html>" + b"x" * 5000, "text/html", retry_after_ms="1")]
    refused = refusal(settings)
    assert isinstance(refused, Unavailable)
    assert len(refused.message) < 700


def test_a_server_that_hangs(server, settings):
    server.replies = [lambda request: server.over.wait(30) and None]
    refused = refusal(msgspec.structs.replace(settings, timeout=0.1))
    assert isinstance(refused, Unavailable)
    assert "within 0.1 s" in refused.message


def test_a_server_that_hangs_up(server, settings):
    server.replies = [lambda request: request.connection.shutdown(socket.SHUT_RDWR)]
    assert "cannot be reached" in refusal(settings).message
    assert len(server.asked) == 3


def test_a_stream_is_an_answer_too(server, settings):
    server.replies = [cut_stream, says("one ", "two")]
    assert llm.ask(settings, "", "count", 77) == "one two"
    assert "system" not in server.asked[0]
    assert server.asked[0]["stream"] is True


def test_a_server_that_asks_for_an_hour_is_not_waited_for(server, settings):
    server.replies = [answer(429, failed("rate_limit_error", "hour"), retry_after="3600")]
    assert refusal(settings).hint == "try again in 3600 s"
    assert len(server.asked) == 1


@pytest.mark.parametrize("proxy", ["socks9://x:1", "http://[::1", "nonsense"])
def test_a_proxy_that_is_none(settings, monkeypatch, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)
    assert isinstance(refusal(settings), Unavailable)


def test_no_server(settings):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
        refused = refusal(msgspec.structs.replace(settings, base_url=url))
    assert isinstance(refused, Unavailable)
    assert "cannot be reached" in refused.message


def test_an_answer_that_was_cut_off_is_none(server, settings):
    server.replies = [answer(200, said("half", stop="max_tokens"))]
    assert "cut off at 100 tokens" in refusal(settings).message


def test_a_model_that_declines(server, settings):
    server.replies = [answer(200, said(stop="refusal"))]
    assert isinstance(refusal(settings), NotAllowed)


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host", "http://", "http://host:port", "http://[::1"])
def test_a_base_url_that_is_none(settings, url):
    refused = refusal(msgspec.structs.replace(settings, base_url=url))
    assert isinstance(refused, BadConfig)


@pytest.mark.parametrize("key", ["ключ", "two\nlines", "\x1b[0m"])
def test_a_key_that_cannot_be_one(settings, monkeypatch, key):
    monkeypatch.setenv("ANTHROPIC_API_KEY", key)
    refused = refusal(settings)
    assert isinstance(refused, BadConfig)
    assert key not in refused.message


def test_whether_it_is_configured(monkeypatch):
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    assert not llm.configured(LlmSettings())
    assert llm.configured(LlmSettings(api_key="command:pass show anthropic"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    assert llm.configured(LlmSettings())
    assert not llm.configured(LlmSettings(api_key=""))


def test_the_library_is_loaded_when_asked_and_not_before():
    code = "import sys, halo_engine.llm; print(bool({'httpx2', 'asyncio'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout == b"False\n"
