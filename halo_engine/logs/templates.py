"""The template of a message: what stays the same when ids, numbers, times and quotations change.

After the masking step of Drain (He et al., "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017),
without its tree: the first line of the message, with what varies replaced by a word for its kind.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

LONGEST = 200
"""Characters of a template."""
CUT = 800
"""Characters of a message that are looked at."""
_KINDS = (
    ("<uuid>", r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"),
    (
        "<time>",
        r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9:]{5,6})?)?",
    ),
    ("<url>", r"\bhttps?://[^\s\"'<>)]+"),
    ("<ip>", r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?::[0-9]{1,5})?\b"),
    ("<email>", r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b"),
    ("<path>", r"(?<![\w<])(?:/[\w.@+-]+){2,}/?"),
    ("<text>", r"\"[^\"\n]{0,500}\"|(?<!\w)'[^'\n]{0,500}'(?!\w)"),
    ("<hex>", r"\b(?:0x[0-9a-fA-F]+|(?=[0-9a-fA-F]*[0-9])(?=[0-9a-fA-F]*[a-fA-F])[0-9a-fA-F]{6,})\b"),
    ("<id>", r"\b(?=[A-Za-z]*[0-9])(?:[A-Za-z]+[_-])?(?=\w*[0-9]\w*[A-Za-z]\w*[0-9])[A-Za-z0-9]{8,}\b"),
    ("<n>", r"(?<![A-Za-z0-9])[+-]?[0-9]+(?:[.,:][0-9]+)*"),
)
_HINT = re.compile(r"[0-9\"'/@]")
_SAME = bytes.maketrans(b"123456789", b"7" * 9)
NAMES = tuple(name for name, _ in _KINDS)


@cache
def _varies() -> re.Pattern[str]:
    """Compiled by the first that asks: it costs a millisecond."""
    return re.compile("|".join(f"({pattern})" for _, pattern in _KINDS))


def template(message: str) -> str:
    """The template of a message."""
    return templates([message])[0]


def templates(messages: list[str]) -> list[str]:
    """Those of many messages: what is done to each digit is done to all at once."""
    lines = [message[:CUT].partition("\n")[0].strip() for message in messages]
    alike = "\n".join(lines).encode(errors="surrogatepass").translate(_SAME).decode(errors="surrogatepass")
    return [_of_alike(same) or _masked(line) for line, same in zip(lines, alike.split("\n"), strict=False)]


@lru_cache(8192)
def _of_alike(line: str) -> str:
    """The template of all lines that differ from this one in digits only; nothing where it depends on those.

    No kind tells one digit from another, but 0: lines that differ in digits only, as most do that differ at all, are
    masked once, unless digits are left.
    """
    found = _masked(line)
    return "" if "7" in found or "0" in found else found


@lru_cache(8192)
def _masked(line: str) -> str:
    """The line without what varies."""
    if _HINT.search(line):
        line = _varies().sub(lambda found: NAMES[(found.lastindex or 1) - 1], line)
    return line[:LONGEST]
