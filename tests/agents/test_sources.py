"""Lines of every tool become records: whatever they hold, nothing is lost and nothing falls over."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halo_engine.agents import records
from halo_engine.agents.records import Call, Change, Malformed, Prompt, Result, Said, Spent, Thought
from halo_engine.agents.sources import SOURCES, read, source_of

_NAMES = (
    "type message content usage id model payload info total_token_usage input_tokens output_tokens tokens "
    "toolCalls timestamp sessionId requestId isSidechain toolUseResult structuredPatch lines "
    "cache_creation data kind session role state input output name call_id arguments changes $set "
    "messages $rewindTo source subagent thread_spawn "
)
NAMES = st.sampled_from(_NAMES.split())
_WORDS = (
    "user assistant progress system summary session_meta event_msg response_item token_count gemini "
    "function_call turn_context patch_apply_end text tool_use tool_result tool message part prompt spent "
    "2026-09-02T02:55:04.214Z "
)
WORDS = st.sampled_from(_WORDS.split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 2**70) | st.floats(allow_nan=False) | st.text(max_size=8) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=5),
    max_leaves=25,
)


@pytest.mark.parametrize("name", SOURCES)
@given(st.lists(st.binary(max_size=80) | st.dictionaries(NAMES, VALUES, max_size=6), max_size=8))
@settings(max_examples=60, deadline=None)
def test_no_line_makes_a_reader_fall(name: str, lines: list[Any]) -> None:
    source = SOURCES[name]
    reader = source.reader(Path("/x/chats/session-1.jsonl"))
    for number, line in enumerate(lines, 1):
        raw = line if isinstance(line, bytes) else json.dumps(line).encode()
        for record in reader.read(raw, number):
            assert isinstance(record, records.Record)
            assert record.line == number
            if isinstance(record, Spent):
                assert record.tokens.total > 0
        again = source.reader(Path("/x/chats/session-1.jsonl"), reader.carry())
        assert again.carry() == reader.carry()


@pytest.mark.parametrize("name", SOURCES)
@given(st.binary(max_size=60).filter(lambda raw: b"{" not in raw))
@settings(deadline=None)
def test_what_is_no_object_is_malformed(name: str, line: bytes) -> None:
    [record] = SOURCES[name].reader(Path("/x/chats/session-1.jsonl")).read(line, 3)
    assert isinstance(record, Malformed)
    assert record.line == 3


def write(path: Path, *entries: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    return path


def kinds(path: Path) -> list[str]:
    return [type(record).__name__ for record in read(path)]


def usage(**counts: int) -> dict[str, Any]:
    return {"input_tokens": 5, "output_tokens": 7, "cache_read_input_tokens": 100} | counts


def test_claude_code(tmp_path: Path) -> None:
    reply = {"id": "msg_1", "model": "claude-opus-4-5", "usage": usage(cache_creation_input_tokens=30)}
    patch = {"filePath": "a.py", "structuredPatch": [{"lines": ["-x = 1", "+x = 2", " y"]}]}
    path = write(
        tmp_path / "projects" / "-home-ana" / "s1.jsonl",
        {"type": "user", "message": {"content": "Fix it"}, "timestamp": "2026-09-02T02:55:04.214Z"},
        {"type": "user", "message": {"content": "<command-name>/clear"}},
        {"type": "user", "isMeta": True, "message": {"content": "added by the client"}},
        {"type": "assistant", "message": reply | {"content": [{"type": "thinking", "thinking": "hm"}]}},
        {"type": "assistant", "message": reply | {"content": [{"type": "tool_use", "id": "t", "name": "Edit"}]}},
        {
            "type": "user",
            "message": {"content": [{"type": "tool_result", "tool_use_id": "t", "content": [{"text": "done"}]}]},
            "toolUseResult": patch,
        },
        {"type": "assistant", "message": {"id": "m", "model": "<synthetic>", "usage": {}, "content": []}},
        {"type": "file-history-snapshot"},
    )
    assert kinds(path) == ["Prompt", "Thought", "Spent", "Call", "Spent", "Result"]
    found = list(read(path))
    assert isinstance(found[2], Spent)
    assert found[2].tokens.cache_write_5m == 30
    assert found[0].session == "s1"
    assert isinstance(found[5], Result)
    assert found[5].text == "done"
    assert (found[5].changes[0].removed, found[5].changes[0].added) == (("x = 1",), ("x = 2",))


def test_a_file_that_is_written_as_it_was_is_no_change(tmp_path: Path) -> None:
    written = {"type": "update", "filePath": "a.py", "content": "x = 1\n", "structuredPatch": []}
    lines = [
        {"type": "user", "message": {"content": [{"type": "tool_result", "tool_use_id": "t"}]}, "toolUseResult": each}
        for each in (written | {"originalFile": "x = 1\n"}, written | {"originalFile": None, "type": "create"})
    ]
    same, made = read(write(tmp_path / "s.jsonl", *lines))
    assert isinstance(same, Result)
    assert isinstance(made, Result)
    assert same.changes == (Change("a.py"),)
    assert made.changes == (Change("a.py", (), ("x = 1",)),)


def test_a_breakdown_of_nothing_gives_way_to_the_sum(tmp_path: Path) -> None:
    detail = {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0}
    reply = {"id": "m", "model": "x", "usage": usage(cache_creation_input_tokens=100) | {"cache_creation": detail}}
    [spent] = read(write(tmp_path / "s.jsonl", {"type": "assistant", "message": reply}))
    assert isinstance(spent, Spent)
    assert (spent.tokens.cache_write_5m, spent.tokens.cache_write_1h) == (100, 0)


def count_of(total: int, cached: int = 0, second: int = 0) -> dict[str, Any]:
    totals = {"input_tokens": total, "cached_input_tokens": cached, "output_tokens": 10, "total_tokens": total + 10}
    payload = {"type": "token_count", "info": {"total_token_usage": totals}}
    return {"timestamp": f"2026-09-02T02:55:{second:02}.000Z", "type": "event_msg", "payload": payload}


def test_codex_counts_differences_of_totals(tmp_path: Path) -> None:
    path = write(
        tmp_path / "rollout-1.jsonl",
        {"timestamp": "2026-09-02T02:55:00.000Z", "type": "session_meta", "payload": {"id": "c1", "cwd": "/home/a/b"}},
        {"type": "turn_context", "payload": {"model": "gpt-5-codex"}},
        {"type": "event_msg", "payload": {"type": "user_message", "message": "go"}},
        {
            "type": "response_item",
            "payload": {"type": "function_call", "name": "shell", "arguments": '{"command":["ls"]}', "call_id": "k"},
        },
        {
            "type": "response_item",
            "payload": {"type": "function_call_output", "call_id": "k", "output": "Exit code: 1\nno"},
        },
        count_of(100, 40, 5),
        count_of(100, 40, 6),
        count_of(150, 60, 7),
    )
    found = list(read(path))
    spent = [record for record in found if isinstance(record, Spent)]
    assert [(each.tokens.input, each.tokens.cache_read, each.tokens.output) for each in spent] == [
        (60, 40, 10),
        (30, 20, 0),
    ]
    assert {each.model for each in spent} == {"gpt-5-codex"}
    [call] = [record for record in found if isinstance(record, Call)]
    assert call.arguments == {"command": ["ls"]}
    [result] = [record for record in found if isinstance(record, Result)]
    assert result.failed


def test_what_a_fork_of_codex_replays_is_not_counted(tmp_path: Path) -> None:
    spawned = {"subagent": {"thread_spawn": {"parent_thread_id": "c0"}}}
    path = write(
        tmp_path / "rollout-2.jsonl",
        {"timestamp": "2026-09-02T02:55:00.100Z", "type": "session_meta", "payload": {"id": "c1", "source": spawned}},
        count_of(1000, 0, 0),
        count_of(5000, 0, 0),
        count_of(5600, 0, 9),
    )
    assert [record.tokens.input for record in read(path) if isinstance(record, Spent)] == [600]


def test_gemini_says_what_is_written_again_once(tmp_path: Path) -> None:
    tokens = {"input": 50, "output": 4, "cached": 20, "thoughts": 6, "tool": 1, "total": 61}
    call = {"id": "k", "name": "read_file", "args": {"path": "a"}, "status": "executing"}
    reply = {"id": "m2", "type": "gemini", "content": "ok", "toolCalls": [call], "model": "gemini-2.5-pro"}
    done = call | {"status": "success", "result": [{"functionResponse": {"response": {"output": "text"}}}]}
    path = write(
        tmp_path / "tmp" / "hash" / "chats" / "session-1.jsonl",
        {"sessionId": "g1", "projectHash": "hash", "kind": "main"},
        {"id": "m1", "type": "user", "content": "go"},
        reply | {"tokens": tokens},
        reply | {"tokens": tokens, "toolCalls": [done]},
        {"$rewindTo": "m1"},
    )
    assert kinds(path) == ["Prompt", "Said", "Call", "Spent", "Result", "Spent", "Mark"]
    [spent, _] = [record for record in read(path) if isinstance(record, Spent)]
    assert (spent.tokens.input, spent.tokens.cache_read, spent.tokens.output) == (31, 20, 10)
    assert spent.session == "g1"


def test_gemini_as_one_document(tmp_path: Path) -> None:
    path = tmp_path / "tmp" / "hash" / "chats" / "session-1.json"
    path.parent.mkdir(parents=True)
    messages = [{"id": "1", "type": "user", "content": "go"}, {"id": "2", "type": "gemini", "content": "ok"}]
    path.write_text(json.dumps({"sessionId": "g", "messages": messages}, indent=1))
    assert kinds(path) == ["Prompt", "Said"]


def test_opencode(tmp_path: Path) -> None:
    path = tmp_path / "opencode.db"
    connection = sqlite3.connect(path)
    connection.executescript(
        "CREATE TABLE session (id, directory, version, parent_id, time_created);"
        "CREATE TABLE message (id, session_id, time_created, data); CREATE TABLE part (id, message_id, session_id, "
        "time_created, data); INSERT INTO session VALUES ('ses', '/home/a/shop', '1.0', NULL, 1756781704000);"
    )
    tokens = {"input": 9, "output": 3, "reasoning": 2, "cache": {"read": 7, "write": 1}}
    tool = {"type": "tool", "callID": "k", "tool": "bash", "state": {"status": "error", "input": {}, "error": "no"}}
    connection.executemany(
        "INSERT INTO message VALUES (?, 'ses', 1756781704000, ?)",
        [
            ("msg_1", '{"role":"user"}'),
            ("msg_2", json.dumps({"role": "assistant", "modelID": "m", "tokens": tokens, "cost": 0})),
        ],
    )
    connection.executemany(
        "INSERT INTO part VALUES (?, ?, 'ses', 1756781704000, ?)",
        [
            ("prt_1", "msg_1", '{"type":"text","text":"go"}'),
            ("prt_2", "msg_2", '{"type":"reasoning","text":"hm"}'),
            ("prt_3", "msg_2", json.dumps(tool)),
            ("prt_4", "msg_2", "{broken"),
        ],
    )
    connection.commit()
    connection.close()
    found = list(read(path))
    assert [type(each) for each in found] == [Prompt, Spent, Thought, Call, Result, Malformed]
    assert isinstance(found[1], Spent)
    assert found[1].tokens.total == 22
    assert found[1].cost is None


def test_our_own(tmp_path: Path) -> None:
    path = write(
        tmp_path / "dad" / "h1.jsonl",
        {"type": "session", "session": "h1", "instance": "dad"},
        {"type": "prompt", "time": "2026-09-02T02:55:04.214000Z", "text": "hello"},
        {"type": "said", "text": "hi", "message": "m"},
        {"type": "said", "text": 5},
    )
    found = list(read(path))
    assert [type(each) for each in found] == [Prompt, Said, Malformed]
    assert found[0].session == "h1"
    assert source_of(path).name == "halo"
