"""An instance in a folder of its own, its runtime as a real process, and a server that speaks the Messages API."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from halo_engine import ids
from halo_engine.errors import Unavailable
from halo_engine.fleet import manifest
from halo_engine.fleet.conversing import talking
from halo_engine.fleet.conversing.talking import Said
from halo_engine.fleet.instance import Instance, Layout, layout
from halo_engine.instance.store import Store

ROOT = Path(__file__).parents[2]
KEY = "sk-ant-api03-0123456789abcdef"
RUN = "import sys; from halo_engine.cli import main; main()"
Reply = Callable[[BaseHTTPRequestHandler], None]


def event(kind: str, **data) -> bytes:
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **data})}\n\n".encode()


def opening(tokens: int = 10, message: str = "msg_1") -> bytes:
    usage = {"input_tokens": tokens, "cache_creation_input_tokens": 5, "output_tokens": 1}
    return event("message_start", message={"id": message, "model": "claude-sonnet-5-5", "usage": usage})


def piece(text: str) -> bytes:
    return event("content_block_delta", index=0, delta={"type": "text_delta", "text": text})


def closing(stop: str = "end_turn", tokens: int = 7) -> bytes:
    return event("message_delta", delta={"stop_reason": stop}, usage={"output_tokens": tokens}) + event("message_stop")


def stream(*parts: bytes, status: int = 200) -> Reply:
    """A stream of these bytes, each sent by itself; then the connection ends."""

    def reply(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("content-type", "text/event-stream; charset=utf-8")
        request.send_header("connection", "close")
        request.end_headers()
        for part in parts:
            request.wfile.write(part)
            request.wfile.flush()

    return reply


def says(*texts: str, stop: str = "end_turn", tokens: int = 10) -> Reply:
    return stream(opening(tokens), event("ping"), *map(piece, texts), event("new_thing"), closing(stop))


def refuses(status: int, kind: str, **headers: str) -> Reply:
    def reply(request: BaseHTTPRequestHandler) -> None:
        raw = json.dumps({"type": "error", "error": {"type": kind, "message": f"no, {KEY}"}}).encode()
        request.send_response(status)
        for name, value in {"content-length": str(len(raw)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(raw)

    return reply


class Server(ThreadingHTTPServer):
    """Gives `replies` one after another, the last for ever; keeps what it was asked in `asked`."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies: list[Reply] = [says("Good ", "morning.")]
        self.asked: list[dict] = []
        self.headers: list[dict[str, str]] = []
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append(json.loads(body))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        place = min(len(self.server.asked), len(self.server.replies)) - 1
        self.server.replies[place](self)

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    with Server() as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield made
        made.over.set()
        made.shutdown()
        thread.join()


class Running:
    """An instance `dad`, and the runtime that a test starts for it."""

    def __init__(self, workspace, place: Layout, server: Server) -> None:
        self.workspace = workspace
        self.place = place
        self.server = server
        self.process: subprocess.Popen[bytes] | None = None
        self.environment = {"ANTHROPIC_API_KEY": KEY}

    def configure(self, **settings) -> None:
        """What is not given is as by default; only that nobody is onboarded, who talks about other things."""
        given = {"onboarding": "false"} | settings
        lines = "".join(f"{name}: {value}\n" for name, value in given.items())
        (self.workspace.root / "instances.yaml").write_text(lines)

    def start(self, code: str = RUN, *, wait: bool = True, **environment: str) -> subprocess.Popen[bytes]:
        env = {**os.environ, **self.environment, "PYTHONPATH": str(ROOT), **environment}
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, "instance", "run", "dad", "--workspace", str(self.workspace.root)],
            env=env,
            cwd=ROOT,
            stderr=subprocess.PIPE,
        )
        if wait:
            self.until_up()
        return self.process

    def until_up(self) -> None:
        for _ in range(1000):
            assert self.process
            if self.process.poll() is not None:
                raise AssertionError(self.process.stderr.read().decode())
            try:
                talking.ping(self.place)
                return
            except Unavailable:
                time.sleep(0.02)
        raise AssertionError("it does not come up")

    def stop(self) -> int:
        assert self.process
        self.process.terminate()
        self.process.communicate()
        return self.process.returncode

    def kill(self) -> None:
        assert self.process
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def tell(self, text: str, *, wait: float = 30, chat: str = "console", message_id: str = ""):
        said = Said(id=message_id or ids.new_id(), text=text, chat=chat)
        return talking.send(self.place, said, wait=wait)

    def store(self) -> Store:
        return Store(self.place.database, reading=True)

    def logged(self) -> list[dict]:
        return [json.loads(line) for line in (self.place.logs / "instance.jsonl").read_text().splitlines()]


@pytest.fixture
def dad(workspace, server):
    """Not started yet."""
    folder = workspace.root / "fleet" / "dad"
    folder.mkdir(parents=True)
    (folder / "CLAUDE.md").write_text("You are the Captain's assistant.\n")
    (workspace.root / "halo.yaml").write_text(f"llm:\n  base_url: {server.url}\n  timeout: 20\n")
    dad = Instance(name="dad", path="fleet/dad")
    manifest.put(workspace, dad)
    made = Running(workspace, layout(workspace, dad), server)
    made.configure(backoff=0)
    yield made
    if made.process and made.process.poll() is None:
        made.kill()
