"""Every type of line that the tools' own files were seen to hold: each is understood, and none is counted as unknown.

Made up in the shapes of Claude Code 2.1.39, Codex 0.104 to 0.146 and Gemini CLI 0.56; see docs/agents.md.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import zstandard

from halo_engine.agents import queries
from halo_engine.agents.ingest import ingest
from halo_engine.agents.queries import Filter
from halo_engine.agents.records import Malformed, Mark, Prompt, Result, Said, Spent
from halo_engine.agents.sources import SOURCES, read
from halo_engine.workspace import Workspace

AT = "2026-11-20T10:00:0{}.000Z"
NAME = "rollout-2026-11-20T10-00-00-c1.jsonl"


def written(entry: Any) -> str:
    """As the tools write it: without a blank."""
    return json.dumps(entry, separators=(",", ":"))


def line(kind: str, payload: Any, second: int = 0, **more: Any) -> dict[str, Any]:
    return {"timestamp": AT.format(second), "type": kind, "payload": payload} | more


def counts(given: int, cached: int, output: int, written: int | None = None, before: int = 0) -> dict[str, Any]:
    """A running total; `before`: the input, and twenty times the output, that stood in the one before."""
    total = {"input_tokens": given, "cached_input_tokens": cached, "output_tokens": output}
    total |= {"reasoning_output_tokens": 2, "total_tokens": given + output}
    total |= {} if written is None else {"cache_write_input_tokens": written}
    part = {"input_tokens": before, "cached_input_tokens": int(before * 0.4), "output_tokens": before // 20}
    last = {name: count - part.get(name, 0) for name, count in total.items()}
    last["total_tokens"] = last["input_tokens"] + last["output_tokens"]
    info = {"total_token_usage": total, "last_token_usage": last, "model_context_window": 258400}
    limits = {"limit_id": "codex", "primary": {"used_percent": 1.0, "window_minutes": 300, "resets_at": 1771864831}}
    return {"type": "token_count", "info": info, "rate_limits": limits}


CODEX = [
    line("session_meta", {"id": "c1", "cwd": "/home/ana/shop", "cli_version": "0.104.0", "source": "vscode",
                          "originator": "Desktop", "model_provider": "openai", "git": {"branch": "main"}}),
    line("event_msg", {"type": "task_started", "turn_id": "t1", "model_context_window": 258400}),
    line("response_item", {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "be"}]}),
    line("turn_context", {"turn_id": "t1", "cwd": "/home/ana/shop", "model": "gpt-5.3-codex", "effort": "high",
                          "truncation_policy": {"mode": "tokens", "limit": 10000}}),
    line("event_msg", {"type": "user_message", "message": "Mend it", "images": [], "local_images": []}),
    line("event_msg", {"type": "token_count", "info": None, "rate_limits": None}),
    line("event_msg", {"type": "agent_reasoning", "text": "**Looking**"}, 1),
    line("response_item", {"type": "reasoning", "summary": [{"type": "summary_text", "text": "**Looking**"}],
                           "content": None, "encrypted_content": "xx"}, 1),
    line("response_item", {"type": "function_call", "name": "exec_command", "arguments": '{"cmd":"ls"}',
                           "call_id": "k1"}, 1),
    line("event_msg", {"type": "exec_command_end", "call_id": "k1", "exit_code": 1}, 1),
    line("response_item", {"type": "function_call_output", "call_id": "k1",
                           "output": "Chunk ID: 1\nProcess exited with code 1\nOutput:\nno such file"}, 2),
    line("event_msg", counts(1000, 400, 50), 2),
    line("event_msg", counts(1000, 400, 50), 2),
    line("response_item", {"type": "custom_tool_call", "status": "completed", "call_id": "k2", "name": "apply_patch",
                           "input": "*** Begin Patch"}, 3),
    line("response_item", {"type": "custom_tool_call_output", "call_id": "k2",
                           "output": '{"output":"Success","metadata":{"exit_code":0}}'}, 3),
    line("response_item", {"type": "web_search_call", "status": "completed"}, 3),
    line("event_msg", {"type": "agent_message", "message": "Mended."}, 4),
    line("response_item", {"type": "message", "role": "assistant", "phase": "final_answer",
                           "content": [{"type": "output_text", "text": "Mended."}]}, 4),
    line("compacted", {"message": "", "replacement_history": [{"type": "message", "role": "user", "content": []}]}, 4),
    line("event_msg", {"type": "context_compacted"}, 4),
    line("world_state", {"agents_md": "..."}, 5, ordinal=20),
    line("inter_agent_communication", {"from": "a", "to": "b"}, 5, ordinal=21),
    line("inter_agent_communication_metadata", {"trigger_turn": True}, 5, ordinal=22),
    line("event_msg", counts(3000, 1400, 150, 600, before=1000), 6, ordinal=23),
    line("event_msg", {"type": "thread_rolled_back", "num_turns": 1}, 6),
    line("event_msg", {"type": "task_complete", "turn_id": "t1", "last_agent_message": "Mended."}, 7),
]  # fmt: skip


def codex(folder: Path, name: str = NAME, *, packed: bool = False) -> Path:
    path = folder / "sessions" / "2026" / "11" / "20" / (name + (".zst" if packed else ""))
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = "".join(written(each) + "\n" for each in CODEX).encode()
    path.write_bytes(zstandard.compress(raw) if packed else raw)
    return path


@pytest.mark.parametrize("packed", [False, True])
def test_codex(own_home: Path, workspace: Workspace, packed: bool) -> None:
    path = codex(own_home / ".codex", packed=packed)
    found = list(read(path))
    kinds = ["Prompt", "Thought", "Call", "Result", "Spent", "Call", "Result", "Said", "Mark", "Spent", "Mark"]
    assert [type(each).__name__ for each in found] == kinds
    results = [each for each in found if isinstance(each, Result)]
    assert [each.failed for each in results] == [True, False]
    spent = [each.tokens for each in found if isinstance(each, Spent)]
    assert [(each.input, each.cache_read, each.cache_write_5m, each.output) for each in spent] == [
        (600, 400, 0, 50),
        (400, 1000, 600, 100),
    ]
    report = ingest(workspace)
    assert (report.lines, report.damaged, report.unknown, report.faults) == (len(CODEX), 0, {}, {})


def test_what_codex_has_packed_is_not_counted_again(own_home: Path, workspace: Workspace) -> None:
    path = codex(own_home / ".codex")
    ingest(workspace)
    before = queries.sessions(workspace, Filter())[0]
    codex(own_home / ".codex", packed=True)
    ingest(workspace)
    path.unlink()
    ingest(workspace)
    [after] = queries.sessions(workspace, Filter())[0]
    assert (after.session.prompts, after.session.lines) == (before[0].session.prompts, before[0].session.lines)
    assert after.usage.tokens == before[0].usage.tokens == 3150
    assert ingest(workspace).read == 0
    codex(own_home / ".codex")
    path.with_name(path.name + ".zst").unlink()
    ingest(workspace)
    assert queries.sessions(workspace, Filter())[0][0].session.prompts == 1


def test_a_damaged_packed_rollout_gives_what_it_can(own_home: Path, workspace: Workspace) -> None:
    path = codex(own_home / ".codex", packed=True)
    path.write_bytes(path.read_bytes()[:-30])
    report = ingest(workspace)
    assert report.lines >= 1
    assert report.damaged + report.lines >= 1
    assert report.faults == {}


def test_kinds_of_codex_that_are_not_known_are_counted(own_home: Path, workspace: Workspace) -> None:
    path = codex(own_home / ".codex")
    with path.open("a") as file:
        for each in (line("event_msg", {"type": "wonder"}), line("response_item", {"type": "marvel"}), line("new", {})):
            file.write(written(each) + "\n")
    assert ingest(workspace).unknown == {"event_msg/wonder": 1, "response_item/marvel": 1, "new": 1}


def envelope(kind: str, **more: Any) -> dict[str, Any]:
    common = {"parentUuid": None, "isSidechain": False, "userType": "external", "cwd": "/home/ana/shop"}
    common |= {"sessionId": "s1", "version": "2.1.39", "gitBranch": "main", "uuid": "u", "timestamp": AT.format(1)}
    return common | {"type": kind} | more


def said(block: dict[str, Any], output: int, stop: str | None = None) -> dict[str, Any]:
    usage = {"input_tokens": 3, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 1000}
    usage |= {"cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 100}}
    usage |= {"output_tokens": output, "service_tier": "standard", "inference_geo": "not_available"}
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-opus-4-6", "content": [block]}
    return envelope("assistant", requestId="req_1", message=message | {"stop_reason": stop, "usage": usage})


CLAUDE = [
    {"type": "queue-operation", "operation": "dequeue", "timestamp": AT.format(0), "sessionId": "s1"},
    {"type": "file-history-snapshot", "messageId": "m", "snapshot": {}, "isSnapshotUpdate": False},
    {"type": "file-history-delta", "messageId": "m", "trackingPath": "a.py"},
    envelope("user", message={"role": "user", "content": "Mend it"}, permissionMode="default", todos=[]),
    said({"type": "thinking", "thinking": "hm", "signature": "x"}, 1),
    said({"type": "text", "text": "I look."}, 5),
    said({"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "ls"}, "caller": {"type": "direct"}}, 9),
    envelope("progress", data={"type": "bash_progress", "output": "a"}, toolUseID="t1", parentToolUseID="t1"),
    envelope("progress", data={"type": "hook_progress", "hookEvent": "PostToolUse"}),
    envelope("progress", data={"type": "agent_progress", "message": {"message": {"usage": {"output_tokens": 9000}}}}),
    envelope("user", message={"role": "user", "content": [
        {"type": "tool_result", "tool_use_id": "t1", "content": "a.py", "is_error": False}]},
        toolUseResult={"stdout": "a.py", "stderr": "", "interrupted": False}, sourceToolAssistantUUID="u"),
    envelope("system", subtype="stop_hook_summary", hookCount=1, level="suggestion"),
    envelope("system", subtype="turn_duration", durationMs=1000),
    envelope("system", subtype="compact_boundary", compactMetadata={"trigger": "auto", "preTokens": 155000}),
    envelope("user", message={"role": "user", "content": "This goes on from ..."}, isCompactSummary=True,
             isVisibleInTranscriptOnly=True),
    envelope("user", message={"role": "user", "content": "<command-name>/clear</command-name>"}),
    {"type": "summary", "summary": "The shop", "leafUuid": "u"},
    {"type": "last-prompt", "lastPrompt": "Mend it", "sessionId": "s1"},
    {"type": "attachment", "attachment": {"type": "total_tokens_reminder"}, "sessionId": "s1"},
]  # fmt: skip


def test_claude_code(own_home: Path, workspace: Workspace) -> None:
    path = own_home / ".claude" / "projects" / "-home-ana-shop" / "s1.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("".join(written(each) + "\n" for each in CLAUDE))
    found = list(read(path))
    assert [each.text for each in found if isinstance(each, Prompt)] == ["Mend it"]
    assert [each.what for each in found if isinstance(each, Mark)] == ["compacted", "compacted", "title"]
    report = ingest(workspace)
    assert (report.lines, report.damaged, report.unknown) == (len(CLAUDE), 0, {})
    [session] = queries.sessions(workspace, Filter())[0]
    assert (session.usage.output, session.usage.cache_write_1h, session.usage.tokens) == (9, 100, 1112)


TOKENS = {"input": 50, "output": 4, "cached": 20, "thoughts": 6, "tool": 0, "total": 60}
CALL = {"id": "read_file-1", "name": "read_file", "args": {"absolute_path": "a"}, "status": "success",
        "result": [{"functionResponse": {"id": "read_file-1", "name": "read_file", "response": {"output": "text"}}}],
        "timestamp": AT.format(3), "resultDisplay": "", "displayName": "ReadFile", "description": "a"}  # fmt: skip
MESSAGES = [
    {"id": "m1", "timestamp": AT.format(1), "type": "user", "content": [{"text": "Mend it"}], "displayContent": "M"},
    {"id": "m2", "timestamp": AT.format(2), "type": "gemini", "content": "", "model": "gemini-3-pro", "tokens": TOKENS,
     "thoughts": [{"subject": "Looking", "description": "where", "timestamp": AT.format(2)}], "toolCalls": [CALL]},
    {"id": "m3", "timestamp": AT.format(3), "type": "user", "content": CALL["result"]},
    {"id": "m4", "timestamp": AT.format(4), "type": "info", "content": "Request cancelled."},
    {"id": "m5", "timestamp": AT.format(4), "type": "warning", "content": "Hook failed."},
    {"id": "m6", "timestamp": AT.format(5), "type": "gemini", "content": {"text": "Mended."}, "tokens": None},
]  # fmt: skip
HEAD = {"sessionId": "g1", "projectHash": "p", "startTime": AT.format(0), "lastUpdated": AT.format(0), "kind": "main"}


def gemini(folder: Path, name: str, *entries: Any) -> Path:
    path = folder / "tmp" / "p" / "chats" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(written(each) + "\n" for each in entries))
    return path


def test_gemini(own_home: Path, workspace: Workspace) -> None:
    home = own_home / ".gemini"
    again = {"$set": {"messages": MESSAGES, "lastUpdated": AT.format(6), "memoryScratchpad": {"version": 1}}}
    path = gemini(home, "session-2026-11-20T10-00-g1.jsonl", HEAD, *MESSAGES, again, {"$rewindTo": "m6"})
    gemini(home, "session-2026-11-20T10-00-g1.json", HEAD | {"messages": MESSAGES})
    side = [each | {"id": f"s{each['id']}"} for each in MESSAGES]
    gemini(home, "g1/g2.jsonl", HEAD | {"sessionId": "g2", "kind": "subagent", "directories": []}, *side)
    found = list(read(path))
    assert [each.text for each in found if isinstance(each, Prompt | Said)] == ["Mend it", "Mended."]
    report = ingest(workspace)
    assert (report.read, report.damaged, report.unknown) == (2, 0, {})
    [session] = queries.sessions(workspace, Filter())[0]
    assert (session.session.id, session.session.prompts, session.usage.tokens) == ("g1", 1, 120)
    assert (session.session.agents, session.session.side_tokens) == (1, 60)


def test_gemini_of_old_is_one_document(own_home: Path, workspace: Workspace) -> None:
    path = gemini(
        own_home / ".gemini", "session-2026-01-20T10-00-g1.json", HEAD | {"messages": MESSAGES, "summary": "x"}
    )
    assert not any(isinstance(each, Malformed) for each in read(path))
    ingest(workspace)
    [session] = queries.sessions(workspace, Filter())[0]
    assert (session.session.prompts, session.session.calls, session.usage.tokens) == (1, 1, 60)


def test_each_source_has_a_test_of_its_shapes() -> None:
    assert set(SOURCES) == {"claude_code", "codex", "gemini", "opencode", "halo"}
