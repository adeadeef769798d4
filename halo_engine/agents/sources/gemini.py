"""Gemini CLI: `~/.gemini/tmp/<project>/chats/session-*.jsonl`, older ones one JSON document (`.json`); a sub-agent's
chat is `chats/<session>/<its own id>.jsonl`.

A message may be written again when it has grown: what it said before is not said twice. Input tokens include what was
read from the cache; thoughts are billed as output.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import msgspec

from halo_engine.agents.records import AnyRecord, Call, Malformed, Mark, Prompt, Result, Said, Spent, Thought, Tokens
from halo_engine.agents.sources.source import (
    About,
    changed,
    count,
    decoded,
    folders,
    opening,
    rows,
    said,
    table,
    text,
    when,
)

FAILED = frozenset({"error", "cancelled"})
EXIT = re.compile(r"^Exit Code: (?!0$)", re.MULTILINE)
"""What the shell's result says of a command that failed; the call itself went well."""
CONTEXT = "<session_context>"
"""What the client tells the model before the person says anything."""
NOTICES = frozenset({"info", "error", "warning"})


class Gemini:
    """See `Source`."""

    name: ClassVar = "gemini"
    title: ClassVar = "Gemini CLI"

    def homes(self, environment: Mapping[str, str]) -> list[Path]:
        return folders(environment, "GEMINI_DATA_DIR", ".gemini")

    def find(self, home: Path) -> Iterator[Path]:
        top = home / "tmp"
        yield from top.glob("*/chats/session-*.jsonl")
        yield from (path for path in top.glob("*/chats/session-*.json") if not path.with_suffix(".jsonl").exists())
        yield from top.glob("*/chats/*/*.jsonl")

    def claims(self, path: Path) -> bool:
        return "chats" in path.parts[-3:-1] or b'"projectHash"' in opening(path)

    def reader(self, path: Path, carry: bytes = b"") -> GeminiReader:
        return GeminiReader(path, carry)

    def lines(self, path: Path) -> Iterator[bytes] | None:
        return document(path) if path.suffix == ".json" else None


def document(path: Path) -> Iterator[bytes]:
    """A whole chat as lines: what it says of itself, then its messages."""
    whole = path.read_bytes()
    found = decoded(whole, 1)
    if isinstance(found, Malformed):
        yield whole.replace(b"\n", b" ")
        return
    messages = rows(found.pop("messages", None))
    yield msgspec.json.encode(found)
    yield from map(msgspec.json.encode, messages)


class _State(msgspec.Struct):
    session: str
    agent: str = ""
    told: set[str] = set()
    """What has been said already: `message`, `message/call`, `message/call/result`."""
    about: About = msgspec.field(default_factory=About)


class GeminiReader:
    """See `Reader`."""

    def __init__(self, path: Path, carry: bytes = b"") -> None:
        self.unknown: dict[str, int] = {}
        project = path.parts[path.parts.index("chats") - 1] if "chats" in path.parts else path.parent.name
        self._parent = path.parent.name if "chats" in path.parts and path.parent.name != "chats" else ""
        fresh = _State(path.stem, about=About(project=project))
        self._state = msgspec.msgpack.decode(carry, type=_State) if carry else fresh

    def about(self, session: str) -> About:
        return self._state.about

    def carry(self) -> bytes:
        return msgspec.msgpack.encode(self._state)

    def read(self, line: bytes, number: int) -> Iterable[AnyRecord]:
        entry = decoded(line, number)
        return [entry] if isinstance(entry, Malformed) else self._entry(entry, number)

    def _entry(self, entry: dict[str, Any], number: int) -> Iterator[AnyRecord]:
        state, kind = self._state, text(entry.get("type"))
        if "sessionId" in entry and not kind:
            own = text(entry["sessionId"]) or state.session
            state.agent = own if entry.get("kind") == "subagent" else ""
            state.session = (self._parent if state.agent else "") or own
            yield from self._messages(entry.get("messages"), number)
            return
        if "$set" in entry:
            yield from self._messages(table(entry["$set"]).get("messages"), number)
            return
        common = self._common(entry, number)
        if "$rewindTo" in entry:
            yield Mark(what="rewound", **common)
        elif kind in {"user", "gemini"}:
            yield from self._message(entry, common)
        elif kind in NOTICES:
            if kind == "error" and self._new(text(entry.get("id"))):
                yield Mark(what="api_error", text=said(entry.get("content")), **common)
        else:
            self.unknown[kind or "(none)"] = self.unknown.get(kind or "(none)", 0) + 1

    def _messages(self, messages: Any, number: int) -> Iterator[AnyRecord]:
        for each in rows(messages):
            if text(each.get("type")) in {"user", "gemini"}:
                yield from self._message(each, self._common(each, number))

    def _common(self, entry: dict[str, Any], number: int) -> dict[str, Any]:
        state = self._state
        time = when(entry.get("timestamp"))
        return {
            "line": number,
            "time": time,
            "session": state.session,
            "agent": state.agent,
            "sidechain": bool(state.agent),
        }

    def _new(self, key: str) -> bool:
        told = self._state.told
        if not key or key in told:
            return not key
        told.add(key)
        return True

    def _message(self, entry: dict[str, Any], common: dict[str, Any]) -> Iterator[AnyRecord]:
        message, words = text(entry.get("id")), said(entry.get("content"))
        person = entry.get("type") == "user"
        if person and words.strip() and not words.startswith(CONTEXT) and self._new(message):
            yield Prompt(text=words, **common)
        if person:
            return
        for place, thought in enumerate(rows(entry.get("thoughts"))):
            if self._new(f"{message}/thought/{place}"):
                yield Thought(text=text(thought.get("description")), message=message, **common)
        if words and self._new(message):
            yield Said(text=words, message=message, **common)
        for call in rows(entry.get("toolCalls")):
            yield from self._call(call, message, common)
        yield from spent(entry, message, common)

    def _call(self, call: dict[str, Any], message: str, common: dict[str, Any]) -> Iterator[AnyRecord]:
        name = text(call.get("id"))
        if self._new(f"{message}/{name}"):
            arguments = table(call.get("args"))
            yield Call(id=name, tool=text(call.get("name")), arguments=arguments, message=message, **common)
        if ("result" in call or call.get("status") in FAILED) and self._new(f"{message}/{name}/result"):
            words, shown = output(call.get("result")), table(call.get("resultDisplay"))
            yield Result(
                call=name,
                text=words,
                failed=call.get("status") in FAILED or EXIT.search(words) is not None,
                changes=changed(text(shown.get("filePath")), text(shown.get("fileDiff"))),
                **common,
            )


def output(result: Any) -> str:
    """The text of a tool's result: a string, or parts with function responses."""
    if isinstance(result, str):
        return result
    found = []
    for part in rows(result) or [table(result)]:
        response = table(table(part.get("functionResponse")).get("response"))
        found.append(text(response.get("output")) or text(response.get("error")) or text(part.get("text")))
    return "\n".join(filter(None, found))


def spent(entry: dict[str, Any], message: str, common: dict[str, Any]) -> Iterator[Spent]:
    """What a reply cost."""
    counts = table(entry.get("tokens"))
    given, cached = count(counts.get("input")), count(counts.get("cached"))
    thoughts = count(counts.get("thoughts"))
    tokens = Tokens(
        input=max(given - cached, 0) + count(counts.get("tool")),
        output=count(counts.get("output")) + thoughts,
        cache_read=cached,
        reasoning=thoughts,
    )
    if tokens.total:
        yield Spent(message=message, model=text(entry.get("model")), tokens=tokens, **common)
