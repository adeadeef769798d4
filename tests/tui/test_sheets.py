"""Sheets of logs: every line by number, the hits of a filter, several sources merged, as files grow."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from halo_engine.logs import queries, view
from halo_engine.logs.query import Query
from halo_engine.logs.record import Malformed
from halo_engine.workspace import Workspace
from halo_tui import log_reading, sheets
from halo_tui.sheets import Progress, Sheet, lines
from halo_tui.sheets.chain import Chain
from halo_tui.sheets.hits import Hits
from halo_tui.sheets.lines import Lines, MergedLines


def put(workspace: Workspace, name: str, *lines: str, mode: str = "a") -> Path:
    path = workspace.logs / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open(mode) as file:
        file.writelines(f"{line}\n" for line in lines)
    return path


def said(number: int, level: str = "info", **fields: object) -> str:
    return json.dumps({"time": 1_763_647_331_000 + number, "level": level, "msg": f"line {number}", **fields})


@pytest.fixture(autouse=True)
def all_closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Close what a test opened."""
    made: list[Sheet] = []
    begin = Sheet.__init__

    def noted(self, chains) -> None:
        begin(self, chains)
        made.append(self)

    monkeypatch.setattr(Sheet, "__init__", noted)
    yield
    for sheet in made:
        sheet.close()


def chain(workspace: Workspace, name: str = "app.log") -> Chain:
    def find():
        return next(source for source in queries.sources(workspace) if source.name == name)

    return Chain(find, queries.view)


def advanced(sheet: Sheet, held: object = None) -> Progress:
    progress = sheet.advance(held)
    while progress.share < 1:
        progress = sheet.advance(held)
    return progress


def messages(sheet: Sheet, keys) -> list[str]:
    def dress(found, text, marked, source):
        return (
            "*" * marked + (f"? {text.decode(errors='replace')}" if isinstance(found, Malformed) else found.message),
        )

    rows = sheet.rows(list(keys), dress, frozenset())
    return [rows[key][0] for key in keys]


def test_lines_are_a_range_and_follow_what_is_appended(workspace: Workspace) -> None:
    put(workspace, "app.log", *map(said, range(3_000)))
    sheet = Lines([chain(workspace)])
    assert advanced(sheet).order == range(3_000)
    assert messages(sheet, [0, 1, 2_998, 2_999]) == ["line 0", "line 1", "line 2998", "line 2999"]
    assert not sheet.advance(None).changed
    put(workspace, "app.log", said(3_000))
    grown = sheet.advance(None)
    assert (grown.order, grown.changed) == (range(3_001), True)
    assert messages(sheet, [3_000]) == ["line 3000"]


def test_the_end_shows_before_all_lines_are_counted(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "BUDGET", 0.0)
    monkeypatch.setattr(lines, "COUNTED", 65_536)
    put(workspace, "app.log", *map(said, range(5_000)))
    sheet = Lines([chain(workspace)])
    first = sheet.advance(None)
    assert first.order == range(-1_000, 0)
    assert 0 < first.share < 1
    assert messages(sheet, [-1_000, -1]) == ["line 4000", "line 4999"]
    assert sheet.marked(-1, frozenset({sheet.place(-7)}), -1) == -7
    last = advanced(sheet, held=-10)
    assert (last.order, last.at) == (range(5_000), 4_990)


def test_a_file_that_was_rotated_stays_in_sight(workspace: Workspace) -> None:
    path = put(workspace, "app.log", *map(said, range(100)))
    sheet = Lines([chain(workspace)])
    advanced(sheet)
    path.rename(path.with_suffix(".log.1"))
    put(workspace, "app.log", said(7))
    assert advanced(sheet).order == range(101)
    assert messages(sheet, [99, 100]) == ["line 99", "line 7"]
    path.write_text("")
    assert advanced(sheet).order == range(100)


def test_what_is_no_record_is_a_line_too(workspace: Workspace) -> None:
    path = put(workspace, "app.log", said(0), "{half", "\0\0", said(1))
    with path.open("ab") as file:
        file.write(b"\xff\xfe broken\n" + said(2).encode()[:20])
    sheet = Lines([chain(workspace)])
    assert len(advanced(sheet).order) == 6
    found = messages(sheet, range(6))
    assert found[0] == "line 0"
    assert found[1] == "? {half"
    assert found[3] == "line 1"
    assert isinstance(sheet.opened(1).found, Malformed)


