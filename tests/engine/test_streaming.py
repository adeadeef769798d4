"""Hearing a model's answer: what it cost, whatever bytes come, and in whatever pieces."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from halo_engine import streaming
from halo_engine.errors import BadConfig, NotAllowed, Unavailable
from halo_engine.streaming import NoReply, Question, Usage
from halo_engine.workspace import LlmSettings
from tests.instance.conftest import KEY, closing, event, opening, piece, refuses, says, server, stream

__all__ = ["server"]
QUESTION = Question("Be brief.", ("hello",), 100)


@pytest.fixture
def ask(server, monkeypatch):
    """`ask()`: the answer, and the pieces in which it was heard."""
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)

    def call(**settings):
        heard: list[str] = []
        made = LlmSettings(base_url=f"{server.url}/", model="m-1", timeout=settings.pop("timeout", 20), **settings)
        return asyncio.run(streaming.ask(made, QUESTION, heard.append)), heard

    return call


def test_an_answer_is_heard_as_it_comes(ask, server):
    server.replies = [says("Good ", "morning.")]
    reply, heard = ask()
    assert (reply.text, heard, reply.stop) == ("Good morning.", ["Good ", "morning."], "end_turn")
    assert server.asked[0]["messages"] == [{"role": "user", "content": "hello"}]
    assert server.asked[0]["max_tokens"] == 100


def test_counts_are_of_the_whole_answer_the_last_one_counts(ask, server):
    first = {"input_tokens": 10, "cache_creation_input_tokens": 9, "cache_read_input_tokens": 3, "output_tokens": 1}
    first["cache_creation"] = {"ephemeral_5m_input_tokens": 4, "ephemeral_1h_input_tokens": 5}
    start = event("message_start", message={"id": "msg_1", "model": "m-1", "usage": first})
    middle = event("message_delta", delta={}, usage={"output_tokens": 50})
    server.replies = [stream(start, piece("x"), middle, closing(tokens=80))]
    assert ask()[0].usage == Usage(10, 80, 3, 4, 5)


def test_bytes_may_be_cut_anywhere(ask, server):
    raw = opening() + piece("Grüße \U0001f989 aus Rīga") + closing()
    server.replies = [stream(*(raw[place : place + 1] for place in range(len(raw))))]
    assert ask()[0].text == "Grüße \U0001f989 aus Rīga"


@pytest.mark.parametrize(
    ("reply", "passing"),
    [
        (refuses(429, "rate_limit_error", retry_after="7"), True),
        (refuses(529, "overloaded_error"), True),
        (refuses(401, "authentication_error"), False),
        (refuses(302, "moved", location="http://169.254.169.254/"), False),
        (refuses(500, "api_error", x_should_retry="false"), False),
    ],
)
def test_a_refusal_says_whether_it_may_pass(ask, server, reply, passing):
    server.replies = [reply]
    with pytest.raises(NoReply) as refused:
        ask()
    assert refused.value.passing is passing
    assert isinstance(refused.value.problem, Unavailable if passing else NotAllowed)
    assert KEY not in refused.value.problem.message
    assert refused.value.usage == Usage()
    assert len(server.asked) == 1


def test_how_long_to_wait_is_taken_from_the_server(ask, server):
    for said, wait in (("7", 7.0), ("0.5", 0.5), ("-3", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("nan", None)):
        server.replies = [refuses(429, "rate_limit_error", retry_after=said)]
        server.asked.clear()
        with pytest.raises(NoReply) as refused:
            ask()
        assert refused.value.wait == wait, said


def test_a_page_instead_of_a_stream_is_no_answer(ask, server):
    def page(request):
        request.send_response(200)
        request.send_header("content-type", "text/html")
        request.send_header("content-length", "6")
        request.end_headers()
        request.wfile.write(b"<html>")

    server.replies = [page]
    with pytest.raises(NoReply) as refused:
        ask()
    assert refused.value.passing
    assert "no language model" in refused.value.problem.message


def test_an_error_in_the_middle_is_told_as_the_same_refusal_before_the_answer(ask, server):
    for kind, passing, words in (
        ("overloaded_error", True, "out of order"),
        ("authentication_error", False, "refuses the key"),
        ("something_new", False, "refuses the request"),
    ):
        server.replies = [stream(opening(), piece("Go"), event("error", error={"type": kind, "message": f"no, {KEY}"}))]
        server.asked.clear()
        with pytest.raises(NoReply) as refused:
            ask()
        assert (refused.value.passing, refused.value.kind) == (passing, kind)
        assert words in refused.value.problem.message
        assert KEY not in refused.value.problem.message
        assert refused.value.usage.estimated


def test_a_line_that_breaks_in_the_middle_says_so(ask, server):
    server.replies = [stream(opening(), piece("Go"))]
    with pytest.raises(NoReply) as refused:
        ask()
    assert "in the middle of its answer" in refused.value.problem.message


def test_nobody_there(ask, server, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    settings = LlmSettings(base_url="http://127.0.0.1:9", timeout=5)
    with pytest.raises(NoReply) as refused:
        asyncio.run(streaming.ask(settings, QUESTION, lambda _: None))
    assert refused.value.passing
    with pytest.raises(BadConfig):
        asyncio.run(streaming.ask(LlmSettings(base_url="nowhere"), QUESTION, lambda _: None))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = ("message", "delta", "usage", "error", "id", "text", "stop_reason", "content", "cache_creation")
TYPES = ("message_start", "content_block_delta", "message_delta", "message_stop", "error", "ping", "text_delta")
EVENTS = st.dictionaries(
    st.sampled_from(FIELDS),
    JSON
    | st.dictionaries(
        st.sampled_from([*FIELDS, "type", "input_tokens", "output_tokens"]), st.sampled_from(TYPES) | JSON
    ),
).flatmap(lambda data: st.sampled_from(TYPES).map(lambda kind: {**data, "type": kind}))


@given(st.lists(EVENTS.map(json.dumps) | st.text(max_size=20), max_size=6))
def test_whatever_is_said_is_an_answer_or_none(texts):
    """Nothing but NoReply comes out, and what it cost is never negative."""
    answer = streaming._Answer("m-1", QUESTION, lambda _: None, KEY)
    with suppress(NoReply):
        for text in texts:
            answer._hear(text)
    assert answer.cut("ended", "").usage.total >= 0
