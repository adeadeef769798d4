"""What is sent to the terminal: it shows what was painted, for few bytes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.segment import Segment
from rich.style import Style
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.geometry import Region
from textual.strip import Strip

from halo_tui.sparing import NARROW, Sparing

COLUMNS, ROWS = 24, 3
STYLES = [
    Style.parse(text) for text in ("red on blue", "#123456 on #654321", "bold white on blue", "underline", "none")
]
TOKEN = re.compile(r"\x1b\[(\d+);(\d+)H|\x1b\[([\d;]*)m|(.)", re.DOTALL)
TEXT = st.text(st.sampled_from("ab  │─日"), max_size=12)
LINES = st.lists(st.lists(st.tuples(TEXT, st.sampled_from(STYLES)), max_size=4), min_size=ROWS, max_size=ROWS)


class Glass:
    """A terminal that knows only what Halo sends: to go somewhere, to change the pen, to write."""

    def __init__(self) -> None:
        self.cells: dict[tuple[int, int], tuple[str, str]] = {}

    def show(self, data: str) -> None:
        x = y = 0
        codes: list[str] = []
        for row, column, sgr, letter in TOKEN.findall(data):
            if row:
                x, y = int(column) - 1, int(row) - 1
            elif letter:
                self.cells[x, y] = letter, _look(letter, codes)
                x += max(1, cell_len(letter))
            else:
                codes = [*([] if sgr in {"0", ""} or sgr.startswith("0;") else codes), *_split(sgr)]


def _split(sgr: str) -> list[str]:
    return [code for code in re.findall(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+", sgr) if code != "0"]


def _look(letter: str, codes: list[str]) -> str:
    """What can be seen: the last colours, and attributes; of a blank no ink."""
    ink = [code for code in codes if code[0] in "39" and len(code) > 1][-1:]
    paper = [code for code in codes if code.startswith("4") and len(code) > 1][-1:]
    marks = {code for code in codes if len(code) == 1}
    seen = [*paper, *sorted(marks & {"4"})] if letter == " " else [*ink, *paper, *sorted(marks)]
    return " ".join(code for code in seen if code not in {"39", "49"})


def _lines(painted: list[list[tuple[str, Style]]]) -> list[Strip]:
    return [Strip([Segment(text, style) for text, style in line]).adjust_cell_length(COLUMNS) for line in painted]


def _halved(strip: Strip) -> Strip:
    """As two widgets side by side would paint it: no letter lies in both."""
    return Strip.join([strip.crop(0, COLUMNS // 2), strip.crop(COLUMNS // 2, COLUMNS)])


def _full(strips: list[Strip]) -> LayoutUpdate:
    return LayoutUpdate([[strip] for strip in strips], Region(0, 0, COLUMNS, ROWS))


def _some(strips: list[Strip], spans: list[tuple[int, int, int]]) -> ChopsUpdate:
    cut = COLUMNS // 2
    chops = [{0: strip.crop(0, cut), cut: strip.crop(cut, COLUMNS)} for strip in strips]
    return ChopsUpdate(chops, spans, [[cut, COLUMNS]] * ROWS)


@pytest.fixture(scope="module")
def console() -> Console:
    return Console(color_system="truecolor", force_terminal=True, legacy_windows=False)


@given(st.lists(LINES, min_size=1, max_size=4))
def test_the_terminal_shows_what_was_painted_last(frames: list) -> None:
    console = Console(color_system="truecolor", force_terminal=True, legacy_windows=False)
    sparing, glass = Sparing(), Glass()
    for place, frame in enumerate([[_halved(line) for line in _lines(frame)] for frame in frames]):
        update = _some(frame, [(y, 0, COLUMNS) for y in range(ROWS)]) if place else _full(frame)
        glass.show(sparing.update(update).render_segments(console))
        whole = Glass()
        whole.show(_full(frame).render_segments(console).replace("\n", ""))
        assert glass.cells == glass.cells | whole.cells


def test_only_what_differs_is_sent(console: Console) -> None:
    sparing = Sparing()
    before = _lines([[("one two three", STYLES[0])], [("four", STYLES[1])], []])
    assert sparing.update(_full(before)).render_segments(console)
    assert sparing.update(_full(before)).render_segments(console) == ""
    after = _lines([[("one 222 three", STYLES[0])], [("four", STYLES[1])], []])
    sent = sparing.update(_some(after, [(0, 0, COLUMNS), (1, 0, COLUMNS)])).render_segments(console)
    assert sent == "\x1b[1;5H\x1b[31;44m222\x1b[0m"


def test_what_lies_outside_of_the_span_is_left(console: Console) -> None:
    sparing = Sparing()
    sparing.update(_full(_lines([[("a" * COLUMNS, STYLES[0])], [], []]))).render_segments(console)
    after = _some(_lines([[("b" * COLUMNS, STYLES[0])], [], []]), [(0, 3, 5)])
    assert sparing.update(after).render_segments(console) == "\x1b[1;4H\x1b[31;44mbb\x1b[0m"


def test_everything_is_sent_after_something_has_written_over_it(console: Console) -> None:
    sparing = Sparing()
    frame = _full(_lines([[("text", STYLES[0])], [], []]))
    first = sparing.update(frame).render_segments(console)
    sparing.forget()
    assert sparing.update(frame).render_segments(console) == first


def test_a_wide_letter_is_sent_whole(console: Console) -> None:
    sparing = Sparing()
    sparing.update(_full(_lines([[("日本", STYLES[0])], [], []]))).render_segments(console)
    sent = sparing.update(_full(_lines([[("日木", STYLES[0])], [], []]))).render_segments(console)
    assert sent == "\x1b[1;3H\x1b[31;44m木\x1b[0m"
    sent = sparing.update(_full(_lines([[("x日 ", STYLES[0])], [], []]))).render_segments(console)
    assert sent.startswith("\x1b[1;1H\x1b[31;44mx日 ")


def test_an_accent_belongs_to_its_letter(console: Console) -> None:
    sparing = Sparing()
    sparing.update(_full(_lines([[("cafe日", STYLES[0])], [], []]))).render_segments(console)
    sent = sparing.update(_full(_lines([[("cafe\u0301日", STYLES[0])], [], []]))).render_segments(console)
    assert sent == "\x1b[1;4H\x1b[31;44me\u0301\x1b[0m"


def test_what_is_taken_for_narrow_is() -> None:
    assert all(cell_len(chr(code)) == 1 for code in range(0x3000) if NARROW.fullmatch(chr(code)))
