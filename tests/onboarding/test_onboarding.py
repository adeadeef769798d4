"""How a person becomes a user, and how they leave."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from halo_engine.errors import BadData, NotAllowed, NotFound
from halo_engine.events.store import rebuild
from halo_engine.onboarding import commands, queries
from halo_engine.onboarding.bank import bank
from halo_engine.onboarding.projection import onboarding
from halo_engine.onboarding.states import CONSENTED, TRANSITIONS, State
from halo_engine.onboarding.steps import step

DAD = "telegram:812"
TEXTS = bank().texts


def say(workspace, *texts, user=DAD, instance="dad"):
    """Write these, one after the other; what came of the last."""
    for text in texts[:-1]:
        commands.hear(workspace, user, text, instance=instance)
    return commands.hear(workspace, user, texts[-1], instance=instance)


THROUGH = ("hello", "YES", "yes.", "4", "3", "2", "3", "5", "ok", "ok", "ok")


def test_the_way_through(workspace):
    first = say(workspace, "hello")
    assert first.say == (TEXTS.greeting, TEXTS.terms)
    assert say(workspace, "Yes").say == (TEXTS.waiver,)
    asked = say(workspace, "YES")
    assert asked.say == (TEXTS.questions, bank().questions[0].text)
    assert say(workspace, "4").say == (bank().questions[1].text,)
    assert say(workspace, "3", "2", "3", "5").say[0] == TEXTS.tutorial
    done = say(workspace, "ok", "go on", "next")
    assert (done.user.state, done.say) == (State.ACTIVE, (TEXTS.ready,))
    assert [answer.response for answer in done.user.answers.values()] == ["4", "3", "2", "3", "5"]
    after = say(workspace, "What is the weather?")
    assert (after.say, after.passes) == ((), True)


def test_nothing_passes_before_consent(workspace):
    for text in ("Draft a letter", "no idea", "42", ""):
        assert not say(workspace, text).passes


def test_declining_and_coming_back(workspace):
    assert say(workspace, "hi", "NO").user.state is State.DECLINED
    assert say(workspace, "hello?").say == (TEXTS.asleep,)
    assert say(workspace, "start").user.state is State.TERMS


@pytest.mark.parametrize("how", ["themselves", "the operator"])
def test_withdrawing_forgets_the_answers(workspace, how):
    say(workspace, *THROUGH)
    user = say(workspace, "Withdraw").user if how == "themselves" else commands.withdraw(workspace, DAD)
    assert (user.state, user.answers, user.terms) == (State.WITHDRAWN, {}, 0)
    assert not say(workspace, "hello").passes
    assert commands.withdraw(workspace, DAD) == queries.get(workspace, DAD)
    with pytest.raises(NotAllowed):
        commands.answer(workspace, DAD, "hope_pre", "much")
    back = say(workspace, "start", "yes", "yes")
    assert back.user.state is State.QUESTIONS


def test_questions_are_left_after_three_strikes_and_taken_up_only_when_asked_for(workspace):
    asked = say(workspace, "hi", "yes", "yes", "what?", "6")
    assert asked.say == (TEXTS.one_to_five, bank().questions[0].text)
    left = say(workspace, "four")
    assert left.user.state is State.TUTORIAL
    assert left.user.deferred
    assert left.say[0] == TEXTS.deferred
    say(workspace, "ok", "ok", "ok")
    assert say(workspace, "hello").passes
    again = say(workspace, "questions", "5")
    assert again.user.state is State.QUESTIONS
    assert again.say == (bank().questions[1].text,)
    done = say(workspace, "5", "5", "5", "5")
    assert (done.user.state, len(done.user.answers)) == (State.ACTIVE, 5)


def test_later_leaves_the_questions_at_once(workspace):
    assert say(workspace, "hi", "yes", "yes", "3", "later").user.deferred
    assert len(queries.get(workspace, DAD).answers) == 1


def test_terms_that_changed_are_asked_again_and_nothing_is_lost(workspace, monkeypatch):
    from halo_engine.onboarding import steps

    say(workspace, *THROUGH)
    newer = replace(bank(), terms=2)
    monkeypatch.setattr(steps, "bank", lambda: newer)
    asked = say(workspace, "What is the weather?")
    assert (asked.passes, asked.say) == (False, (TEXTS.renewed, TEXTS.terms))
    agreed = say(workspace, "yes", "yes")
    assert (agreed.user.state, agreed.user.terms, len(agreed.user.answers)) == (State.ACTIVE, 2, 5)


def test_a_person_is_one_over_all_instances(workspace):
    say(workspace, *THROUGH)
    assert say(workspace, "hello", instance="gains").passes
    assert queries.get(workspace, DAD).instances == ("dad", "gains")
    assert [user.id for user in queries.of_instance(workspace, "gains")] == [DAD]


def test_open_questions_have_their_window(workspace):
    user = say(workspace, *THROUGH).user
    due = [queries.due(user, n) for n in range(1, 10)]
    assert [each.key if each else "" for each in due] == ["", "", *["hope_pre"] * 5, "", ""]
    user = commands.answer(workspace, DAD, "hope_pre", "to be read to", conversations=4)
    assert queries.due(user, 4).key == "feeling_pre"
    assert commands.answer(workspace, DAD, "hope_pre", "to be read to") == user


def test_open_questions_come_in_order_and_only_to_who_agrees(workspace, monkeypatch):
    user = say(workspace, *THROUGH).user
    for key in ("hope_pre", "feeling_pre"):
        assert queries.due(user, 5).key == key
        user = commands.answer(workspace, DAD, key, "a lot", conversations=5)
    assert queries.due(user, 6) is None
    user = say(workspace, "withdraw", "start", "yes").user
    assert queries.due(user, 5) is None, "they have not agreed yet"
    user = say(workspace, "yes", "4", "2", "5", "3", "1", "ok", "ok", "ok").user
    assert queries.due(user, 5).key == "hope_pre", "withdrawn answers are forgotten"
    newer = replace(bank(), terms=2)
    monkeypatch.setattr(queries, "bank", lambda: newer)
    assert queries.due(user, 5) is None, "what they agreed to has changed"


def test_an_answer_that_is_recorded_for_them_takes_no_questions_up(workspace):
    user = say(workspace, "hello", "yes", "yes", "later", "ok", "ok", "ok").user
    assert (user.state, user.deferred, queries.due(user, 4)) == (State.ACTIVE, True, None)
    user = commands.answer(workspace, DAD, "hope_post", "it helped")
    assert (user.deferred, queries.due(user, 4)) == (True, None)
    user = say(workspace, "questions", "4", "2", "5", "3", "1").user
    assert (user.state, user.deferred, queries.due(user, 4).key) == (State.ACTIVE, False, "hope_pre")


@pytest.mark.parametrize(("key", "response"), [("nope", "4"), ("ai_trust", "6"), ("ai_trust", ""), ("hope_pre", " ")])
def test_what_is_no_answer_is_refused(workspace, key, response):
    say(workspace, *THROUGH)
    with pytest.raises(BadData):
        commands.answer(workspace, DAD, key, response)


@pytest.mark.parametrize("user", ["", "a b", "x/y", "../etc", "ä", "a" * 200])
def test_what_is_no_person_is_refused(workspace, user):
    with pytest.raises(BadData):
        commands.hear(workspace, user, "hi")


def test_nobody_is_not_found(workspace):
    with pytest.raises(NotFound):
        queries.get(workspace, DAD)


def test_lines_are_broken_by_who_shows_them():
    from halo_engine.onboarding.bank import flowing

    assert flowing("One line,\nand on.\n\nList:\n- a point\n  goes on\n- another\n") == (
        "One line, and on.\n\nList:\n- a point goes on\n- another\n"
    )
    assert TEXTS.terms.count("\n- ") == 3


def test_the_bank_is_what_an_evaluation_needs():
    keys = [each.key for each in bank().questions]
    assert len(set(keys)) == len(keys)
    assert len(bank().of("pre")) == 5
    assert all(each.kind == "likert" for each in bank().of("pre"))
    assert [each.pair_of for each in bank().of("post")] == [each.key for each in bank().of("early")]


WRITTEN = st.lists(
    st.sampled_from(["yes", "no", "later", "start", "withdraw", "questions", "3", "9", "hello", "", "YES!"]),
    max_size=30,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WRITTEN)
def test_whatever_is_written_the_table_holds(texts):
    from halo_engine.events.projection import Fold
    from tests.onboarding.recorded import events_of

    user, version = None, 0
    for text in texts:
        made = step(user, text, "dad")
        assert made.say or made.passes
        before = user.state if user else State.FIRST_CONTACT
        events = events_of(made.facts, version)
        version += len(events)
        fold = Fold(onboarding, lambda *_, row=user: row)
        fold.apply(events)
        user = fold.row("user/u") or user
        after = user.state if user else before
        assert after is before or after in TRANSITIONS[before]
        assert (after in CONSENTED) <= (user.terms == bank().terms)
        assert made.passes <= (after is State.ACTIVE)


def test_a_rebuild_knows_the_same(workspace):
    say(workspace, *THROUGH)
    before = queries.users(workspace)
    rebuild(workspace, onboarding)
    assert queries.users(workspace) == before


def test_the_command_line(halo):
    assert "agree to this" in halo("onboarding", "hear", DAD, "hello", "--instance", "dad").out
    assert halo("onboarding", "list", "--json").data[0]["state"] == "terms"
    assert halo("onboarding", "show", "nobody").code == 3
    assert halo("onboarding", "hear", DAD, "yes", "--dry-run").code == 0
    assert halo("onboarding", "show", DAD, "--json").data["state"] == "terms"
