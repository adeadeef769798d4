"""Pure formatting: what a line says, how wide it is, and what never reaches a terminal."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_tui.present import runs
from halo_tui.present.columns import Column, compose, lay_out
from halo_tui.present.counts import number
from halo_tui.present.frame import Past, Standing, bottom_line, home, page_at, title_bar
from halo_tui.present.ink import cells, clean, cut, cut_line, ends, fit, fit_line, flow, plain, width, wrap
from halo_tui.present.items import COLUMNS
from halo_tui.present.when import When

NOW = When(datetime(2026, 11, 20, 14, 2, tzinfo=UTC), UTC)
WORDS = st.text(st.characters(codec="utf-8"), max_size=60)


@given(WORDS, st.integers(0, 40))
def test_cut_never_takes_more_than_it_may(text: str, columns: int) -> None:
    shown = cut(clean(text), columns)
    assert cells(shown) <= columns
    assert shown == clean(text) or "…" in shown or not columns


@given(WORDS, st.integers(1, 40), st.sampled_from(["left", "right"]))
def test_fit_takes_exactly_what_it_is_given(text: str, columns: int, align: str) -> None:
    assert cells(fit(clean(text), columns, align)) == columns


@given(st.lists(st.tuples(WORDS.map(clean), st.just("plain")), max_size=5), st.integers(1, 60))
def test_lines_are_cut_and_padded_to_the_column(line: list[tuple[str, str]], columns: int) -> None:
    assert width(cut_line(line, columns)) <= columns
    assert width(fit_line(line, columns)) == columns


@given(WORDS)
def test_nothing_that_is_shown_can_steer_the_terminal(text: str) -> None:
    assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in clean(text))
    assert not set(clean(text)) & set("\u200b\u200c\u200d\u2060\ufeff")
    assert not set(clean(text)) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "Zs"]), max_size=300), st.integers(4, 40))
def test_wrapping_keeps_every_letter_within_the_width(text: str, columns: int) -> None:
    lines = wrap(text, columns)
    assert all(width(line) <= columns for line in lines)
    assert "".join("".join(plain(line).split()) for line in lines) == "".join(clean(text).split())


def test_a_cut_line_says_so_when_the_cut_falls_between_two_runs() -> None:
    assert plain(cut_line([("abc", "plain"), ("def", "muted")], 3)) == "ab…"


def test_flow_breaks_between_parts() -> None:
    parts = [[(word, "plain")] for word in ("one", "two", "three")]
    assert [plain(line) for line in flow(parts, 9)] == ["one  two", "three"]


def test_ends_lets_the_left_give_way() -> None:
    assert plain(ends([("a long title", "plain")], [("14:02", "plain")], 12)) == "a long…14:02"


@pytest.mark.parametrize(
    ("available", "titles"),
    [
        (110, ["", "id", "title", "tags", "state", "kind", "pri", "due", "age"]),
        (76, ["", "id", "title", "state", "kind", "pri", "due", "age"]),
        (56, ["", "id", "title", "pri", "due", "age"]),
        (44, ["", "id", "title", "age"]),
        (20, ["", "id", "title"]),
    ],
)
def test_columns_go_by_priority(available: int, titles: list[str]) -> None:
    slots = lay_out(COLUMNS, available)
    assert [COLUMNS[slot.place].title for slot in slots] == titles
    if available >= 40:
        assert sum(slot.width for slot in slots) + len(slots) - 1 == available


def test_shares_divide_what_is_left_over() -> None:
    columns = (Column("a", 2, share=1), Column("b", 2, share=3), Column("c", 4, align="right"))
    slots = lay_out(columns, 30)
    assert [slot.width for slot in slots] == [7, 17, 4]
    row = compose([("x" * 9, "plain"), [("y", "ok"), ("z", "alert")], ("9", "plain")], slots)
    assert plain(row) == "xxxxxx… " + "yz".ljust(17) + "    9"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1_200, "1.2k"), (34_567, "34k"), (100_000, "100k"), (2_500_000, "2.5M")],
)
def test_counts_stay_within_four_columns(count: int, text: str) -> None:
    assert number(count) == text
    assert len(text) <= 4


def test_the_title_bar_says_what_needs_attention() -> None:
    standing = Standing(Path("/srv/halo"), (("3", "tasks", "Tasks"), ("8", "events", "Events")), "tasks", 2, 1)
    text = plain(title_bar(standing, NOW, None, 80))
    assert text.split() == [
        "halo",
        "/srv/halo",
        "3",
        "Tasks",
        "8",
        "Events",
        "▲2",
        "to",
        "look",
        "at",
        "▲1",
        "late",
        "●",
        "local",
        "14:02",
    ]
    narrow = plain(title_bar(standing, NOW, None, 60))
    assert narrow.split() == ["halo", "3", "Tasks", "8", "Events", "▲2", "▲1", "late", "●", "local", "14:02"]
    assert "▲ no log" in plain(title_bar(standing._replace(fault="gone"), NOW, None, 80))
    past = plain(title_bar(standing, NOW, Past(3, 9, "2026-11-19T10:00:00.000000Z"), 80))
    assert past.rstrip().endswith("◂ 2026-11-19 10:00:00  the past")


EIGHT = ("Overview", "Fleet", "Tasks", "Memory", "Logs", "Agents", "Schedule", "Events")


@pytest.mark.parametrize("columns", [60, 80, 100, 120, 160, 200])
@pytest.mark.parametrize("attention", [0, 12])
def test_eight_screens_fit_the_title_bar(columns: int, attention: int) -> None:
    pages = tuple((str(place), title.lower(), title) for place, title in enumerate(EIGHT, 1))
    standing = Standing(Path("/srv/halo"), pages, "schedule", attention, attention)
    line = title_bar(standing, NOW, None, columns)
    text = plain(line)
    assert cells(text) == columns
    assert "Schedule" in text
    assert all(f"{key}" in text for key, _, _ in pages)
    assert all(title in text for title in EIGHT) == (columns >= 80)
    assert ("▲12" in text) == bool(attention)
    assert page_at(standing, line, text.index("Schedule") + 2) == "schedule"
    assert page_at(standing, line, columns - 1) == ""


def test_the_bottom_line_keeps_its_last_hints() -> None:
    hints = [(key, "do something") for key in "abcdefgh"] + [(":", "command"), ("?", "keys")]
    text = plain(bottom_line([("$ nightctl start T-001", "plain")], hints, 80))
    assert cells(text) == 80
    assert text.rstrip().endswith(": command  ? keys")
    assert text.startswith(" $ nightctl start T-001")


def test_a_long_path_keeps_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ann")
    assert home(Path("/home/ann/halo"), 20) == "~/halo"
    assert home(Path("/srv/a/very/long/way/down/to/halo"), 12) == "…own/to/halo"


def test_a_line_without_end_keeps_its_beginning() -> None:
    rows = runs.cleaned("short\n" + "x" * 1_000_000)
    assert rows[0] == "short"
    assert len(rows[1]) < 1_100
    assert rows[1].endswith("999,000 more characters")


def test_output_loses_what_would_colour_a_terminal() -> None:
    text = "\x1b[1;31mred\x1b[0m \x1b]0;title\x07plain\n10 %\r99 %\rdone\r\n\x1b[2J\x1b[Hafter\n"
    assert [plain(line) for line in runs.output(runs.cleaned(text), 40)] == ["red plain", "done", "after"]
