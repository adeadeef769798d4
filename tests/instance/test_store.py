"""The store by itself: whatever happens in whatever order, every message that was accepted has one end at the most."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from halo_engine.errors import BadData, Damaged
from halo_engine.instance.rows import Kind, State
from halo_engine.instance.store import Store


class Inbox(RuleBasedStateMachine):
    """Messages of three chats, turns that end in every way, and deaths of the runtime in between."""

    ids = Bundle("ids")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name) / "instance.db"
        self.store = Store(self.path)
        self.accepted: dict[str, tuple[str, str]] = {}
        self.over: set[str] = set()
        self.begun: dict[str, object] = {}

    def teardown(self) -> None:
        self.store.close()
        self.folder.cleanup()

    @rule(target=ids, number=st.integers(0, 30), chat=st.sampled_from("abc"))
    def accept(self, number, chat):
        key = f"{chat}{number}"
        _, new = self.store.accept(key, chat, "s", f"text {key}")
        assert new == (key not in self.accepted)
        self.accepted[key] = (chat, f"text {key}")
        return key

    @rule(key=ids)
    def another_text(self, key):
        with pytest.raises(BadData):
            self.store.accept(key, key[0], "s", "other words")

    @rule()
    def begin(self):
        for message in self.store.waiting():
            if message.chat not in self.begun:
                self.begun[message.chat] = self.store.begin(message)

    @rule(chat=st.sampled_from("abc"), state=st.sampled_from([State.ANSWERED, State.FAILED, State.QUARANTINED]))
    def finish(self, chat, state):
        message = self.begun.pop(chat, None)
        if message:
            self.store.finish(message, state, Kind.ANSWER, "reply", fresh=state is State.QUARANTINED)
            assert message.id not in self.over
            self.over.add(message.id)

    @rule(chat=st.sampled_from("abc"), fresh=st.booleans())
    def put_back(self, chat, fresh):
        message = self.begun.pop(chat, None)
        if message:
            self.store.put_back(message, tries=message.tries, fresh=fresh)

    @rule()
    def die(self):
        self.store.close()
        self.store = Store(self.path)
        died = {message.id for message in self.store.recover()}
        assert died == {message.id for message in self.begun.values()}
        self.begun = {}

    @invariant()
    def everything_accepted_is_there_once(self):
        for key, (chat, text) in self.accepted.items():
            message = self.store.message(key)
            assert (message.chat, message.text) == (chat, text)
            answer = self.store.reply(message.number)
            assert (answer is not None) == (key in self.over)
            assert (message.state in {State.QUEUED, State.WORKING}) == (key not in self.over)
        waiting = self.store.waiting()
        assert len({message.chat for message in waiting}) == len(waiting)
        assert self.store.count() == len(self.accepted) - len(self.over)

    @invariant()
    def history_is_answers_in_turn(self):
        for message in self.store.waiting():
            turns = self.store.history(message, 10_000)
            assert len(turns) % 2 == 0
            assert all(each == "reply" for each in turns[1::2])


Inbox.TestCase.settings = settings(
    max_examples=25, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
TestInbox = Inbox.TestCase


def test_a_later_version_is_not_touched(tmp_path):
    path = tmp_path / "instance.db"
    with Store(path) as store:
        store._execute("PRAGMA user_version = 99")
    with pytest.raises(Damaged, match="later version"):
        Store(path)


def test_history_is_cut_at_whole_turns(tmp_path):
    with Store(tmp_path / "instance.db") as store:
        for n in range(5):
            message, _ = store.accept(f"m{n}", "a", "s", f"question {n}")
            store.finish(store.begin(message), State.ANSWERED, Kind.ANSWER, "x" * 90)
        last, _ = store.accept("last", "a", "s", "now")
        assert [len(turn) for turn in store.history(last, 250)] == [10, 90, 10, 90]
        assert store.history(last, 50) == []
