"""What happens to a message on its way to Telegram."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine.channels.telegram import Telegram
from halo_engine.channels.text import Line, as_html, as_text, messages, units
from halo_engine.errors import NotAllowed, Unavailable
from tests.channels.bot import TOKEN, Bot


@pytest.fixture
def bot():
    with Bot() as server:
        yield server


def sender(bot, token=TOKEN):
    return Telegram(token, bot.url, waits=(0.0, 0.0))


def test_what_looks_like_markup_arrives_as_it_was_written(bot):
    number = sender(bot).send("7", [Line("Alerts", strong=True), Line("a < b & <i>c</i>")])
    assert number == 1
    assert bot.taken == [
        {"chat_id": "7", "text": "<b>Alerts</b>\na &lt; b &amp; &lt;i&gt;c&lt;/i&gt;", "parse_mode": "HTML"}
    ]


@pytest.mark.parametrize("status", [429, 500, 502])
def test_a_busy_server_is_asked_again(bot, status):
    bot.answers = [
        (status, {"ok": False, "error_code": status, "description": "later", "parameters": {"retry_after": 0}})
    ]
    sender(bot).send("7", [Line("hello")])
    assert bot.texts == ["hello"]
    assert bot.requests == 2


def test_a_cut_connection_is_tried_again(bot):
    bot.answers = [None]
    sender(bot).send("7", [Line("hello")])
    assert bot.texts == ["hello"]


def test_a_server_that_stays_down_is_given_up_without_the_token(bot):
    bot.answers = [(500, {"ok": False, "error_code": 500, "description": "down"})] * 3
    with pytest.raises(Unavailable) as raised:
        sender(bot).send("7", [Line("hello")])
    assert "down" in raised.value.message
    assert TOKEN not in str(raised.value) + repr(raised.value.__cause__)
    assert bot.requests == 3


def test_a_wait_of_an_hour_is_not_waited_for(bot):
    answer = {"ok": False, "error_code": 429, "description": "slow", "parameters": {"retry_after": 3600}}
    bot.answers = [(429, answer)]
    with pytest.raises(Unavailable):
        sender(bot).send("7", [Line("hello")])
    assert bot.requests == 1


def test_formatting_that_cannot_be_read_goes_out_plain(bot):
    bot.answers = [(400, {"ok": False, "error_code": 400, "description": "Bad Request: can't parse entities: x"})]
    sender(bot).send("7", [Line("a", strong=True), Line("b")])
    assert bot.taken == [{"chat_id": "7", "text": "a\nb"}]


@pytest.mark.parametrize(
    ("code", "why"), [(403, "Forbidden: bot was blocked by the user"), (400, "Bad Request: chat not found")]
)
def test_a_refusal_is_final_and_says_why(bot, code, why):
    bot.answers = [(code, {"ok": False, "error_code": code, "description": why})]
    with pytest.raises(NotAllowed, match=why):
        sender(bot).send("7", [Line("hello")])
    assert bot.requests == 1


def test_a_wrong_token_is_refused_without_being_named(bot):
    with pytest.raises(NotAllowed) as raised:
        sender(bot, "813:another").send("7", [Line("hello")])
    assert "813" not in str(raised.value)


def test_garbage_is_no_answer(bot):
    bot.answers = [(200, {"hello": 1})] * 3
    with pytest.raises(Unavailable):
        sender(bot).send("7", [Line("hello")])


@given(st.lists(st.builds(Line, st.text(max_size=60).filter(lambda text: "\n" not in text), st.booleans())))
def test_no_message_is_too_long_and_no_word_is_lost(lines):
    made = messages(lines, limit=20)
    assert all(units(as_text(each)) <= 20 for each in made)
    kept = "".join(line.text for each in made for line in each)
    assert kept.replace(" ", "").split() == "".join(line.text for line in lines).replace(" ", "").split() or not kept
    assert "".join(kept.split()) == "".join("".join(line.text for line in lines).split())


def test_a_long_text_is_cut_at_blanks_and_keeps_its_emphasis():
    made = messages([Line("one two three four", strong=True)], limit=9)
    assert [as_html(each) for each in made] == ["<b>one two</b>", "<b>three</b>", "<b>four</b>"]
