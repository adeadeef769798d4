"""`briefing.yaml`: what a briefing holds, and where it goes."""

from __future__ import annotations

from datetime import time
from typing import Literal

from msgspec import Struct

from halo_engine.channels.telegram import BASE_URL
from halo_engine.errors import BadConfig
from halo_engine.workspace import Workspace

FILE = "briefing.yaml"
SECTIONS = (
    "alerts", "fleet", "work", "overnight", "schedule", "usage", "logs", "memory", "mail", "journal", "commits",
)  # fmt: skip
Channel = Literal["telegram", "apprise"]


class TelegramSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """The bot that sends, and the chat that it sends to."""

    token: str = "env:HALO_TELEGRAM_TOKEN"  # noqa: S105 - a reference
    chat: str = ""
    base_url: str = BASE_URL


class BriefingSettings(Struct, frozen=True, forbid_unknown_fields=True):
    """`briefing.yaml`."""

    at: str = "07:00"
    """The time on the operator's clock for which a past day's briefing is made."""
    sections: tuple[str, ...] = SECTIONS
    """Which parts, in which order."""
    ai: bool = True
    """Let the language model put it into words, where a key is set; the facts stand beneath in any case."""
    channel: Channel = "telegram"
    telegram: TelegramSettings = TelegramSettings()
    apprise: tuple[str, ...] = ()
    """References of the secrets that hold apprise's addresses: `env:HALO_NOTIFY`, `file:/PATH`."""


def briefing_settings(workspace: Workspace) -> BriefingSettings:
    """The workspace's settings.

    Raises BadConfig naming file, line and key.
    """
    found = workspace.config(BriefingSettings, FILE)
    if unknown := [name for name in found.sections if name not in SECTIONS]:
        raise BadConfig(f"{FILE}: sections: no section `{unknown[0]}`", f"known: {', '.join(SECTIONS)}")
    clock_of(found)
    return found


def clock_of(settings: BriefingSettings) -> time:
    """`at` as a time."""
    try:
        return time.fromisoformat(settings.at)
    except ValueError:
        raise BadConfig(f"{FILE}: at: {settings.at!r} is no time", "write it as 07:00") from None
