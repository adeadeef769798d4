from __future__ import annotations

import pytest

from halo_engine.errors import Usage
from halo_engine.logs.levels import Level, level_of, wanted_levels


@pytest.mark.parametrize(
    ("value", "level"),
    [
        (50, Level.ERROR),
        (60, Level.FATAL),
        (35, Level.INFO),
        (1000, Level.FATAL),
        (30.0, Level.INFO),
        ("50", Level.ERROR),
        ("ERROR", Level.ERROR),
        ("Warning", Level.WARN),
        (" critical ", Level.FATAL),
        ("notice", Level.INFO),
        (3, Level.ERROR),
        (7, Level.DEBUG),
        (0, Level.FATAL),
    ],
)
def test_numbers_and_words_are_on_one_scale(value, level):
    assert level_of(value) is level


@pytest.mark.parametrize(
    "value", [None, True, False, "", "loud", -1, [50], {"a": 1}, float("nan"), "x" * 10**6, 10**40]
)
def test_what_means_no_level_is_none(value):
    assert level_of(value) is None


def test_pythons_own_numbers_are_read_under_their_key():
    assert [level_of(n, "levelno") for n in (10, 20, 30, 40, 50)] == [
        Level.DEBUG,
        Level.INFO,
        Level.WARN,
        Level.ERROR,
        Level.FATAL,
    ]


def test_a_level_means_it_and_above_unless_it_says_exactly():
    assert wanted_levels("error") == {Level.ERROR, Level.FATAL}
    assert wanted_levels("=error") == {Level.ERROR}
    assert wanted_levels("=debug,error") == {Level.DEBUG, Level.ERROR, Level.FATAL}


@pytest.mark.parametrize("text", ["loud", "=", "error,", ">error"])
def test_a_bad_level_is_an_error(text):
    with pytest.raises(Usage, match="is no level"):
        wanted_levels(text)
