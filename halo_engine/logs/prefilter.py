r"""Which lines of a block are worth decoding: searched as bytes, so that gigabytes go by undecoded.

A line is passed over only when it cannot answer the query. That holds for JSON: a word of plain letters stands in a
line as itself, unless its writer escaped letters (`\u0065`), and lines with such escapes are always decoded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from halo_engine.logs.formats.json_lines import JsonLines
from halo_engine.logs.levels import WORDS, Level, level_of
from halo_engine.logs.query import Query
from halo_engine.logs.record import Format

Find = Callable[[bytes, int], int]
"""The place of the next thing sought, -1 when there is none."""
_PLAIN = re.compile(r"[A-Za-z0-9_.:-][A-Za-z0-9 _.:@-]*")
_ESCAPED = re.compile(rb"\\u00[2-7]")


def prefilter(query: Query, format_: Format) -> Callable[[bytes], Iterator[tuple[int, int]]] | None:
    """A function from a block to the places of the lines worth decoding; None where all are."""
    if not isinstance(format_, JsonLines):
        return None
    literal = _literal(query, format_.instance)
    if literal:
        return lambda block: _lines(block, [lambda text, at: text.find(literal, at), *_escapes(block)])
    if query.text and _PLAIN.fullmatch(query.text):
        lowered = query.text.lower().encode()
        return lambda block: _lines(block, _lowered(block, lowered))
    if query.levels is None or not all(_PLAIN.fullmatch(key) for key in format_.keys.level):
        return None
    patterns = [(f'{key}"'.encode(), _level_pattern(key, query.levels)) for key in format_.keys.level]
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
    yield from sorted({line for find in finds for line in _with(block, find)})


def _with(block: bytes, find: Find) -> Iterator[tuple[int, int]]:
    at, length = 0, len(block)
    newline_before, newline_after = block.rfind, block.find
    while (at := find(block, at)) >= 0:
        start = newline_before(b"\n", 0, at) + 1
        end = newline_after(b"\n", at)
        if end < 0:
            yield start, length
            return
        yield start, end
        at = end + 1


def _escapes(block: bytes) -> list[Find]:
    return [_searching(_ESCAPED)] if b"\\u00" in block else []


def _searching(pattern: re.Pattern[bytes]) -> Find:
    search = pattern.search

    def find(block: bytes, at: int) -> int:
        found = search(block, at)
        return found.start() if found else -1

    return find


def _lowered(block: bytes, wanted: bytes) -> list[Find]:
    lowered = block.lower()
    return [lambda _, at: lowered.find(wanted, at), *_escapes(block)]


def _levels(block: bytes, patterns: list[tuple[bytes, re.Pattern[bytes]]]) -> list[Find]:
    return [_searching(pattern) for key, pattern in patterns if key in block]


def _level_pattern(key: str, levels: frozenset[Level]) -> re.Pattern[bytes]:
    """A key and a value that means one of the levels, as far as its first letters or digits tell."""
    words = sorted(word for level in levels for word in WORDS[level])
    tens = [str(tens) for tens in range(1, 10) if any(level_of(tens * 10 + one, key) in levels for one in range(10))]
    ones = [str(one) for one in range(10) if level_of(one, key) in levels]
    numbers = [rf"[{''.join(tens)}][0-9]"] if tens else []
    numbers += [rf"[{''.join(ones)}](?![0-9])"] if ones else []
    numbers += ["[0-9]{3}"] if Level.FATAL in levels else []
    value = "|".join([*numbers, r"[0-9.]+[eE]", f"(?i:{'|'.join(words)})"])
    return re.compile(rf'{re.escape(key)}"\s*:\s*"?\s*0*(?:{value})'.encode())
