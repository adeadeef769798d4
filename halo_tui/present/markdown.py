"""Markdown as lines of the terminal: what a note says, without its marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from halo_tui.present.ink import Line, Tone, cells, clean, wrap

if TYPE_CHECKING:
    from markdown_it.token import Token

WIKI = re.compile(r"!?\[\[([^\]|#]*)(?:#[^\]|]*)?(?:\|([^\]]*))?\]\]")
INDENT = 2


def lines(text: str, columns: int) -> list[Line]:
    """The text in lines of at most that many columns."""
    from markdown_it import MarkdownIt

    found: list[Line] = []
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    deep, marker = 0, ""
    for place, token in enumerate(tokens):
        if token.type in {"bullet_list_open", "ordered_list_open", "blockquote_open"}:
            deep += 1
        elif token.type in {"bullet_list_close", "ordered_list_close", "blockquote_close"}:
            deep -= 1
            if not deep:
                found.append([])
        elif token.type == "list_item_open":
            marker = f"{token.info}. " if token.info else "• "
        elif token.type == "inline":
            heading = tokens[place - 1].type == "heading_open"
            found += _block(token, columns, deep, marker, "strong" if heading else "plain")
            found += [] if deep else [[]]
            marker = ""
        elif token.type in {"fence", "code_block"}:
            found += [[("  ", "plain"), (clean(line), "muted")] for line in token.content.rstrip("\n").split("\n")]
            found.append([])
        elif token.type == "hr":
            found += [[("─" * min(columns, 20), "faint")], []]
    while found and not found[-1]:
        found.pop()
    return found


def _block(token: Token, columns: int, deep: int, marker: str, tone: Tone) -> Iterator[Line]:
    pad = " " * INDENT * max(0, deep - bool(marker))
    lead = pad + marker if marker else " " * INDENT * deep
    runs = list(_runs(token, tone))
    room = max(10, columns - cells(lead))
    for place, line in enumerate(_wrapped(runs, room)):
        yield [(lead if not place else " " * cells(lead), "faint"), *line] if lead else line


def _runs(token: Token, tone: Tone) -> Iterator[tuple[str, Tone]]:
    """The pieces of a paragraph, each in its tone; a line break stays one."""
    strong, link = 0, 0
    for child in token.children or ():
        if child.type in {"strong_open", "strong_close"}:
            strong += 1 if child.type == "strong_open" else -1
        elif child.type in {"link_open", "link_close"}:
            link += 1 if child.type == "link_open" else -1
        elif child.type in {"softbreak", "hardbreak"}:
            yield "\n" if child.type == "hardbreak" else " ", tone
        elif child.type == "code_inline":
            yield child.content, "muted"
        elif child.type in {"text", "html_inline", "image"}:
            yield from _linked(child.content, "accent" if link else "strong" if strong else tone)


def _linked(text: str, tone: Tone) -> Iterator[tuple[str, Tone]]:
    """Text with its wikilinks told apart."""
    at = 0
    for found in WIKI.finditer(text):
        yield text[at : found.start()], tone
        yield found[2] or found[1], "accent"
        at = found.end()
    yield text[at:], tone


def _wrapped(runs: list[tuple[str, Tone]], columns: int) -> list[Line]:
    """Runs on lines, broken at blanks as `wrap` breaks their text."""
    shades = [tone for text, tone in runs for _ in text]
    text = "".join(text for text, _ in runs)
    made: list[Line] = []
    at = 0
    for whole in wrap(text, columns, "plain"):
        said = "".join(piece for piece, _ in whole)
        at = _skip(text, at, said)
        line: Line = []
        for character, tone in zip(said, shades[at : at + len(said)], strict=False):
            if line and line[-1][1] == tone:
                line[-1] = (line[-1][0] + character, tone)
            else:
                line.append((character, tone))
        made.append(line)
        at += len(said)
    return made


def _skip(text: str, at: int, said: str) -> int:
    """Past the blanks at which a line was broken."""
    while at < len(text) and text[at].isspace() and (not said or clean(text[at]) != said[0]):
        at += 1
    return at
