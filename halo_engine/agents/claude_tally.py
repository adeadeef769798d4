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

CALLS = frozenset({"tool_use", "server_tool_use"})
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

    @property
    def counts(self) -> tuple[int, int, int, int, int]:
        """Input, output, read, writes of 5 minutes and of 1 hour; see `claude_code.tokens_of`."""
        minutes, hour = self.cache_creation_input_tokens or 0, 0
        if self.cache_creation is not None:
            hour = self.cache_creation.ephemeral_1h_input_tokens or 0
            short = self.cache_creation.ephemeral_5m_input_tokens or 0
            minutes = short if hour or short else minutes
        return self.input_tokens or 0, self.output_tokens or 0, self.cache_read_input_tokens or 0, minutes, hour

    @property
    def total(self) -> int:
        return sum(self.counts)


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


_decode = msgspec.json.Decoder(_Line).decode


class _Pending(msgspec.Struct, gc=False):
    """The reply whose lines are being read: they follow one another, and the largest tells its cost."""

    identity: str
    request: str
    total: int
    line: _Line
    usage: _Usage
    session: str
    before: str
    """When the last thing before it was."""


class ClaudeTally(Tally):
    """Adds the lines of one file up."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._reader = ClaudeReader(path)
        self._session = session_of(path)
        self._pending: _Pending | None = None
        self._known = False
        """Whether the file has said what it says of its session on every line."""
        self.unknown = self._reader.unknown
        self.about = self._reader.about

    def line(self, raw: bytes) -> None:
        """Add a line; one of another shape than the usual is read as the source reads it."""
        try:
            entry = _decode(raw)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            self._slowly(raw)
            return
        kind, message = entry.type, entry.message
        if message is not None and kind in {"assistant", "user"}:
            if not self._known:
                self._known = self._reader.notice(msgspec.json.decode(raw))
            if kind == "assistant":
                self._assistant(entry, message)
            else:
                self._user(entry, message)
        elif kind not in SILENT:
            self._slowly(raw)

    def end(self) -> None:
        """Count the last reply: no line is to come."""
        pending, self._pending = self._pending, None
        if pending is not None:
            self.replies.put(reply_of(pending))

    def _slowly(self, raw: bytes) -> None:
        self.end()
        record: AnyRecord
        for record in self._reader.read(raw, 0):
            self.add(record)

    def _facts(self, entry: _Line) -> Facts:
        facts = self.of(entry.sessionId or self._session)
        time = timestamp(entry.timestamp)
        if time > facts.last:
            facts.last = time
            facts.first = facts.first or time
        else:
            facts.at(time)
        if entry.agentId:
            facts.agents.add(entry.agentId)
        return facts

    def _user(self, entry: _Line, message: _Message) -> None:
        content = message.content
        if isinstance(content, str):
            words = content
        else:
            blocks = content or []
            results = [block for block in blocks if block.type == "tool_result"]
            words = "\n".join([block.text for block in blocks if block.type == "text"])
            if results:
                self._facts(entry).failures += sum([block.is_error is True for block in results])
        if not words:
            return
        if entry.isCompactSummary or words.startswith(INTERRUPTED):
            self._facts(entry)
        elif not entry.isMeta and not words.startswith(NOT_A_PERSON):
            self._facts(entry).prompts += not entry.isSidechain

    def _assistant(self, entry: _Line, message: _Message) -> None:
        facts, content = self._facts(entry), message.content
        if isinstance(content, list) and not entry.isApiErrorMessage:
            facts.calls += sum([block.type in CALLS for block in content])
        usage = message.usage
        total = usage.total if usage is not None else 0
        if usage is None or not total:
            return
        identity, request, last = message.id or "", entry.requestId or "", self._pending
        if last is not None and identity and (last.identity, last.request) == (identity, request) and request:
            if total <= last.total and last.line.isSidechain == entry.isSidechain:
                return
            if last.line.isSidechain != entry.isSidechain:
                self.end()
        else:
            self.end()
        session = entry.sessionId or self._session
        self._pending = _Pending(identity, request, total, entry, usage, session, facts.last)


def reply_of(pending: _Pending) -> Reply:
    """A reply in the form in which it is counted."""
    entry, usage, session = pending.line, pending.usage, pending.session
    time = timestamp(entry.timestamp) or pending.before
    given, output, read, minutes, hour = usage.counts
    model = (entry.message.model if entry.message else "") or ""
    tier = "fast" if usage.speed == "fast" else usage.service_tier or ""
    return Reply(
        hashed(pending.identity or f"{session}/{time}/{model}/{pending.total}"),
        request_of(pending.request, given, read, minutes + hour) if pending.identity else 0,
        session,
        milliseconds(time),
        model,
        int(entry.isSidechain is True),
        "" if tier == "standard" else tier,
        given,
        output,
        read,
        minutes,
        hour,
        entry.costUSD,
    )


def timestamp(time: str | None) -> str:
    """What a line says of its time, as a `Timestamp`."""
    if time and len(time) == 24 and time[23] == "Z" and time[10] == "T":
        return f"{time[:23]}000Z"
    return when(time)
