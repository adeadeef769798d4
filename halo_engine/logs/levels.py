"""Levels: numbers and words of every logger, on one scale of six."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from typing import Any

from halo_engine.errors import Usage


class Level(IntEnum):
    """Pino's and bunyan's numbers; names are what we print."""

    TRACE = 10
    DEBUG = 20
    INFO = 30
    WARN = 40
    ERROR = 50
    FATAL = 60


NAMES = {level: level.name.lower() for level in Level}
WORDS = {
    Level.TRACE: ("trace", "trc", "silly", "finest", "finer"),
    Level.DEBUG: ("debug", "dbg", "verbose", "fine"),
    Level.INFO: ("info", "inf", "information", "informational", "notice", "success", "http", "log"),
    Level.WARN: ("warn", "warning", "wrn"),
    Level.ERROR: ("error", "err", "severe"),
    Level.FATAL: ("fatal", "critical", "crit", "alert", "emerg", "emergency", "panic", "ftl", "dpanic"),
}
BY_WORD = {word: level for level, words in WORDS.items() for word in words}
SYSLOG = (Level.FATAL, Level.FATAL, Level.FATAL, Level.ERROR, Level.WARN, Level.INFO, Level.INFO, Level.DEBUG)
"""RFC 5424, section 6.2.1: severities 0 to 7, as GELF and journald write them."""
PYTHON_KEYS = frozenset({"levelno"})
"""Keys whose numbers are of Python's logging: 10 debug, 20 info, 30 warning, 40 error, 50 critical."""


LONGEST = 40
"""Characters of a text that may mean a level, with what pads it."""


def level_of(value: Any, key: str = "level") -> Level | None:
    """The level that a field means: a word in any case, or a number of pino (10 and up), syslog (0 to 7) or Python.

    None for what means no level. A number between two of the scale is the lower one.
    """
    if type(value) is str:
        return _of_word(value, key) if len(value) <= LONGEST else None
    return _of_number(value, key) if type(value) in {int, float} else None


@lru_cache(4096)
def _of_word(text: str, key: str) -> Level | None:
    word = text.strip().lower()
    found = BY_WORD.get(word)
    return found if found or not (word.isdecimal() and word.isascii()) else _of_number(int(word), key)


@lru_cache(4096)
def _of_number(value: float, key: str) -> Level | None:
    if not 0 <= value < 10**9:
        return None
    if key in PYTHON_KEYS:
        value += 10
    if value < len(SYSLOG):
        return SYSLOG[int(value)] if key not in PYTHON_KEYS else None
    return Level(min(max(int(value // 10) * 10, Level.TRACE), Level.FATAL))


def wanted_levels(text: str) -> frozenset[Level]:
    """What `--level` asks for: `error` is error and above, `=error` exactly that, `warn,=debug` both.

    Raises Usage for a word that is no level.
    """
    found: set[Level] = set()
    for part in text.split(","):
        word = part.strip().lower()
        lowest = level_of(word.removeprefix("="))
        if lowest is None:
            raise Usage(f"{part.strip()!r} is no level", f"accepted: {', '.join(NAMES.values())}; =error for no other")
        found |= {lowest} if word.startswith("=") else {level for level in Level if level >= lowest}
    return frozenset(found)
