"""Telegram's Bot API, as far as a message to one chat needs it.

The token is part of the address: no error of this file carries an address.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from halo_engine.channels.text import Line, as_html, as_text
from halo_engine.errors import HaloError, NotAllowed, Unavailable

if TYPE_CHECKING:
    import httpx2

BASE_URL = "https://api.telegram.org"
PATIENCE = 20.0
"""Seconds that one request may take."""
WAITS = (1.0, 5.0)
"""Seconds before the second and the third attempt, where the server does not say."""
LONGEST = 60.0
"""Seconds of waiting that a server may ask for; for more, the message counts as not delivered."""


class _Parameters(msgspec.Struct):
    retry_after: float | None = None
    migrate_to_chat_id: int | None = None


class _Message(msgspec.Struct):
    message_id: int = 0


class _Answer(msgspec.Struct):
    ok: bool
    result: _Message | None = None
    description: str = ""
    error_code: int = 0
    parameters: _Parameters = msgspec.field(default_factory=_Parameters)


class _Again(Exception):
    """Worth another attempt, after so many seconds (None: as usual)."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class Telegram:
    """One bot."""

    def __init__(self, token: str, base_url: str = BASE_URL, waits: Sequence[float] = WAITS) -> None:
        self._address = f"{base_url.rstrip('/')}/bot{token}/sendMessage"
        self._waits = waits

    def send(self, chat: str, lines: Sequence[Line]) -> int:
        """Send a message of at most 4,096 UTF-16 units to a chat; returns its id there.

        Formatted; as plain text where Telegram cannot read the formatting. Busy and failing servers are asked again,
        twice. A request that was cut off after it was sent is asked again once: the chat may then show it twice.

        Raises NotAllowed when Telegram refuses (a wrong token, an unknown chat, a person who has blocked the bot),
        Unavailable when it cannot be reached.
        """
        import httpx2

        formatted = {"chat_id": chat, "text": as_html(lines), "parse_mode": "HTML"}
        plain = {"chat_id": chat, "text": as_text(lines)}
        with httpx2.Client(timeout=PATIENCE) as client:
            try:
                return self._attempts(client, formatted)
            except _Unreadable:
                return self._attempts(client, plain)

    def _attempts(self, client: httpx2.Client, message: dict[str, Any]) -> int:
        for wait in (*self._waits, None):
            try:
                return self._attempt(client, message)
            except _Again as again:
                pause = wait if again.after is None else again.after
                if wait is None or pause is None or pause > LONGEST:
                    raise Unavailable(f"Telegram does not take the message: {again}", "try again later") from None
                time.sleep(pause)
        raise AssertionError("the last attempt raises or returns")

    def _attempt(self, client: httpx2.Client, message: dict[str, Any]) -> int:
        import httpx2

        try:
            response = client.post(self._address, json=message)
        except (httpx2.TransportError, httpx2.InvalidURL) as error:
            raise _Again(f"no connection ({type(error).__name__})") from None
        try:
            answer = msgspec.json.decode(response.content, type=_Answer)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise _Again(f"an answer that is not Telegram's ({response.status_code})") from None
        if answer.ok and answer.result is not None:
            return answer.result.message_id
        raise _refused(answer, response.status_code)


class _Unreadable(Exception):
    """Telegram cannot read the message's formatting."""


def _refused(answer: _Answer, status: int) -> Exception:
    code, why = answer.error_code or status, answer.description or "no reason given"
    if code == 429:
        return _Again(why, answer.parameters.retry_after)
    if code >= 500:
        return _Again(why)
    if code == 400 and "parse entities" in why:
        return _Unreadable(why)
    return _final(code, why, answer.parameters.migrate_to_chat_id)


def _final(code: int, why: str, moved: int | None) -> HaloError:
    if moved is not None:
        return NotAllowed(f"the chat has become {moved}", f"write chat: '{moved}'")
    hints = {401: "check the bot's token", 403: "the person must start the bot, or unblock it", 404: "check the token"}
    return NotAllowed(f"Telegram refuses the message ({code}): {why}", hints.get(code, "check the chat's id"))
