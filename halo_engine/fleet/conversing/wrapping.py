"""Text that comes in pieces, on a terminal: broken between words, as it comes."""

from __future__ import annotations

import os
import re
from typing import TextIO

from halo_engine import console

HAN = "\u2e80-\u9fff\uf900-\ufaff\uff01-\uff60\U00020000-\U0003fffd"
"""Chinese and Japanese, which have no blanks: a line may end after any of them."""
OPENING = "「『（〔［｛〈《【"
"""Signs that no line ends in."""
CLOSING = "、。，．：；！？…」』）〕］｝〉》】ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ"
"""Signs that no line begins with."""
UNIT = re.compile(rf"\n|[ \t]+|[{OPENING}]*[{HAN}][{CLOSING}]*|[^ \t\n{HAN}]+[{CLOSING}]*")
"""What stays together."""


class Wrapped:
    """What is said to a stream: in lines as wide as the terminal is at that moment, and as it is where it is none.

    The last word of a piece is kept back until it is seen where it ends.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._column = 0
        self._blank = ""
        """What stands before the next word, unless the line ends there."""
        self._rest = ""

    def say(self, text: str) -> None:
        """Write a piece; nothing in it steers the terminal."""
        text = self._rest + console.visible(text)
        width = _columns(self._stream)
        units, self._rest = UNIT.findall(text) if width else [text], ""
        if width and units and units[-1] != "\n":
            self._rest = units.pop()
        for unit in units:
            self._put(unit, width)
        self._stream.flush()

    def end(self) -> None:
        """Write what was kept back, and end the line."""
        self._put(self._rest, _columns(self._stream))
        self._stream.write("\n")
        self._stream.flush()
        self._column, self._blank, self._rest = 0, "", ""

    def _put(self, unit: str, width: int) -> None:
        if not width:
            self._stream.write(self._blank + unit)
        elif unit == "\n":
            self._stream.write("\n")
            self._column, self._blank = 0, ""
        elif unit.isspace():
            self._blank += unit
        elif unit:
            self._word(unit, width)

    def _word(self, word: str, width: int) -> None:
        """A word that is longer than a line is the terminal's to break: so it can be copied whole."""
        blank = (" " * self._column + self._blank).expandtabs()[self._column :]
        if self._column + len(blank) + _cells(word) > width:
            self._stream.write("\n" if self._column else "")
            self._column, blank = 0, ""
        self._stream.write(blank + word)
        self._column = (self._column + len(blank) + _cells(word) - 1) % width + 1
        self._blank = ""


def _columns(stream: TextIO) -> int:
    """Of the terminal; 0 for what is none, or does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 0


def _cells(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