def test_a_line_that_is_too_long_to_list_opens_whole(workspace: Workspace) -> None:
    put(workspace, "app.log", said(0), said(1, blob="x" * 200_000), said(2))
    sheet = Lines([chain(workspace)])
    advanced(sheet)
    assert messages(sheet, [1])[0].startswith("? {")
    opened = sheet.opened(1)
    assert opened.found.message == "line 1"
    assert len(opened.text) <= 65_536


def test_hits_are_found_from_the_end_and_followed(workspace: Workspace) -> None:
    put(workspace, "app.log", *(said(each, "error" if each % 10 == 0 else "info") for each in range(1_000)))
    sheet = Hits([chain(workspace)], Query(levels=frozenset({50})))
    order = advanced(sheet).order
    assert len(order) == 100
    assert messages(sheet, order[:2]) == ["line 0", "line 10"]
    assert order == range(-100, 0)
    put(workspace, "app.log", said(1_000, "error"), said(1_001), said(1_002, "error"))
    assert advanced(sheet).order == range(-100, 2)
    assert messages(sheet, [-1, 0, 1]) == ["line 990", "line 1000", "line 1002"]
    assert sheet.row(sheet.place(-7)) == -7
    assert sheet.row(sheet.place(1)) == 1


def test_a_line_that_is_half_written_is_taken_in_once_it_ends(workspace: Workspace) -> None:
    path = put(workspace, "app.log", said(0))
    sheet = Hits([chain(workspace)], Query(text="line"))
    with path.open("a") as file:
        file.write(said(1)[:-4])
        file.flush()
        assert len(advanced(sheet).order) == 1
        file.write(said(1)[-4:] + "\n")
    assert messages(sheet, advanced(sheet).order) == ["line 0", "line 1"]


def test_no_more_offsets_are_kept_than_told(workspace: Workspace) -> None:
    put(workspace, "app.log", *map(said, range(60_000)))
    sheet = Hits([chain(workspace)], Query(text="line"), kept=10)
    progress = advanced(sheet)
    assert progress.full
    assert len(progress.order) == 10
    assert messages(sheet, progress.order[-1:]) == ["line 59999"]


def test_sources_are_merged_by_time(workspace: Workspace) -> None:
    put(workspace, "a.log", *(said(each) for each in range(0, 100, 2)))
    put(workspace, "b.log", *(said(each) for each in range(1, 100, 2)))
    sheet = MergedLines([chain(workspace, "a.log"), chain(workspace, "b.log")])
    order = advanced(sheet).order
    assert messages(sheet, order) == [f"line {each}" for each in range(100)]
    put(workspace, "a.log", said(100))
    put(workspace, "b.log", said(99))
    assert messages(sheet, advanced(sheet).order[-2:]) == ["line 99", "line 100"]
    assert sheet.opened(order[3]).source == "b.log"
    marks = frozenset({sheet.place(order[3]), sheet.place(order[50])})
    assert sheet.marked(order[10], marks, 1) == order[50]
    assert sheet.marked(order[10], marks, -1) == order[3]
    assert sheet.marked(order[60], marks, 1) is None


def packed(path: Path) -> None:
    """As logrotate packs."""
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
    path.unlink()


@pytest.fixture
def rotated(workspace: Workspace) -> Workspace:
    """Two logs of three files each, the oldest packed and without a last newline."""
    for name, odd in (("a.log", 0), ("b.log", 1)):
        for file, suffix in enumerate((".2", ".1", "")):
            numbers = range(file * 1_000 + odd, (file + 1) * 1_000, 2)
            path = put(
                workspace, name + suffix, *(said(each, "error" if each % 50 < 2 else "info") for each in numbers)
            )
            if suffix == ".2":
                path.write_bytes(path.read_bytes().rstrip())
                packed(path)
    return workspace


def test_rotated_and_packed_files_show_in_the_order_of_time(rotated: Workspace) -> None:
    sheet = Lines([chain(rotated, "a.log")])
    assert advanced(sheet).order == range(1_500)
    assert messages(sheet, range(1_500)) == [f"line {each}" for each in range(0, 3_000, 2)]
    assert sheet.opened(3).path.endswith("a.log.2.gz")
    assert [sheet.row(sheet.place(each)) for each in (0, 499, 500, 999, 1_000)] == [0, 499, 500, 999, 1_000]
    put(rotated, "a.log", said(3_000))
    assert messages(sheet, advanced(sheet).order[-1:]) == ["line 3000"]


def test_a_filter_looks_through_rotated_files_too(rotated: Workspace) -> None:
    sheet = Hits([chain(rotated, "a.log")], Query(levels=frozenset({50})))
    assert messages(sheet, advanced(sheet).order) == [f"line {each}" for each in range(0, 3_000, 50)]


