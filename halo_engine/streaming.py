"""Asking a language model and hearing its answer while it is written: the Messages API over HTTP, as events.

`llm.ask` is for a command that wants one answer; this is for what runs for weeks and must stay small: the vendor's own
library takes over a second and 50 MB to load.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import msgspec

from halo_engine import secrets
from halo_engine.errors import BadConfig, HaloError, NotAllowed, Unavailable
from halo_engine.llm import base_url

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2
    from httpx2 import ServerSentEvent

    from halo_engine.workspace import LlmSettings

VERSION = "2023-06-01"
CONNECT = 10.0
SILENCE = 60.0
"""Seconds without a byte after which a stream is given up; a server that thinks sends pings."""
PASSING = frozenset({408, 409, 429})
"""Refusals that may be gone when it is asked again; so are all from 500 on."""
PASSING_KINDS = frozenset({"api_error", "overloaded_error", "rate_limit_error", "timeout_error"})
A_TOKEN = 4
"""Characters, about: for what no server has counted."""


class Usage(msgspec.Struct, frozen=True, omit_defaults=True):
    """Tokens of one answer."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    estimated: bool = False
    """The answer was cut, and this is what it must have cost."""

    @property
    def total(self) -> int:
        return self.input + self.output + self.cache_read + self.cache_write_5m + self.cache_write_1h


NOTHING = Usage()


class Question(msgspec.Struct, frozen=True):
    """What a model is asked. `turns` alternate between a person's words and the model's, a person's last."""

    system: str
    turns: tuple[str, ...]
    max_tokens: int

    def estimate(self) -> int:
        """Tokens that it will take in, about."""
        return (len(self.system) + sum(map(len, self.turns))) // A_TOKEN + 1


class Reply(msgspec.Struct, frozen=True):
    """A whole answer."""

    id: str
    model: str
    text: str
    stop: str
    """`end_turn`, `max_tokens`, `stop_sequence`, `refusal`, `model_context_window_exceeded`, ..."""
    usage: Usage


class NoReply(Exception):
    """No whole answer came. `problem` says why; `passing`: it may be otherwise when asked again, after `wait` seconds
    where the server says so; `usage`: what it cost all the same.
    """

    def __init__(self, problem: HaloError, *, passing: bool, wait: float | None = None, usage: Usage = NOTHING) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.passing = passing
        self.wait = wait
        self.usage = usage


async def ask(settings: LlmSettings, question: Question, heard: Callable[[str], None]) -> Reply:
    """The model's answer; `heard` gets each piece of its text as it comes. Asks once, within `settings.timeout`.

    Raises NoReply; BadConfig or Unavailable when the settings cannot work. No message contains the key.
    """
    import httpx2

    key = secrets.resolve(settings.api_key)
    if not (key.isascii() and key.isprintable()):
        raise BadConfig("the key for the language model has characters that a key cannot have", "check llm.api_key")
    answer = _Answer(question, heard)
    limits = httpx2.Timeout(SILENCE, connect=CONNECT)
    try:
        async with asyncio.timeout(settings.timeout), httpx2.AsyncClient(timeout=limits) as client:
            address, headers = f"{base_url(settings)}/v1/messages", {"x-api-key": key, "anthropic-version": VERSION}
            body = msgspec.json.encode(_body(settings.model, question))
            headers |= {"content-type": "application/json", "accept-encoding": "identity"}
            async with client.stream("POST", address, content=body, headers=headers) as response:
                if response.status_code != 200:
                    raise await _refusal(response, key)
                return await answer.whole(response, key)
    except TimeoutError:
        raise answer.cut(f"took over {settings.timeout:g} s to answer") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, UnicodeError) as error:
        raise answer.cut(f"cannot be heard: {secrets.redact(str(error) or type(error).__name__, [key])}") from None


