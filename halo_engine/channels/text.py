"""Text for a chat: lines, split into messages before they are turned into what the chat understands."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Sequence

import msgspec

LIMIT = 4096
"""UTF-16 units that a message may have once its markup is taken away, as Telegram counts."""


class Line(msgspec.Struct, frozen=True):
    """A line of a message."""

    text: str
    strong: bool = False


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def messages(lines: Iterable[Line], limit: int = LIMIT) -> list[list[Line]]:
    """The lines in as few messages as hold them, in order; a line that is too long goes on in the next."""
    made: list[list[Line]] = [[]]
    used = 0
    for line in lines:
        for piece in _pieces(line, limit):
            size = units(piece.text) + 1
            if used + size > limit + 1 and made[-1]:
                made.append([])
                used = 0
            if piece.text or made[-1]:
                made[-1].append(piece)
                used += size
    return [_trimmed(each) for each in made if any(line.text.strip() for line in each)]


def _trimmed(lines: Sequence[Line]) -> list[Line]:
    """Without blank lines at the end."""
    end = max(place for place, line in enumerate(lines) if line.text.strip())
    return list(lines[: end + 1])


def _pieces(line: Line, limit: int) -> Iterator[Line]:
    rest = line.text
    while units(rest) > limit:
        cut = _fitting(rest, limit)
        yield Line(rest[:cut].rstrip(), line.strong)
        rest = rest[cut:].lstrip()
    yield Line(rest, line.strong)


def _fitting(text: str, limit: int) -> int:
    """How many characters fit, at best up to a blank."""
    used = 0
    for place, character in enumerate(text):
        used += 2 if ord(character) > 0xFFFF else 1
        if used > limit:
            blank = text.rfind(" ", place // 2, place)
            return blank if blank > 0 else place
    return len(text)


def as_html(lines: Sequence[Line]) -> str:
    """A message in the HTML that Telegram understands."""
    return "\n".join(f"<b>{_escaped(each.text)}</b>" if each.strong else _escaped(each.text) for each in lines)


def as_text(lines: Sequence[Line]) -> str:
    return "\n".join(each.text for each in lines)


def _escaped(text: str) -> str:
    return html.escape(text, quote=False)
