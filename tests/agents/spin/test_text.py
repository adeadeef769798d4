"""What is the same text, what is like it, and what repeats."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.agents.spin import text

SAME = [
    ("12 passed in 0.31s", "12 passed in 12.04s"),
    ("at 2026-11-20T10:11:12.123Z: down", "at 2026-11-21 08:00:01: down"),
    ("request 7f3a9c1b2d4e failed", "request 0badcafe1234 failed"),
    ("id 3b241101-e2bb-4255-8caf-4136c566a962", "id 91de7d2c-0000-4abc-8caf-4136c566a000"),
    ("listening, pid 4711", "listening, pid 9"),
    ("attempt 3 of it", "attempt 17 of it"),
    ("\x1b[31mred\x1b[0m", "red"),
    ("a   b\n c", "a b c"),
    ("took 120 ms", "took 7 ms"),
    ("since 1763647331123", "since 1763649999999"),
]
OTHER = [("3 failed, 9 passed", "2 failed, 10 passed"), ("45% done", "46% done"), ("a.py", "b.py")]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_what_differs_by_chance_is_the_same(one, other):
    assert text.steady(one).split("~")[-1].strip() == text.steady(other).split("~")[-1].strip()


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_what_says_something_else_is_not(one, other):
    assert text.steady(one) != text.steady(other)


def test_ids_in_calls_stay_and_nonces_go():
    assert text.timeless("close 3b241101-e2bb-4255") != text.timeless("close 91de7d2c-0000-4abc")
    assert text.timeless("get /x?_=1763647331123") == text.timeless("get /x?_=1763647999999")
    assert text.timeless("since 2026-11-20T10:11:12Z") == text.timeless("since 2026-11-21T10:11:12Z")
    assert text.timeless("free on 2026-11-20") != text.timeless("free on 2026-11-21")
    assert text.timeless("free at 2026-11-20T10:30:00Z") != text.timeless("free at 2026-11-20T11:00:00Z")


def test_paraphrases_are_alike_and_other_subjects_are_not():
    one = "I should verify load_widget before touching the socket."
    assert text.similarity(one, one) == 1
    assert text.overlap(one, "Before I touch the socket I should verify load_widget first.") > 0.6
    assert text.similarity(one, "The invoice parser skips empty rows.") == 0


def test_a_reply_that_loops_repeats():
    times, share = text.repetition("I check the drain and then the subnet calls it again. " * 30)
    assert times == 29
    assert share > 0.9
    assert text.repetition("checking the pump and checking the valve and " * 30)[0] > 20


def test_a_song_of_many_verses_says_something_new_in_each():
    animals = ["hen", "goat", "mule", "duck", "crow", "wolf", "hare", "toad", "newt", "lamb", "pony", "swan"]
    lines = [f"the {animal} went {animal[::-1]} {animal[1:]}\n" for animal in animals]
    verses = [
        f"Down the mill there lived a {animal},\n{''.join(lines[: place + 1])}and the miller slept till the noon.\n"
        for place, animal in enumerate(animals)
    ]
    times, share = text.repetition("".join(verses))
    assert share > 0.5
    assert times < 3


@pytest.mark.parametrize(
    "reply",
    [
        "\n".join(f"| name_{n} | {n} | project |" for n in range(80)),
        "\n".join(f"- `name_{n}` sets the limit of the service" for n in range(80)),
        "```\n" + "value = value + 1\n" * 80 + "```",
        "\n".join(f"projects/acme/locations/europe-west1/services/{n}-{n * 7}" for n in range(80)),
        "\n".join(f"> the same quote of line {n % 2}" for n in range(80)),
        "\n".join("# Heading" for n in range(80)),
        "It is short. It is short.",
    ],
)
def test_lists_tables_code_and_quotes_do_not(reply):
    assert text.repetition(reply)[1] < 0.5


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_can_be_compared(one, other):
    assert 0 <= text.similarity(one, other) <= 1
    assert 0 <= text.overlap(one, other) <= 1
    assert text.similarity(one, other) == text.similarity(other, one)
    assert 0 <= text.repetition(one * 5)[1] <= 1
    text.line_prints(one)
    assert text.steady(text.steady(one)) is not None