def _body(model: str, question: Question) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {
        "model": model,
        "max_tokens": question.max_tokens,
        "stream": True,
        "system": [{"type": "text", "text": question.system, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(question.turns)],
    }


async def _refusal(response: httpx2.Response, key: str) -> NoReply:
    raw = b""
    async for part in response.aiter_bytes():
        raw += part
        if len(raw) > 65_536:
            break
    try:
        fault = msgspec.json.decode(raw)["error"]
        kind, why = str(fault.get("type")), str(fault.get("message"))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, TypeError, KeyError, AttributeError):
        kind, why = "", raw[:200].decode(errors="replace")
    status, headers = response.status_code, response.headers
    passing = (status in PASSING or status >= 500) and headers.get("x-should-retry") != "false"
    words = f"the language model refuses ({status} {kind}): {secrets.redact(why, [key])[:500]}"
    problem: HaloError = Unavailable(words) if passing else NotAllowed(words)
    return NoReply(problem, passing=passing, wait=_seconds(headers.get("retry-after")))


def _seconds(text: str | None) -> float | None:
    """`retry-after` as seconds; None for none, and for a date: clocks differ."""
    return float(text) if text and re.fullmatch(r"\d{1,7}(\.\d+)?", text.strip(), re.ASCII) else None


class _Answer:
    """An answer as far as it has come."""

    def __init__(self, question: Question, heard: Callable[[str], None]) -> None:
        self._question = question
        self._heard = heard
        self._id = self._model = self._stop = ""
        self._texts: list[str] = []
        self._counts: dict[str, int] = {}
        self._over = False

    async def whole(self, response: httpx2.Response, key: str) -> Reply:
        """Read a stream to its end."""
        from httpx2 import EventSource

        stream = cast("AsyncGenerator[ServerSentEvent]", aiter(EventSource(response)))
        async with aclosing(stream) as events:
            async for event in events:
                self._hear(event.data, key)
                if self._over:
                    text = "".join(self._texts)
                    return Reply(self._id, self._model, text, self._stop, msgspec.convert(self._counts, Usage))
        raise self.cut("stopped in the middle of its answer")

    def _hear(self, text: str, key: str) -> None:
        try:
            data = msgspec.json.decode(text) if text else {}
            self._take(data if isinstance(data, dict) else {}, key)
        except (msgspec.MsgspecError, RecursionError, TypeError, AttributeError, KeyError) as error:
            raise self.cut(f"said what nobody can read: {error}") from None

    def cut(self, what: str) -> NoReply:
        """Why there is no whole answer, and what the part of it must have cost."""
        begun = bool(self._id)
        output = sum(map(len, self._texts)) // A_TOKEN
        counts = {"input": self._question.estimate(), "estimated": True, **self._counts}
        counts["output"] = max(output, counts.get("output", 0))
        usage = msgspec.convert(counts, Usage) if begun else NOTHING
        return NoReply(Unavailable(f"the language model {what}"), passing=True, usage=usage)

    def _take(self, data: dict[str, Any], key: str) -> None:
        match data.get("type"):
            case "message_start":
                message = data["message"]
                self._id, self._model = str(message.get("id")), str(message.get("model"))
                self._count(message.get("usage"))
            case "content_block_delta" if data["delta"].get("type") == "text_delta":
                text = str(data["delta"]["text"])
                self._texts.append(text)
                self._heard(text)
            case "message_delta":
                self._stop = str(data["delta"].get("stop_reason") or self._stop)
                self._count(data.get("usage"))
            case "message_stop":
                self._over = True
            case "error":
                raise self._failed(data["error"], key)
            case _:
                return

    def _count(self, usage: Any) -> None:
        """Counts are of the whole answer so far: the last one said is the true one."""
        given = usage or {}
        writes = given.get("cache_creation") or {}
        hour = writes.get("ephemeral_1h_input_tokens")
        short = writes.get("ephemeral_5m_input_tokens", given.get("cache_creation_input_tokens"))
        found = {
            "input": given.get("input_tokens"),
            "output": given.get("output_tokens"),
            "cache_read": given.get("cache_read_input_tokens"),
            "cache_write_5m": short,
            "cache_write_1h": hour,
        }
        self._counts |= {name: count for name, count in found.items() if isinstance(count, int) and 0 <= count < 2**53}

    def _failed(self, fault: dict[str, Any], key: str) -> NoReply:
        kind = str(fault.get("type"))
        why = secrets.redact(str(fault.get("message")), [key])[:500]
        passing = kind in PASSING_KINDS
        cut = self.cut(f"broke off ({kind}): {why}")
        return NoReply(cut.problem if passing else NotAllowed(cut.problem.message), passing=passing, usage=cut.usage)
