"""The one door to a language model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from halo_engine import secrets
from halo_engine.errors import BadConfig, HaloError, NotAllowed, Unavailable

if TYPE_CHECKING:
    import anthropic

    from halo_engine.workspace import LlmSettings

CHECK_URL = "check llm.base_url in halo.yaml"


class _Part(msgspec.Struct):
    type: str
    text: str = ""


class _Answer(msgspec.Struct):
    """What is read of an answer, whoever sent it."""

    content: list[_Part]
    stop_reason: str | None = None


def configured(settings: LlmSettings) -> bool:
    """Whether a key is set, so that asking makes sense. Looks nothing up outside this process."""
    return secrets.present(settings.api_key)


def ask(settings: LlmSettings, system: str, prompt: str, max_tokens: int) -> str:
    """The model's answer to one prompt, as text. Busy and failing servers are asked again, up to twice.

    Raises Unavailable when no whole answer came, NotAllowed when the request was refused, BadConfig when the
    settings cannot work. No message contains the key.
    """
    key = secrets.resolve(settings.api_key)
    if not (key.isascii() and key.isprintable()):
        raise BadConfig("the key for the language model has characters that a key cannot have", "check llm.api_key")
    _refuse_bad_url(settings.base_url)
    import anthropic

    try:
        with anthropic.Anthropic(api_key=key, base_url=settings.base_url, timeout=settings.timeout) as client:
            raw = client.messages.with_raw_response.create(
                model=settings.model,
                system=system,
                max_tokens=max_tokens,
                messages=[{"role": "user", "content": prompt}],
            )
            answer = msgspec.json.decode(raw.http_response.content, type=_Answer)
    except anthropic.APIStatusError as error:
        raise _refused(error, settings, key) from None
    except anthropic.APITimeoutError:
        raise Unavailable(
            f"the language model did not answer within {settings.timeout:g} s", "try again, or raise llm.timeout"
        ) from None
    except anthropic.APIConnectionError as error:
        why = secrets.redact(str(error.__cause__ or error), [key])
        raise Unavailable(f"the language model cannot be reached: {why}", f"check the network; {CHECK_URL}") from None
    except (anthropic.AnthropicError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        why = secrets.redact(str(error), [key])
        raise Unavailable(f"what answered is no language model: {why}", CHECK_URL) from None
    return _text(answer, max_tokens)


def _refuse_bad_url(url: str | None) -> None:
    from urllib.parse import urlsplit

    try:
        parts = urlsplit("https://host" if url is None else url)
        sound = parts.scheme in {"http", "https"} and parts.hostname and (parts.port or True)
    except ValueError:
        sound = False
    if not sound:
        raise BadConfig(f"llm.base_url is not a web address: {url!r}", "for example https://api.anthropic.com")


def _text(answer: _Answer, max_tokens: int) -> str:
    if answer.stop_reason == "max_tokens":
        raise Unavailable(f"the language model's answer was cut off at {max_tokens} tokens", "ask for less")
    if answer.stop_reason == "refusal":
        raise NotAllowed("the language model declines to answer this", "word it differently, or write it by hand")
    return "".join(part.text for part in answer.content if part.type == "text")


def _refused(error: anthropic.APIStatusError, settings: LlmSettings, key: str) -> HaloError:
    status = error.status_code
    why = secrets.redact(error.api_message or "no reason given", [key])[:500]
    if status in {401, 403}:
        return NotAllowed(f"the language model refuses the key ({status}): {why}", "check llm.api_key in halo.yaml")
    if status == 402:
        return NotAllowed(f"the language model's account cannot pay ({status}): {why}", "check its billing")
    if status == 404:
        return NotAllowed(
            f"there is no model {settings.model} there ({status}): {why}", f"check llm.model; {CHECK_URL}"
        )
    if status == 429:
        wait = error.response.headers.get("retry-after", "")
        hint = f"try again in {wait} s" if wait.isdecimal() else "try again later"
        return Unavailable(f"the language model has had too many requests ({status}): {why}", hint)
    if status >= 500 or status in {408, 409}:
        return Unavailable(f"the language model is out of order ({status}): {why}", "try again later")
    return NotAllowed(f"the language model refuses the request ({status}): {why}", f"check llm.model; {CHECK_URL}")
