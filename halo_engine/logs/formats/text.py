"""Plain text: `2026-11-20 14:02:11,123 ERROR worker: message`, and the lines below that belong to it."""

from __future__ import annotations

import re
from datetime import UTC, tzinfo

from halo_engine.logs.levels import BY_WORD, Level
from halo_engine.logs.record import Malformed, Reach, Record, reach
from halo_engine.logs.stamps import leading

ANSI = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")
WORD = re.compile(rf"\b(?:{'|'.join(sorted(BY_WORD, key=len, reverse=True))})\b", re.IGNORECASE)
LEVEL_WITHIN = 80
"""Characters after the time in which a level is looked for; further on it is a word of the message."""
_STARTS = re.compile(rb"(?:\x1b\[[0-9;]*m)*\[?[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T _t][0-9]{2}:[0-9]{2}:[0-9]{2}")
_AROUND = " \t:|-[]()<>"
"""What stands around a time and a level, and belongs to neither."""
_OUR_LEVEL = re.compile(r"level=\"?(\w+)")


class Text:
    """A line with a time begins a record, and lines without one go on with it; without times each line is a record,
    and indented ones go on.
    """

    name = "text"
    multiline = True
    looks_back = False

    def __init__(self, zone: tzinfo = UTC, instance: str = "", *, timed: bool = True) -> None:
        self.zone = zone
        self.instance = instance
        self.timed = timed

    def begins(self, line: bytes, before: bytes) -> bool:
        if self.timed:
            return _STARTS.match(line) is not None
        return bool(line.strip()) and not line[:1].isspace()

    def head(self, lines: bytes) -> Record | Malformed:
        return self.whole(lines)

    def reach(self, records: list[bytes]) -> Reach:
        return reach(map(self.whole, records))

    def whole(self, lines: bytes) -> Record | Malformed:
        text = ANSI.sub("", lines.decode(errors="replace")).rstrip("\r\n")
        if not text.strip():
            return Malformed("blank")
        record = parsed(text, self.zone)
        record.instance = self.instance
        return record


def parsed(text: str, zone: tzinfo) -> Record:
    """Time and level from the first line; the message is what follows them, with the lines below."""
    time, end = leading(text, zone)
    head = text[end : end + LEVEL_WITHIN].partition("\n")[0]
    found = _OUR_LEVEL.search(head) or WORD.search(head)
    level: Level | None = BY_WORD.get(found[found.lastindex or 0].lower()) if found and _stands_out(found) else None
    begins = found is not None and level is not None and not head[: found.start()].strip(_AROUND)
    message = text[end + found.end() :] if found and begins else text[end:]
    return Record(time, level, "", message.strip(_AROUND) or text)


def _stands_out(found: re.Match[str]) -> bool:
    """Whether a word is a level, not part of a sentence: in capitals, in brackets, before a colon, or named so."""
    word = found[found.lastindex or 0]
    before, after = found.string[: found.start()][-1:], found.string[found.end() :][:1]
    named = bool(found.lastindex)
    return named or word.isupper() or before in {"[", "(", "<"} or after in {":", "]", "|"} or not before.strip(" \t")
