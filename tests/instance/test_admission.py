"""People are taken through onboarding by the runtime before the model answers them; who leaves is left alone."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing

import pytest

from halo_engine.errors import BadData
from halo_engine.fleet import manifest
from halo_engine.fleet.conversing.asking import round_trip
from halo_engine.fleet.provisioning import registering
from halo_engine.instance.config import InstanceSettings
from halo_engine.instance.rows import REVISION, State
from halo_engine.instance.store import Store
from halo_engine.onboarding import commands, queries
from halo_engine.onboarding.bank import bank
from halo_engine.onboarding.states import State as Where
from tests.instance.conftest import refuses, says
from tests.instance.test_kills import DYING, transcripts, until_over

ANN = "console:ann"
TEXTS = bank().texts
THROUGH = ("hello", "yes", "YES.", "4", "3", "2", "3", "5", "ok", "ok", "ok")


@pytest.fixture
def house(dad):
    """An instance with a door, not started yet."""
    dad.configure(backoff=0, onboarding="true")
    return dad


def tell(dad, *texts, chat=ANN):
    """Write these, one after the other; the reply to the last."""
    for text in texts[:-1]:
        dad.tell(text, chat=chat)
    return dad.tell(texts[-1], chat=chat)


def until_asked(server):
    for _ in range(1000):
        if server.asked:
            return
        time.sleep(0.01)
    raise AssertionError("the model was not asked")


def test_a_person_is_taken_through_before_the_model_answers(house, server):
    assert InstanceSettings().onboarding
    house.start()
    first = tell(house, "hello")
    assert (first.kind, first.state) == ("onboarding", "answered")
    assert first.text == f"{TEXTS.greeting}\n{TEXTS.terms}".strip()
    assert tell(house, *THROUGH[1:]).text == TEXTS.ready.strip()
    assert server.asked == []
    answer = tell(house, "Good morning")
    assert (answer.kind, answer.text) == ("answer", "Good morning.")
    assert [turn["content"] for turn in server.asked[0]["messages"]] == ["Good morning"]
    assert queries.get(house.workspace, ANN).instances == ("dad",)
    house.stop()
    assert [line["text"] for line in transcripts(house) if line["type"] == "prompt"] == ["Good morning"]


def test_the_operator_and_the_smoke_test_are_not_asked(house, server):
    registering.register(house.workspace, manifest.read(house.workspace).find("dad"), "console:captain", "operator")
    house.start()
    for chat in ("console:captain", "console:operator", "console"):
        assert house.tell("Good morning", chat=chat).kind == "answer"
    assert round_trip(house.workspace, manifest.read(house.workspace).find("dad"), 20)[0]
    assert queries.users(house.workspace)[0] == []


@pytest.mark.parametrize(
    ("fleet", "own", "asked"), [("true", False, False), ("false", True, True), ("false", None, False)]
)
def test_an_instance_may_have_its_own_way(house, fleet, own, asked):
    house.configure(onboarding=fleet)
    from msgspec.structs import replace

    manifest.put(house.workspace, replace(manifest.read(house.workspace).find("dad"), onboarding=own))
    house.start()
    assert (tell(house, "hello").kind == "onboarding") is asked


def test_a_person_who_declined_is_left_alone_until_they_want_to_start(house, server):
    house.start()
    assert tell(house, "hi", "no").text == TEXTS.declined.strip()
    assert tell(house, "Draft a letter").text == TEXTS.asleep.strip()
    assert tell(house, "start").text.startswith(TEXTS.greeting.strip()[:30])
    assert server.asked == []


def test_a_person_is_one_over_all_instances(house, server):
    for text in THROUGH:
        commands.hear(house.workspace, ANN, text, instance="gains")
    house.start()
    assert tell(house, "hello").kind == "answer"
    assert queries.get(house.workspace, ANN).instances == ("gains", "dad")


def test_withdrawing_is_heard_before_what_is_under_way(house, server):
    """While a turn runs and another message waits: neither is answered any more, and both are told."""
    for text in THROUGH:
        commands.hear(house.workspace, ANN, text)
    server.replies = [lambda request: server.over.wait(60) and None]
    house.start()
    house.tell("Think for a long time", chat=ANN, message_id="long", wait=0)
    until_asked(server)
    house.tell("And this?", chat=ANN, message_id="next", wait=0)
    assert house.tell("Withdraw!", chat=ANN).text == TEXTS.withdrawn.strip()
    for message in ("long", "next"):
        assert until_over(house, message).state is State.ANSWERED
    with house.store() as store:
        said = [answer.text for _, answer in store.said(ANN, 3)]
    assert said == [TEXTS.asleep.strip(), TEXTS.asleep.strip(), TEXTS.withdrawn.strip()]
    assert len(server.asked) == 1


def test_withdrawing_ends_the_wait_for_the_next_try(house, server):
    for text in THROUGH:
        commands.hear(house.workspace, ANN, text)
    house.configure(onboarding="true", patience=300)
    server.replies = [refuses(429, "rate_limit_error", retry_after="250")]
    house.start()
    house.tell("hello", chat=ANN, wait=0)
    until_asked(server)
    assert tell(house, "withdraw").text == TEXTS.withdrawn.strip()


def test_an_answer_for_who_was_taken_out_meanwhile_is_not_given(house, server):
    for text in THROUGH:
        commands.hear(house.workspace, ANN, text)

    def slowly(request):
        commands.withdraw(house.workspace, ANN)
        says("A secret")(request)

    server.replies = [slowly]
    house.start()
    reply = tell(house, "hello")
    assert (reply.kind, reply.text) == ("onboarding", TEXTS.asleep.strip())


def test_an_event_log_that_does_not_answer_is_told(house, server):
    house.configure(backoff=0, tries=2, onboarding="true")
    house.start()
    (house.workspace.root / "store").mkdir(exist_ok=True)
    (house.workspace.root / "store" / "events.db").write_bytes(b"no database" * 1000)
    reply = tell(house, "hello")
    assert (reply.kind, reply.state) == ("notice", "failed")
    assert server.asked == []


@pytest.mark.parametrize("chat", ["a b", "ä", "../x"])
def test_who_cannot_be_anybody_is_refused(house, chat):
    house.start()
    with pytest.raises(BadData):
        tell(house, "hello", chat=chat)


def test_heard_twice_is_recorded_once_and_says_the_same(workspace):
    for n, text in enumerate(THROUGH):
        first = commands.hear(workspace, ANN, text, instance="dad", message=f"m{n}")
        head = workspace.log.head()
        again = commands.hear(workspace, ANN, text, instance="dad", message=f"m{n}")
        assert (again.say, again.passes, again.user) == (first.say, first.passes, first.user)
        assert workspace.log.head() == head
    late = commands.hear(workspace, ANN, "yes", instance="dad", message="m1")
    assert late.say == (TEXTS.waiver,)
    assert late.user.state is Where.ACTIVE


STATEMENTS = [n if n % 7 == 0 else pytest.param(n, marks=pytest.mark.soak) for n in range(20, 120)]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_killed_at_any_statement_nobody_agrees_to_what_they_have_not_read(house, server, statement):
    """`yes` is sent twice, under two ids: it agrees to the terms, then to the waiver, wherever the runtime died."""
    process = house.start(DYING, wait=False, DIES_AT=str(statement))
    written = {"m0": "hello", "m1": "yes", "m2": "yes"}
    try:
        house.until_up()
        for message, text in written.items():
            house.tell(text, chat=ANN, message_id=message)
    except Exception:  # noqa: BLE001 (it died: that is what it is for)
        pass
    process.kill()
    process.communicate()
    house.start()
    said = [house.tell(text, chat=ANN, message_id=message).text for message, text in written.items()]
    assert said[0].startswith(TEXTS.greeting.strip()[:30])
    assert said[1] == TEXTS.waiver.strip()
    assert said[2].startswith(TEXTS.questions.strip()[:30])
    assert queries.get(house.workspace, ANN).state is Where.QUESTIONS


def test_a_store_of_before_is_lifted(tmp_path):
    path = tmp_path / "instance.db"
    with Store(path) as store:
        store.accept("m", "console", "operator", "hello")
    with closing(sqlite3.connect(path)) as old:
        old.execute("ALTER TABLE message DROP COLUMN urgent")
        old.execute("PRAGMA user_version = 1")
    with Store(path) as store:
        assert [message.text for message in store.waiting()] == ["hello"]
        store.accept("n", "console", "operator", "withdraw", urgent=True)
        assert [message.text for message in store.waiting()] == ["withdraw"]
    with closing(sqlite3.connect(path)) as new:
        assert new.execute("PRAGMA user_version").fetchone() == (REVISION,)
