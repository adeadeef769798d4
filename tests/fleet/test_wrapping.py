"""What is said on a terminal: broken between words, however it comes; into a pipe it goes as it is."""

from __future__ import annotations

import fcntl
import io
import os
import select
import struct
import termios

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from halo_engine.fleet.conversing import wrapping
from halo_engine.fleet.conversing.wrapping import Wrapped

SENTENCE = "The quick brown fox jumps over the lazy dog, and is seen no more."


@pytest.fixture
def terminal():
    """A terminal that can be written to and made wider; and what is on it."""
    outer, inner = os.openpty()
    with open(inner, "w", encoding="utf-8") as stream:  # noqa: PTH123 (a descriptor)
        yield Terminal(outer, stream)
    os.close(outer)


class Terminal:
    def __init__(self, outer, stream):
        self._outer = outer
        self.stream = stream

    def wide(self, columns):
        fcntl.ioctl(self._outer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def lines(self):
        raw = b""
        while select.select([self._outer], [], [], 0.2)[0]:
            raw += os.read(self._outer, 100_000)
        return raw.decode().split("\r\n")


def test_a_terminal_is_written_to_its_width_which_may_change(terminal):
    terminal.wide(20)
    paper = Wrapped(terminal.stream)
    for letter in SENTENCE:
        paper.say(letter)
    paper.end()
    broken = ["The quick brown fox", "jumps over the lazy", "dog, and is seen no", "more.", ""]
    assert terminal.lines() == broken
    terminal.wide(40)
    paper.say(SENTENCE)
    paper.end()
    assert terminal.lines() == ["The quick brown fox jumps over the lazy", "dog, and is seen no more.", ""]


def test_what_is_no_terminal_gets_it_as_it_comes():
    stream = io.StringIO()
    stream.fileno = lambda: os.open(os.devnull, os.O_RDONLY)
    paper = Wrapped(stream)
    paper.say(f"{SENTENCE} ")
    assert stream.getvalue() == f"{SENTENCE} "
    paper.say(f"{SENTENCE}\x1b[2J")
    paper.end()
    assert stream.getvalue() == f"{SENTENCE} {SENTENCE}\u241b[2J\n"


def wrapped(width, pieces):
    """The lines that come of these pieces."""
    stream = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wrapping, "_columns", lambda _: width)
        paper = Wrapped(stream)
        for piece in pieces:
            paper.say(piece)
        paper.end()
    return stream.getvalue().removesuffix("\n").split("\n")


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("  - one two three four", ["  - one two", "three four"]),
        ("a\n\n  b", ["a", "", "  b"]),
        ("see https://example.org/a/long/way for it", ["see", "https://example.org/a/long/way for", "it"]),
        ("你好世界你好世界", ["你好世界你好", "世界"]),
        ("一二三四五六。七", ["一二三四五", "六。七"]),
        ("一二三四五「六」", ["一二三四五", "「六」"]),
        ("say 你好世界再见", ["say 你好世界", "再见"]),
        ("나는 학교에 갔다", ["나는 학교에", "갔다"]),
        ("exactly so 12 more", ["exactly so", "12 more"]),
        ("a\tb cd", ["a       b cd"]),
        ("ends here   ", ["ends here"]),
        ("", [""]),
    ],
)
def test_where_lines_end(text, lines):
    assert wrapped(12, [text]) == lines
    assert wrapped(12, text) == lines


@given(st.lists(st.text(st.sampled_from("ab ,\n\t你。「é👍🏽")), max_size=12), st.integers(2, 30))
def test_nothing_is_lost_and_it_is_the_same_however_it_came(pieces, width):
    text = "".join(pieces)
    lines = wrapped(width, pieces)
    assert lines == wrapped(width, [text])
    assert "".join(" ".join(lines).split()) == "".join(text.split())
    for line in lines:
        assert cell_len(line) <= width or cell_len(wrapping.UNIT.findall(line)[0]) > width
