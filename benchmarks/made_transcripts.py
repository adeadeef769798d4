"""Made-up Claude Code transcripts: the same seed makes the same tree, byte for byte."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

FIRST = datetime(2026, 9, 1, tzinfo=UTC)
PROJECTS = tuple(f"-home-{who}-code-{what}" for who in ("ana", "joe", "mika") for what in ("shop", "relay", "planner"))
MODELS = ("claude-sonnet-4-5-20250929", "claude-opus-4-5-20251101", "claude-haiku-4-5-20251001")
TOOLS = ("Read", "Bash", "Grep", "Edit")
LETTERS = "bcdfghjklmnpqrstvwxyzBCDFGHJKLMNPQRSTVWXYZ0123456789"
POOL = 1 << 20
REPLIES = 160
"""Replies of a session, on the average."""


def make(folder: Path, size: int, seed: int = 7) -> int:
    """Write a tree of about `size` bytes below `folder`; returns how many bytes it has."""
    random = Random(seed)
    text = _prose(random)
    written = 0
    while written < size:
        written += sum(_session(folder, random, text))
    return written


def _prose(random: Random) -> str:
    """What tools read and models say: words, quotes, indents and line breaks."""
    words = ["".join(random.choices(LETTERS, k=random.randrange(2, 11))) for _ in range(400)]
    breaks = (" ",) * 12 + ("\n", "\n    ", ' "', "\t", ": ")
    return "".join(random.choice(words) + random.choice(breaks) for _ in range(POOL // 6))


def _session(folder: Path, random: Random, text: str) -> Iterator[int]:
    """A session's file, now and then with sub-agents, a fork, or a reply that came without a request id."""
    session = _uuid(random)
    home = folder / "projects" / random.choice(PROJECTS)
    home.mkdir(parents=True, exist_ok=True)
    lines = list(_lines(session, random, text, replies=max(4, int(random.expovariate(1 / REPLIES)))))
    yield _write(home / f"{session}.jsonl", lines)
    if random.random() < 0.1:
        fork = _uuid(random)
        prefix = [line.replace(session, fork) for line in lines[: len(lines) // 2]]
        more = list(_lines(fork, random, text, replies=20))
        yield _write(home / f"{fork}.jsonl", prefix + more)
    for _ in range(random.choice((0, 0, 0, 1, 2))):
        agent = "".join(random.choices("0123456789abcdef", k=8))
        below = home / session / "subagents"
        below.mkdir(parents=True, exist_ok=True)
        lines = list(_lines(session, random, text, replies=12, agent=agent))
        yield _write(below / f"agent-{agent}.jsonl", lines)


def _write(path: Path, lines: list[str]) -> int:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path.stat().st_size


def _lines(session: str, random: Random, text: str, *, replies: int, agent: str = "") -> Iterator[str]:
    now = FIRST + timedelta(seconds=random.randrange(60 * 86400))
    model = random.choice(MODELS)
    cached = 12_000
    for number in range(replies):
        now += timedelta(seconds=random.uniform(2, 40))
        if number % 8 == 0:
            yield _line(session, random, now, agent, "user", {"role": "user", "content": _cut(random, text, 200)})
        new = random.randrange(200, 4000)
        usage = {
            "input_tokens": random.randrange(3, 12),
            "cache_creation_input_tokens": new,
            "cache_read_input_tokens": cached,
            "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": new},
            "output_tokens": 4,
            "service_tier": "standard",
        }
        cached = 12_000 if cached > 160_000 else cached + new
        reply = {"id": f"msg_01{_token(random, 22)}", "model": model, "request": f"req_011{_token(random, 21)}"}
        call = f"toolu_01{_token(random, 22)}"
        tool = random.choice(TOOLS)
        blocks = [
            {"type": "text", "text": _cut(random, text, 400)},
            {"type": "tool_use", "id": call, "name": tool, "input": _arguments(random, text, tool)},
        ]
        for place, block in enumerate(blocks):
            last = place == len(blocks) - 1
            usage = usage | {"output_tokens": random.randrange(60, 900) if last else 4}
            yield _reply(session, random, now, agent, reply, block, usage, last=last)
            now += timedelta(seconds=random.uniform(0.2, 2))
        yield _result(
            session, random, now, agent, call, _cut(random, text, int(random.expovariate(1 / 4000)) + 80), tool
        )


def _reply(
    session: str,
    random: Random,
    now: datetime,
    agent: str,
    reply: dict[str, str],
    block: dict[str, object],
    usage: dict[str, object],
    *,
    last: bool,
) -> str:
    message = {"model": reply["model"], "id": reply["id"], "type": "message", "role": "assistant", "content": [block]}
    message |= {"stop_reason": "tool_use" if last else None, "stop_sequence": None, "usage": usage}
    return _line(session, random, now, agent, "assistant", message, requestId=reply["request"])


def _result(session: str, random: Random, now: datetime, agent: str, call: str, said: str, tool: str) -> str:
    content = [{"tool_use_id": call, "type": "tool_result", "content": said}]
    result = {"filePath": "/home/ana/code/a.py", "originalFile": said} if tool == "Edit" else {"stdout": said}
    return _line(session, random, now, agent, "user", {"role": "user", "content": content}, toolUseResult=result)


def _line(session: str, random: Random, now: datetime, agent: str, kind: str, message: object, **more: object) -> str:
    record = {
        "parentUuid": _uuid(random),
        "isSidechain": bool(agent),
        "userType": "external",
        "cwd": "/home/ana/code",
        "sessionId": session,
        "version": "2.0.47",
        "gitBranch": "main",
        "type": kind,
        "message": message,
        **({"agentId": agent} if agent else {}),
        **more,
        "uuid": _uuid(random),
        "timestamp": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False)


def _arguments(random: Random, text: str, tool: str) -> dict[str, str]:
    if tool == "Edit":
        path = f"/home/ana/code/{_token(random, 6)}.py"
        return {"file_path": path, "old_string": _cut(random, text, 300), "new_string": _cut(random, text, 500)}
    return {"command" if tool == "Bash" else "path": _cut(random, text, 80)}


def _cut(random: Random, text: str, length: int) -> str:
    start = random.randrange(len(text) - length) if length < len(text) else 0
    return text[start : start + length]


def _token(random: Random, length: int) -> str:
    return "".join(random.choices(LETTERS, k=length))


def _uuid(random: Random) -> str:
    made = f"{random.getrandbits(128):032x}"
    return f"{made[:8]}-{made[8:12]}-{made[12:16]}-{made[16:20]}-{made[20:]}"
