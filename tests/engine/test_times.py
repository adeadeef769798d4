"""What people write for times and durations, and what a table shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine import times
from halo_engine.errors import BadConfig, Usage

RIGA = ZoneInfo("Europe/Riga")
NOW = datetime(2026, 11, 20, 14, 2, 11, tzinfo=RIGA)
"""A Friday, at UTC+2."""


def read(text, now=NOW, zone=RIGA, **how):
    return times.moment(text, now, zone, **how).astimezone(zone).strftime("%Y-%m-%d %H:%M:%S %z")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90s", 90),
        ("15m", 900),
        ("2h", 7200),
        ("2h30m", 9000),
        ("7d", 604_800),
        ("1w", 604_800),
        ("1w2d3h4m5s", 788_645),
        (" 5m ", 300),
        ("0s", 0),
    ],
)
def test_durations(text, seconds):
    assert times.duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["", " ", "5", "m", "5 m", "-5m", "+5m", "1.5h", "30m2h", "5m5m", "1y", "5M", "٣h", "5m\n\n!"]
)
def test_what_is_no_duration_is_refused_with_what_is_accepted(text):
    with pytest.raises(Usage) as refused:
        times.duration(text)
    assert repr(text) in refused.value.message
    assert "2h30m" in refused.value.hint


def test_a_duration_beyond_reason_is_refused():
    with pytest.raises(Usage, match="too long"):
        times.duration("999999999w")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("now", "2026-11-20 14:02:11 +0200"),
        ("today", "2026-11-20 00:00:00 +0200"),
        ("Tomorrow", "2026-11-21 00:00:00 +0200"),
        ("yesterday", "2026-11-19 00:00:00 +0200"),
        ("friday", "2026-11-27 00:00:00 +0200"),
        ("Sat", "2026-11-21 00:00:00 +0200"),
        ("thursday 09:30", "2026-11-26 09:30:00 +0200"),
        ("today 9:05", "2026-11-20 09:05:00 +0200"),
        ("2026-12-01", "2026-12-01 00:00:00 +0200"),
        ("2026-12-01 08:00", "2026-12-01 08:00:00 +0200"),
        ("2026-12-01T08:00:30.5", "2026-12-01 08:00:30 +0200"),
        ("2026-12-01T08:00Z", "2026-12-01 10:00:00 +0200"),
        ("2026-12-01t08:00:00+05:30", "2026-12-01 04:30:00 +0200"),
        ("2026-12-01 08:00 -0500", "2026-12-01 15:00:00 +0200"),
        ("15:00", "2026-11-20 15:00:00 +0200"),
        ("14:02", "2026-11-21 14:02:00 +0200"),
        ("14:30Z", "2026-11-20 16:30:00 +0200"),
        ("3d", "2026-11-23 14:02:11 +0200"),
        ("+3d", "2026-11-23 14:02:11 +0200"),
        ("-1w", "2026-11-13 14:02:11 +0200"),
        ("2h30m", "2026-11-20 16:32:11 +0200"),
    ],
)
def test_moments(text, expected):
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2h", "2026-11-20 12:02:11 +0200"),
        ("+2h", "2026-11-20 16:02:11 +0200"),
        ("friday", "2026-11-13 00:00:00 +0200"),
        ("mon 08:00", "2026-11-16 08:00:00 +0200"),
        ("15:00", "2026-11-19 15:00:00 +0200"),
        ("14:02", "2026-11-20 14:02:00 +0200"),
        ("today", "2026-11-20 00:00:00 +0200"),
    ],
)
def test_looking_back(text, expected):
    assert read(text, past=True) == expected


@pytest.mark.parametrize("text", ["today", "2026-11-20", "friday"])
def test_the_end_of_a_day_is_its_last_second(text):
    assert read(text, end=True).endswith("23:59:59 +0200")


def test_the_end_leaves_a_given_time_alone():
    assert read("2026-11-21 08:00", end=True) == "2026-11-21 08:00:00 +0200"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01",
        "2026-02-30",
        "20261120",
        "2026-11-20T",
        "2026-W47-5",
        "25:00",
        "12:60",
        "today tomorrow",
        "2026-11-20 14",
        "2026-11-20T14:30+99:99",
        "0000-01-01",
        "todayt14:30",
        "now 14:30",
        "999999999w",
        "x" * 500,
        "+",
        "1 d",
    ],
)
def test_what_is_no_time_is_refused_with_what_is_accepted(text):
    with pytest.raises(Usage) as refused:
        times.moment(text, NOW, RIGA)
    assert "friday" in refused.value.hint
    assert len(refused.value.message) < 150


def test_a_time_at_the_edge_of_the_calendar_is_refused():
    with pytest.raises(Usage, match="not a time that exists"):
        times.moment("0001-01-01", NOW, RIGA)


def test_a_time_that_comes_twice_is_the_first():
    assert read("2026-10-25 03:30") == "2026-10-25 03:30:00 +0300"


def test_a_time_that_is_skipped_comes_as_much_later():
    assert read("2026-03-29 03:30") == "2026-03-29 04:30:00 +0300"


def test_the_last_second_of_a_day_that_repeats_its_last_hour_is_the_second():
    assert read("2026-04-04", zone=ZoneInfo("America/Santiago"), end=True) == "2026-04-04 23:59:59 -0400"


def test_a_day_whose_midnight_is_skipped_begins_an_hour_later():
    assert read("2026-09-06", zone=ZoneInfo("America/Santiago")) == "2026-09-06 01:00:00 -0300"


def test_days_keep_the_clock_and_hours_count_real_time_over_a_change():
    before = datetime(2026, 10, 24, 12, 0, tzinfo=RIGA)
    assert read("1d", now=before) == "2026-10-25 12:00:00 +0200"
    assert read("24h", now=before) == "2026-10-25 11:00:00 +0200"


@given(
    st.text(max_size=20) | st.from_regex(r"[0-9+:. tz-]{1,20}|[a-z]{3,9} [0-9:]{1,6}", fullmatch=True),
    st.booleans(),
    st.booleans(),
)
def test_any_text_is_a_moment_in_utc_or_refused(text, end, past):
    try:
        found = times.moment(text, NOW, RIGA, end=end, past=past)
    except Usage:
        return
    assert found.tzinfo is UTC


@given(st.integers(0, 4 * 10**9), st.timezones())
def test_a_written_instant_reads_back(seconds, zone):
    when = datetime.fromtimestamp(seconds, zone).replace(microsecond=250_000)
    assert times.moment(when.astimezone(UTC).isoformat(), NOW, RIGA) == when


@given(st.integers(0, 10**9 - 1))
def test_a_duration_reads_back(seconds):
    assert times.duration(f"{seconds}s").total_seconds() == seconds


def test_zone_by_name():
    assert times.zone("Europe/Riga") is RIGA


@pytest.mark.parametrize("name", ["Atlantis/Capital", "Europe", "../etc/passwd", "/etc/passwd", "a\0b"])
def test_a_zone_that_does_not_exist(name):
    with pytest.raises(BadConfig, match="no time zone"):
        times.zone(name)


def test_the_zone_of_this_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("TZ", ":Asia/Tokyo")
    assert datetime(2026, 1, 1, tzinfo=times.zone()).utcoffset() == timedelta(hours=9)
    monkeypatch.delenv("TZ")
    monkeypatch.setattr(times, "_MACHINE", tmp_path / "none")
    assert times.zone() is UTC


def test_a_machine_that_has_its_zone_and_not_the_name_of_it(monkeypatch, tmp_path):
    """/etc/localtime is a copy, not a link, in many images."""
    from importlib.resources import files

    monkeypatch.delenv("TZ", raising=False)
    monkeypatch.setattr(times, "_MACHINE", tmp_path / "localtime")
    (tmp_path / "localtime").write_bytes(files("tzdata").joinpath("zoneinfo/Asia/Tokyo").read_bytes())
    assert datetime(2026, 1, 1, tzinfo=times.zone()).utcoffset() == timedelta(hours=9)
    assert times.own_name() == ""
    (tmp_path / "localtime").write_bytes(b"no zone")
    assert times.zone() is UTC


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (0, "now"),
        (0.4, "now"),
        (5, "5s"),
        (200, "3m"),
        (7300, "2h"),
        (86400 * 13, "13d"),
        (86400 * 14, "2w"),
        (86400 * 366, "1y"),
        (-7200, "in 2h"),
        (-59, "in 59s"),
    ],
)
def test_ago(seconds, shown):
    assert times.ago(NOW - timedelta(seconds=seconds), NOW) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0.0s"),
        (0.42, "0.4s"),
        (9.94, "9.9s"),
        (9.96, "10s"),
        (59.6, "1m 00s"),
        (185, "3m 05s"),
        (3599.7, "1h 00m"),
        (3720, "1h 02m"),
        (86399.9, "1d 00h"),
        (183600, "2d 03h"),
    ],
)
def test_span(seconds, shown):
    assert times.span(seconds) == shown
