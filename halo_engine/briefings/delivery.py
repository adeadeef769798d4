"""Bringing a briefing to where the operator reads it, message by message."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from halo_engine import secrets
from halo_engine.briefings.config import FILE, BriefingSettings, Channel
from halo_engine.channels.telegram import Telegram
from halo_engine.channels.text import Line, as_text, messages
from halo_engine.errors import BadConfig, Unavailable

Send = Callable[[list[Line]], object]
WHOLE = 1 << 20
"""UTF-16 units of a message where the channel has no limit of its own."""


def deliver(
    settings: BriefingSettings, channel: Channel, lines: list[Line], done: int, *, dry_run: bool = False
) -> Iterator[tuple[int, int]]:
    """Send the messages after the first `done`; yields number and total of each when it has been taken. A dry run
    sends none.

    Raises BadConfig when the channel is not set up, NotAllowed or Unavailable when it does not take a message.
    """
    send = _telegram(settings) if channel == "telegram" else _apprise(settings)
    parts = messages(lines) if channel == "telegram" else messages(lines, WHOLE)
    for number, part in enumerate(parts, 1):
        if number > done:
            if not dry_run:
                send(part)
            yield number, len(parts)


def _telegram(settings: BriefingSettings) -> Send:
    if not settings.telegram.chat:
        raise BadConfig(f"{FILE}: telegram.chat is not set", "the id of the chat with the bot, for example '81234567'")
    bot = Telegram(secrets.resolve(settings.telegram.token), settings.telegram.base_url)
    return lambda part: bot.send(settings.telegram.chat, part)


def _apprise(settings: BriefingSettings) -> Send:
    if not settings.apprise:
        raise BadConfig(f"{FILE}: apprise names no address", "apprise: ['env:HALO_NOTIFY']")
    from apprise import Apprise, NotifyFormat

    service = Apprise()
    for reference in settings.apprise:
        if not service.add(secrets.resolve(reference)):
            raise BadConfig(
                f"{FILE}: apprise: {reference} holds no address that apprise knows", "see apprise's own list"
            )

    def send(part: list[Line]) -> None:
        if not service.notify(title=part[0].text, body=as_text(part[1:]), body_format=NotifyFormat.TEXT):
            raise Unavailable("a service behind apprise did not take the message", "see its address; try again later")

    return send
