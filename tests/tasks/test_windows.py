"""Windows: their hours on the operator's clock, over midnight and over the changes of the clocks."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from halo_engine.errors import Usage
from halo_engine.tasks.night.windows import Window, closes, contains, next_opening, parse

ZONES = ["Europe/Riga", "America/New_York", "Australia/Lord_Howe", "UTC"]
MINUTE = timedelta(minutes=1)

zones = some.sampled_from(ZONES).map(ZoneInfo)
times = some.builds(time, some.integers(0, 23) | some.integers(0, 4), some.integers(0, 59) | some.sampled_from([0, 30]))
windows = some.builds(Window, times, times)
seconds = some.integers(315532800, 2143152000)
instants = seconds.map(lambda each: datetime.fromtimestamp(each, UTC))


@some.composite
def changes(draw: some.DrawFn) -> tuple[datetime, ZoneInfo]:
    """An instant within two days of a change of the clocks, and its zone."""
    zone = draw(zones)
    day = datetime(draw(some.integers(1980, 2037)), 1, 1, tzinfo=UTC)
    days = [day + timedelta(days=number) for number in range(365)]
    turns = [
        each for each in days if each.astimezone(zone).utcoffset() != (each + timedelta(1)).astimezone(zone).utcoffset()
    ]
    near = draw(some.sampled_from(turns or days))
    return near + draw(some.timedeltas(timedelta(days=-2), timedelta(days=3))), zone


def on_the_clock(window: Window, instant: datetime, zone: ZoneInfo) -> bool:
    """The window as a plain reading of the clock has it."""
    clock = instant.astimezone(zone).time()
    if window.start < window.end:
        return window.start <= clock < window.end
    return clock >= window.start or clock < window.end


@pytest.mark.parametrize("text", ["02:00-05:00", "22:00-05:30", "00:00-00:00", "23:59-00:00"])
def test_window_reads_as_it_is_written(text: str) -> None:
    assert str(parse(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "02:00",
        "2:00-5:00",
        "02:00-24:00",
        "02:60-03:00",
        "02:00 - 05:00",
        "02:00-05:00\n",
        "02.00-05.00",
        "٠2:00-05:00",
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(Usage, match="not a window"):
        parse(text)


def test_start_is_in_and_end_is_out() -> None:
    window = parse("02:00-05:00")
    night = datetime(2026, 6, 1, tzinfo=UTC)
    assert contains(window, night.replace(hour=2), UTC)
    assert contains(window, night.replace(hour=4, minute=59, second=59), UTC)
    assert not contains(window, night.replace(hour=5), UTC)
    assert not contains(window, night.replace(hour=1, minute=59, second=59), UTC)


TABLE = [
    # window, looked at from, zone, opens, closes
    ("02:00-05:00", "2026-06-01 00:30", "Europe/Riga", "2026-06-01T02:00+03:00", "2026-06-01T05:00+03:00"),
    ("02:00-05:00", "2026-06-01 05:00", "Europe/Riga", "2026-06-02T02:00+03:00", "2026-06-02T05:00+03:00"),
    ("22:00-05:30", "2026-06-01 12:00", "Europe/Riga", "2026-06-01T22:00+03:00", "2026-06-02T05:30+03:00"),
    ("22:00-05:30", "2026-06-01 03:00", "Europe/Riga", "2026-06-01T03:00+03:00", "2026-06-01T05:30+03:00"),
    # the clocks go forward: what is left of it
    ("02:00-05:00", "2026-03-08 00:30", "America/New_York", "2026-03-08T03:00-04:00", "2026-03-08T05:00-04:00"),
    ("01:15-02:30", "2026-03-08 00:30", "America/New_York", "2026-03-08T01:15-05:00", "2026-03-08T03:00-04:00"),
    ("03:00-05:00", "2026-03-29 00:30", "Europe/Riga", "2026-03-29T04:00+03:00", "2026-03-29T05:00+03:00"),
    # nothing is left: right after the gap, for its usual length
    ("02:15-02:45", "2026-03-08 00:30", "America/New_York", "2026-03-08T03:00-04:00", "2026-03-08T03:30-04:00"),
    ("02:30-03:00", "2026-03-08 00:30", "America/New_York", "2026-03-08T03:00-04:00", "2026-03-08T03:30-04:00"),
    ("02:00-02:20", "2026-10-04 00:30", "Australia/Lord_Howe", "2026-10-04T02:30+11:00", "2026-10-04T02:50+11:00"),
    # the clocks go back: from the first start to the last end
    ("01:15-01:45", "2026-11-01 00:30", "America/New_York", "2026-11-01T01:15-04:00", "2026-11-01T01:45-05:00"),
    ("02:00-05:00", "2026-10-25 00:30", "Europe/Riga", "2026-10-25T02:00+03:00", "2026-10-25T05:00+02:00"),
    ("01:30-01:45", "2026-04-05 00:30", "Australia/Lord_Howe", "2026-04-05T01:30+11:00", "2026-04-05T01:45+10:30"),
    # a day that never was
    ("02:00-05:00", "2011-12-29 12:30", "Pacific/Apia", "2011-12-31T00:00+14:00", "2011-12-31T05:00+14:00"),
]


@pytest.mark.parametrize(("text", "seen_from", "name", "opens", "until"), TABLE)
def test_opening_and_closing(text: str, seen_from: str, name: str, opens: str, until: str) -> None:
    window, zone = parse(text), ZoneInfo(name)
    instant = datetime.fromisoformat(seen_from).replace(tzinfo=zone)
    assert next_opening(window, instant, zone) == datetime.fromisoformat(opens)
    assert closes(window, instant, zone) == datetime.fromisoformat(until)


@given(instants | changes().map(lambda each: each[0]), windows, zones)
def test_equal_start_and_end_is_all_day(instant: datetime, window: Window, zone: ZoneInfo) -> None:
    always = Window(window.start, window.start)
    assert contains(always, instant, zone)
    assert next_opening(always, instant, zone) == instant
    assert closes(always, instant, zone) is None


@given(instants, windows, zones)
def test_what_the_clock_says_is_open_is_open(instant: datetime, window: Window, zone: ZoneInfo) -> None:
    if window.start == window.end:
        return
    offsets = {(instant + timedelta(days=days)).astimezone(zone).utcoffset() for days in (-2, -1, 0, 1, 2)}
    if len(offsets) == 1:
        assert contains(window, instant, zone) == on_the_clock(window, instant, zone)
    elif on_the_clock(window, instant, zone):
        assert contains(window, instant, zone)


@given(changes(), windows)
def test_what_the_clock_says_is_open_is_open_around_changes(moment: tuple[datetime, ZoneInfo], window: Window) -> None:
    instant, zone = moment
    if window.start != window.end and on_the_clock(window, instant, zone):
        assert contains(window, instant, zone)


@given(changes() | some.tuples(instants, zones), windows)
def test_openings_and_closings_are_the_edges(moment: tuple[datetime, ZoneInfo], window: Window) -> None:
    if window.start == window.end:
        return
    instant, zone = moment
    opens, until = next_opening(window, instant, zone), closes(window, instant, zone)
    assert until is not None
    assert instant <= opens < until
    assert contains(window, opens, zone)
    assert contains(window, until - timedelta(seconds=1), zone)
    assert not contains(window, until, zone)
    if opens == instant:
        assert contains(window, instant, zone)
    else:
        assert not contains(window, instant, zone)
        assert not contains(window, opens - timedelta(seconds=1), zone)


@given(changes(), windows)
def test_no_night_is_lost(moment: tuple[datetime, ZoneInfo], window: Window) -> None:
    instant, zone = moment
    assert next_opening(window, instant, zone) - instant <= timedelta(hours=25)


@given(changes(), windows)
def test_between_now_and_the_opening_it_is_shut(moment: tuple[datetime, ZoneInfo], window: Window) -> None:
    instant, zone = moment
    opens = next_opening(window, instant, zone)
    assert not any(
        contains(window, instant + part * (opens - instant) / 7, zone) for part in range(7) if opens > instant
    )
