"""Claude Code's transcripts added up without making records: each line is decoded only in the parts that count.

Most of a transcript is text that a report never shows. What this adds up equals what `Tally` makes of the same lines.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from halo_engine.agents.records import AnyRecord
from halo_engine.agents.replies import Reply, hashed, milliseconds, request_of
from halo_engine.agents.sources.claude_code import INTERRUPTED, NOT_A_PERSON, SILENT, ClaudeReader, session_of
from halo_engine.agents.sources.source import LARGEST, when
from halo_engine.agents.tally import Facts, Tally

Count = Annotated[int, Meta(ge=0, le=LARGEST)] | None


class _Written(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: Count = 0
    ephemeral_1h_input_tokens: Count = 0


class _Usage(msgspec.Struct, gc=False):
    input_tokens: Count = 0
    output_tokens: Count = 0
    cache_read_input_tokens: Count = 0
    cache_creation_input_tokens: Count = 0
    cache_creation: _Written | None = None
    speed: str | None = None
    service_tier: str | None = None


class _Block(msgspec.Struct, gc=False):
    type: str = ""
    text: str = ""
    is_error: bool | None = None


class _Message(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    content: str | list[_Block] | None = None
    usage: _Usage | None = None


class _Line(msgspec.Struct, gc=False):
    type: str = ""
    message: _Message | None = None
    requestId: str | None = None  # noqa: N815 - the file's own names
    timestamp: str | None = None
    sessionId: str | None = None  # noqa: N815
    agentId: str | None = None  # noqa: N815
    isSidechain: bool | None = None  # noqa: N815
    isMeta: bool | None = None  # noqa: N815
    isCompactSummary: bool | None = None  # noqa: N815
    isApiErrorMessage: bool | None = None  # noqa: N815
    costUSD: float | None = None  # noqa: N815
    cwd: str | None = None
    gitBranch: str | None = None  # noqa: N815
    version: str | None = None


_decode = msgspec.json.Decoder(_Line).decode


class ClaudeTally(Tally):
    """Adds the lines of one file up."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._reader = ClaudeReader(path)
        self._session = session_of(path)
        self._last: dict[str, int] = {}
        self.unknown = self._reader.unknown
        self.about = self._reader.about

    def line(self, raw: bytes) -> None:
        """Add a line; one of another shape than the usual is read as the source reads it."""
        try:
            entry = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._slowly(raw)
            return
        kind = entry.type
        if kind == "assistant" and entry.message is not None:
            self._assistant(entry, entry.message)
        elif kind == "user" and entry.message is not None:
            self._user(entry, entry.message)
        elif kind not in SILENT:
            self._slowly(raw)

    def _slowly(self, raw: bytes) -> None:
        record: AnyRecord
        for record in self._reader.read(raw, 0):
            self.add(record)

    def _facts(self, entry: _Line) -> Facts:
        facts = self.of(entry.sessionId or self._session)
        facts.at(timestamp(entry.timestamp))
        if entry.agentId:
            facts.agents.add(entry.agentId)
        about = self._reader.about("")
        about.cwd = about.cwd or entry.cwd or ""
        about.branch = entry.gitBranch or about.branch
        about.version = entry.version or about.version
        return facts

    def _user(self, entry: _Line, message: _Message) -> None:
        content = message.content
        if isinstance(content, str):
            words = content
        else:
            blocks = content or []
            results = [block for block in blocks if block.type == "tool_result"]
            words = "\n".join(block.text for block in blocks if block.type == "text")
            if results:
                self._facts(entry).failures += sum(block.is_error is True for block in results)
        person = not entry.isMeta and not entry.isCompactSummary and not words.startswith((INTERRUPTED, *NOT_A_PERSON))
        if words and person:
            self._facts(entry).prompts += not entry.isSidechain
        elif words.startswith(INTERRUPTED) or entry.isCompactSummary:
            self._facts(entry)

    def _assistant(self, entry: _Line, message: _Message) -> None:
        facts = self._facts(entry)
        if isinstance(message.content, list) and not entry.isApiErrorMessage:
            facts.calls += sum(block.type in {"tool_use", "server_tool_use"} for block in message.content)
        if message.usage is not None:
            self._reply(entry, message, message.usage, facts.last)

    def _request(self, request: str | None, given: int, read: int, written: int) -> int:
        return self._hash(request) if request else request_of("", given, read, written)

    def _hash(self, text: str) -> int:
        """The hash of an id; a reply's lines follow one another, so that the last few are known."""
        found = self._last.get(text)
        if found is None:
            if len(self._last) > 8:
                self._last.clear()
            found = self._last[text] = hashed(text)
        return found

    def _reply(self, entry: _Line, message: _Message, usage: _Usage, before: str) -> None:
        """Count a reply; one without a time was made when the last thing `before` it was."""
        written, hour = usage.cache_creation_input_tokens or 0, 0
        minutes = written
        if usage.cache_creation is not None:
            hour = usage.cache_creation.ephemeral_1h_input_tokens or 0
            short = usage.cache_creation.ephemeral_5m_input_tokens or 0
            minutes = short if hour or short else written
        given, read = usage.input_tokens or 0, usage.cache_read_input_tokens or 0
        output = usage.output_tokens or 0
        if not given + output + read + minutes + hour:
            return
        session, time, model = (
            entry.sessionId or self._session,
            timestamp(entry.timestamp) or before,
            message.model or "",
        )
        identity = message.id or f"{session}/{time}/{model}/{given + output + read + minutes + hour}"
        fast, tier = usage.speed == "fast", usage.service_tier or ""
        self.replies.put(
            Reply(
                self._hash(identity),
                self._request(entry.requestId, given, read, minutes + hour) if message.id else 0,
                session,
                milliseconds(time),
                model,
                entry.isSidechain is True,
                "fast" if fast else "" if tier == "standard" else tier,
                given,
                output,
                read,
                minutes,
                hour,
                entry.costUSD,
            )
        )


def timestamp(time: str | None) -> str:
    """What a line says of its time, as a `Timestamp`."""
    if time and len(time) == 24 and time[10] == "T" and time[23] == "Z":
        return f"{time[:23]}000Z"
    return when(time)
