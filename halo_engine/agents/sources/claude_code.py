"""Claude Code: `~/.claude/projects/<folder>/<session>.jsonl`, sub-agents in `<session>/subagents/`.

One reply of the model is several lines, a content block each, with one message id and request id; their usage grows
and the last is final. Forked and resumed sessions begin with a copy of another's lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

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
from halo_engine.agents.sources.source import About, count, decoded, folders, rows, said, table, text, when

SILENT = frozenset({
    "agent-name", "ai-title", "attachment", "custom-title", "file-history-delta", "file-history-snapshot",
    "last-prompt", "mode", "permission-mode", "pr-link", "progress", "queue-operation", "tag", "worktree-state",
})  # fmt: skip
"""Types of lines that say nothing about the work, or say again what a sub-agent's own file says."""
NOT_A_PERSON = ("<command-name>", "<command-message>", "<local-command", "Caveat: The messages below", "<bash-")
INTERRUPTED = "[Request interrupted by user"


class ClaudeCode:
    """See `Source`."""

    name: ClassVar = "claude_code"
    title: ClassVar = "Claude Code"

    def homes(self, environment: Mapping[str, str]) -> list[Path]:
        return folders(environment, "CLAUDE_CONFIG_DIR", ".claude", ".config/claude")

    def find(self, home: Path) -> Iterator[Path]:
        top = home / "projects"
        for folder, _, names in os.walk(top if top.is_dir() else home):
            for name in names:
                if name.endswith(".jsonl"):
                    yield Path(folder, name)

    def claims(self, path: Path) -> bool:
        return path.suffix == ".jsonl"

    def reader(self, path: Path, carry: bytes = b"") -> ClaudeReader:
        return ClaudeReader(path)

    def lines(self, path: Path) -> None:
        return None


def session_of(path: Path) -> str:
    """The session that a file belongs to when its lines do not say."""
    return path.parent.parent.name if path.parent.name == "subagents" else path.stem


def project_of(path: Path) -> str:
    """The project's folder name below `projects`."""
    parts = path.parts
    return parts[parts.index("projects") + 1] if "projects" in parts[:-2] else path.parent.name


class ClaudeReader:
    """See `Reader`. No line needs another to be understood, so nothing is carried."""

    def __init__(self, path: Path) -> None:
        self.unknown: dict[str, int] = {}
        self._session = session_of(path)
        self._about = About(project=project_of(path))

    def about(self, session: str) -> About:
        return self._about

    def carry(self) -> bytes:
        return b""

    def read(self, line: bytes, number: int) -> Iterable[AnyRecord]:
        entry = decoded(line, number)
        if isinstance(entry, Malformed):
            return [entry]
        kind = text(entry.get("type"))
        self.notice(entry)
        common = {
            "line": number,
            "time": when(entry.get("timestamp")),
            "session": text(entry.get("sessionId")) or self._session,
            "agent": text(entry.get("agentId")),
            "sidechain": entry.get("isSidechain") is True,
        }
        if kind == "user":
            return user(entry, common)
        if kind == "assistant" or (not kind and table(entry.get("message")).get("usage")):
            return assistant(entry, common)
        if kind in {"system", "summary"}:
            return marks(entry, kind, common)
        if kind not in SILENT:
            self.unknown[kind or "(none)"] = self.unknown.get(kind or "(none)", 0) + 1
        return []

    def notice(self, entry: dict[str, Any]) -> bool:
        """Keep what a line says of its session; whether it said all there is."""
        about = self._about
        about.cwd = about.cwd or text(entry.get("cwd"))
        about.branch = text(entry.get("gitBranch")) or about.branch
        about.version = text(entry.get("version")) or about.version
        return bool(about.cwd and about.version)


