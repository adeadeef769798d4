"""A message in, a reply out, whatever the model does."""

from __future__ import annotations

import time

import pytest

from halo_engine.errors import BadData, Conflict, Unavailable
from halo_engine.fleet.presence.vitals import vitals
from halo_engine.instance.rows import State
from tests.instance.conftest import KEY, event, opening, piece, refuses, says, stream


def until_said(dad, true):
    """The sign of life of which something is true; there is one every two seconds."""
    for _ in range(400):
        said = vitals(dad.place)
        if said and true(said):
            return said
        time.sleep(0.05)
    raise AssertionError(f"it does not say so: {said}")


def test_a_message_is_answered_with_the_instructions_and_the_history(dad, server):
    dad.start()
    first = dad.tell("Good morning")
    assert (first.kind, first.text, first.state) == ("answer", "Good morning.", "answered")
    server.replies = [says("Sunny")]
    assert dad.tell("And the weather?").text == "Sunny"
    asked = server.asked[1]
    assert asked["system"][0]["text"] == "You are the Captain's assistant.\n"
    assert [(turn["role"], turn["content"]) for turn in asked["messages"]] == [
        ("user", "Good morning"),
        ("assistant", "Good morning."),
        ("user", "And the weather?"),
    ]
    assert server.headers[0]["x-api-key"] == KEY
    assert dad.stop() == 0


def test_chats_do_not_hear_each_other(dad, server):
    dad.start()
    dad.tell("I am Ann", chat="a")
    dad.tell("I am Bob", chat="b")
    assert len(server.asked[1]["messages"]) == 1


def test_without_a_key_it_says_so(dad):
    dad.environment = {}
    dad.start()
    reply = dad.tell("hello")
    assert reply.kind == "notice"
    assert "No model is configured" in reply.text


@pytest.mark.parametrize(
    "trouble",
    [
        refuses(429, "rate_limit_error", retry_after="0"),
        refuses(500, "api_error"),
        refuses(529, "overloaded_error"),
        stream(opening(), piece("Go"), event("error", error={"type": "overloaded_error", "message": "busy"})),
        stream(opening(), piece("Go")),
        stream(opening(), b"event: message_delta\ndata: {not json\n\n"),
        stream(opening(), b"data: \xff\xfe\n\n"),
        stream(b""),
        says(""),
    ],
)
def test_a_passing_trouble_is_tried_again(dad, server, trouble):
    server.replies = [trouble, trouble, says("At last")]
    dad.start()
    reply = dad.tell("hello")
    assert (reply.kind, reply.text) == ("answer", "At last")
    assert len(server.asked) == 3


def test_a_trouble_that_lasts_is_told(dad, server):
    dad.configure(backoff=0, tries=3)
    server.replies = [refuses(529, "overloaded_error")]
    dad.start()
    reply = dad.tell("hello")
    assert (reply.kind, reply.state) == ("notice", "failed")
    assert "out of order" in reply.text
    assert len(server.asked) == 3
    assert "overloaded" in until_said(dad, lambda said: said.failing).failing
    server.replies = [says("Back")]
    assert dad.tell("again?").text == "Back"
    assert until_said(dad, lambda said: not said.failing)
    assert len(server.asked[-1]["messages"]) == 1


@pytest.mark.parametrize(
    "refusal",
    [
        refuses(401, "authentication_error"),
        refuses(400, "invalid_request_error"),
        refuses(413, "request_too_large"),
        refuses(429, "rate_limit_error", retry_after="3600"),
        refuses(529, "overloaded_error", x_should_retry="false"),
        stream(opening(), event("error", error={"type": "invalid_request_error", "message": f"no {KEY}"})),
    ],
)
def test_a_refusal_is_told_at_once_and_the_key_never(dad, server, refusal):
    server.replies = [refusal]
    dad.start()
    reply = dad.tell("hello")
    assert (reply.kind, reply.state) == ("notice", "failed")
    assert len(server.asked) == 1
    dad.stop()
    everything = b"".join(path.read_bytes() for path in dad.place.root.rglob("*") if path.is_file())
    assert KEY.encode() not in everything


