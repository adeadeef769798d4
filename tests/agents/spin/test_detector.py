"""The verdict: of a stream, of episodes that end, of sub-agents, of anything at all."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from halo_engine.agents.records import Call, Change, Malformed, Mark, Prompt, Result, Said, Spent, Thought, Tokens
from halo_engine.agents.spin.detector import Detector
from tests.agents.spin.sessions import Session


def stuck(session: Session, times: int = 9) -> None:
    for _ in range(times):
        session.run("make x", "not ready")
        session.spend(50)


def at_work(session: Session, times: int = 4) -> None:
    for number in range(times):
        session.edit(f"f{len(session.records)}.py", "a", f"b(a, {number})")


def test_it_flags_while_the_session_grows_and_counts_from_there():
    session = Session()
    session.prompt()
    stuck(session)
    assert session.verdict.flagged
    before = session.verdict.wasted
    session.spend(1000, "m1")
    session.spend(1000, "m1")
    assert session.verdict.wasted == before + 1000


def test_a_session_that_works_again_is_not_flagged():
    session = Session()
    session.prompt()
    at_work(session, 12)
    stuck(session, 8)
    assert session.verdict.flagged
    at_work(session)
    assert not session.verdict.flagged


def test_a_session_that_was_stuck_for_most_of_its_time_is_remembered():
    session = Session()
    session.prompt()
    stuck(session, 60)
    at_work(session)
    assert session.verdict.flagged
    assert session.verdict.recovered


def test_a_person_who_asks_does_not_make_a_stuck_session_work():
    session = Session()
    session.prompt()
    stuck(session)
    session.prompt("hello?")
    assert session.verdict.flagged
    session.prompt("thanks, do the other thing")
    at_work(session, 10)
    assert not session.verdict.flagged


def test_a_sub_agent_is_judged_by_itself():
    session = Session()
    session.prompt()
    for number in range(8):
        at_work(session, 1)
        session.add(Call, id=f"s{number}", tool="Grep", arguments={"pattern": "x"}, sidechain=True, agent="a1")
        session.add(Result, call=f"s{number}", text="none of it", sidechain=True, agent="a1")
    assert session.verdict.flagged


def test_an_empty_session():
    assert not Detector().verdict().flagged
    assert Detector().feed_all([]).score == 0


TEXT = st.text(max_size=40) | st.sampled_from(["", "error", "1 failed", "again and again and again " * 9])
ARGUMENTS = st.dictionaries(
    st.sampled_from(["command", "file_path", "old_string", "new_string", "prompt", "todos", "edits", "x"]),
    TEXT | st.integers() | st.none() | st.lists(TEXT | st.dictionaries(TEXT, TEXT, max_size=2), max_size=3),
    max_size=4,
)
CHANGES = st.builds(Change, TEXT, st.lists(TEXT, max_size=3).map(tuple), st.lists(TEXT, max_size=3).map(tuple))
IDS = st.sampled_from("abc")
TIME = {"time": st.sampled_from(["", "nonsense", "2026-11-20T10:00:00Z", "2026-11-20T10:01:00.000000Z"])}
RECORDS = st.one_of(
    st.builds(Prompt, text=TEXT, **TIME),
    st.builds(Thought, text=TEXT, message=IDS, **TIME),
    st.builds(Said, text=TEXT, message=IDS, **TIME),
    st.builds(
        Call,
        id=IDS,
        tool=st.sampled_from(["Bash", "Edit", "Read", "Task", "TodoWrite", "?"]),
        arguments=ARGUMENTS,
        **TIME,
    ),
    st.builds(
        Result, call=IDS, text=TEXT, failed=st.booleans(), changes=st.lists(CHANGES, max_size=2).map(tuple), **TIME
    ),
    st.builds(Spent, message=IDS, model=TEXT, tokens=st.builds(Tokens, output=st.integers(0, 10**6))),
    st.builds(Mark, what=st.sampled_from(["compacted", "interrupted"])),
    st.builds(Malformed, why=TEXT),
)


@given(st.lists(RECORDS, max_size=60))
@settings(max_examples=150, deadline=None)
def test_any_stream_gets_a_verdict_and_growing_changes_nothing(records):
    whole = Detector().feed_all(records)
    growing = Detector()
    for record in records:
        growing.feed(record)
        growing.verdict()
    assert growing.verdict() == whole
    assert whole.flagged is (whole.score >= 1 and bool(whole.findings))
