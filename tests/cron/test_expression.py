"""Expressions: what is read, what is refused and why, and what they say in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from halo_engine.cron.expression import ALIASES, BadSchedule, parse
from halo_engine.cron.words import describe
from halo_engine.errors import HaloError


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "five fields"),
        ("* * * *", "has 4"),
        ("* * * * * *", "has 6"),
        ("60 * * * *", "not within 0-59"),
        ("* 24 * * *", "not within 0-23"),
        ("* * 0 * *", "not within 1-31"),
        ("* * * 13 *", "not within 1-12"),
        ("* * * * 8", "not within 0-7"),
        ("0 0 * * monday", "no number or name"),
        ("0 0 L * *", "no number"),
        ("H * * * *", "no number"),
        ("0~30 * * * *", "would run .0., and pass over .~30."),
        ("1--5 * * * *", "cannot be read"),
        ("1-5-9 * * * *", "would run .1-5., and pass over .-9."),
        ("*5 * * * *", "would run .[*]., and pass over .5."),
        ("0 0 * * 5#2", "would run .5., and pass over .#2."),
        ("0 0 15W * *", "cannot be read"),
        ("70~3 * * * *", "not within 0-59"),
        ("5/10 * * * *", "step without a range"),
        ("*/0 * * * *", "step"),
        ("*/5/2 * * * *", "would run .[*]/5., and pass over ./2."),
        ("1-10/x * * * *", "step"),
        ("10-5 * * * *", "backwards"),
        ("0 0 * * fri-mon", "backwards"),
        ("0 0 * * fri-sun", "say fri-7"),
        ("5, * * * *", "empty part"),
        (",5 * * * *", "empty part"),
        ("٣ * * * *", "cannot be read"),
        ("99999999999 * * * *", "cannot be read"),
        ("0 0 31 2,4 *", "never comes"),
        ("0 0 30 feb */2", "never comes"),
        ("@reboot", "no time"),
        ("@fortnightly", "no schedule"),
        ("@Daily", "no schedule"),
        ("@daily x", "no schedule"),
    ],
)
def test_what_cron_would_refuse_misread_or_never_come_to_is_refused(text: str, why: str) -> None:
    with pytest.raises(BadSchedule, match=why) as caught:
        parse(text)
    assert isinstance(caught.value, ValueError)
    assert isinstance(caught.value, HaloError)


def test_names_ranges_steps_and_lists() -> None:
    read = parse("0,30 9-17/4 1,15 JAN-mar mon-fri")
    assert read.minutes == {0, 30}
    assert read.hours == {9, 13, 17}
    assert read.days == {1, 15}
    assert read.months == {1, 2, 3}
    assert read.weekdays == {1, 2, 3, 4, 5}
    assert not read.wild
    assert not read.both


def test_sunday_has_two_numbers() -> None:
    assert parse("0 0 * * 0") == parse("0 0 * * 7") == parse("0 0 * * sun")
    assert parse("0 0 * * 5-7").weekdays == parse("0 0 * * fri-7").weekdays == {5, 6, 0}


@pytest.mark.parametrize("text", ["0 0 */2 * 1", "0 0 1 * *", "0 0 * * 1", "0 0 *,3 * 1"])
def test_a_day_field_that_begins_with_a_star_makes_both_hold(text: str) -> None:
    assert parse(text).both


@pytest.mark.parametrize("text", ["0 0 1-31 * 1", "0 0 3,* * 1"])
def test_one_that_only_says_the_same_does_not(text: str) -> None:
    assert not parse(text).both


@pytest.mark.parametrize(("text", "wild"), [("*/5 2 * * *", True), ("5 */2 * * *", True), ("0-59 2 * * *", False)])
def test_what_follows_the_clock(text: str, wild: bool) -> None:
    assert parse(text).wild is wild


@given(some.text(max_size=40) | some.text(alphabet="0123456789*/,-@ \tabcmonfrij", max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        read = parse(text)
    except BadSchedule:
        return
    assert read.times


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("30 2 * * mon-fri", "At 02:30, Monday through Friday"),
        ("*/5 * * * *", "Every 5 minutes"),
        ("0 7 1,15 * mon", "either holds"),
        ("0 7 */2 * mon", "both hold"),
        ("0 0 13 * *,fri", "At 00:00, on day 13 of the month"),
        ("*/100 * * * *", "Every hour"),
        ("0 */25 * * *", "At 00:00"),
        ("*/7 * * * *", "minutes 0 through 56 past the hour"),
        ("*/30 9-17 * * *", "Every 30 minutes, between 09:00 and 17:59"),
        ("0,10 9 * * *", "At 0 and 10 minutes past the hour"),
        ("0 0 1-31 * mon", "At 00:00"),
        ("0 0 * * 0,7", "At 00:00, only on Sunday"),
        ("0 0 * * 5-7", "Friday through Sunday"),
        ("0 0 * */6 *", "only in January and July"),
    ],
)
def test_in_words(text: str, words: str) -> None:
    assert words in describe(text)


@pytest.mark.parametrize(
    ("text", "other"),
    [("0 0 *,13 * fri", "0 0 * * fri"), ("0 0 13,* * fri", "0 0 * * *"), ("1,* 2 * * *", "* 2 * * *")],
)
def test_the_same_times_have_the_same_words(text: str, other: str) -> None:
    assert describe(text) == describe(other)


@given(some.lists(some.sets(some.integers(1, 6), min_size=1), min_size=5, max_size=5))
def test_whatever_is_read_has_words(fields: list[set[int]]) -> None:
    for extra in ("", "*,", "*/2,"):
        text = " ".join(extra + ",".join(map(str, sorted(each))) for each in fields)
        assert describe(text)


@pytest.mark.parametrize("alias", ALIASES)
def test_every_alias_has_words(alias: str) -> None:
    assert describe(alias)
