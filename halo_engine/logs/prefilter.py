r"""Which lines of a block are worth decoding: searched as bytes, so that gigabytes go by undecoded.

A line is passed over only when it cannot answer the query. That holds for JSON: a word of plain letters stands in a
line as itself, unless its writer escaped letters (`\u0065`), and lines with such escapes are always decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from stringzilla import count, find

from halo_engine.logs.formats.json_lines import JsonLines
from halo_engine.logs.levels import WORDS, Level, level_of
from halo_engine.logs.query import Query
from halo_engine.logs.record import Format

Find = Callable[[bytes, int], int]
"""The place of the next thing sought, -1 when there is none."""
_PLAIN = re.compile(r"[A-Za-z0-9_.:-][A-Za-z0-9 _.:@-]*")
RARE = 1500
"""Bytes between two occurrences above which a key is rare."""
_ESCAPED = re.compile(rb"\\u00[2-7]")


def prefilter(query: Query, format_: Format) -> Callable[[bytes], Iterator[tuple[int, int]]] | None:
    """A function from a block to the places of the lines worth decoding; None where all are."""
    if not isinstance(format_, JsonLines):
        return None
    literal = _literal(query, format_.instance)
    if literal:
        return lambda block: _lines(block, [lambda text, at: find(text, literal, at), *_escapes(block)])
    if query.text and _PLAIN.fullmatch(query.text):
        lowered = query.text.lower().encode()
        return lambda block: _lines(block, _lowered(block, lowered))
    if query.levels is None or not all(_PLAIN.fullmatch(key) for key in format_.keys.level):
        return None
    keys = format_.keys.level
    ends = [key for key in keys if not any(key != other and key.endswith(other) for other in keys)]
    patterns = [(f'{key}"'.encode(), _level_pattern(key, query.levels)) for key in ends]
    return lambda block: _lines(block, [*_levels(block, patterns), *_escapes(block)])


def _literal(query: Query, own_instance: str) -> bytes | None:
    """A text that every line that answers must hold: the longest of those that the query names."""
    found = [query.trace] if query.trace and _PLAIN.fullmatch(query.trace) else []
    if len(query.instances) == 1 and query.instances[0] != own_instance:
        found.append(_quoted(query.instances[0]))
    found += [_quoted(each.value) for each in query.where if each.sign == "=" and not _is_number(each.value)]
    found = [each for each in found if each]
    return max(found, key=len).encode() if found else None


def _quoted(value: str) -> str:
    """A value as it stands in a line; nothing where it may stand there otherwise."""
    if not _PLAIN.fullmatch(value):
        return ""
    return value if _is_number(value) or value in {"true", "false", "null"} else f'"{value}"'


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _lines(block: bytes, finds: list[Find]) -> Iterator[tuple[int, int]]:
    """The lines in which one of the searches finds something, in order, each once."""
    if len(finds) == 1:
        yield from _with(block, finds[0])
        return
    yield from sorted({line for each in finds for line in _with(block, each)})


def _with(block: bytes, found: Find) -> Iterator[tuple[int, int]]:
    at, length = 0, len(block)
    newline_before, newline_after = block.rfind, block.find
    while (at := found(block, at)) >= 0:
        start = newline_before(b"\n", 0, at) + 1
        end = newline_after(b"\n", at)
        if end < 0:
            yield start, length
            return
        yield start, end
        at = end + 1


def _escapes(block: bytes) -> list[Find]:
    return [_searching(_ESCAPED)] if find(block, b"\\u00") >= 0 else []


def _searching(pattern: re.Pattern[bytes]) -> Find:
    search = pattern.search

    def place(block: bytes, at: int) -> int:
        found = search(block, at)
        return found.start() if found else -1

    return place


def _lowered(block: bytes, wanted: bytes) -> list[Find]:
    lowered = block.lower()
    return [lambda _, at: find(lowered, wanted, at), *_escapes(block)]


def _levels(block: bytes, patterns: list[tuple[bytes, re.Pattern[bytes]]]) -> list[Find]:
    """A search a key that the block has. A rare key is found faster alone, then looked at; a frequent one with its
    value.
    """
    found: list[Find] = []
    for key, pattern in patterns:
        often = count(block, key)
        if often:
            found.append(_searching(pattern) if often * RARE > len(block) else _stepping(key, pattern))
    return found


def _stepping(key: bytes, pattern: re.Pattern[bytes]) -> Find:
    match, length = pattern.match, len(key)

    def place(block: bytes, at: int) -> int:
        at = find(block, key, at)
        while at >= 0 and not match(block, at):
            at = find(block, key, at + length)
        return at

    return place


def _level_pattern(key: str, levels: frozenset[Level]) -> re.Pattern[bytes]:
    """A key and a value that may mean one of the levels: a class of first characters, less what they begin in vain."""
    wanted = {word[:2] for level in levels for word in WORDS[level]}
    firsts = "".join(sorted({start[0] for start in wanted}))
    tens = "".join(str(n) for n in range(1, 10) if not any(level_of(n * 10 + one, key) in levels for one in range(10)))
    vain = [rf"[{tens}](?=[0-9][,}}\s\"])"] if tens else []
    others = {word[:2] for words in WORDS.values() for word in words} - wanted
    vain += [f"{_either(start[0])}(?={_either(start[1])})" for start in sorted(others) if start[0] in firsts]
    less = f"(?<!{'|'.join(vain)})" if vain else ""
    return re.compile(rf'{re.escape(key)}"[\s:"0]*+[0-9{firsts}{firsts.upper()}]{less}'.encode())


def _either(letter: str) -> str:
    return f"[{letter}{letter.upper()}]"