def user(entry: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
    """A person's words, or the results of tools."""
    content = table(entry.get("message")).get("content")
    for block in rows(content):
        if block.get("type") == "tool_result":
            yield Result(
                call=text(block.get("tool_use_id")),
                text=said(block.get("content")),
                failed=block.get("is_error") is True,
                changes=changes(table(entry.get("toolUseResult"))),
                **common,
            )
    words = (
        content if isinstance(content, str) else said([each for each in rows(content) if each.get("type") == "text"])
    )
    if words.startswith(INTERRUPTED):
        yield Mark(what="interrupted", text=words, **common)
    elif entry.get("isCompactSummary") is True:
        yield Mark(what="compacted", **common)
    elif words and entry.get("isMeta") is not True and not words.startswith(NOT_A_PERSON):
        yield Prompt(text=words, **common)


def assistant(entry: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
    """One block of a reply, or several, and what the reply has cost so far."""
    message = table(entry.get("message"))
    reply = text(message.get("id"))
    if entry.get("isApiErrorMessage") is True:
        yield Mark(what="api_error", text=said(message.get("content")), **common)
    content = None if entry.get("isApiErrorMessage") is True else message.get("content")
    for block in [{"type": "text", "text": content}] if text(content) else rows(content):
        kind = block.get("type")
        if kind == "text":
            yield Said(text=text(block.get("text")), message=reply, **common)
        elif kind in {"thinking", "redacted_thinking"}:
            yield Thought(text=text(block.get("thinking")), message=reply, **common)
        elif kind in {"tool_use", "server_tool_use"}:
            yield Call(
                id=text(block.get("id")),
                tool=text(block.get("name")),
                arguments=table(block.get("input")),
                message=reply,
                **common,
            )
    yield from spent(message, entry, common)


def spent(message: dict[str, Any], entry: dict[str, Any], common: dict[str, Any]) -> Iterator[Spent]:
    """What a reply has cost so far; nothing for the client's own words, which no model was called for."""
    usage = table(message.get("usage"))
    tokens = tokens_of(usage)
    if not tokens.total:
        return
    cost = entry.get("costUSD")
    yield Spent(
        message=text(message.get("id")),
        model=text(message.get("model")),
        tokens=tokens,
        request=text(entry.get("requestId")),
        tier="fast" if usage.get("speed") == "fast" else text(usage.get("service_tier")),
        cost=float(cost) if isinstance(cost, int | float) and not isinstance(cost, bool) else None,
        **common,
    )


def tokens_of(usage: dict[str, Any]) -> Tokens:
    """Writes whose kind is not told are of five minutes; a breakdown that says nothing gives way to the sum."""
    detail = table(usage.get("cache_creation"))
    written = count(usage.get("cache_creation_input_tokens"))
    hour = count(detail.get("ephemeral_1h_input_tokens"))
    minutes = count(detail.get("ephemeral_5m_input_tokens"))
    return Tokens(
        input=count(usage.get("input_tokens")),
        output=count(usage.get("output_tokens")),
        cache_read=count(usage.get("cache_read_input_tokens")),
        cache_write_5m=minutes if hour or minutes else written,
        cache_write_1h=hour,
    )


def marks(entry: dict[str, Any], kind: str, common: dict[str, Any]) -> Iterator[AnyRecord]:
    """What happened to the session itself."""
    if kind == "summary":
        yield Mark(what="title", text=text(entry.get("summary")), **common)
    elif entry.get("subtype") == "compact_boundary":
        yield Mark(what="compacted", **common)
    elif entry.get("subtype") == "api_error":
        yield Mark(what="api_error", text=text(entry.get("content")), **common)


def changes(result: dict[str, Any]) -> tuple[Change, ...]:
    """What `Edit`, `Write` and their kin did to a file, in lines; none of them where it was written as it was."""
    path = text(result.get("filePath"))
    if not path:
        return ()
    removed: list[str] = []
    added: list[str] = []
    for hunk in rows(result.get("structuredPatch")):
        lines = hunk.get("lines")
        for line in lines if isinstance(lines, list) else ():
            sign, rest = text(line)[:1], text(line)[1:]
            if sign == "-":
                removed.append(rest)
            elif sign == "+":
                added.append(rest)
    before = result.get("originalFile")
    if not removed and not added and isinstance(before, str) and before == result.get("content"):
        return (Change(path),)
    if not removed and not added:
        removed = text(result.get("oldString")).splitlines()
        added = text(result.get("newString") or result.get("content")).splitlines()
    return (Change(path, tuple(removed), tuple(added)),) if removed != added else ()
