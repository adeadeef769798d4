"""A server on loopback that speaks as much of Telegram's Bot API as sending needs."""

from __future__ import annotations

import html
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import msgspec

TOKEN = "812:an-invented-token"


class Bot(ThreadingHTTPServer):
    """Takes messages; `answers` are given first, one a request, before it takes the next."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[dict[str, Any]] = []
        self.requests = 0
        self.answers: list[tuple[int, dict[str, Any]] | None] = []
        """Status and body; None: the connection is cut."""
        self.refuses_after: int | None = None
        """It takes so many messages, and refuses the next."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def texts(self) -> list[str]:
        return [each["text"] for each in self.taken]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class Handler(BaseHTTPRequestHandler):
    server: Bot

    def do_POST(self) -> None:
        body = msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests += 1
        if self.server.answers:
            answer = self.server.answers.pop(0)
            if answer is None:
                self.connection.close()
                return
            self.say(*answer)
        elif self.path != f"/bot{TOKEN}/sendMessage":
            self.say(401, {"ok": False, "error_code": 401, "description": "Unauthorized"})
        else:
            self.take(body)

    def take(self, body: dict[str, Any]) -> None:
        text = body["text"]
        if body.get("parse_mode") == "HTML":
            text = html.unescape(re.sub("</?b>", "", text))
        if not 1 <= len(text.encode("utf-16-le")) // 2 <= 4096:
            self.say(400, {"ok": False, "error_code": 400, "description": "Bad Request: message is too long"})
            return
        if len(self.server.taken) == self.server.refuses_after:
            self.server.refuses_after = None
            self.say(403, {"ok": False, "error_code": 403, "description": "Forbidden"})
            return
        self.server.taken.append(body)
        self.say(200, {"ok": True, "result": {"message_id": len(self.server.taken)}})

    def say(self, status: int, body: dict[str, Any]) -> None:
        raw = msgspec.json.encode(body)
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass
