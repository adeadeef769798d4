"""Templates: what varies goes, whatever its digits."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.logs.templates import _masked, template


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
