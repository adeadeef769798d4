"""A made-up home with Claude Code's transcripts, and the command line over it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

VARIABLES = ("CLAUDE_CONFIG_DIR", "CODEX_HOME", "GEMINI_DATA_DIR", "OPENCODE_DATA_DIR")


@pytest.fixture(autouse=True)
def no_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer's shell says of his own tools is not seen."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def agentctl(halo: Callable[..., Any]) -> Callable[..., Any]:
    """`agentctl("sessions")` runs it in this process, in `workspace`."""
    return lambda *words: halo("agents", *words)


class Transcripts:
    """`~/.claude`, to be written to."""

    def __init__(self, home: Path) -> None:
        self.home = home / ".claude"

    def path(self, session: str, project: str = "-home-ana-shop") -> Path:
        return self.home / "projects" / project / f"{session}.jsonl"

    def write(self, session: str, *lines: str, project: str = "-home-ana-shop") -> Path:
        """Add lines to a session's file."""
        path = self.path(session, project)
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a") as file:
            file.writelines(line + "\n" for line in lines)
        return path


@pytest.fixture
def transcripts(own_home: Path) -> Transcripts:
    return Transcripts(own_home)


def prompt(session: str, words: str = "Fix it", at: str = "2026-11-20T10:00:00.000Z", **more: Any) -> str:
    """A line with what a person says."""
    entry = {"type": "user", "sessionId": session, "timestamp": at, "cwd": "/home/ana/shop", "version": "2.0.1"}
    return json.dumps(entry | {"message": {"role": "user", "content": words}} | more)


def reply(
    session: str,
    message: str | None = "m1",
    request: str | None = "r1",
    at: str = "2026-11-20T10:00:05.000Z",
    model: str = "claude-sonnet-4-5-20250929",
    counts: dict[str, Any] | None = None,
    **more: Any,
) -> str:
    """A line of a model's reply: 10 of fresh input, 20 of output, 1000 read, 100 written, unless told otherwise."""
    usage = {"input_tokens": 10, "output_tokens": 20, "cache_read_input_tokens": 1000}
    usage |= {"cache_creation_input_tokens": 100} | (counts or {})
    content = [{"type": "text", "text": "done"}]
    entry = {"type": "assistant", "sessionId": session, "timestamp": at, "cwd": "/home/ana/shop", "version": "2.0.1"}
    entry |= {"requestId": request, "message": {"id": message, "model": model, "content": content, "usage": usage}}
    return json.dumps(entry | more, separators=(",", ":"))
