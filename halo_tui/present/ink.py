"""Lines of text with a tone. A tone says what a piece of text means; the theme says what that looks like."""

from __future__ import annotations

from typing import TypeAlias

from rich.cells import cell_len, set_cell_size

Tone: TypeAlias = str
"""One of `TONES`."""
Run: TypeAlias = tuple[str, Tone]
"""A piece of text in one tone."""
Line: TypeAlias = list[Run]
"""What one row of the terminal shows, from the left."""

TONES = (
    "plain",
    "muted",
    "faint",
    "strong",
    "accent",
    "alert",
    "warning",
    "ok",
    "past",
    "lit",
    "title",
    "key",
    "mark",
    "first",
    "second",
    "third",
)

ELLIPSIS = "…"
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)), "·")
_BIDI = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C), "·")
_WIDTHLESS = dict.fromkeys((*range(0x200B, 0x200E), *range(0x2060, 0x2065), 0xFE0E, 0xFE0F, 0xFEFF), "")
"""Joiners and selectors, about whose width terminals do not agree."""
_CLEAN = _CONTROLS | _BIDI | _WIDTHLESS | {9: " ", 10: "⏎", 13: ""}


def clean(text: str) -> str:
    """Text that cannot move the cursor, change the screen or turn the reading order: controls become dots."""
    return text if text.isascii() and text.isprintable() else text.translate(_CLEAN)


def width(line: Line) -> int:
    """Columns that a line takes; a wide character takes two."""
    return sum(cells(text) for text, _ in line)


def cells(text: str) -> int:
    """Columns that a text takes."""
    return len(text) if text.isascii() else cell_len(text)


def cut(text: str, columns: int) -> str:
    """At most that many columns of a text, with an ellipsis where something is left out."""
    if cells(text) <= columns:
        return text
    return set_cell_size(text, columns - 1).rstrip() + ELLIPSIS if columns > 1 else ELLIPSIS[:columns]


def fit(text: str, columns: int, align: str = "left") -> str:
    """Exactly that many columns of a text: cut, or padded on the side that `align` (left or right) leaves over."""
    text = cut(text, columns)
    blank = " " * (columns - cells(text))
    return blank + text if align == "right" else text + blank


def cut_line(line: Line, columns: int) -> Line:
    """At most that many columns of a line, with an ellipsis where something is left out."""
    if width(line) <= columns:
        return line
    kept: Line = []
    left = columns
    for text, tone in line:
        if cells(text) >= left:
            kept.append((cut(text + " ", left) if cells(text) == left else cut(text, left), tone))
            break
        kept.append((text, tone))
        left -= cells(text)
    return kept


def fit_line(line: Line, columns: int, align: str = "left") -> Line:
    """Exactly that many columns of a line."""
    line = cut_line(line, columns)
    blank = columns - width(line)
    if not blank:
        return line
    return [(" " * blank, "plain"), *line] if align == "right" else [*line, (" " * blank, "plain")]


def plain(line: Line) -> str:
    """A line without its tones."""
    return "".join(text for text, _ in line)


def join(parts: list[Line], between: Run) -> Line:
    """Several lines as one, with `between` in the gaps."""
    joined: Line = []
    for part in parts:
        if joined:
            joined.append(between)
        joined.extend(part)
    return joined


def ends(left: Line, right: Line, columns: int) -> Line:
    """One line with `left` at its left end and `right` at its right end; `left` gives way."""
    right = cut_line(right, columns)
    return [*fit_line(left, columns - width(right)), *right]


def flow(parts: list[Line], columns: int, gap: int = 2, indent: int = 0) -> list[Line]:
    """Parts set one after the other, `gap` apart, on as many lines as they need; later lines are indented."""
    lines: list[Line] = []
    used = 0
    for part in parts:
        size = width(part)
        if lines and used + gap + size <= columns:
            lines[-1].append((" " * gap, "plain"))
            lines[-1].extend(part)
            used += gap + size
        else:
            start: Line = [(" " * indent, "plain")] if lines and indent else []
            lines.append([*start, *cut_line(part, columns)])
            used = size + (indent if start else 0)
    return lines


def wrap(text: str, columns: int, tone: Tone = "plain") -> list[Line]:
    """A text of any length on lines of at most that many columns, broken at blanks where there are any."""
    lines: list[Line] = []
    for paragraph in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        lines.extend([(piece, tone)] if piece else [] for piece in _broken(clean(paragraph), max(columns, 1)))
    return lines


def _broken(text: str, columns: int) -> list[str]:
    pieces = []
    while cells(text) > columns:
        head = set_cell_size(text, columns)
        at = head.rfind(" ")
        length = at if at > columns // 3 else min(len(head.rstrip(" ")) or 1, len(text))
        pieces.append(text[:length].rstrip())
        text = text[length:].lstrip()
    return [*pieces, text]
