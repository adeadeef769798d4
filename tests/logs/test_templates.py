"""Templates: what varies goes, whatever its digits."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.logs.templates import _masked, template, templates


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("reply sent", "reply sent"),
        ("request finished in 74 ms", "request finished in <n> ms"),
        ("worker2 lost 10.0.0.7:5432 at 2026-11-20T14:02:11Z", "worker2 lost <ip> at <time>"),
        ("sha256 of /srv/a/b.log is deadbeef99", "sha256 of <path> is <hex>"),
        ("Traceback:\n  line 7", "Traceback:"),
    ],
)
def test_what_varies_is_named(message: str, expected: str) -> None:
    assert template(message) == expected


WORDS = st.sampled_from(
    ["worker2", "0x1f", "7", "-3.25", "10.1.2.3:80", "2026-11-20 14:02:11,5", "a7b8c9d0e1", "v1", "ok"]
)


@given(st.lists(WORDS | st.text(alphabet="0123456789abf:.-/'@ x", max_size=12), max_size=8).map(" ".join))
def test_digits_make_no_difference_to_what_is_masked(line: str) -> None:
    assert template(line) == _masked(line.strip())[:200]


@given(st.lists(st.text(alphabet="017ab:.-/'@ \n\r\x85é\ud800", max_size=12), max_size=8))
def test_many_together_are_as_each_alone(messages: list[str]) -> None:
    assert templates(messages) == [template(each) for each in messages]


def test_nothing_is_kept_of_a_long_message() -> None:
    message = "lost 7 " * 1_000_000
    before = sys.getrefcount(message)
    template(message)
    assert sys.getrefcount(message) == before