@pytest.mark.parametrize("step", [256, 65_536])
def test_several_logs_with_their_rotated_files_are_one(
    rotated: Workspace, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    monkeypatch.setattr(view, "STEP", step)
    chains = [chain(rotated, "a.log"), chain(rotated, "b.log")]
    sheet = MergedLines(chains)
    assert advanced(sheet).order == range(3_000)
    assert messages(sheet, range(3_000)) == [f"line {each}" for each in range(3_000)]
    assert messages(sheet, [7, 8, 1_700, 2_999]) == ["line 7", "line 8", "line 1700", "line 2999"]
    assert [sheet.row(sheet.place(each)) for each in range(0, 3_000, 37)] == list(range(0, 3_000, 37))
    hits = Hits([chain(rotated, "a.log"), chain(rotated, "b.log")], Query(levels=frozenset({50})))
    found = messages(hits, advanced(hits).order)
    assert found == [f"line {each}" for each in range(3_000) if each % 50 < 2]


def test_the_end_of_all_logs_shows_first(rotated: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "BUDGET", 0.0)
    sheet = MergedLines([chain(rotated, "a.log"), chain(rotated, "b.log")])
    first = sheet.advance()
    assert first.full
    assert messages(sheet, [-2, -1]) == ["line 2998", "line 2999"]
    last = advanced(sheet, held=-3)
    assert (last.order, last.at) == (range(3_000), 2_997)


def test_a_filter_with_a_beginning_reads_no_further_back(rotated: Workspace) -> None:
    since = (1_763_647_331_000 + 2_500) * 1_000_000
    sheet = Hits([chain(rotated, "a.log"), chain(rotated, "b.log")], Query(since=since, levels=frozenset({50})))
    assert messages(sheet, advanced(sheet).order)[0] == "line 2500"


ages = st.lists(st.one_of(st.none(), st.integers(0, 40)), max_size=60)


@given(st.lists(ages, min_size=2, max_size=4))
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_line_is_lost_or_shown_twice_whatever_the_clocks_say(
    tmp_path_factory: pytest.TempPathFactory, logs: list[list[int | None]]
) -> None:
    workspace = Workspace(tmp_path_factory.mktemp("merged"))
    workspace.create()
    names = [f"{letter}.log" for letter, _ in zip("abcd", logs, strict=False)]
    for name, times in zip(names, logs, strict=True):
        lines_ = [f"plain {place}" if time is None else said(time * 1000) for place, time in enumerate(times)]
        put(workspace, name, *lines_)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(view, "STEP", 200)
        sheet = MergedLines([chain(workspace, name) for name in names])
        count = len(advanced(sheet).order)
        places = [sheet.place(row) for row in range(count)]
        assert count == len(set(places)) == sum(map(len, logs))
        assert [sheet.row(place) for place in places] == list(range(count))
        for number in range(len(logs)):
            own = [place for place in places if place.source == number]
            assert own == sorted(own)
        sheet.close()


def test_a_continuation_opens_the_record_that_it_belongs_to(workspace: Workspace) -> None:
    put(
        workspace,
        "app.log",
        "[14:02:10.000] INFO (dad/1): begun",
        "[14:02:11.000] ERROR (dad/1): failed",
        "    err: {",
        '      "code": 5',
        "    }",
        "[14:02:12.000] INFO (dad/1): on",
    )
    sheet = Lines([chain(workspace)])
    advanced(sheet)
    assert sheet.opened(3).offset == sheet.opened(1).offset
    assert sheet.opened(3).found.message.startswith("failed")


def test_the_hour_counts_what_all_sources_say(workspace: Workspace, still) -> None:
    put(workspace, "a.log", *(said(-each * 60_000) for each in range(10)), said(-3_000, "error"))
    put(workspace, "b.log", said(-7_200_000, "fatal"))
    still("2025-11-20T14:02:11+00:00")
    hour = log_reading.hour(workspace, "all", "", 60)
    assert hour.present
    assert sum(sum(part.values()) for part in hour.counts) == 11
    assert sum(part.get(50, 0) for part in hour.counts) == 1
    later = log_reading.hour(workspace, "b.log", "", 60)
    assert not later.present
    assert sum(part.get(60, 0) for part in later.counts) == 1


def test_a_closed_sheet_says_so(workspace: Workspace) -> None:
    put(workspace, "app.log", said(0))
    sheet = Lines([chain(workspace)])
    sheet.close()
    with pytest.raises(sheets.Closed):
        sheet.advance(None)
