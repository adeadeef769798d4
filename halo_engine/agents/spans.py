"""A session as spans in the words of OpenTelemetry's conventions for generative AI: the agent's run, and in it a span
for each reply of the model and each call of a tool.

https://github.com/open-telemetry/semantic-conventions-genai (status: development)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from halo_engine.agents.records import AnyRecord, Call, Malformed, Mark, Prompt, Result, Spent
from halo_engine.agents.replies import milliseconds
from halo_engine.agents.store import Session

PROVIDERS = (("claude", "anthropic"), ("gpt", "openai"), ("o3", "openai"), ("o4", "openai"), ("gemini", "gcp.gemini"))
Attributes = dict[str, Any]


class Span(msgspec.Struct):
    """A piece of work. Times are nanoseconds since 1970; ids are the same each time it is exported."""

    name: str
    trace: int
    id: int
    parent: int
    """0 for the session's own span."""
    start: int
    end: int
    attributes: Attributes
    client: bool = False
    """It asks something outside: a model."""
    error: str = ""


def provider_of(model: str) -> str:
    """Whose model it is, in the conventions' words."""
    name = model.rpartition("/")[2]
    return next((provider for start, provider in PROVIDERS if name.startswith(start)), "unknown")


def spans(session: Session, found: Iterable[tuple[Path, AnyRecord]], clean: Callable[[str], str] | None) -> list[Span]:
    """A session's spans, its own first. Arguments and results are told only where `clean` takes secrets out of them."""
    making = Making(session, clean)
    for path, record in found:
        making.take(str(path), record)
    return making.done()


class Making:
    """Spans while the records come."""

    def __init__(self, session: Session, clean: Callable[[str], str] | None) -> None:
        self._session = session
        self._clean = clean
        self._trace = number(session.key, 16)
        self._root = number(session.key, 8)
        self._before: dict[str, int] = {}
        """File -> when its last record was; a reply begins when what came before it ended."""
        self._replies: dict[str, Span] = {}
        self._tokens: dict[str, int] = {}
        self._calls: dict[str, Span] = {}
        self._faults: list[str] = []

    def take(self, path: str, record: AnyRecord) -> None:
        """Take the next record of a file."""
        time = milliseconds(record.time) * 1_000_000 if record.time else 0
        if isinstance(record, Malformed) or not time:
            return
        before = self._before.get(path, time)
        message = getattr(record, "message", "")
        if message and not isinstance(record, Prompt):
            self._reply(message, record, min(before, time), time)
        if isinstance(record, Call):
            self._call(record, time)
        elif isinstance(record, Result):
            self._result(record, time)
        elif isinstance(record, Mark) and record.what == "api_error":
            self._faults.append(record.text[:200])
        if not message:
            self._before[path] = time

    def _reply(self, message: str, record: AnyRecord, start: int, end: int) -> None:
        span = self._replies.get(message)
        if span is None:
            who = {"gen_ai.agent.id": record.agent} if record.agent else {}
            attributes = {"gen_ai.operation.name": "chat", "gen_ai.conversation.id": self._session.id, **who}
            span = Span("chat", self._trace, self._id(message), self._root, start, end, attributes, client=True)
            self._replies[message] = span
        span.end = max(span.end, end)
        if isinstance(record, Spent) and record.tokens.total >= self._tokens.get(message, 0):
            self._tokens[message] = record.tokens.total
            span.name = f"chat {record.model}".strip()
            span.attributes |= usage(record)

    def _call(self, call: Call, time: int) -> None:
        attributes = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.conversation.id": self._session.id,
            "gen_ai.tool.name": call.tool,
            "gen_ai.tool.call.id": call.id,
            "gen_ai.tool.type": "function",
        }
        if self._clean:
            attributes["gen_ai.tool.call.arguments"] = self._clean(msgspec.json.encode(call.arguments).decode())
        name = f"execute_tool {call.tool}"
        self._calls[call.id] = Span(name, self._trace, self._id(call.id), self._root, time, time, attributes)

    def _result(self, result: Result, time: int) -> None:
        span = self._calls.get(result.call)
        if span is None:
            return
        span.end = max(span.end, time)
        if result.failed:
            span.error = "tool_error"
        if self._clean:
            span.attributes["gen_ai.tool.call.result"] = self._clean(result.text)

    def _id(self, name: str) -> int:
        return number(f"{self._session.key}/{name}", 8)

    def done(self) -> list[Span]:
        """All spans, the session's own first, the others by their start."""
        inner = sorted((*self._replies.values(), *self._calls.values()), key=lambda span: span.start)
        row = self._session
        first, last = (milliseconds(each) * 1_000_000 for each in (row.first, row.last))
        attributes = {
            "gen_ai.operation.name": "invoke_agent",
            "gen_ai.agent.name": row.source,
            "gen_ai.agent.version": row.version,
            "gen_ai.conversation.id": row.id,
            "halo.instance": row.instance,
            "halo.project": row.project,
        }
        start = min([first, *(span.start for span in inner)])
        end = max([last, *(span.end for span in inner)])
        given = {name: value for name, value in attributes.items() if value}
        own = Span(f"invoke_agent {row.source}", self._trace, self._root, 0, start, end, given)
        own.error = "api_error" if self._faults else ""
        return [own, *inner]


def usage(spent: Spent) -> Attributes:
    """What a reply used. The conventions count what was read from and written to a cache as input too."""
    tokens = spent.tokens
    written = tokens.cache_write_5m + tokens.cache_write_1h
    found = {
        "gen_ai.provider.name": provider_of(spent.model),
        "gen_ai.request.model": spent.model,
        "gen_ai.response.model": spent.model,
        "gen_ai.response.id": spent.message,
        "gen_ai.usage.input_tokens": tokens.input + tokens.cache_read + written,
        "gen_ai.usage.output_tokens": tokens.output,
        "gen_ai.usage.cache_read.input_tokens": tokens.cache_read,
        "gen_ai.usage.cache_creation.input_tokens": written,
    }
    return found | ({"gen_ai.usage.reasoning.output_tokens": tokens.reasoning} if tokens.reasoning else {})


def number(text: str, size: int) -> int:
    """An id of `size` bytes that stands for a text; never 0."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=size).digest()) or 1
