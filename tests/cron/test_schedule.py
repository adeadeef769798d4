"""Times: those of Debian's cron, whose answers lie beside this file, and of a loop written down again here."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as some

from halo_engine.cron.expression import BadSchedule, Expression, parse
from halo_engine.cron.schedule import following, next_times

DATA = Path(__file__).parent / "data"
CASES = [
    msgspec.json.decode(line)
    for name in ("debian.jsonl", "debian-zones.jsonl")
    for line in (DATA / name).read_bytes().splitlines()
]
"""The second file has years that are over, in zones whose rules are changed often."""
ZONES = ["Europe/Riga", "America/New_York", "Australia/Lord_Howe", "Antarctica/Troll", "Pacific/Apia", "UTC"]


@pytest.mark.parametrize("part", range(8))
def test_the_times_are_those_of_debians_cron(part: int) -> None:
    for case in CASES[part::8]:
        if case.get("refused"):
            with pytest.raises(BadSchedule):
                parse(case["expression"])
        else:
            times = case["times"]
            assert next_times(case["expression"], case["zone"], case["start"], len(times)) == times, case


def test_enough_cases_are_refused_and_enough_are_not() -> None:
    refused = sum(bool(case.get("refused")) for case in CASES)
    assert 10 < refused < len(CASES) / 3


class Loop:
    """Cron's loop as its manual describes it, a pass each minute, for one job."""

    def __init__(self, expression: Expression, zone: ZoneInfo, start: int) -> None:
        self.job, self.zone, self.second = expression, zone, start
        self.fired: list[int] = []
        self.waits = False

    def clock(self) -> int:
        offset = datetime.fromtimestamp(self.second, self.zone).utcoffset()
        assert offset is not None
        return (self.second + int(offset.total_seconds())) // 60

    def queue(self, minute: int) -> None:
        then = time.gmtime(minute * 60)
        by_month = then.tm_mday in self.job.days
        by_week = (then.tm_wday + 1) % 7 in self.job.weekdays
        day = (by_month and by_week) if self.job.both else (by_month or by_week)
        self.waits |= then.tm_min in self.job.minutes and then.tm_hour in self.job.hours and (
            then.tm_mon in self.job.months and day
        )  # fmt: skip

    def flush(self) -> bool:
        if self.waits:
            self.fired.append(self.second // 60 * 60)
        waited, self.waits = self.waits, False
        return waited

    def run(self, until: int) -> list[int]:  # noqa: C901, PLR0912 (as it is in cron)
        seen = virtual = self.clock()
        while self.second < until:
            if self.clock() == seen:
                self.second = (self.second // 60 + 1) * 60 + 1
            seen = self.clock()
            ahead = seen - virtual
            if 5 < ahead <= 180:
                if self.job.wild:
                    self.queue(seen)
                while True:
                    self.second += 10 * self.flush()
                    virtual += 1
                    if not self.job.wild:
                        self.queue(virtual)
                    if virtual >= seen or self.clock() != seen:
                        break
            elif 0 < ahead <= 5:
                while virtual < seen:
                    self.second += 10 * self.flush()
                    virtual += 1
                    self.queue(virtual)
            elif -180 < ahead <= 0:
                if self.job.wild:
                    self.queue(seen)
            else:
                virtual = seen
                self.queue(seen)
            self.flush()
        return sorted({second for second in self.fired if second < until})


numbers = {"minute": (0, 59), "hour": (0, 23), "early": (0, 4), "day": (1, 31), "month": (1, 12), "week": (0, 7)}


@some.composite
def fields(draw: some.DrawFn, name: str) -> str:
    low, high = numbers[name]
    if draw(some.booleans()) and name in {"day", "month", "week"}:
        return "*"
    parts = []
    for _ in range(draw(some.integers(1, 3))):
        first = draw(some.integers(low, high))
        last = draw(some.integers(first, high))
        step = f"/{draw(some.integers(1, 20))}" if draw(some.booleans()) else ""
        parts.append(draw(some.sampled_from([str(first), f"{first}-{last}{step}", f"*{step}"])))
    return ",".join(parts)


expressions = some.tuples(
    fields("minute"), fields("hour") | fields("early"), fields("day"), fields("month"), fields("week")
).map(" ".join)


@some.composite
def near_a_change(draw: some.DrawFn) -> tuple[ZoneInfo, int]:
    """A zone, and an instant within a day before or after its clocks change."""
    zone = ZoneInfo(draw(some.sampled_from(ZONES)))
    year = datetime(draw(some.sampled_from([2011, 2024, 2026])), 1, 1, tzinfo=UTC).timestamp()
    days = [int(year) + day * 86_400 for day in range(365)]
    offsets = [datetime.fromtimestamp(day, zone).utcoffset() for day in days]
    turns = [day for day, here, there in zip(days, offsets, offsets[1:], strict=False) if here != there]
    return zone, draw(some.sampled_from(turns or days)) + draw(some.integers(-80_000, 80_000))


@settings(deadline=None, max_examples=60)
@given(expressions, near_a_change())
def test_near_a_change_of_the_clocks_it_does_what_the_loop_does(text: str, place: tuple[ZoneInfo, int]) -> None:
    zone, start = place
    try:
        expression = parse(text)
    except BadSchedule:
        assume(False)
    until = start + 2 * 86_400
    expected = Loop(expression, zone, start).run(until)
    assert [second for second in next_times(text, zone, start, len(expected) + 1) if second < until] == expected


@settings(deadline=None, max_examples=100)
@given(expressions, near_a_change(), some.integers(1, 20))
def test_times_ascend_and_go_on_where_they_ended(text: str, place: tuple[ZoneInfo, int], count: int) -> None:
    zone, start = place
    try:
        expression = parse(text)
    except BadSchedule:
        assume(False)
    found = list(islice(following(expression, zone, start), count))
    assert found == sorted(set(found))
    assert found[0] > start
    assert list(islice(following(expression, zone, found[0]), count - 1)) == found[1:]


def on(zone: str, *seconds: int) -> list[str]:
    return [f"{datetime.fromtimestamp(each, ZoneInfo(zone)):%m-%d %H:%M%z}" for each in seconds]


def at(zone: str, text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


@pytest.mark.parametrize(
    ("zone", "start", "expression", "expected"),
    [
        ("Europe/Riga", "2026-03-28T12:00", "30 3 * * *", ["03-29 04:00+0300", "03-30 03:30+0300"]),
        ("Europe/Riga", "2026-03-29T02:00", "*/30 3 * * *", ["03-30 03:00+0300", "03-30 03:30+0300"]),
        ("Europe/Riga", "2026-10-25T00:00", "30 3 * * *", ["10-25 03:30+0300", "10-26 03:30+0200"]),
        ("Europe/Riga", "2026-10-25T03:00", "*/30 * * * *", ["10-25 03:30+0300", "10-25 03:00+0200"]),
        ("Australia/Lord_Howe", "2026-10-04T00:00", "14 2 * * *", ["10-04 02:30+1100", "10-05 02:14+1100"]),
        ("Australia/Lord_Howe", "2026-04-05T01:00", "45 1 * * *", ["04-05 01:45+1100", "04-06 01:45+1030"]),
    ],
)
def test_changes_of_an_hour_and_of_thirty_minutes(zone: str, start: str, expression: str, expected: list[str]) -> None:
    assert on(zone, *next_times(expression, zone, at(zone, start), 2)) == expected


def test_a_day_that_does_not_exist_is_not_made_up_for() -> None:
    start = at("Pacific/Apia", "2011-12-29T00:00")
    assert on("Pacific/Apia", *next_times("0 8 * * *", "Pacific/Apia", start, 2)) == [
        "12-29 08:00-1000",
        "12-31 08:00+1400",
    ]


def test_what_is_made_up_for_comes_ten_seconds_apart() -> None:
    start = at("Europe/Riga", "2026-03-29T02:00")
    found = next_times("40-54 3 * * *", "Europe/Riga", start, 4)
    assert on("Europe/Riga", *found) == ["03-29 04:00+0300", "03-29 04:01+0300", "03-29 04:02+0300", "03-30 03:40+0300"]


def test_a_leap_day_on_a_monday_is_found_years_ahead() -> None:
    found = next_times("0 0 29 2 */7", "UTC", 0, 3)
    assert [f"{datetime.fromtimestamp(each, UTC):%Y %a}" for each in found] == ["1976 Sun", "2004 Sun", "2032 Sun"]


@pytest.mark.parametrize("start", [253402300000.0, 1e18])
def test_the_calendar_ends(start: float) -> None:
    with pytest.raises(BadSchedule, match="calendar ends"):
        next_times("0 0 1 1 *", "UTC", start, 2)
