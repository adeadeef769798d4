"""Asking a language model once and hearing its answer while it is written: the Messages API over HTTP, as events."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import msgspec

from halo_engine import secrets
from halo_engine.errors import BadConfig, HaloError, Unavailable
from halo_engine.refusals import CHECK_URL, STATUSES, Refusal

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx2
    from httpx2 import ServerSentEvent

    from halo_engine.workspace import LlmSettings

ANTHROPIC = "https://api.anthropic.com"
VERSION = "2023-06-01"
CONNECT = 10.0
SILENCE = 60.0
"""Seconds without a byte after which a stream is given up; a server that thinks sends pings."""
LONGEST_REFUSAL = 65_536
"""Bytes."""
UNREADABLE = (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, TypeError, AttributeError, KeyError)
"""What reading an answer raises that is none."""
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
    cached: bool = False
    """The same instructions will be sent again soon: the server is to keep them, which costs something the first time
    and saves it the next.
    """

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
    where the server says so; `kind`: the server's word for it; `usage`: what it cost all the same.
    """

    def __init__(
        self,
        problem: HaloError,
        *,
        passing: bool = True,
        wait: float | None = None,
        kind: str = "",
        usage: Usage = NOTHING,
    ) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.passing = passing
        self.wait = wait
        self.kind = kind
        self.usage = usage


def base_url(settings: LlmSettings) -> str:
    """Where the model is, without a slash at the end.

    Raises BadConfig for what is no web address.
    """
    from urllib.parse import urlsplit

    url = settings.base_url
    url = url if url is not None else os.environ.get("ANTHROPIC_BASE_URL") or ANTHROPIC
    try:
        parts = urlsplit(url)
        sound = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        sound = False
    if not sound:
        raise BadConfig(f"llm.base_url is not a web address: {url!r}", f"for example {ANTHROPIC}")
    return url.rstrip("/")


async def ask(settings: LlmSettings, question: Question, heard: Callable[[str], None]) -> Reply:
    """The model's answer; `heard` gets each piece of its text as it comes. Asks once, within `settings.timeout`.

    Raises NoReply; BadConfig or Unavailable when the settings cannot work. No message contains the key.
    """
    import httpx2

    key = secrets.resolve(settings.api_key)
    if not (key.isascii() and key.isprintable()):
        raise BadConfig("the key for the language model has characters that a key cannot have", "check llm.api_key")
    address = f"{base_url(settings)}/v1/messages"
    answer = _Answer(settings.model, question, heard, key)
    limits = httpx2.Timeout(SILENCE, connect=CONNECT)
    headers = {"x-api-key": key, "anthropic-version": VERSION}
    headers |= {"content-type": "application/json", "accept-encoding": "identity"}
    body = msgspec.json.encode(_body(settings.model, question))
    try:
        async with (
            asyncio.timeout(settings.timeout),
            httpx2.AsyncClient(timeout=limits) as client,
            client.stream("POST", address, content=body, headers=headers) as response,
        ):
            return await answer.whole(response)
    except TimeoutError:
        raise answer.cut(f"did not answer within {settings.timeout:g} s", "try again, or raise llm.timeout") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ImportError, ValueError) as error:
        why = secrets.redact(str(error) or type(error).__name__, [key])
        raise answer.broken(why) from None


def _body(model: str, question: Question) -> dict[str, Any]:
    roles = ("user", "assistant")
    return {
        "model": model,
        "max_tokens": question.max_tokens,
        "stream": True,
        "messages": [{"role": roles[n % 2], "content": text} for n, text in enumerate(question.turns)],
        **_system(question),
    }


def _system(question: Question) -> dict[str, Any]:
    if not question.system:
        return {}
    if not question.cached:
        return {"system": question.system}
    return {"system": [{"type": "text", "text": question.system, "cache_control": {"type": "ephemeral"}}]}


