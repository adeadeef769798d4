"""The one table: flat in the number of rows, read a page at a time, the cursor held by key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import asynccontextmanager

from textual.app import App, ComposeResult

from halo_engine.errors import Unavailable
from halo_tui import themes
from halo_tui.present.columns import Column
from halo_tui.widgets.row_cache import PAGE, RowCache
from halo_tui.widgets.row_table import RowTable

COLUMNS = (Column("key", 9), Column("text", 10, share=1), Column("more", 12, priority=1))


class Bench(App[None]):
    """A table alone."""

    def __init__(self) -> None:
        super().__init__()
        self.register_theme(themes.load("halo-dark"))
        self.theme = "halo-dark"
        self.heard: list[object] = []
        self.asked: list[list[int]] = []
        self.broken = False

    def compose(self) -> ComposeResult:
        table: RowTable[int] = RowTable(COLUMNS)
        table.empty = lambda _: [[("nothing here", "muted")]]
        yield table

    def fetch(self, keys: Sequence[int]):
        self.asked.append(list(keys))
        if self.broken:
            raise Unavailable("the disk is gone", "bring it back")
        return {key: ((str(key), "plain"), (f"row {key}", "plain"), ("", "plain")) for key in keys}

    def on_row_table_highlighted(self, message: RowTable.Highlighted) -> None:
        self.heard.append(message.key)

    def on_row_table_failed(self, message: RowTable.Failed) -> None:
        self.heard.append(message.error.message)


@asynccontextmanager
async def bench(order: Sequence[int]):
    app = Bench()
    app.animation_level = "none"
    async with app.run_test(size=(60, 20)) as pilot:
        table = app.query_one(RowTable)
        table.focus()
        table.show(order, app.fetch)

        async def rest() -> None:
            await app.workers.wait_for_complete()
            await pilot.pause()
            await app.workers.wait_for_complete()
            await pilot.pause()

        await rest()
        yield app, table, pilot, rest


def text(table: RowTable[int]) -> list[str]:
    return ["".join(segment.text for segment in table.render_line(y)).rstrip() for y in range(table.size.height)]


async def test_a_million_rows_read_a_page() -> None:
    async with bench(range(1_000_000)) as (app, table, pilot, rest):
        assert app.asked == [list(range(PAGE))]
        await pilot.press("end")
        await rest()
        assert table.key == 999_999
        assert text(table)[-1].split()[:3] == ["999999", "row", "999999"]
        assert sum(map(len, app.asked)) <= 3 * PAGE


async def test_keys_move_the_cursor() -> None:
    async with bench(range(500)) as (app, table, pilot, rest):
        for key, row in (
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("pagedown", 20),
            ("ctrl+d", 29),
            ("G", 499),
            ("g", 0),
            ("up", 0),
        ):
            await pilot.press(key)
            assert table.cursor == row, key
        assert app.heard[:3] == [0, 1, 2]


async def test_the_scrollbar_comes_up_where_the_view_is() -> None:
    async with bench([1, 2]) as (app, table, pilot, rest):
        table.show(range(500), at=499)
        await rest()
        assert table.show_vertical_scrollbar
        assert table.vertical_scrollbar.position == table.scroll_y > 400


async def test_a_key_draws_two_lines() -> None:
    async with bench(range(500)) as (app, table, pilot, rest):
        drawn: list[int] = []
        render_line = table.render_line
        table.render_line = lambda y: drawn.append(y) or render_line(y)
        await pilot.press("j")
        await pilot.pause()
        assert sorted(set(drawn)) == [1, 2]


async def test_the_cursor_is_held_by_key() -> None:
    async with bench([1, 2, 3, 4]) as (app, table, pilot, rest):
        table.go_to(3)
        table.show([9, 3, 1, 2, 4])
        assert (table.cursor, table.key) == (1, 3)
        table.show([9, 1])
        assert table.key == 1
        table.show([])
        assert table.key is None
        await rest()
        assert "nothing here" in "".join(text(table))


async def test_rows_show_as_they_were_until_they_were_read_again() -> None:
    async with bench([1, 2, 3]) as (app, table, pilot, rest):
        table.show([3, 2, 1])
        assert [line.split()[0] for line in text(table)[1:4]] == ["3", "2", "1"]
        await rest()
        assert app.asked[-1] == [3, 2, 1]


async def test_what_cannot_be_read_is_told_and_not_asked_for_again_and_again() -> None:
    async with bench([1, 2, 3]) as (app, table, pilot, rest):
        app.broken = True
        table.show([4, 5, 6])
        await rest()
        assert app.heard[-1] == "the disk is gone"
        assert len(app.asked) == 2
        app.broken = False
        table.renew()
        await rest()
        assert "row 4" in text(table)[1]


async def test_a_change_glows_once() -> None:
    async with bench(range(10)) as (app, table, pilot, rest):
        app.animation_level = "full"
        table.glow({3})
        bright = table.render_line(4)._segments[1].style.bgcolor
        assert bright != table.render_line(5)._segments[1].style.bgcolor
        for _ in range(200):
            if not table._glowing:
                break
            await pilot.pause(0.02)
        assert table._fading is None
        assert table.render_line(4)._segments[1].style.bgcolor == table.render_line(5)._segments[1].style.bgcolor


async def test_columns_drop_when_it_gets_narrow() -> None:
    async with bench(range(3)) as (app, table, pilot, rest):
        assert "more" in text(table)[0]
        await pilot.resize_terminal(30, 10)
        await pilot.pause()
        assert "more" not in text(table)[0]


def test_the_cache_is_bounded_and_asks_for_whole_pages() -> None:
    cache: RowCache[int] = RowCache(limit=100)
    order = range(1_000)
    assert cache.missing(order, 70, 80) == list(range(PAGE, 2 * PAGE))
    assert cache.put(dict.fromkeys(range(300), ())) == set(range(300))
    assert len(cache) == 100
    assert cache.get(299) == ()
    assert cache.missing(order, 290, 300) == list(range(300, 320))[:0]
    cache.expire([295])
    assert cache.missing(order, 290, 300) == [295, *range(300, 320)]
    assert cache.get(295) == ()
