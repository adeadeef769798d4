"""Codex CLI: `~/.codex/sessions/YYYY/MM/DD/rollout-*.jsonl` and `archived_sessions/`; old ones packed, `.jsonl.zst`.

Token counts are running totals, so that a reply's are the difference to the one before. A session that was forked or
started by another begins with a replay of its parent's lines, written within the second of its first.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from halo_engine.agents.records import (
    AnyRecord,
    Call,
    Change,
    Malformed,
    Mark,
    Prompt,
    Result,
    Said,
    Spent,
    Thought,
    Tokens,
)
from halo_engine.agents.sources.source import (
    About,
    count,
    decoded,
    differing,
    folders,
    opening,
    said,
    table,
    text,
    when,
)
from halo_engine.unpacking import ZstFile

FIELDS = (
    "input_tokens", "cached_input_tokens", "output_tokens", "reasoning_output_tokens", "total_tokens",
    "cache_write_input_tokens",
)  # fmt: skip
PACKED = ".zst"
EXIT = ("Exit code: ", "Process exited with code ")
BARE = frozenset({"message", "reasoning", "function_call", "function_call_output", "local_shell_call"})
"""Lines of the oldest files, which had no envelope."""
SILENT = frozenset({
    "compacted", "ghost_snapshot", "inter_agent_communication", "inter_agent_communication_metadata", "session_meta",
    "token_usage_record", "web_search_call", "world_state",
})  # fmt: skip
SILENT_ITEMS = frozenset({
    "additional_tools", "agent_message", "compaction", "compaction_summary", "compaction_trigger", "context_compaction",
    "ghost_snapshot", "image_generation_call", "other", "tool_search_call", "tool_search_output", "web_search_call",
})  # fmt: skip
SILENT_EVENTS = re.compile(
    r"(?:task|turn)_(?:started|complete|diff)|agent_(?:message|reasoning)\w*|(?:exec_command|patch_apply|mcp_tool_call|web_search|"
    r"image_generation|collab_\w+|plan|item|hook|dynamic_tool_call|mcp_startup)_(?:begin|end|started|completed?|update|"
    r"delta|output_delta|request|response|updated)|\w+_(?:request|notice|review_mode|tool_call|event|error)|background_\w+|"
    r"session_configured|shutdown_complete|undo_\w+|thread_\w+|warning|guardian_\w+|model_\w+|raw_response_item|"
    r"terminal_interaction|sub_agent_activity|token_budget\w*|skills\w*|deprecation_notice|stream_error"
)
"""Events that say nothing of the work, or say again what the items say."""


class Codex:
    """See `Source`."""

    name: ClassVar = "codex"
    title: ClassVar = "Codex CLI"

    def homes(self, environment: Mapping[str, str]) -> list[Path]:
        return folders(environment, "CODEX_HOME", ".codex")

    def find(self, home: Path) -> Iterator[Path]:
        found: dict[str, Path] = {}
        for folder in ("archived_sessions", "sessions"):
            for ending in (PACKED, ""):
                for path in (home / folder).rglob(f"rollout-*.jsonl{ending}"):
                    found[path.name.removesuffix(PACKED)] = path
        yield from found.values()

    def claims(self, path: Path) -> bool:
        return path.name.startswith("rollout-") or b'"type":"session_meta"' in opening(path)

    def reader(self, path: Path, carry: bytes = b"") -> CodexReader:
        return CodexReader(path, carry)

    def lines(self, path: Path) -> Iterator[bytes] | None:
        return unpacked(path) if path.suffix == PACKED else None


def unpacked(path: Path) -> Iterator[bytes]:
    """The lines of a packed rollout; where it is damaged, one that cannot be read stands for the rest."""
    import zstandard

    with io.BufferedReader(ZstFile(path)) as file:
        try:
            yield from (line for line in file if not line.isspace())
        except (EOFError, zstandard.ZstdError) as error:
            yield f"damaged: {error}".encode()


class _State(msgspec.Struct):
    session: str
    model: str = ""
    totals: list[int] = []
    replayed: str = ""
    """The second in which a replay was written; empty where nothing was replayed."""
    changes: dict[str, tuple[Change, ...]] = {}
    """What calls have changed whose result is yet to come."""
    about: About = msgspec.field(default_factory=About)
    asked: str = ""
    """By which way prompts are told in this file: `event` or `item`."""


class CodexReader:
    """See `Reader`."""

    def __init__(self, path: Path, carry: bytes = b"") -> None:
        self.unknown: dict[str, int] = {}
        self._state = msgspec.msgpack.decode(carry, type=_State) if carry else _State(path.stem)
        self._items: dict[str, Callable[..., Iterable[AnyRecord]]] = {
            "message": self._message,
            "reasoning": self._reasoning,
            "function_call": self._call,
            "custom_tool_call": self._call,
            "local_shell_call": self._call,
            "function_call_output": self._output,
            "custom_tool_call_output": self._output,
        }
        self._events: dict[str, Callable[..., Iterable[AnyRecord]]] = {
            "user_message": lambda said_, common: self._asked("event", text(said_.get("message")), common),
            "item_completed": self._completed,
            "token_count": self._spent,
            "patch_apply_end": self._patched,
            "turn_aborted": lambda _, common: [Mark(what="interrupted", **common)],
            "thread_rolled_back": lambda _, common: [Mark(what="rewound", **common)],
            "context_compacted": lambda _, common: [Mark(what="compacted", **common)],
            "error": lambda said_, common: [Mark(what="api_error", text=text(said_.get("message")), **common)],
        }

    def about(self, session: str) -> About:
        return self._state.about

    def carry(self) -> bytes:
        return msgspec.msgpack.encode(self._state)

    def read(self, line: bytes, number: int) -> Iterable[AnyRecord]:
        entry = decoded(line, number)
        if isinstance(entry, Malformed):
            return [entry]
        kind = text(entry.get("type"))
        bare = kind in BARE and "payload" not in entry
        payload = entry if bare else table(entry.get("payload"))
        time = when(entry.get("timestamp"))
        if kind == "session_meta" or (not kind and "id" in entry):
            self._begin(payload or entry, time)
        common = {"line": number, "time": time, "session": self._state.session}
        if kind == "turn_context":
            self._state.model = text(payload.get("model")) or self._state.model
            self._state.about.cwd = text(payload.get("cwd")) or self._state.about.cwd
        elif kind == "event_msg":
            name = text(payload.get("type"))
            handler = self._events.get(name)
            if handler:
                return handler(payload, common)
            self._notice(f"{kind}/{name}", known=bool(SILENT_EVENTS.fullmatch(name)))
        elif kind == "response_item" or bare:
            name = text(payload.get("type"))
            handler = self._items.get(name)
            if handler:
                return handler(payload, common | ({"bare": True} if bare else {}))
            self._notice(f"{kind}/{name}", known=name in SILENT_ITEMS)
        elif kind:
            self._notice(kind, known=kind in SILENT)
        return []

    def _notice(self, kind: str, *, known: bool) -> None:
        if not known:
            self.unknown[kind] = self.unknown.get(kind, 0) + 1

    def _begin(self, meta: dict[str, Any], time: str) -> None:
        state, about = self._state, self._state.about
        if state.replayed:
            return
        state.session = text(meta.get("id")) or text(meta.get("session_id")) or state.session
        about.cwd = text(meta.get("cwd")) or about.cwd
        about.branch = text(table(meta.get("git")).get("branch"))
        about.version = text(meta.get("cli_version"))
        about.project = Path(about.cwd).name
        spawned = table(table(table(meta.get("source")).get("subagent")).get("thread_spawn"))
        parents = (spawned.get("parent_thread_id"), meta.get("parent_thread_id"), meta.get("forked_from_id"))
        about.parent = next(filter(None, map(text, parents)), "")
        if spawned or about.parent:
            state.replayed = time[:19]

    def _message(self, item: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        bare, words = common.pop("bare", False), said(item.get("content"))
        if item.get("role") == "assistant":
            yield Said(text=words, **common)
        elif item.get("role") == "user" and bare and not words.startswith("<"):
            yield Prompt(text=words, **common)  # newer files say it again as an event, without what the client adds

    def _reasoning(self, item: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        common.pop("bare", None)
        yield Thought(text=said(item.get("summary")) or said(item.get("content")), **common)

    def _call(self, item: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        common.pop("bare", None)
        given: Any = item.get("arguments", item.get("input", item.get("action")))
        if isinstance(given, str):
            try:
                given = msgspec.json.decode(given)
            except (msgspec.MsgspecError, RecursionError):
                given = {"input": given}
        arguments = given if isinstance(given, dict) else {"input": given}
        tool = text(item.get("name")) or text(item.get("type")).removesuffix("_call")
        yield Call(id=text(item.get("call_id")), tool=tool, arguments=arguments, **common)

    def _output(self, item: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        common.pop("bare", None)
        call = text(item.get("call_id"))
        words, failed = result_of(item.get("output"))
        yield Result(call=call, text=words, failed=failed, changes=self._state.changes.pop(call, ()), **common)

    def _asked(self, way: str, words: str, common: dict[str, Any]) -> Iterator[AnyRecord]:
        """A prompt; of a file that says each in two ways, the one that came first."""
        self._state.asked = self._state.asked or way
        if self._state.asked == way:
            yield Prompt(text=words, **common)

    def _completed(self, event: dict[str, Any], common: dict[str, Any]) -> Iterable[AnyRecord]:
        """From 0.16x on prompts and patches have no events of their own."""
        item = table(event.get("item"))
        if item.get("type") == "UserMessage":
            return self._asked("item", said(item.get("content")), common)
        if item.get("type") == "FileChange" and item.get("status") == "completed":
            return self._patched({"call_id": item.get("id"), "changes": item.get("changes")}, common)
        return []

    def _patched(self, event: dict[str, Any], _: dict[str, Any]) -> Iterable[AnyRecord]:
        if event.get("success") is not False:
            made = tuple(change(path, table(each)) for path, each in table(event.get("changes")).items())
            self._state.changes[text(event.get("call_id"))] = made
        return []

    def _spent(self, event: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        info, state = table(event.get("info")), self._state
        totals, last = table(info.get("total_token_usage")), table(info.get("last_token_usage"))
        now = [count(totals.get(name)) for name in FIELDS]
        before = state.totals + [0] * (len(FIELDS) - len(state.totals))
        grown = [new - old for new, old in zip(now, before, strict=True)]
        if not totals or min(grown) < 0:
            grown = [count(last.get(name)) for name in FIELDS]
        if totals:
            state.totals = now
        if not any(grown) or (state.replayed and common["time"][:19] == state.replayed):
            return
        given, cached, output, reasoning, _, written = grown
        cached = min(cached, given)
        written = min(written, given - cached)
        tokens = Tokens(given - cached - written, output, cached, written, reasoning=reasoning)
        message = f"{state.session}/{common['time']}/{sum(now[:5]) or common['line']}"
        model = text(info.get("model")) or state.model
        yield Spent(message=message, model=model, tokens=tokens, **common)


def result_of(output: Any) -> tuple[str, bool]:
    """The text of a call's output, and whether the call failed."""
    if isinstance(output, str) and output.startswith("{"):
        try:
            output = msgspec.json.decode(output)
        except (msgspec.MsgspecError, RecursionError):
            return output, False
    if not isinstance(output, dict):
        words = said(output)
        codes = [line.removeprefix(sign) for line in words.splitlines()[:6] for sign in EXIT if line.startswith(sign)]
        return words, bool(codes) and codes[0].strip() != "0"
    words = said(output.get("output", output.get("content")))
    return words, bool(table(output.get("metadata")).get("exit_code")) or output.get("success") is False


def change(path: str, made: dict[str, Any]) -> Change:
    """What a patch did to one file."""
    whole = tuple(text(made.get("content")).splitlines())
    if made.get("type") == "delete":
        return Change(path, removed=whole)
    removed, added = differing(text(made.get("unified_diff")))
    return Change(path, removed, added or whole)