class _Answer:
    """An answer as far as it has come."""

    def __init__(self, model: str, question: Question, heard: Callable[[str], None], key: str) -> None:
        self._wanted = model
        self._question = question
        self._heard = heard
        self._key = key
        self._id = self._model = self._stop = ""
        self._texts: list[str] = []
        self._counts: dict[str, int] = {}
        self._over = False

    async def whole(self, response: httpx2.Response) -> Reply:
        """Read a response to its end: a stream, or the whole answer of a server that does not stream."""
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if response.status_code != 200:
            raise await self._refused(response)
        if kind == "application/json":
            self._take_whole(await response.aread())
        elif kind == "text/event-stream":
            await self._listen(response)
        else:
            raise self._nonsense(f"it sent {kind or 'no content type'}")
        if not self._over:
            raise self.broken("the connection ended")
        return Reply(self._id, self._model, "".join(self._texts), self._stop, msgspec.convert(self._counts, Usage))

    async def _listen(self, response: httpx2.Response) -> None:
        from httpx2 import EventSource

        stream = cast("AsyncGenerator[ServerSentEvent]", aiter(EventSource(response)))
        async with aclosing(stream) as events:
            async for event in events:
                self._hear(event.data)
                if self._over:
                    return

    async def _refused(self, response: httpx2.Response) -> NoReply:
        raw = b""
        async for part in response.aiter_bytes():
            raw += part
            if len(raw) > LONGEST_REFUSAL:
                break
        try:
            fault = msgspec.json.decode(raw)["error"]
            kind, why = str(fault.get("type")), str(fault.get("message"))
        except UNREADABLE:
            kind, why = "", raw[:200].decode(errors="replace")
        return self._refusal(Refusal(response.status_code, kind, secrets.redact(why, [self._key]), response.headers))

    def _refusal(self, no: Refusal) -> NoReply:
        problem = no.problem(self._wanted)
        return NoReply(problem, passing=no.passing, wait=no.wait, kind=no.kind, usage=self._usage())

    def _take_whole(self, raw: bytes) -> None:
        try:
            data = msgspec.json.decode(raw)
            stop, parts = data["stop_reason"], [part["text"] for part in data["content"] if part["type"] == "text"]
            texts = msgspec.convert(parts, list[str])
            self._take({"type": "message_start", "message": data})
            for text in texts:
                self._take({"type": "content_block_delta", "delta": {"type": "text_delta", "text": text}})
            self._stop, self._over = str(stop), True
        except UNREADABLE as error:
            raise self._nonsense(str(error)) from None

    def _hear(self, text: str) -> None:
        try:
            data = msgspec.json.decode(text) if text else {}
            self._take(data if isinstance(data, dict) else {})
        except UNREADABLE as error:
            raise self._nonsense(str(error)) from None

    def _nonsense(self, why: str) -> NoReply:
        words = secrets.redact(why, [self._key])[:200]
        return NoReply(Unavailable(f"what answered is no language model: {words}", CHECK_URL), usage=self._usage())

    def broken(self, why: str) -> NoReply:
        """The line broke, before the answer or in the middle of it."""
        if self._id:
            return self.cut(f"stopped in the middle of its answer: {why}", "try again")
        return self.cut(f"cannot be reached: {why}", f"check the network; {CHECK_URL}")

    def cut(self, what: str, hint: str) -> NoReply:
        """Why there is no whole answer, and what the part of it must have cost."""
        return NoReply(Unavailable(f"the language model {what}", hint), usage=self._usage())

    def _usage(self) -> Usage:
        """What an answer must have cost that came so far; nothing when none had begun."""
        if not self._id:
            return NOTHING
        output = sum(map(len, self._texts)) // A_TOKEN
        counts = {"input": self._question.estimate(), "estimated": True, **self._counts}
        counts["output"] = max(output, counts.get("output", 0))
        return msgspec.convert(counts, Usage)

    def _take(self, data: dict[str, Any]) -> None:
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
                raise self._broken_off(data["error"])
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

    def _broken_off(self, fault: dict[str, Any]) -> NoReply:
        """An error in the middle of an answer."""
        kind, why = str(fault.get("type")), secrets.redact(str(fault.get("message")), [self._key])
        return self._refusal(Refusal(STATUSES.get(kind, 400), kind, why))
