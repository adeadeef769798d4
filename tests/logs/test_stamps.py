from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.logs.stamps import SECOND, extremes, instant, iso, leading, nanoseconds

AT = 1_795_222_890


@pytest.mark.parametrize(
    "value",
    [
        AT,
        AT * 1000,
        AT * 10**6,
        AT * 10**9,
        float(AT),
        str(AT),
        "2026-11-21T01:01:30Z",
        "2026-11-21T01:01:30.000Z",
        "2026-11-21T01:01:30.000000000Z",
        "2026-11-21T03:01:30+02:00",
        "2026-11-20 20:01:30.000 -0500",
        "2026-11-21 01:01:30,000",
        "2026/11/21 01:01:30",
    ],
)
def test_one_instant_however_it_is_written(value):
    assert instant(value) == AT * SECOND


def test_fractions_are_kept_to_the_nanosecond():
    assert instant("2026-11-21T01:01:30.123456789Z") == AT * SECOND + 123_456_789
    assert instant("2026-11-21T01:01:30.123456789+02:00") == (AT - 7200) * SECOND + 123_456_789
    assert instant("2026-11-21 01:01:30,5") == AT * SECOND + SECOND // 2


def test_a_time_without_offset_is_in_the_zone_of_its_source():
    riga = ZoneInfo("Europe/Riga")
    assert instant("2026-11-21 03:01:30", riga) == AT * SECOND
    assert instant("2026-11-21T01:01:30Z", riga) == AT * SECOND


@pytest.mark.parametrize(
    "value",
    [
        *(
            None,
            True,
            0,
            -5,
            [],
            {},
            "",
            "yesterday",
            "14:02:11",
            "2026-13-01T00:00:00Z",
            "2026-02-30 10:00:00",
            10**30,
        ),
        *("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:60.9Z", "2262-04-12 00:00:00,5Z"),
    ],
)
def test_what_is_no_time_is_none(value):
    assert instant(value) is None


def test_the_time_at_the_start_of_a_line():
    assert leading("[2026-11-21 01:01:30.000] INFO x", UTC) == (AT * SECOND, 25)
    assert leading("2026-11-21T01:01:30Z x", UTC) == (AT * SECOND, 20)
    assert leading("INFO 2026-11-21", UTC) == (None, 0)
    assert leading("2026-13-21 01:01:30 INFO x", UTC) == (None, 0), "it stays in the message"


@given(
    st.datetimes(datetime(1678, 1, 1), datetime(2262, 1, 1)),  # noqa: DTZ001
    st.integers(-14 * 60, 14 * 60),
)
def test_iso_text_of_any_offset_is_read_exactly(naive, minutes):
    moment = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert instant(moment.isoformat(timespec="microseconds")) == nanoseconds(moment)
    assert instant(iso(nanoseconds(moment))) == nanoseconds(moment)


@given(st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none()))
def test_nothing_is_a_crash(value):
    found = instant(value)
    assert found is None or isinstance(found, int)


CLOCKS = st.builds(
    lambda moment, apart, fraction, zone: moment.strftime(f"%Y-%m-%d{apart}%H:%M:%S") + fraction + zone,
    st.datetimes(datetime(2026, 11, 20), datetime(2026, 11, 22)),  # noqa: DTZ001
    st.sampled_from("T "),
    st.sampled_from(["", ".5", ".250", ",250", ".999999", ".123456789"]),
    st.sampled_from(["Z", "", "+02:00", "-05:00", "+0200", " UTC"]),
)


@given(
    st.lists(CLOCKS | st.sampled_from(["2026-99-99T00:00:00Z", "9999", "no"]), min_size=1)
    | st.lists(st.integers(-5, 2**64), min_size=1)
    | st.lists(st.integers(AT - 9, AT + 9), min_size=1)
    | st.lists(st.floats(), min_size=1)
    | st.lists(st.floats(AT - 9, AT + 9), min_size=1)
    | st.lists(st.sampled_from([float(AT), 99999999999.5, 100000000000.0, 1e17, 0.0]), min_size=1)
    | st.lists(st.none(), min_size=1)
)
def test_the_extremes_of_many_are_those_of_each(values):
    zone = ZoneInfo("America/New_York")
    times = [time for value in values if (time := instant(value, zone)) is not None]
    assert extremes(values, zone) == (min(times, default=None), max(times, default=None))