def test_a_history_that_is_refused_is_left_behind(dad, server):
    dad.start()
    dad.tell("one")
    server.replies = [says("-"), refuses(400, "invalid_request_error"), says("Fresh")]
    assert dad.tell("two").text == "Fresh"
    assert [len(asked["messages"]) for asked in server.asked] == [1, 3, 1]


def test_an_answer_that_was_cut_says_so(dad, server):
    server.replies = [says("Long", stop="max_tokens")]
    dad.start()
    assert dad.tell("hello").text.startswith("Long\n\n(")


def test_a_server_that_does_not_answer_costs_one_deadline(dad, server):
    (dad.workspace.root / "halo.yaml").write_text(f"llm:\n  base_url: {server.url}\n  timeout: 3\n")
    dad.configure(backoff=0, tries=2)

    def hangs(request):
        stream(opening(), piece("Go"))(request)
        server.over.wait(20)

    server.replies = [hangs]
    dad.start()
    assert dad.tell("hello").state == "failed"
    with dad.store() as store:
        [message] = [each for each, _ in store.said("console", 5)]
        calls = store.calls(message)
    assert [call.usage.estimated for call in calls] == [True, True]
    assert all(call.usage.input == 10 for call in calls)


def test_what_it_may_spend_is_asked_before_the_call(dad, server):
    from msgspec.structs import replace

    from halo_engine.fleet import manifest

    manifest.put(dad.workspace, replace(manifest.read(dad.workspace).instances[0], budget=0.0))
    dad.start()
    reply = dad.tell("hello")
    assert reply.state == "failed"
    assert "spend today" in reply.text
    assert server.asked == []


def test_the_same_id_is_the_same_message(dad, server):
    dad.start()
    first = dad.tell("hello", message_id="m1")
    assert dad.tell("hello", message_id="m1") == first
    assert len(server.asked) == 1
    with pytest.raises(BadData):
        dad.tell("other words", message_id="m1")


@pytest.mark.parametrize("text", ["", "  \n", "x" * 40_000])
def test_what_is_no_message_is_refused(dad, text):
    dad.start()
    with pytest.raises(BadData):
        dad.tell(text)


def test_only_one_runs(dad):
    dad.start()
    from halo_engine.instance import running

    with pytest.raises(Conflict):
        running.run(dad.workspace, "dad")


def test_it_is_not_there_when_it_does_not_run(dad):
    with pytest.raises(Unavailable):
        dad.tell("hello")


def test_messages_of_one_chat_are_answered_one_at_a_time(dad, server):
    dad.start()
    accepted = [dad.tell(f"number {n}", wait=0, message_id=f"m{n}") for n in range(6)]
    assert [each.number for each in accepted] == [1, 2, 3, 4, 5, 6]
    assert dad.tell("number 5", message_id="m5").state == "answered"
    assert [asked["messages"][-1]["content"] for asked in server.asked] == [f"number {n}" for n in range(6)]


def test_a_stop_lets_the_turn_end_and_keeps_what_waits(dad, server):
    dad.start()
    dad.tell("hello", wait=0, message_id="m0")
    assert dad.stop() == 0
    with dad.store() as store:
        message = store.message("m0")
    assert message.state in {State.ANSWERED, State.QUEUED}
    dad.start()
    assert dad.tell("hello", message_id="m0").state == "answered"


def test_the_transcript_and_the_log_are_what_other_modules_read(dad, halo):
    dad.start()
    dad.tell("hello")
    dad.stop()
    sessions = halo("agents", "sessions", "--json")
    [session] = sessions.data
    assert session["instance"] == "dad"
    logged = halo("logs", "tail", "--instance", "dad", "--json").data
    assert "message answered" in [each["message"] for each in logged]


def test_nonsense_on_the_socket_hurts_nobody(dad):
    import socket

    from halo_engine.fleet.conversing.talking import address

    dad.start()
    for junk in (b"\xff\n", b"{}\n", b"[" * 100_000 + b"\n", b"x" * 5_000_000, b'{"do":"send"}\n'):
        with socket.socket(socket.AF_UNIX) as line, address(dad.place.run) as name:
            line.connect(name)
            try:
                line.sendall(junk)
                line.settimeout(5)
                line.recv(1000)
            except OSError:
                pass
    assert dad.tell("hello").state == "answered"
